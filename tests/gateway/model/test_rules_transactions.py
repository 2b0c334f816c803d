"""Single cases of how a station's reports become transactions."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from gateway.model import commands as cmd
from gateway.model import events as ev
from gateway.model.changes import Change, ConnectorStatusChanged, FaultChanged, Phase, SamplesTaken, TransactionChanged
from gateway.model.evse import ConnectorStatus
from gateway.model.ids import Place
from gateway.model.problems import fault_of
from gateway.model.readings import Context, Reading, Sample, Signature
from gateway.model.rules.commands import intend, settle
from gateway.model.rules.transactions import triggered
from gateway.model.tokens import Token
from gateway.model.transactions import (
    STOPPED_BY_BACKEND,
    STOPPED_BY_RESET,
    STOPPED_DEAUTHORIZED,
    ChargingState,
    StopCause,
    StoppedReason,
    TriggerReason,
)
from tests.fakes.clock import START
from tests.gateway.model.stations import ID, OTHER, RFID, Station, clock_aligned, known_station, metered, place

MINUTE = timedelta(minutes=1)
REFUSED = cmd.Outcome(verdict=cmd.Verdict.REJECTED)


def steps(changes: tuple[Change, ...]) -> list[TransactionChanged]:
    return [change for change in changes if isinstance(change, TransactionChanged)]


def began(station: Station, at: datetime = START, *, key: str = "start", evse: int = 1, meter: float = 1000.0,
          token: Token = RFID) -> list[TransactionChanged]:  # fmt: skip
    return steps(station.report(ev.TransactionBegan(place=place(evse), at=at, token=token, meter_start=meter, key=key)))


def stop(station: Station, number: int | None, at: datetime = START, *, key: str = "stop", meter: float = 2000.0,
         token: Token | None = None, cause: StopCause | None = None) -> list[TransactionChanged]:  # fmt: skip
    event = ev.TransactionEnded(station=ID, at=at, number=number, meter_stop=meter, key=key, token=token, cause=cause)
    return steps(station.report(event))


def test_a_start_carries_token_place_register_and_state() -> None:
    station = Station()
    changes = station.report(
        ev.TransactionBegan(place=place(), at=START, token=RFID, meter_start=1000.0, key="k", reservation=7)
    )
    (start,) = steps(changes)
    assert (start.phase, start.seq_no, start.trigger) == (Phase.STARTED, 0, TriggerReason.AUTHORIZED)
    assert (start.token, start.with_evse, start.transaction.reservation) == (RFID, True, 7)
    assert start.charging_state is ChargingState.EV_CONNECTED
    (sample,) = start.samples
    assert sample.energy() == 1000.0
    assert sample.readings[0].context is Context.TRANSACTION_BEGIN
    assert station.told.statuses[place()] is ConnectorStatus.OCCUPIED, "a station that says nothing is believed anyway"


def test_a_start_leaves_the_faults_of_its_connector_alone() -> None:
    station = Station()
    hot = fault_of("HighTemperature")
    assert hot is not None
    station.report(ev.ConnectorChanged(place=place(), at=START, status=ConnectorStatus.AVAILABLE, faults=(hot,)))
    changes = station.report(ev.TransactionBegan(place=place(), at=START, token=RFID, meter_start=0.0, key="k"))
    assert not [change for change in changes if isinstance(change, FaultChanged)]
    connector = station.state.connector(1)
    assert connector is not None
    assert connector.faults == (hot,)


def test_an_old_reading_does_not_move_the_last_sign_of_a_transaction_back() -> None:
    """A station that lost power has its transaction ended when it was last heard of."""
    station = Station()
    station.now += 20 * MINUTE
    began(station)
    for minutes, register in ((10, 1500.0), (5, 1200.0)):
        sample = metered(START + minutes * MINUTE, register)
        station.report(ev.Measured(place=place(), samples=(sample,), key=str(minutes)))
    ended, _ = began(station, START + 20 * MINUTE, key="next")
    assert (ended.phase, ended.at) == (Phase.ENDED, START + 10 * MINUTE)


class TestRemoteStart:
    """A start that the backend asked for is told as such."""

    @staticmethod
    def ask(station: Station, id_: int, *, evse: int = 1, token: Token = RFID) -> None:
        command = cmd.StartCharging(
            place=Place(station=ID, evse=evse), token=token, remote_start_id=id_, expires_at=station.now + MINUTE
        )
        station.take(intend(station.state, command, station.now))

    def test_those_that_never_came_are_forgotten(self) -> None:
        station = Station()
        self.ask(station, 1)
        station.now += 2 * MINUTE
        self.ask(station, 2)
        assert [pending.id for pending in station.state.remote_starts] == [2]

    def test_matched_by_evse_and_token(self) -> None:
        station = Station()
        self.ask(station, 1, evse=2)
        self.ask(station, 2, evse=1)
        (start,) = began(station, token=Token(value=RFID.value.lower()))
        assert (start.trigger, start.transaction.remote_start_id) == (TriggerReason.REMOTE_START, 2)
        assert [pending.id for pending in station.state.remote_starts] == [1]

    def test_the_last_one_counts_where_the_cable_came_too_late_for_the_first(self) -> None:
        station = Station()
        for id_ in (1, 2):
            self.ask(station, id_)
            station.now += MINUTE / 12
        (start,) = began(station)
        assert start.transaction.remote_start_id == 2
        assert station.state.remote_starts == ()

    def test_matched_by_token_alone_where_the_station_chose_another_evse(self) -> None:
        station = Station()
        self.ask(station, 1, evse=2)
        (start,) = began(station)
        assert start.transaction.remote_start_id == 1
        assert station.state.remote_starts == ()

    def test_not_matched_by_another_token(self) -> None:
        station = Station()
        self.ask(station, 1)
        (start,) = began(station, token=OTHER)
        assert start.trigger is TriggerReason.AUTHORIZED
        assert start.transaction.remote_start_id is None

    def test_lapses(self) -> None:
        station = Station()
        self.ask(station, 1)
        station.now += 2 * MINUTE
        (start,) = began(station, station.now)
        assert start.trigger is TriggerReason.AUTHORIZED

    def test_an_old_start_that_a_station_had_kept_is_not_it(self) -> None:
        station = Station()
        self.ask(station, 1)
        (start,) = began(station, START - timedelta(hours=3))
        assert start.trigger is TriggerReason.AUTHORIZED
        assert [pending.id for pending in station.state.remote_starts] == [1]

    def test_unanswered_it_is_still_known_when_the_station_starts(self) -> None:
        station = Station()
        self.ask(station, 1)
        command = cmd.StartCharging(place=place(), token=RFID, remote_start_id=1, expires_at=station.now)
        station.take(settle(station.state, command, cmd.Outcome(verdict=cmd.Verdict.UNANSWERED), station.now))
        (start,) = began(station)
        assert (start.trigger, start.transaction.remote_start_id) == (TriggerReason.REMOTE_START, 1)

    def test_refused_by_the_station_it_is_forgotten(self) -> None:
        station = Station()
        self.ask(station, 1)
        command = cmd.StartCharging(place=place(), token=RFID, remote_start_id=1, expires_at=station.now)
        station.take(settle(station.state, command, REFUSED, station.now))
        assert station.state.remote_starts == ()


class TestReadings:
    """Meter values within and outside transactions."""

    def test_each_sample_is_a_step_of_its_own(self) -> None:
        station = Station()
        began(station)
        samples = (metered(START, 1000.0), metered(START + MINUTE, 1100.0))
        told = steps(station.report(ev.Measured(place=place(), samples=samples, number=1000)))
        assert [step.seq_no for step in told] == [1, 2]
        assert [step.samples for step in told] == [(samples[0],), (samples[1],)]

    @pytest.mark.ocpp("E01.FR.20")
    def test_energy_that_flows_shows_the_state(self) -> None:
        station = Station()
        began(station)
        flowing = steps(station.report(ev.Measured(place=place(), samples=(metered(START, 1100.0),))))
        again = steps(station.report(ev.Measured(place=place(), samples=(metered(START, 1200.0),))))
        paused = steps(station.report(ev.Measured(place=place(), samples=(metered(START, 1200.0, power=0.0),))))
        assert [step.charging_state for step in (*flowing, *again, *paused)] == [
            ChargingState.CHARGING, None, ChargingState.EV_CONNECTED,
        ]  # fmt: skip
        assert [step.trigger for step in (*flowing, *again)] == [
            TriggerReason.CHARGING_STATE_CHANGED, TriggerReason.METER_VALUE_PERIODIC,
        ]  # fmt: skip

    @pytest.mark.ocpp("E02.FR.18", "E02.FR.19", "E03.FR.13", "E03.FR.14")
    def test_the_phases_in_use_are_told_with_the_begin_of_charging_and_when_they_change(self) -> None:
        station = Station()
        began(station)
        told = []
        for minute, (one, others) in enumerate(
            [(0.0, 0.0), (16.0, 16.0), (16.0, 16.0), (16.0, 0.1), (0.1, 0.1), (16.0, 0.1)]
        ):
            readings = [
                Reading(value=value, measurand="Current.Import", unit="A", phase=phase)
                for phase, value in (("L1", one), ("L2", others), ("L3", others))
            ]
            power = Reading(
                value=(one + 2 * others) * 230 if one > 1 else 0.0, measurand="Power.Active.Import", unit="W"
            )
            sample = Sample(at=START + minute * MINUTE, readings=(power, *readings))
            told += steps(station.report(ev.Measured(place=place(), samples=(sample,), number=1000)))
        assert [step.phases for step in told] == [None, 3, None, 1, None, None]

    def test_clock_aligned_ones_say_so(self) -> None:
        station = Station()
        began(station)
        (step,) = steps(station.report(ev.Measured(place=place(), samples=(clock_aligned(START, 1000.0),))))
        assert step.trigger is TriggerReason.METER_VALUE_CLOCK

    @pytest.mark.parametrize("number", [None, 0, -1, 4711])
    def test_without_a_usable_number_they_are_of_the_transaction_on_that_evse(self, number: int | None) -> None:
        station = Station()
        (start,) = began(station, evse=2)
        told = steps(station.report(ev.Measured(place=place(2), samples=(metered(START, 1100.0),), number=number)))
        assert [step.transaction.id for step in told] == [start.transaction.id]

    @pytest.mark.parametrize("evse", [0, 2])
    def test_of_another_place_they_are_outside(self, evse: int) -> None:
        station = Station()
        began(station, evse=1)
        samples = (metered(START + timedelta(days=2), 5.0),)
        (taken,) = station.report(ev.Measured(place=place(evse), samples=samples))
        assert isinstance(taken, SamplesTaken)
        assert taken.place.evse == evse
        assert taken.samples[0].at == START, "a time that cannot be is the box's"


class TestEnd:
    """Why a transaction ended, and with what."""

    def test_by_its_driver(self) -> None:
        station = Station()
        began(station)
        (end,) = stop(station, 1000, START + MINUTE, token=RFID)
        assert (end.trigger, end.reason) == (TriggerReason.STOP_AUTHORIZED, StoppedReason.LOCAL)
        assert end.token == RFID
        assert [sample.energy() for sample in end.samples] == [1000.0, 2000.0]
        assert end.transaction.energy == 1000.0

    def test_by_the_backend(self) -> None:
        station = Station()
        (start,) = began(station)
        command = cmd.StopCharging(station=ID, transaction=start.transaction.id, number=1000, cause=STOPPED_BY_BACKEND)
        station.take(intend(station.state, command, station.now))
        (end,) = stop(station, 1000, token=RFID)
        assert (end.trigger, end.reason) == (TriggerReason.REMOTE_STOP, StoppedReason.REMOTE)

    def test_by_its_driver_after_the_station_refused_the_backend(self) -> None:
        station = Station()
        (start,) = began(station)
        command = cmd.StopCharging(station=ID, transaction=start.transaction.id, number=1000, cause=STOPPED_BY_BACKEND)
        station.take(intend(station.state, command, station.now))
        station.take(settle(station.state, command, REFUSED, station.now))
        (end,) = stop(station, 1000, token=RFID)
        assert end.reason is StoppedReason.LOCAL

    def test_by_a_station_that_knew_of_the_bad_token_before_it_was_told_to_stop(self) -> None:
        station = Station()
        (start,) = began(station)
        command = cmd.StopCharging(
            station=ID, transaction=start.transaction.id, number=1000, cause=STOPPED_DEAUTHORIZED
        )
        station.take(intend(station.state, command, station.now))
        station.take(settle(station.state, command, REFUSED, station.now))
        (end,) = stop(station, 1000, token=RFID)
        assert (end.trigger, end.reason) == (TriggerReason.DEAUTHORIZED, StoppedReason.DEAUTHORIZED)

    @pytest.mark.parametrize("token", [None, RFID])
    def test_by_an_immediate_reset(self, token: Token | None) -> None:
        station = Station()
        began(station)
        command = cmd.Reset(place=Place(station=ID), kind=cmd.ResetKind.IMMEDIATE)
        station.take(intend(station.state, command, station.now))
        (end,) = stop(station, 1000, token=token)
        assert (end.trigger, end.reason) == (TriggerReason.RESET_COMMAND, StoppedReason.IMMEDIATE_RESET)

    def test_by_its_driver_after_the_station_refused_the_reset(self) -> None:
        station = Station()
        began(station)
        command = cmd.Reset(place=Place(station=ID), kind=cmd.ResetKind.IMMEDIATE)
        station.take(intend(station.state, command, station.now))
        station.take(settle(station.state, command, REFUSED, station.now))
        (end,) = stop(station, 1000, token=RFID)
        assert end.reason is StoppedReason.LOCAL
        assert station.state.reset is None

    @pytest.mark.parametrize(
        ("code", "reason"),
        [
            ("GroundFailure", StoppedReason.GROUND_FAULT),
            ("OverCurrentFailure", StoppedReason.OVERCURRENT_FAULT),
            ("HighTemperature", StoppedReason.OTHER),
        ],
    )
    def test_by_a_fault(self, code: str, reason: StoppedReason) -> None:
        station = Station()
        began(station)
        fault = fault_of(code)
        assert fault is not None
        station.report(ev.ConnectorChanged(place=place(), at=START, status=ConnectorStatus.FAULTED, faults=(fault,)))
        (end,) = stop(station, 1000)
        assert (end.trigger, end.reason) == (TriggerReason.ABNORMAL_CONDITION, reason)

    def test_as_the_station_says(self) -> None:
        station = Station()
        began(station)
        (end,) = stop(station, 1000, cause=STOPPED_BY_RESET)
        assert end.reason is StoppedReason.IMMEDIATE_RESET

    def test_a_time_before_the_start_is_the_boxs(self) -> None:
        station = Station()
        began(station)
        station.now += MINUTE
        (end,) = stop(station, 1000, START - timedelta(days=3000))
        assert end.at == station.now


class TestUnknown:
    """Stops of transactions that the box does not know, or that name none."""

    @pytest.mark.parametrize("number", [None, 0, -1])
    def test_no_number_means_the_only_one_open(self, number: int | None) -> None:
        station = Station()
        (start,) = began(station)
        (end,) = stop(station, number, token=RFID)
        assert end.transaction.id == start.transaction.id

    def test_no_number_means_the_one_with_that_token(self) -> None:
        station = Station()
        began(station, evse=1, token=OTHER, key="a")
        (start,) = began(station, evse=2, token=RFID, key="b")
        (end,) = stop(station, None, token=RFID)
        assert end.transaction.id == start.transaction.id

    def test_no_number_and_two_that_fit_is_neither(self) -> None:
        station = Station()
        began(station, evse=1, key="a")
        began(station, evse=2, key="b")
        assert [step.phase for step in stop(station, None, token=RFID)] == [Phase.STARTED, Phase.ENDED]
        assert len(station.state.transactions) == 2

    def test_a_number_that_was_never_given_out_is_told_as_a_whole(self) -> None:
        station = Station(state=known_station(evses=1))
        event = ev.TransactionEnded(
            station=ID, at=START, number=77, meter_stop=2000.0, key="stop", token=RFID,
            samples=(metered(START - MINUTE, 500.0),),
        )  # fmt: skip
        start, end = steps(station.report(event))
        assert (start.phase, start.offline, start.token, start.at) == (Phase.STARTED, True, RFID, START - MINUTE)
        assert (start.with_evse, start.transaction.evse, start.transaction.number) == (True, 1, 77)
        assert (end.phase, end.seq_no, end.reason) == (Phase.ENDED, 1, StoppedReason.OTHER)
        assert [sample.energy() for sample in end.samples] == [500.0, 500.0, 2000.0]

    def test_of_several_evses_none_is_named(self) -> None:
        station = Station()
        start, _ = stop(station, 77)
        assert not start.with_evse


class TestPowerLoss:
    """A station that lost power never tells the end; the next start on the EVSE does."""

    def test_a_newer_start_closes_what_was_open(self) -> None:
        station = Station()
        (first,) = began(station, key="a")
        station.report(ev.Measured(place=place(), samples=(metered(START + MINUTE, 1500.0),)))
        station.now += timedelta(hours=2)
        end, start = began(station, station.now, key="b")
        assert (end.transaction.id, end.phase, end.reason) == (
            first.transaction.id,
            Phase.ENDED,
            StoppedReason.POWER_LOSS,
        )
        assert (end.at, end.offline) == (START + MINUTE, True)
        assert end.samples[-1].energy() == 1500.0, "the last known register"
        assert start.phase is Phase.STARTED

    def test_on_another_evse_nothing_ends(self) -> None:
        station = Station()
        began(station, key="a", evse=1)
        assert [step.phase for step in began(station, key="b", evse=2)] == [Phase.STARTED]

    def test_after_a_reset_that_was_the_reason(self) -> None:
        station = Station()
        began(station, key="a")
        command = cmd.Reset(place=Place(station=ID), kind=cmd.ResetKind.IMMEDIATE)
        station.take(intend(station.state, command, station.now))
        end, _ = began(station, START + MINUTE, key="b")
        assert end.reason is StoppedReason.IMMEDIATE_RESET

    def test_an_older_start_that_the_station_had_kept_closes_nothing(self) -> None:
        station = Station()
        (running,) = began(station, key="live")
        (late,) = began(station, START - timedelta(hours=5), key="kept", meter=100.0)
        assert (late.phase, late.offline) == (Phase.STARTED, True)
        by_evse = steps(station.report(ev.Measured(place=place(), samples=(metered(START, 1100.0),))))
        assert by_evse[0].transaction.id == running.transaction.id
        (end,) = stop(station, late.transaction.number, START - timedelta(hours=4), meter=900.0)
        assert (end.transaction.id, end.transaction.energy, end.offline) == (late.transaction.id, 800.0, True)
        assert [t.id for t in station.state.transactions] == [running.transaction.id]


class TestOffline:
    """The flag says that the backend could not be told at the time."""

    @pytest.mark.parametrize(
        ("age", "offline"), [(timedelta(0), False), (timedelta(seconds=59), False), (timedelta(seconds=62), True)]
    )
    def test_what_the_station_kept_longer_than_the_threshold(self, age: timedelta, offline: bool) -> None:  # noqa: FBT001 parameter
        station = Station()
        (start,) = began(station, START - age)
        assert start.offline is offline

    def test_what_happened_while_the_backend_was_away(self) -> None:
        station = Station(online_since=None)
        (start,) = began(station)
        assert start.offline
        station.online_since = START + timedelta(seconds=30)
        station.now = START + timedelta(seconds=31)
        before, after = START + timedelta(seconds=20), START + timedelta(seconds=30)
        told = steps(station.report(ev.Measured(place=place(), samples=(metered(before, 1.0), metered(after, 1.0)))))
        assert [step.offline for step in told] == [True, False]

    def test_a_threshold_of_zero_leaves_whole_seconds_room(self) -> None:
        station = Station(now=START + timedelta(milliseconds=900))
        world = replace(station.world(), offline_threshold=timedelta(0))
        assert not world.offline(START)
        assert world.offline(START - timedelta(seconds=1))


def test_a_transaction_told_on_request_is_told_as_it_is_now() -> None:
    station = Station()
    (start,) = began(station, START)
    samples = (metered(START - MINUTE, 1.0), metered(START, 1000.0))
    (told,) = steps(station.take(triggered(station.state, start.transaction.id, samples, station.world())))
    assert (told.phase, told.trigger, told.requested) == (Phase.UPDATED, TriggerReason.TRIGGER, True)
    assert told.charging_state is ChargingState.EV_CONNECTED
    assert told.samples == samples[1:], "a sample from before the start is not the transaction's"
    assert station.take(triggered(station.state, "none", samples, station.world())) == ()


def test_a_reservation_is_used_up_by_its_transaction() -> None:
    station = Station()
    reserve = cmd.Reserve(place=place(), reservation=7, token=RFID, group=None, expires_at=START + MINUTE)
    station.take(settle(station.state, reserve, cmd.ACCEPTED, START))
    assert [held.id for held in station.state.reservations] == [7]
    station.report(ev.TransactionBegan(place=place(), at=START, token=RFID, meter_start=0.0, key="k", reservation=7))
    assert station.state.reservations == ()


def test_a_reserved_connector_becomes_occupied() -> None:
    station = Station()
    station.report(ev.ConnectorChanged(place=place(), at=START, status=ConnectorStatus.RESERVED))
    changes = station.report(ev.TransactionBegan(place=place(), at=START, token=RFID, meter_start=0.0, key="k"))
    assert [change.status for change in changes if isinstance(change, ConnectorStatusChanged)] == [
        ConnectorStatus.OCCUPIED
    ]


def test_readings_that_come_again_are_told_once() -> None:
    station = Station()
    began(station)

    def told(key: str, at: datetime, energy: float) -> list[TransactionChanged]:
        return steps(station.report(ev.Measured(place=place(), samples=(metered(at, energy),), key=key)))

    assert len(told("first", START + MINUTE, 1500.0)) == 1
    assert told("first", START + MINUTE, 1500.0) == []
    (update,) = told("second", START + 2 * MINUTE, 1600.0)
    assert update.seq_no == 2


@pytest.mark.ocpp("J02.FR.22", "J01.FR.03", "J01.FR.04")
@pytest.mark.parametrize(
    ("evse", "number", "of_transaction"), [(1, 0, True), (1, 1, True), (2, 1, False), (0, 1, False)]
)
def test_readings_of_another_evse_or_of_the_main_meter_are_of_no_transaction(
    evse: int, number: int, *, of_transaction: bool
) -> None:
    station = Station()
    (start,) = began(station, evse=1)
    named = start.transaction.number if number else None
    event = ev.Measured(place=place(evse), samples=(metered(START + MINUTE, 1500.0),), number=named)
    changes = station.report(event)
    assert bool(steps(changes)) is of_transaction
    assert [c.place.evse for c in changes if isinstance(c, SamplesTaken)] == ([] if of_transaction else [evse])


def test_the_main_meter_of_a_station_with_one_evse_is_that_of_its_transaction() -> None:
    station = Station(state=known_station(1))
    (start,) = began(station)
    event = ev.Measured(place=place(0), samples=(metered(START + MINUTE, 1500.0),), number=start.transaction.number)
    assert len(steps(station.report(event))) == 1


def test_a_signed_reading_of_the_end_is_not_told_twice() -> None:
    station = Station()
    began(station, meter=1000.0)
    signature = Signature(data="AAAA", method="", encoding="OCMF", public_key="S0VZ")
    end = Sample(
        at=START + MINUTE, readings=(Reading(value=1500.0, context=Context.TRANSACTION_END, signed=signature),)
    )
    event = ev.TransactionEnded(station=ID, at=START + MINUTE, number=None, meter_stop=1500.0, key="s", samples=(end,))
    (stopped,) = steps(station.report(event))
    assert [s.readings[0].context for s in stopped.samples] == [Context.TRANSACTION_BEGIN, Context.TRANSACTION_END]
    assert stopped.samples[-1] == end


def test_what_the_station_tells_of_begin_and_end_is_not_told_twice() -> None:
    station = Station()
    began(station, meter=1000.0)
    begin, end = (
        Sample(at=at, readings=(Reading(value=value, context=context), Reading(value=16.0, measurand="Current.Import")))
        for at, value, context in (
            (START, 1000.0, Context.TRANSACTION_BEGIN), (START + MINUTE, 1500.0, Context.TRANSACTION_END),
        )
    )  # fmt: skip
    event = ev.TransactionEnded(
        station=ID, at=START + MINUTE, number=None, meter_stop=1500.0, key="stop", samples=(begin, end)
    )
    (stopped,) = steps(station.report(event))
    assert stopped.samples == (begin, end)
    assert stopped.transaction.energy == 500.0


def told(station: Station, charging: ChargingState, number: int) -> list[TransactionChanged]:
    event = ev.TransactionUpdated(
        place=place(),
        at=START,
        number=number,
        trigger=TriggerReason.CHARGING_STATE_CHANGED,
        charging_state=charging,
    )
    return steps(station.report(event))


def test_what_a_station_tells_of_charging_is_not_overruled_by_readings() -> None:
    station = Station()
    number = began(station)[0].transaction.number
    (suspended,) = told(station, ChargingState.SUSPENDED_EV, number)
    assert (suspended.trigger, suspended.charging_state) == (
        TriggerReason.CHARGING_STATE_CHANGED,
        ChargingState.SUSPENDED_EV,
    )
    (reading,) = steps(station.report(ev.Measured(place=place(), samples=(metered(START, 1100.0, 50.0),))))
    assert reading.charging_state is None
    assert reading.transaction.charging_state is ChargingState.SUSPENDED_EV
    (charging,) = told(station, ChargingState.CHARGING, number)
    (idle,) = steps(station.report(ev.Measured(place=place(), samples=(metered(START + MINUTE, 1100.0, 0.0),))))
    assert (charging.charging_state, idle.charging_state) == (ChargingState.CHARGING, None)


def test_a_start_that_says_it_charges_is_told_so_and_stays_so() -> None:
    station = Station()
    event = ev.TransactionBegan(
        place=place(), at=START, token=RFID, meter_start=0.0, key="k", charging_state=ChargingState.CHARGING
    )
    (start,) = steps(station.report(event))
    (reading,) = steps(station.report(ev.Measured(place=place(), samples=(metered(START, 0.0, 0.0),))))
    assert (start.charging_state, reading.charging_state) == (ChargingState.CHARGING, None)
