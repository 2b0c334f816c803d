"""Status, faults, availability, boot, firmware and logs of a station."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.fleet import first_state
from gateway.model import commands as cmd
from gateway.model import events as ev
from gateway.model.changes import (
    BootReason,
    Change,
    ConnectorStatusChanged,
    FaultChanged,
    FirmwareProgressed,
    LogProgressed,
    StationRestarted,
)
from gateway.model.events import FirmwareStatus, LogStatus
from gateway.model.evse import ConnectorStatus, Fault
from gateway.model.ids import Place
from gateway.model.problems import fault_of
from gateway.model.rules.commands import intend, settle
from gateway.model.rules.connectors import UNREACHABLE, status_of
from gateway.model.rules.context import Applied
from gateway.model.rules.stations import firmware_busy, firmware_idle, log_idle
from gateway.model.rules.transactions import status_changes
from gateway.model.station import StationIdentity
from tests.fakes.clock import START
from tests.gateway.model.stations import ID, IDENTITY, RFID, Station, place

NEW_FIRMWARE = StationIdentity(vendor=IDENTITY.vendor, model=IDENTITY.model, firmware="2.0")
LATER = START + timedelta(minutes=1)


def statuses(changes: tuple[Change, ...]) -> list[tuple[int, ConnectorStatus]]:
    return [(change.place.evse, change.status) for change in changes if isinstance(change, ConnectorStatusChanged)]


def faults(changes: tuple[Change, ...]) -> list[tuple[str, bool]]:
    return [(change.fault.code, change.active) for change in changes if isinstance(change, FaultChanged)]


def fault(code: str, info: str = "") -> Fault:
    found = fault_of(code, info=info)
    assert found is not None
    return found


def report(station: Station, evse: int, status: ConnectorStatus, *codes: Fault) -> tuple[Change, ...]:
    return station.report(ev.ConnectorChanged(place=place(evse), at=station.now, status=status, faults=codes))


def set_availability(station: Station, evse: int, *, operative: bool) -> tuple[Change, ...]:
    command = cmd.ChangeAvailability(place=Place(station=ID, evse=evse), operative=operative)
    return station.take(settle(station.state, command, cmd.ACCEPTED, station.now))


class TestConnectors:
    """Statuses and faults."""

    def test_a_repeat_changes_nothing_even_with_a_new_time(self) -> None:
        station = Station()
        report(station, 1, ConnectorStatus.OCCUPIED)
        before = station.state
        station.now = LATER
        assert report(station, 1, ConnectorStatus.OCCUPIED) == ()
        assert station.state == before

    def test_a_connector_that_shows_up_is_told(self) -> None:
        station = Station()
        assert statuses(report(station, 3, ConnectorStatus.AVAILABLE)) == [(3, ConnectorStatus.AVAILABLE)]
        assert station.state.evses() == (1, 2, 3)

    def test_faults_come_change_and_go(self) -> None:
        station = Station()
        hot, lock = fault("HighTemperature"), fault("ConnectorLockFailure")
        assert faults(report(station, 1, ConnectorStatus.FAULTED, hot, lock)) == [
            ("HighTemperature", True), ("ConnectorLockFailure", True),
        ]  # fmt: skip
        hotter = fault("HighTemperature", info="91 degrees")
        assert faults(report(station, 1, ConnectorStatus.FAULTED, hotter, lock)) == [("HighTemperature", True)]
        assert faults(report(station, 1, ConnectorStatus.AVAILABLE)) == [
            ("HighTemperature", False), ("ConnectorLockFailure", False),
        ]  # fmt: skip

    def test_a_station_that_is_down_takes_its_free_connectors_along(self) -> None:
        station = Station()
        report(station, 2, ConnectorStatus.OCCUPIED)
        assert statuses(report(station, 0, ConnectorStatus.FAULTED, fault("InternalError"))) == [
            (1, ConnectorStatus.FAULTED)
        ]
        assert statuses(report(station, 0, ConnectorStatus.AVAILABLE)) == []
        assert statuses(report(station, 1, ConnectorStatus.AVAILABLE)) == [(1, ConnectorStatus.AVAILABLE)]


class TestReachability:
    """A station that the box does not reach is of no use to a driver."""

    def test_lost_and_found_pair_up(self) -> None:
        station = Station()
        lost = station.report(ev.StationLost(station=ID, at=START))
        assert statuses(lost) == [(1, ConnectorStatus.UNAVAILABLE), (2, ConnectorStatus.UNAVAILABLE)]
        assert faults(lost) == [("StationUnreachable", True)]
        assert station.report(ev.StationLost(station=ID, at=START)) == ()
        found = station.report(ev.StationFound(station=ID, at=START, capabilities=frozenset()))
        assert statuses(found) == [(1, ConnectorStatus.AVAILABLE), (2, ConnectorStatus.AVAILABLE)]
        assert faults(found) == [("StationUnreachable", False)]

    def test_after_a_restart_of_the_box_nothing_was_lost(self) -> None:
        station = Station()
        restart_box(station)
        found = station.report(ev.StationFound(station=ID, at=START, capabilities=frozenset()))
        assert faults(found) == []

    def test_a_loss_that_was_told_before_a_restart_is_taken_back_after_it(self) -> None:
        station = Station()
        station.report(ev.StationLost(station=ID, at=START))
        restart_box(station)
        assert faults(station.report(ev.StationLost(station=ID, at=START))) == []
        found = station.report(ev.StationFound(station=ID, at=START, capabilities=frozenset()))
        assert faults(found) == [("StationUnreachable", False)]

    def test_a_station_that_stays_away_after_a_restart_is_told(self) -> None:
        station = Station()
        restart_box(station)
        assert faults(station.report(ev.StationLost(station=ID, at=START))) == [("StationUnreachable", True)]

    def test_what_the_station_says_of_itself_is_apart(self) -> None:
        station = Station()
        station.report(ev.StationLost(station=ID, at=START))
        assert faults(report(station, 0, ConnectorStatus.AVAILABLE, fault("InternalError"))) == [
            ("InternalError", True)
        ]
        assert UNREACHABLE in station.state.faults


def restart_box(station: Station) -> None:
    """A box that starts takes over what it knew, and tells every status anew after its boot."""
    station.state = first_state(ID, {}, station.state, START)
    for connector in station.state.connectors:
        station.told.statuses[place(connector.evse)] = status_of(station.state, connector)


class TestAvailability:
    """What the CSMS sets stays set."""

    def test_an_evse(self) -> None:
        station = Station()
        assert statuses(set_availability(station, 1, operative=False)) == [(1, ConnectorStatus.UNAVAILABLE)]
        assert statuses(report(station, 1, ConnectorStatus.RESERVED)) == []
        assert statuses(set_availability(station, 1, operative=True)) == [(1, ConnectorStatus.RESERVED)]

    def test_the_station(self) -> None:
        station = Station()
        set_availability(station, 2, operative=False)
        assert statuses(set_availability(station, 0, operative=False)) == [(1, ConnectorStatus.UNAVAILABLE)]
        assert statuses(set_availability(station, 0, operative=True)) == [(1, ConnectorStatus.AVAILABLE)]
        assert station.told.statuses[place(2)] is ConnectorStatus.UNAVAILABLE

    def test_it_waits_for_the_end_of_a_transaction(self) -> None:
        station = Station()
        station.report(ev.TransactionBegan(place=place(), at=START, token=RFID, meter_start=0.0, key="k"))
        assert statuses(set_availability(station, 1, operative=False)) == []
        assert statuses(report(station, 1, ConnectorStatus.AVAILABLE)) == [(1, ConnectorStatus.UNAVAILABLE)]

    def test_a_fault_outranks_it(self) -> None:
        station = Station()
        set_availability(station, 1, operative=False)
        assert statuses(report(station, 1, ConnectorStatus.FAULTED)) == [(1, ConnectorStatus.FAULTED)]

    def test_every_connector_is_listed_after_a_boot(self) -> None:
        station = Station()
        set_availability(station, 1, operative=False)
        listed = status_changes(station.state, LATER)
        assert [(c.place, c.at, c.status) for c in listed] == [
            (place(1), LATER, ConnectorStatus.UNAVAILABLE), (place(2), LATER, ConnectorStatus.AVAILABLE),
        ]  # fmt: skip


class TestBoot:
    """Why a station has started."""

    @staticmethod
    def boot(station: Station, identity: StationIdentity = IDENTITY) -> list[BootReason]:
        changes = station.report(ev.StationBooted(station=ID, at=START, identity=identity))
        return [change.reason for change in changes if isinstance(change, StationRestarted)]

    @staticmethod
    def reset(station: Station, kind: cmd.ResetKind) -> None:
        station.take(intend(station.state, cmd.Reset(place=Place(station=ID), kind=kind), START))

    def test_power(self) -> None:
        assert self.boot(Station()) == [BootReason.POWER_UP]

    @pytest.mark.parametrize(
        ("kind", "due", "reason"),
        [
            (cmd.ResetKind.IMMEDIATE, False, BootReason.REMOTE_RESET),
            (cmd.ResetKind.IMMEDIATE, True, BootReason.REMOTE_RESET),
            (cmd.ResetKind.ON_IDLE, True, BootReason.SCHEDULED_RESET),
            # It did not have to wait.
            (cmd.ResetKind.ON_IDLE, False, BootReason.REMOTE_RESET),
        ],
    )
    def test_a_reset_once(self, kind: cmd.ResetKind, reason: BootReason, *, due: bool) -> None:
        station = Station()
        station.take(Applied(state=replace(station.state, reset_due=due)))
        self.reset(station, kind)
        assert self.boot(station) == [reason]
        assert self.boot(station) == [BootReason.POWER_UP]

    def test_firmware_that_never_said_that_it_was_installed(self) -> None:
        station = Station()
        update = cmd.UpdateFirmware(station=ID, request_id=5, location="ftp://x/y", at=START)
        station.take(intend(station.state, update, START))
        station.report(ev.FirmwareProgress(station=ID, at=START, status=FirmwareStatus.DOWNLOADED))
        changes = station.report(ev.StationBooted(station=ID, at=START, identity=NEW_FIRMWARE))
        assert [c.reason for c in changes if isinstance(c, StationRestarted)] == [BootReason.FIRMWARE_UPDATE]
        assert [c.status for c in changes if isinstance(c, FirmwareProgressed)] == [FirmwareStatus.INSTALLED]

    def test_other_firmware_that_nobody_asked_for_is_no_update(self) -> None:
        assert self.boot(Station(), NEW_FIRMWARE) == [BootReason.POWER_UP]

    def test_in_the_middle_of_a_transaction_it_is_no_restart(self) -> None:
        station = Station()
        station.report(ev.TransactionBegan(place=place(), at=START, token=RFID, meter_start=0.0, key="k"))
        assert self.boot(station) == []
        assert self.boot(station, NEW_FIRMWARE) == [BootReason.POWER_UP]

    def test_starts_that_were_asked_for_are_forgotten(self) -> None:
        station = Station()
        start = cmd.StartCharging(place=place(), token=RFID, remote_start_id=1, expires_at=LATER)
        station.take(intend(station.state, start, START))
        self.boot(station)
        assert station.state.remote_starts == ()


class TestFirmwareByTheBox:
    """The box fetches firmware and hands it on."""

    @staticmethod
    def ordered(*own: FirmwareStatus) -> Station:
        station = Station()
        station.report(ev.FirmwareOrdered(station=ID, at=START, request_id=5))
        for status in own:
            station.report(ev.FirmwareProgress(station=ID, at=START, status=status, request_id=5))
        return station

    @staticmethod
    def says(station: Station, *words: FirmwareStatus) -> list[tuple[FirmwareStatus, int | None]]:
        told: list[tuple[FirmwareStatus, int | None]] = []
        for word in words:
            changes = station.report(ev.FirmwareProgress(station=ID, at=START, status=word))
            told += [(c.status, c.request_id) for c in changes if isinstance(c, FirmwareProgressed)]
        return told

    def test_the_stations_own_download_is_not_told(self) -> None:
        station = self.ordered(FirmwareStatus.DOWNLOADING, FirmwareStatus.DOWNLOADED, FirmwareStatus.INSTALLING)
        words = (FirmwareStatus.DOWNLOADING, FirmwareStatus.DOWNLOADED, FirmwareStatus.INSTALLING)
        assert self.says(station, *words, FirmwareStatus.INSTALLED) == [(FirmwareStatus.INSTALLED, 5)]
        assert self.says(station, FirmwareStatus.INSTALLED) == []

    def test_a_station_that_cannot_fetch_the_file_from_the_box_does_not_install_it(self) -> None:
        station = self.ordered(FirmwareStatus.INSTALLING)
        failed = self.says(station, FirmwareStatus.DOWNLOAD_FAILED)
        assert failed == [(FirmwareStatus.INSTALLATION_FAILED, 5)]
        # It tries again by itself.
        assert self.says(station, FirmwareStatus.DOWNLOADED, FirmwareStatus.INSTALLED) == [
            (FirmwareStatus.INSTALLED, 5)
        ]

    def test_what_the_station_does_before_it_has_the_order_is_of_another_update(self) -> None:
        station = self.ordered(FirmwareStatus.DOWNLOADED)
        assert self.says(station, FirmwareStatus.DOWNLOAD_FAILED, FirmwareStatus.INSTALLED) == []
        changes = station.report(ev.StationBooted(station=ID, at=START, identity=NEW_FIRMWARE))
        assert not [change for change in changes if isinstance(change, FirmwareProgressed)]

    def test_other_firmware_at_the_boot_is_the_one_that_was_handed_on(self) -> None:
        station = self.ordered(FirmwareStatus.INSTALLING)
        changes = station.report(ev.StationBooted(station=ID, at=START, identity=NEW_FIRMWARE))
        assert [c.status for c in changes if isinstance(c, FirmwareProgressed)] == [FirmwareStatus.INSTALLED]

    def test_what_is_left_of_an_update_before_is_no_news(self) -> None:
        station = self.ordered(FirmwareStatus.DOWNLOADING)
        late = ev.FirmwareProgress(station=ID, at=START, status=FirmwareStatus.DOWNLOADED, request_id=4)
        assert station.report(late) == ()

    def test_it_can_be_cancelled_until_the_station_has_the_order(self) -> None:
        assert not firmware_busy(self.ordered(FirmwareStatus.DOWNLOADING).state)
        assert not firmware_busy(self.ordered(FirmwareStatus.INSTALL_SCHEDULED).state)
        assert firmware_busy(self.ordered(FirmwareStatus.INSTALLING).state)

    def test_the_order_to_the_station_is_no_new_update(self) -> None:
        station = self.ordered(FirmwareStatus.INSTALLING)
        last = cmd.UpdateFirmware(station=ID, request_id=5, location="http://box/x", at=START)
        station.take(intend(station.state, last, START))
        station.take(settle(station.state, last, cmd.Outcome(verdict=cmd.Verdict.REJECTED), START))
        assert station.state.firmware is not None
        assert station.state.firmware.status is FirmwareStatus.INSTALLING


class TestJobs:
    """Firmware and logs."""

    def test_a_firmware_update_is_idle_when_it_is_over(self) -> None:
        station = Station()
        assert firmware_idle(station.state)
        update = cmd.UpdateFirmware(station=ID, request_id=5, location="ftp://x/y", at=START)
        station.take(intend(station.state, update, START))
        assert not firmware_idle(station.state)
        changes = station.report(ev.FirmwareProgress(station=ID, at=START, status=FirmwareStatus.INSTALLED))
        assert [c.status for c in changes if isinstance(c, FirmwareProgressed)] == [FirmwareStatus.INSTALLED]
        assert firmware_idle(station.state)

    def test_a_refused_job_is_none(self) -> None:
        station = Station()
        refused = cmd.Outcome(verdict=cmd.Verdict.REJECTED)
        for job in (
            cmd.UpdateFirmware(station=ID, request_id=5, location="ftp://x/y", at=START),
            cmd.UploadLog(station=ID, request_id=6, location="ftp://x/y"),
        ):
            station.take(intend(station.state, job, START))
            station.take(settle(station.state, job, refused, START))
        assert station.state.firmware is None
        assert station.state.log is None

    def test_an_upload_is_idle_when_it_is_over(self) -> None:
        station = Station()
        station.take(intend(station.state, cmd.UploadLog(station=ID, request_id=6, location="ftp://x/y"), START))
        assert not log_idle(station.state)
        changes = station.report(ev.LogProgress(station=ID, at=START, status=LogStatus.UPLOADED))
        assert [c.status for c in changes if isinstance(c, LogProgressed)] == [LogStatus.UPLOADED]
        assert log_idle(station.state)


class TestReservations:
    """What the station holds for somebody."""

    def test_reserved_replaced_and_cancelled(self) -> None:
        station = Station()
        reserve = cmd.Reserve(place=place(), reservation=7, token=RFID, group=None, expires_at=LATER)
        for _ in range(2):
            station.take(settle(station.state, reserve, cmd.ACCEPTED, START))
        assert [held.id for held in station.state.reservations] == [7]
        cancel = cmd.CancelReservation(station=ID, reservation=7)
        station.take(settle(station.state, cancel, cmd.ACCEPTED, START))
        assert station.state.reservations == ()
