"""What channels tell, on its way to the stations: variables, the parking bay, reactions."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from gateway.model.device_types import DataType
from gateway.model.events import BayChanged
from gateway.model.ids import Place
from gateway.model.sensing import Quality

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable, Mapping
    from datetime import datetime
    from typing import Any

    from gateway.model.events import Event
    from gateway.model.sensing import Judged, Value
    from gateway.sensing.plan import Gives, Planned
    from gateway.sensing.reflex import Reflex

BAY = "BayOccupancySensor"
_NO_PROBLEM = frozenset({Quality.GOOD, Quality.WAITING})


class Sink(Protocol):
    """What the sensors need of the box."""

    def now(self) -> datetime:
        """The box's clock, UTC."""

    def sensed(self, station: str, values: Mapping[str, str]) -> None:
        """Take over values, by ``VariableRef.key``."""

    async def publish(self, *events: Event) -> None:
        """Apply and commit events of one station."""

    def background(self, work: Coroutine[Any, Any, object]) -> None:
        """Do something that nobody waits for."""


class Feed:
    """Takes every change of a channel. What has to happen at once does; values are passed on once for each turn of the loop."""

    def __init__(self, plan: Iterable[Planned], sink: Sink, reflex: Reflex) -> None:
        self._plan = {each.tap.id: each for each in plan}
        self._sink = sink
        self._reflex = reflex
        self._waiting: dict[str, dict[str, str]] = {}
        self._bad: dict[tuple[str, str], set[str]] = {}

    def on_change(self, channel: str, judged: Judged) -> None:
        """A channel tells something else."""
        planned = self._plan[channel]
        self._reflex.on_change(planned, judged)
        for gives in planned.gives:
            text = text_of(judged.value, gives.spec.type)
            if gives.problem.key != gives.spec.ref.key:
                self._pass(gives.station, gives.problem.key, self._problem(channel, gives, judged))
            if gives.spec.ref.component == BAY and gives.spec.ref.evse and isinstance(judged.value, bool):
                self._sink.background(self._bay(gives, gives.spec.ref.evse, text, occupied=judged.value))
            else:
                self._pass(gives.station, gives.spec.ref.key, text)

    def _problem(self, channel: str, gives: Gives, judged: Judged) -> str:
        """A component has a problem as long as any channel of it has."""
        bad = self._bad.setdefault((gives.station, gives.problem.key), set())
        if judged.quality in _NO_PROBLEM:
            bad.discard(channel)
        else:
            bad.add(channel)
        return str(bool(bad)).lower()

    async def _bay(self, gives: Gives, evse: int, text: str, *, occupied: bool) -> None:
        """Those who run transactions and reservations go by it first: who reads the variable must not know better."""
        place = Place(station=gives.station, evse=evse, connector=1)
        await self._sink.publish(BayChanged(place=place, at=self._sink.now(), occupied=occupied))
        self._pass(gives.station, gives.spec.ref.key, text)

    def _pass(self, station: str, key: str, text: str) -> None:
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._pass_on)
        self._waiting.setdefault(station, {})[key] = text

    def _pass_on(self) -> None:
        waiting, self._waiting = self._waiting, {}
        for station, values in waiting.items():
            self._sink.sensed(station, values)


def text_of(value: Value | None, type_: DataType) -> str:
    """A value as OCPP writes it; "" for none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return value
    return str(round(value)) if type_ is DataType.INTEGER else f"{value:.3f}".rstrip("0").rstrip(".")
