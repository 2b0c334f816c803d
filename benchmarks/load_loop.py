"""CPU time of load management's own loop, with EVSEs and a meter that are only told of (``benchmarks.load --loop``)."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from gateway.load.build import Built
from gateway.load.flows import Flows
from gateway.load.means import Means
from gateway.load.observation import MeterReading
from gateway.load.policy import Policy
from gateway.load.restrictions import Restrictions
from gateway.load.service import LoadService
from gateway.load.site import Control, Evse, LoadSite, Node
from gateway.model.apply import apply
from gateway.model.evse import ConnectorState, ConnectorStatus
from gateway.model.ids import Place
from gateway.model.rules.context import Context
from gateway.model.station import Capability, StationState
from gateway.model.tokens import Token, TokenType
from gateway.model.transactions import ChargingState, Transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateway.model.device import VariableRef
    from gateway.model.events import Event
    from gateway.model.limits.binding import Binding
    from gateway.model.limits.reason import LimitReason
    from gateway.model.readings import Sample

LOOP_GOAL = 0.05
"""Share of a core."""

_PER_FEEDER = 20
_MOST = 16.0
_BASE = 30.0
_SHARE = 0.75
"""Of what all EVSEs together could draw, that can be had."""
_STEP, _EVERY = 3.0, 40.0
"""A per EVSE by which other loads rise, and how often (s)."""
_START = datetime(2026, 1, 1, tzinfo=UTC)


class Depot:
    """Stations that obey at once, and are nowhere: what load management needs of the box.

    Attributes:
        flowing: What flows into cars.
    """

    def __init__(self, site: LoadSite) -> None:
        self.flowing = Flows()
        self._site = site
        self._states = {each.id.partition("/")[0]: _state(each.id.partition("/")[0]) for each in site.evses}
        self._given: dict[str, float] = {}

    def now(self) -> datetime:
        """The clock of the box."""
        return datetime.now(UTC)

    def station(self, station: str) -> StationState:
        """A station."""
        return self._states[station]

    def measured(self, station: str, evse: int) -> Sample | None:
        """Nothing is reported."""
        del station, evse
        return None

    def setting(self, station: str, ref: VariableRef) -> str:
        """No variable."""
        del station, ref
        return ""

    async def notes(self, station: str) -> dict[str, str]:
        """Nothing is known from before."""
        del station
        return {}

    async def note(self, station: str, name: str, value: str) -> None:
        """Nothing is kept."""

    def given(self, station: str, evse: int) -> float | None:
        """The limit of a station."""
        del evse
        return self._given.get(station)

    def allowances_changed(self, station: str) -> None:
        """It has its limit already."""

    async def publish(self, *events: Event) -> None:
        """Take limits."""
        context = Context(now=self.now(), online_since=None, offline_threshold=timedelta(), new_id=str, new_number=int)
        for event in events:
            station = event.place.station  # type: ignore[union-attr] # only limits come
            self._states[station] = apply(self._states[station], event, context).state
            self._given[station] = self._states[station].limits[0].current or 0.0

    def cap(self, station: str, evse: int) -> float | None:
        """Nobody else limits."""
        del station, evse
        return None

    def foreign(self, station: str, evse: int) -> tuple[Binding, ...]:
        """The backend neither."""
        del station, evse
        return ()

    def priority(self, station: str, evse: int) -> int:
        """It says nothing of transactions."""
        del station, evse
        return 0

    def explained_by(self, load: Callable[[str, int], LimitReason | None]) -> None:
        """Nobody asks."""

    def value(self, channel: str) -> None:
        """No sensor."""

    def readings(self) -> Mapping[str, MeterReading | None]:
        """What the meter at the grid shows."""
        t = asyncio.get_running_loop().time()
        step = len(self._states) * _STEP if t % _EVERY < _EVERY / 2 else 0.0
        total = _BASE + step + sum(self._given.values())
        return {"grid": MeterReading(t=t, i=(total, total, total))}

    async def poll(self) -> None:
        """Tell what flows, once a second."""
        while True:
            for station, amps in self._given.items():
                self.flowing.take(Place(station=station, evse=1), (amps, amps, amps))
            await asyncio.sleep(1.0)


def loop_share(evses: int, seconds: int) -> float:
    """The share of a core that the loop takes; what the depot itself takes is left in."""
    return asyncio.run(_share(evses, seconds))


async def _share(evses: int, seconds: int) -> float:
    site = _site(evses)
    depot = Depot(site)
    built = Built(
        site=site,
        whole=site,
        spots={each.id: (each.id.partition("/")[0], 1) for each in site.evses},
        means={each.id: Means(control=Control.AMP, failsafe=6.0) for each in site.evses},
        priorities={},
        meters={},
        restrictions=Restrictions(every=(), zone=UTC),
        policy=Policy(),
    )
    service = LoadService(built, depot, meters=depot, channels=depot, limits=depot)
    tasks = [asyncio.create_task(service.run()), asyncio.create_task(depot.poll())]
    await asyncio.sleep(1.0)
    began, used = time.perf_counter(), time.process_time()
    await asyncio.sleep(seconds)
    share = (time.process_time() - used) / (time.perf_counter() - began)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return share


def _site(evses: int) -> LoadSite:
    """Feeders for twenty EVSEs each behind one metered connection; not all that they could draw can be had."""
    whole = evses * _MOST * _SHARE + _BASE
    feeders = range((evses + _PER_FEEDER - 1) // _PER_FEEDER)
    limit = _PER_FEEDER * _MOST * 0.7
    nodes = [Node(id="grid", parent="", limit=(whole,) * 3, rated=whole, metered=True, base_failsafe=(_BASE,) * 3)]
    nodes += [Node(id=f"feeder {each}", parent="grid", limit=(limit,) * 3, rated=limit) for each in feeders]
    return LoadSite(
        name="depot",
        nodes=tuple(nodes),
        evses=tuple(
            Evse(id=f"B-{each}/1", node=f"feeder {each // _PER_FEEDER}", maximum=_MOST, failsafe=6.0)
            for each in range(evses)
        ),
    )


def _state(station: str) -> StationState:
    return StationState(
        id=station,
        reachable=True,
        capabilities=frozenset({Capability.SMART_CHARGING}),
        connectors=(ConnectorState(evse=1, connector=1, reported=ConnectorStatus.OCCUPIED, at=_START),),
        transactions=(
            Transaction(
                id=f"T-{station}",
                number=1,
                evse=1,
                connector=1,
                started_at=_START,
                last_at=_START,
                token=Token(value="04A1B2C3", type=TokenType.ISO14443),
                charging_state=ChargingState.CHARGING,
            ),
        ),
    )
