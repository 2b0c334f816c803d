"""Whatever a station reports, in whatever order: what the backend is told holds together."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gateway.model import commands as cmd
from gateway.model import events as ev
from gateway.model.changes import Phase, StationRestarted, TransactionChanged
from gateway.model.evse import ConnectorStatus, Fault
from gateway.model.ids import Place
from gateway.model.problems import fault_of
from gateway.model.rules.commands import intend, settle
from gateway.model.rules.connectors import status_of
from gateway.model.rules.context import CLOCK_GRAIN
from gateway.model.rules.transactions import triggered
from gateway.model.station import StationIdentity
from gateway.model.tokens import Token
from gateway.model.transactions import STOPPED_BY_BACKEND, STOPPED_DEAUTHORIZED, Transaction
from tests.gateway.model.stations import ID, IDENTITY, OTHER, RFID, THRESHOLD, Station, metered, place

EVSES = st.integers(1, 2)
TOKENS = st.sampled_from([RFID, OTHER, Token(value=RFID.value.lower())])
OFFSETS = st.sampled_from([0, 0, 0, -1, -30, -61, -3600, -86_400, 60, 299, 301, 86_400]).map(
    lambda seconds: timedelta(seconds=seconds)
)
ENERGIES = st.integers(0, 100_000).map(float)
POWERS = st.one_of(st.none(), st.just(0.0), st.just(3600.0))
FAULTS = st.lists(
    st.sampled_from(["GroundFailure", "OverCurrentFailure", "HighTemperature", "NobodyKnows"]), max_size=2, unique=True
).map(lambda codes: tuple(fault for code in codes if (fault := fault_of(code)) is not None))
COMMANDS = st.sampled_from(
    ["start", "stop", "deauthorize", "reset", "reset-on-idle", "close", "open", "close-all", "open-all"]
)


class AnyStation(RuleBasedStateMachine):
    """A station that does anything."""

    def __init__(self) -> None:
        super().__init__()
        self.station = Station()
        self.keys = 0
        self.last: ev.Event | None = None

    def report(self, event: ev.Event) -> None:
        before = self.station.state
        self.last = event
        changes = self.station.report(event)
        for change in changes:
            if isinstance(change, TransactionChanged):
                self.check_offline(change)
        if not changes and isinstance(event, ev.Measured | ev.StationLost):
            assert self.station.state.transactions == before.transactions

    def check_offline(self, change: TransactionChanged) -> None:
        since, now = self.station.online_since, self.station.now
        if since is None:
            assert change.offline, "told while the backend is away"
        elif change.at < since - CLOCK_GRAIN or now - change.at > THRESHOLD + CLOCK_GRAIN:
            assert change.offline, "of a time when the backend could not be told"
        elif change.trigger != "Authorized" or change.samples:  # an orphan's start is always of the past
            assert not change.offline or change.seq_no == 0

    def new_key(self) -> str:
        self.keys += 1
        return f"key-{self.keys}"

    @rule(seconds=st.integers(0, 7200))
    def time_passes(self, seconds: int) -> None:
        self.station.now += timedelta(seconds=seconds)

    @rule(up=st.booleans())
    def backend(self, up: bool) -> None:  # noqa: FBT001 drawn by name
        if (self.station.online_since is not None) is not up:
            self.station.online_since = self.station.now if up else None

    @rule(evse=EVSES, token=TOKENS, offset=OFFSETS, meter=ENERGIES)
    def begin(self, evse: int, token: Token, offset: timedelta, meter: float) -> None:
        at = self.station.now + offset
        older = {t.id for t in self.station.state.transactions if t.evse == evse and t.started_at <= at}
        self.report(
            ev.TransactionBegan(place=place(evse), at=at, token=token, meter_start=meter, key=self.new_key()),
        )
        assert not older & self.station.told.open() or offset > timedelta(minutes=5), "what was open there is over"

    @rule(
        evse=st.integers(0, 2),
        offsets=st.lists(OFFSETS, max_size=3),
        energy=st.one_of(st.none(), ENERGIES),
        power=POWERS,
        data=st.data(),
    )
    def measure(
        self, evse: int, offsets: list[timedelta], energy: float | None, power: float | None, data: st.DataObject
    ) -> None:
        numbers = [t.number for t in self.station.state.transactions]
        number = data.draw(st.sampled_from([None, 0, -1, 77, *numbers]), label="number")
        samples = tuple(metered(self.station.now + offset, energy, power) for offset in offsets)
        self.report(ev.Measured(place=place(evse), samples=samples, number=number))

    @rule(offset=OFFSETS, meter=ENERGIES, token=st.one_of(st.none(), TOKENS), data=st.data())
    def end(self, offset: timedelta, meter: float, token: Token | None, data: st.DataObject) -> None:
        running = self.station.state.transactions
        number = data.draw(
            st.sampled_from([None, 0, -1, 5_000_000 + self.keys, *(t.number for t in running)]), label="number"
        )
        at = self.station.now + offset
        steps = len(self.station.told_steps())
        event = ev.TransactionEnded(
            station=ID, at=at, number=number, meter_stop=meter, key=self.new_key(), token=token,
            samples=data.draw(st.sampled_from([(), (metered(at, meter - 1),)]), label="samples"),
        )  # fmt: skip
        self.report(event)
        told = self.station.told_steps()
        assert len(told) > steps, "no stop goes unheard"
        ended = [step for step in told if step.phase is Phase.ENDED and step.transaction.end_key == event.key]
        assert len(ended) == 1
        assert ended[0].samples[-1].energy() == meter, "the register at the end is never lost"

    @rule(evse=st.integers(0, 2), status=st.sampled_from(list(ConnectorStatus)), faults=FAULTS, offset=OFFSETS)
    def connector(self, evse: int, status: ConnectorStatus, faults: tuple[Fault, ...], offset: timedelta) -> None:
        at = self.station.now + offset
        self.report(ev.ConnectorChanged(place=place(evse), at=at, status=status, faults=faults))

    @rule(found=st.booleans())
    def presence(self, found: bool) -> None:  # noqa: FBT001 drawn by name
        now = self.station.now
        self.report(
            ev.StationFound(station=ID, at=now, capabilities=frozenset())
            if found
            else ev.StationLost(station=ID, at=now)
        )

    @rule(firmware=st.sampled_from(["1.0", "1.0", "2.0"]))
    def boot(self, firmware: str) -> None:
        before = self.station.state
        identity = StationIdentity(vendor=IDENTITY.vendor, model=IDENTITY.model, firmware=firmware)
        changes = self.station.report(ev.StationBooted(station=ID, at=self.station.now, identity=identity))
        kept = before.identity == identity and before.transactions and before.reset is None
        assert any(isinstance(change, StationRestarted) for change in changes) is not bool(kept)
        self.last = None

    @precondition(lambda self: isinstance(self.last, ev.ConnectorChanged | ev.StationFound | ev.StationLost))
    @rule()
    def repeat(self) -> None:
        before = self.station.state
        assert self.last is not None
        assert self.station.report(self.last) == ()
        assert self.station.state == before

    @rule(what=COMMANDS, evse=EVSES, accepted=st.booleans())
    def command(self, what: str, evse: int, accepted: bool) -> None:  # noqa: FBT001 drawn by name
        command = self.wanted(what, evse)
        if command is None:
            return
        before = self.station.state
        self.station.take(intend(self.station.state, command, self.station.now))
        verdict = cmd.Verdict.ACCEPTED if accepted else cmd.Verdict.REJECTED
        outcome = cmd.Outcome(verdict=verdict)
        self.station.take(settle(self.station.state, command, outcome, self.station.now))
        if not accepted and not isinstance(command, cmd.StopCharging):
            live = {start.id for start in before.remote_starts if start.expires_at > self.station.now}
            assert {start.id for start in self.station.state.remote_starts} <= {s.id for s in before.remote_starts}
            assert live <= {start.id for start in self.station.state.remote_starts}
            assert self.station.state.connectors == before.connectors
        self.last = None

    def wanted(self, what: str, evse: int) -> cmd.Command | None:
        here = Place(station=ID, evse=evse)
        running = self.station.state.transaction_at(evse)
        match what:
            case "start":
                self.keys += 1
                expiry = self.station.now + timedelta(seconds=90)
                return cmd.StartCharging(place=here, token=RFID, remote_start_id=self.keys, expires_at=expiry)
            case "stop" | "deauthorize":
                cause = STOPPED_BY_BACKEND if what == "stop" else STOPPED_DEAUTHORIZED
                return (
                    None
                    if running is None
                    else cmd.StopCharging(station=ID, transaction=running.id, number=running.number, cause=cause)
                )
            case "reset":
                return cmd.Reset(place=Place(station=ID), kind=cmd.ResetKind.IMMEDIATE)
            case "reset-on-idle":
                return cmd.Reset(place=Place(station=ID), kind=cmd.ResetKind.ON_IDLE)
            case _:
                where = Place(station=ID) if what.endswith("all") else here
                return cmd.ChangeAvailability(place=where, operative=what.startswith("open"))

    @precondition(lambda self: self.station.state.transactions)
    @rule(data=st.data(), offset=OFFSETS)
    def asked(self, data: st.DataObject, offset: timedelta) -> None:
        transaction: Transaction = data.draw(st.sampled_from(self.station.state.transactions))
        sample = metered(self.station.now + offset, 5.0) if offset <= timedelta(0) else metered(self.station.now, 5.0)
        self.station.take(triggered(self.station.state, transaction.id, (sample,), self.station.world()))
        self.last = None

    @invariant()
    def one_open_transaction_at_a_time(self) -> None:
        """Of two on one EVSE, the one that was told later is an old one that the station had kept."""
        for evse in (1, 2):
            starts = [t.started_at for t in self.station.state.transactions if t.evse == evse]
            told = sorted(
                (t for t in self.station.state.transactions if t.evse == evse), key=lambda t: int(t.id.split("-")[1])
            )
            assert [t.started_at for t in told] == sorted(starts, reverse=True)
            assert len(set(starts)) == len(starts)

    @invariant()
    def the_backend_sees_what_is(self) -> None:
        state, told = self.station.state, self.station.told
        assert told.open() == {t.id for t in state.transactions}
        for connector in state.connectors:
            where = Place(station=ID, evse=connector.evse, connector=connector.connector)
            assert told.statuses[where] is status_of(state, connector)
        assert {key for key, active in told.faults.items() if active} == {
            (place(c.evse), *fault.key) for c in state.connectors for fault in c.faults
        } | {(place(0), *fault.key) for fault in state.faults}

    @invariant()
    def every_record_is_written(self) -> None:
        records = self.station.records
        for transaction in self.station.state.transactions:
            assert records[transaction.id] == transaction
        for id_, steps in self.station.told.transactions.items():
            if steps[-1].phase is Phase.ENDED:
                assert records[id_].ended_at == steps[-1].at


AnyStation.TestCase.settings = settings(max_examples=120, stateful_step_count=40, deadline=None)
TestAnyStation = AnyStation.TestCase
