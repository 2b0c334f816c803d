"""L02 on a 1.5 station, as the CSMS sees it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gateway.model import events as ev
from gateway.model.commands import Outcome, Reset, UpdateFirmware, Verdict
from gateway.model.events import FirmwareStatus
from gateway.model.station import Capability
from profiles.firmware import FirmwareProfile
from tests.fakes.box import ID, IDENTITY, Box
from tests.fakes.clock import START
from tests.profiles.firmware.orders import LOCATION, order, report, told
from tests.profiles.opened import limit, opened_with

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.contracts import Json


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[Box]:
    async with opened_with(FirmwareProfile, tmp_path) as (opened, _):
        yield opened


@pytest.mark.ocpp("L02.FR.01", "L02.FR.06", "L02.FR.14")
async def test_the_stations_reports_carry_the_id_of_the_order(box: Box) -> None:
    answer = await box.call("UpdateFirmware", {**order(), "retries": 3, "retryInterval": 20})
    assert answer == {"status": "Accepted"}
    (asked,) = box.adapter.asked(UpdateFirmware)
    assert (asked.location, asked.at, asked.retries, asked.retry_interval) == (LOCATION, START, 3, 20)
    await report(box, FirmwareStatus.DOWNLOADED, FirmwareStatus.INSTALLED)
    assert await told(box) == [("Downloaded", 5), ("Installed", 5)]


@pytest.mark.ocpp("L02.FR.01", "L02.FR.08", "L02.FR.09")
async def test_every_step_that_a_station_tells_is_told(box: Box) -> None:
    await box.call("UpdateFirmware", order())
    steps = (
        FirmwareStatus.DOWNLOADING,
        FirmwareStatus.DOWNLOAD_PAUSED,
        FirmwareStatus.DOWNLOADED,
        FirmwareStatus.INSTALL_REBOOTING,
        FirmwareStatus.INSTALLING,
        FirmwareStatus.INSTALLED,
    )
    await report(box, *steps)
    assert await told(box) == [(step.value, 5) for step in steps]


async def test_what_a_station_repeats_is_told_once(box: Box) -> None:
    await box.call("UpdateFirmware", order())
    await report(box, FirmwareStatus.DOWNLOADED, FirmwareStatus.DOWNLOADED, FirmwareStatus.INSTALLED)
    await report(box, FirmwareStatus.INSTALLED)
    assert await told(box) == [("Downloaded", 5), ("Installed", 5)]


@pytest.mark.ocpp("L02.FR.19")
async def test_a_failed_download_is_told(box: Box) -> None:
    await box.call("UpdateFirmware", order())
    await report(box, FirmwareStatus.DOWNLOAD_FAILED)
    assert await told(box) == [("DownloadFailed", 5)]


async def test_a_station_that_comes_back_with_other_firmware_has_installed_it(box: Box) -> None:
    await box.call("UpdateFirmware", order())
    await report(box, FirmwareStatus.DOWNLOADED)
    newer = replace(IDENTITY, firmware="2.0")
    await box.hub.publish(ev.StationBooted(station=ID, at=box.clock.now(), identity=newer))
    await report(box, FirmwareStatus.INSTALLED)  # some say so themselves, later
    await box.settled()
    assert await told(box) == [("Downloaded", 5), ("Installed", 5)]


@pytest.mark.ocpp("L02.FR.14")
async def test_firmware_that_the_backend_did_not_send_has_no_id_to_tell_it_by(box: Box) -> None:
    await report(box, FirmwareStatus.DOWNLOADED, FirmwareStatus.INSTALLED)
    assert await told(box) == []
    await box.call("UpdateFirmware", order())
    await report(box, FirmwareStatus.INSTALLED, FirmwareStatus.DOWNLOADED)  # the second is of another update
    assert await told(box) == [("Installed", 5)]


@pytest.mark.ocpp("L02.FR.07")
async def test_an_update_that_waits_is_said_to_be_scheduled(box: Box) -> None:
    assert (await box.call("UpdateFirmware", order(hours=2)))["status"] == "Accepted"
    assert await told(box) == [("DownloadScheduled", 5)]
    await box.call("TriggerMessage", {"requestedMessage": "FirmwareStatusNotification"})
    assert await told(box) == [("DownloadScheduled", 5)]


@pytest.mark.ocpp("L02.FR.16", "L02.FR.17")
@pytest.mark.parametrize(
    ("last", "triggered"),
    [
        (FirmwareStatus.DOWNLOADED, {"status": "Downloaded", "requestId": 5}),
        (FirmwareStatus.DOWNLOAD_FAILED, {"status": "DownloadFailed", "requestId": 5}),
        (FirmwareStatus.INSTALLED, {"status": "Idle"}),
    ],
)
async def test_a_trigger_tells_the_last_status_again_unless_it_was_a_success(
    box: Box, last: FirmwareStatus, triggered: Json
) -> None:
    await box.call("UpdateFirmware", order())
    await report(box, last)
    assert await told(box) == [(last.value, 5)]
    await box.call("TriggerMessage", {"requestedMessage": "FirmwareStatusNotification"})
    assert await box.sent_of("FirmwareStatusNotification") == [triggered]


async def test_a_time_to_install_that_is_that_of_the_download_needs_no_more_than_the_station(box: Box) -> None:
    await box.call("UpdateFirmware", order(hours=1, installDateTime=(START + timedelta(hours=1)).isoformat()))
    (asked,) = box.adapter.asked(UpdateFirmware)
    assert asked.at == START + timedelta(hours=1)
    assert await told(box) == [("DownloadScheduled", 5)]


@pytest.mark.ocpp("L02.FR.15")
async def test_a_new_order_takes_the_place_of_one_that_waits(box: Box) -> None:
    await box.call("UpdateFirmware", order(5, hours=2))
    assert (await box.call("UpdateFirmware", order(6)))["status"] == "AcceptedCanceled"
    await report(box, FirmwareStatus.DOWNLOADED)
    assert await told(box) == [("DownloadScheduled", 5), ("Downloaded", 6)]


async def test_an_order_that_the_station_did_not_get_leaves_the_former_as_it_was(box: Box) -> None:
    await box.call("UpdateFirmware", order(5, hours=2))
    box.adapter.answers[UpdateFirmware] = Outcome(verdict=Verdict.UNREACHABLE, reason="station timeout")
    answer = await box.call("UpdateFirmware", order(6))
    assert (answer["status"], answer["statusInfo"]["additionalInfo"]) == ("Rejected", "station timeout")
    await report(box, FirmwareStatus.DOWNLOADED)
    assert await told(box) == [("DownloadScheduled", 5), ("Downloaded", 5)]


@pytest.mark.ocpp("L02.FR.18")
async def test_an_update_under_way_cannot_be_cancelled(box: Box) -> None:
    await box.call("UpdateFirmware", order(5))
    await report(box, FirmwareStatus.DOWNLOADED)
    answer = await box.call("UpdateFirmware", order(6))
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "FwUpdateInProgress")
    await report(box, FirmwareStatus.INSTALLED)
    assert (await box.call("UpdateFirmware", order(6)))["status"] == "Accepted"


@pytest.mark.parametrize(
    "status", [FirmwareStatus.DOWNLOAD_FAILED, FirmwareStatus.INSTALLATION_FAILED, FirmwareStatus.INVALID_SIGNATURE]
)
async def test_after_a_failure_a_new_order_cancels_nothing(box: Box, status: FirmwareStatus) -> None:
    await box.call("UpdateFirmware", order(5))
    await report(box, status)
    assert (await box.call("UpdateFirmware", order(6)))["status"] == "Accepted"


async def test_a_reset_is_refused_during_an_update_and_not_before_it(box: Box) -> None:
    await box.call("UpdateFirmware", order(hours=2))
    assert (await box.call("Reset", {"type": "Immediate"}))["status"] == "Accepted"
    await report(box, FirmwareStatus.DOWNLOADED)
    answer = await box.call("Reset", {"type": "Immediate"})
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "FwUpdateInProgress")
    assert len(box.adapter.asked(Reset)) == 1


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (order(signature="c2ln"), "MissingParam"),
        ({**order(), "firmware": {**order()["firmware"], "location": "fw-2.0.bin"}}, "InvalidURL"),
        ({**order(), "firmware": {**order()["firmware"], "location": "ftp://[::1/fw"}}, "InvalidURL"),
        ({**order(), "firmware": {**order()["firmware"], "location": "file:///etc/passwd"}}, "InvalidURL"),
    ],
)
async def test_what_the_station_cannot_do_is_refused_with_its_reason(box: Box, request_: Json, reason: str) -> None:
    answer = await box.call("UpdateFirmware", request_)
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", reason)
    assert box.adapter.asked(UpdateFirmware) == []
    assert await told(box) == []


async def test_the_same_id_again_is_refused_while_its_update_is_open(box: Box) -> None:
    await box.call("UpdateFirmware", order(hours=2))
    answer = await box.call("UpdateFirmware", order())
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "DuplicateRequestId")


async def test_a_station_that_takes_no_firmware_says_so(box: Box) -> None:
    await limit(box, Capability.RESET)
    answer = await box.call("UpdateFirmware", order())
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "UnsupportedRequest")
