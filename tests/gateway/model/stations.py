"""A station and the world around it, for the tests of the rules; and a check of all that is told of its transactions."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from gateway.model.apply import apply
from gateway.model.changes import Change, ConnectorStatusChanged, FaultChanged, Phase, SamplesTaken, TransactionChanged
from gateway.model.evse import ConnectorState, ConnectorStatus
from gateway.model.ids import Place
from gateway.model.readings import POWER_IMPORT, Context, Reading, Sample
from gateway.model.rules.connectors import status_of
from gateway.model.rules.context import FUTURE_LIMIT, Applied
from gateway.model.rules.context import Context as World
from gateway.model.station import StationIdentity, StationState
from gateway.model.tokens import Token
from tests.fakes.clock import START

if TYPE_CHECKING:
    from gateway.model.events import Event
    from gateway.model.transactions import Transaction

ID = "CP-1"
THRESHOLD = timedelta(seconds=60)
RFID = Token(value="04A1B2C3")
OTHER = Token(value="DEADBEEF")
IDENTITY = StationIdentity(vendor="Schrack", model="i-CHARGE", firmware="1.0")


def place(evse: int = 1) -> Place:
    """The only connector of an EVSE; 0 is the station."""
    return Place(station=ID, evse=evse, connector=1 if evse else 0)


def known_station(evses: int = 2) -> StationState:
    """A station that is reached, with a free connector at each EVSE."""
    connectors = tuple(
        ConnectorState(evse=evse, connector=1, reported=ConnectorStatus.AVAILABLE, at=START)
        for evse in range(1, evses + 1)
    )
    return StationState(id=ID, identity=IDENTITY, reachable=True, connectors=connectors)


def metered(at: datetime, energy: float | None = None, power: float | None = None) -> Sample:
    """A sample of the import register (Wh) and the power (W)."""
    readings = []
    if energy is not None:
        readings.append(Reading(value=energy))
    if power is not None:
        readings.append(Reading(value=power, measurand=POWER_IMPORT, unit="W"))
    return Sample(at=at, readings=tuple(readings))


def clock_aligned(at: datetime, energy: float) -> Sample:
    """A sample of the import register taken by the clock."""
    return Sample(at=at, readings=(Reading(value=energy, context=Context.SAMPLE_CLOCK),))


@dataclass
class Told:
    """What the backend has been told so far, checked as it comes."""

    statuses: dict[Place, ConnectorStatus] = field(default_factory=dict)
    faults: dict[tuple[Place, str, str], bool] = field(default_factory=dict)
    transactions: dict[str, list[TransactionChanged]] = field(default_factory=dict)
    samples: list[SamplesTaken] = field(default_factory=list)

    def take(self, change: Change, now: datetime) -> None:
        """Note a change; it must fit what was told before."""
        match change:
            case ConnectorStatusChanged():
                assert self.statuses.get(change.place) is not change.status, "a status is told once"
                self.statuses[change.place] = change.status
            case FaultChanged():
                key = (change.place, *change.fault.key)
                assert change.active or self.faults.get(key), "only what has come can go"
                self.faults[key] = change.active
            case TransactionChanged():
                self._transaction(change, now)
            case SamplesTaken():
                assert all(sample.at <= now + FUTURE_LIMIT for sample in change.samples)
                self.samples.append(change)
            case _:
                pass

    def _transaction(self, change: TransactionChanged, now: datetime) -> None:
        steps = self.transactions.setdefault(change.transaction.id, [])
        assert change.seq_no == len(steps), "no gap and no repeat"
        assert (change.phase is Phase.STARTED) is not bool(steps), "started once, and first"
        assert not steps or steps[-1].phase is not Phase.ENDED, "nothing after the end"
        assert change.transaction.started_at <= change.at <= now + FUTURE_LIMIT
        assert all(sample.at >= change.transaction.started_at for sample in change.samples[:1])
        assert change.transaction.seq_no == change.seq_no + 1
        assert (change.reason is not None) is (change.phase is Phase.ENDED)
        steps.append(change)

    def open(self) -> set[str]:
        """The transactions that run, as the backend sees it."""
        return {id_ for id_, steps in self.transactions.items() if steps[-1].phase is not Phase.ENDED}


@dataclass
class Station:
    """A station under the rules: its state, the box's clock and line, what was told and what was recorded."""

    state: StationState = field(default_factory=known_station)
    now: datetime = START
    online_since: datetime | None = START - timedelta(days=1)
    told: Told = field(default_factory=Told)
    records: dict[str, Transaction] = field(default_factory=dict)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1000))
    _ids: itertools.count[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        """The backend starts out knowing every connector's status."""
        for connector in self.state.connectors:
            self.told.statuses[Place(station=ID, evse=connector.evse, connector=connector.connector)] = status_of(
                self.state, connector
            )

    def world(self) -> World:
        """The rules' view of everything else."""
        return World(
            now=self.now,
            online_since=self.online_since,
            offline_threshold=THRESHOLD,
            new_id=lambda: f"tx-{next(self._ids)}",
            new_number=lambda: next(self._numbers),
        )

    def take(self, applied: Applied) -> tuple[Change, ...]:
        """Take a result over, as the hub does."""
        for change in applied.changes:
            self.told.take(change, self.now)
        self.state = applied.state
        self.records.update({t.id: t for t in applied.transactions})
        return applied.changes

    def report(self, event: Event) -> tuple[Change, ...]:
        """Apply an event."""
        return self.take(apply(self.state, event, self.world()))

    def told_steps(self) -> list[TransactionChanged]:
        """All steps of all transactions, by transaction."""
        return [step for steps in self.told.transactions.values() for step in steps]
