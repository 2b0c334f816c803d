"""How a station's reports end transactions: reported, inferred, and of transactions that nobody knows."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gateway.model import commands as cmd
from gateway.model import events as ev
from gateway.model.changes import Phase
from gateway.model.evse import ConnectorStatus
from gateway.model.ids import Place
from gateway.model.problems import fault_of
from gateway.model.rules.commands import intend, settle
from gateway.model.transactions import (
    STOPPED_BY_BACKEND,
    STOPPED_BY_RESET,
    STOPPED_DEAUTHORIZED,
    StoppedReason,
    TriggerReason,
)
from tests.fakes.clock import START
from tests.gateway.model.reports import MINUTE, REFUSED, began, steps, stop
from tests.gateway.model.stations import ID, OTHER, RFID, Station, known_station, metered, place

if TYPE_CHECKING:
    from gateway.model.tokens import Token


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
