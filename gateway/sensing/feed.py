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
GATHER = 0.1
"""Seconds in which quantities of all sensors are gathered."""

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
    """Takes every change of a channel, and passes values on.

    What has to happen at once does. Contacts, problems, and what something is done for are passed on once for each turn of
    the loop; other quantities are gathered for a moment, as everything that is monitored is looked at each time.
    """

    def __init__(self, plan: Iterable[Planned], sink: Sink, reflex: Reflex) -> None:
        self._plan = {each.tap.id: each for each in plan}
        self._sink = sink
        self._reflex = reflex
        self._waiting: dict[str, dict[str, str]] = {}
        self._bad: dict[tuple[str, str], set[str]] = {}
        self._soon = False
        self._gathering: asyncio.TimerHandle | None = None

    def close(self) -> None:
        """Wait for nothing any more."""
        if self._gathering is not None:
            self._gathering.cancel()

    def on_change(self, channel: str, judged: Judged) -> None:
        """A channel tells something else."""
        planned = self._plan[channel]
        self._reflex.on_change(planned, judged)
        for gives in planned.gives:
            text = text_of(judged.value, gives.spec.type)
            quantity = gives.spec.type in {DataType.DECIMAL, DataType.INTEGER} and planned.reaction is None
            if gives.problem.key != gives.spec.ref.key:
                problem = self._problem(channel, gives, judged)
                self._pass(gives.station, gives.problem.key, problem, gather=judged.quality in _NO_PROBLEM)
            if gives.spec.ref.component == BAY and gives.spec.ref.evse and isinstance(judged.value, bool):
                self._sink.background(self._bay(gives, gives.spec.ref.evse, text, occupied=judged.value))
            else:
                self._pass(gives.station, gives.spec.ref.key, text, gather=quantity)

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

    def _pass(self, station: str, key: str, text: str, *, gather: bool = False) -> None:
        self._waiting.setdefault(station, {})[key] = text
        loop = asyncio.get_running_loop()
        if gather:
            if self._gathering is None:
                self._gathering = loop.call_later(GATHER, self._pass_on)
        elif not self._soon:
            self._soon = True
            loop.call_soon(self._pass_on)

    def _pass_on(self) -> None:
        self.close()
        self._soon, self._gathering = False, None
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
