"""Single cases of how a station's reports become transactions."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.model import commands as cmd
from gateway.model import events as ev
from gateway.model.changes import ConnectorStatusChanged, FaultChanged, Phase, TransactionChanged
from gateway.model.evse import ConnectorStatus
from gateway.model.ids import Place
from gateway.model.problems import fault_of
from gateway.model.readings import Context
from gateway.model.rules.commands import intend, settle
from gateway.model.rules.transactions import triggered
from gateway.model.tokens import Token
from gateway.model.transactions import ChargingState, TriggerReason
from tests.fakes.clock import START
from tests.gateway.model.reports import MINUTE, REFUSED, began, steps
from tests.gateway.model.stations import ID, OTHER, RFID, Station, metered, place


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
