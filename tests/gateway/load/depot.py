"""A box with stations that obey at once, a meter and sensors, as load management sees them; in virtual time."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from gateway.load.build import Built
from gateway.load.flows import Flows
from gateway.load.means import Means
from gateway.load.observation import MeterReading
from gateway.load.policy import Policy
from gateway.load.restrictions import Restriction, Restrictions
from gateway.load.site import Control, Evse, LoadSite, Node
from gateway.model.errors import GatewayError
from gateway.model.events import Event, LimitImposed
from gateway.model.evse import ConnectorState, ConnectorStatus
from gateway.model.ids import Place
from gateway.model.limits.binding import LOAD, Binding
from gateway.model.limits.reason import LimitReason
from gateway.model.rules.limits import imposed
from gateway.model.station import Capability, StationState
from gateway.model.tokens import Token, TokenType
from gateway.model.transactions import ChargingState, Transaction

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.model.device import VariableRef
    from gateway.model.readings import Sample

START = datetime(2026, 1, 5, 12, tzinfo=UTC)
FAILSAFE = 6.0


class Depot:
    """What load management needs of a box.

    Attributes:
        base: A per phase of other loads.
        metered: Whether the meter tells anything.
        imposed: Every limit that was published: station and A per phase.
        start_points: TxStartPoint, by station.
        noted: What is kept of each station.
        silent: Stations that do not tell what flows.
        looked: Stations that were to be looked at again.
        caps: What others allow, by station.
        said: Priorities that the backend has said, by station.
        contact: What the sensor tells that lowers the limit.
        disk_full: Nothing can be committed.
        obeys: Stations take their limits.
    """

    def __init__(self, count: int = 2) -> None:
        self.flowing = Flows()
        self.base, self.metered, self.obeys, self.disk_full = 0.0, True, True, False
        self.imposed: list[tuple[str, float | None]] = []
        self.looked: list[str] = []
        self.caps: dict[str, float] = {}
        self.said: dict[str, int] = {}
        self.contact: bool | None = False
        self.states = {f"S{number}": state(f"S{number}") for number in range(1, count + 1)}
        self.taken: dict[str, float] = {}
        self.silent: set[str] = set()
        self.start_points: dict[str, str] = {}
        self.noted: dict[str, dict[str, str]] = {}
        self.explain: Callable[[str, int], LimitReason | None] = lambda _station, _evse: None

    # --- Box ---

    def now(self) -> datetime:
        return START + timedelta(seconds=asyncio.get_running_loop().time())

    def station(self, station: str) -> StationState:
        return self.states[station]

    def measured(self, station: str, evse: int) -> Sample | None:
        del station, evse
        return None

    def setting(self, station: str, ref: VariableRef) -> str:
        assert (ref.component, ref.variable) == ("TxCtrlr", "TxStartPoint")
        return self.start_points.get(station, "")

    def given(self, station: str, evse: int) -> float | None:
        del evse
        return self.taken.get(station)

    def allowances_changed(self, station: str) -> None:
        self.looked.append(station)

    async def publish(self, *events: Event) -> None:
        await asyncio.sleep(0.01)
        if self.disk_full:
            raise GatewayError("storage-failed")
        for event in events:
            assert isinstance(event, LimitImposed)
            assert event.holder == LOAD
            station = event.place.station
            self.imposed.append((station, event.current))
            self.states[station] = imposed(self.states[station], event, event.at).state
            if self.obeys and event.current is not None:
                self.taken[station] = event.current

    async def notes(self, station: str) -> dict[str, str]:
        return self.noted.setdefault(station, {})

    async def note(self, station: str, name: str, value: str) -> None:
        self.noted.setdefault(station, {})[name] = value

    # --- Limits, Channels, Meters ---

    def cap(self, station: str, evse: int) -> float | None:
        del evse
        return self.caps.get(station)

    def foreign(self, station: str, evse: int) -> tuple[Binding, ...]:
        del evse
        cap, profile = self.caps.get(station), LimitReason.of("TxProfile", profile=17, level=3)
        return () if cap is None else (Binding(current=cap, reason=profile),) * 2

    def priority(self, station: str, evse: int) -> int:
        del evse
        return self.said.get(station, 0)

    def explained_by(self, load: Callable[[str, int], LimitReason | None]) -> None:
        self.explain = load

    def value(self, channel: str) -> bool | None:
        assert channel == "ripple/0"
        return self.contact

    def readings(self) -> dict[str, MeterReading | None]:
        if not self.metered:
            return {"house": self._last}
        total = self.base + sum(self.taken.values())
        self._last = MeterReading(t=asyncio.get_running_loop().time(), i=(total, total, total))
        return {"house": self._last}

    _last: MeterReading | None = None

    # --- the cars ---

    async def live(self) -> None:
        """Cars draw what they may, and adapters tell so each second."""
        while True:
            for station, amps in self.taken.items():
                if station in self.silent:
                    continue
                self.flowing.take(Place(station=station, evse=1), (amps, amps, amps))
            await asyncio.sleep(1.0)

    def lose(self, station: str) -> None:
        self.states[station] = replace(self.states[station], reachable=False)

    def find(self, station: str) -> None:
        self.states[station] = replace(self.states[station], reachable=True)


def state(station: str) -> StationState:
    """A station at which a car charges."""
    return StationState(
        id=station,
        reachable=True,
        capabilities=frozenset({Capability.SMART_CHARGING}),
        connectors=(ConnectorState(evse=1, connector=1, reported=ConnectorStatus.OCCUPIED, at=START),),
        transactions=(
            Transaction(
                id=f"T-{station}", number=1, evse=1, connector=1, started_at=START, last_at=START,
                token=Token(value="04A1B2C3", type=TokenType.ISO14443), charging_state=ChargingState.CHARGING,
            ),
        ),
    )  # fmt: skip


def built(count: int = 2, *, limit: float = 50.0, less: float | None = None, source: str = "SO") -> Built:
    """A house behind one meter; ``less``: what a contact leaves it."""
    house = Node(
        id="house", parent="", limit=(limit,) * 3, rated=limit, metered=True, base_failsafe=(limit - 6 * count - 2,) * 3
    )
    evses = tuple(
        Evse(id=f"S{number}/1", node="house", maximum=16.0, failsafe=FAILSAFE) for number in range(1, count + 1)
    )
    site = LoadSite(name="test", nodes=(house,), evses=evses)
    every = () if less is None else (_reduction(less, source),)
    return Built(
        site=site,
        whole=site,
        spots={each.id: (each.id.partition("/")[0], 1) for each in evses},
        means={each.id: Means(control=Control.AMP, failsafe=FAILSAFE) for each in evses},
        priorities={},
        meters={},
        restrictions=Restrictions(every=every, zone=UTC),
        policy=Policy(writes_per_hour=3600.0),
    )


def _reduction(less: float, source: str) -> Restriction:
    return Restriction(
        node="house", limit=(less,) * 3, name="ripple control", source=source, channel="ripple/0",
        holds=lambda value: None if value is None else bool(value),
    )  # fmt: skip
