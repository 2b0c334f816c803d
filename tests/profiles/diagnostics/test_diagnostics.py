"""N01 on a 1.5 station, as the CSMS sees it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gateway.model import events as ev
from gateway.model.commands import Command, Outcome, UploadLog, Verdict
from gateway.model.events import LogStatus
from profiles.diagnostics import DiagnosticsProfile
from tests.fakes.box import ID, Box
from tests.fakes.clock import START
from tests.profiles.opened import opened_with

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.contracts import Json

LOCATION = "ftp://files.example.com/logs/"
GIVEN = Outcome(verdict=Verdict.ACCEPTED, data="diag-0815.zip")


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[Box]:
    async with opened_with(DiagnosticsProfile, tmp_path) as (opened, _):
        opened.adapter.answers[UploadLog] = GIVEN
        yield opened


def order(request_id: int = 5, kind: str = "DiagnosticsLog", location: str = LOCATION) -> Json:
    """A GetLogRequest."""
    return {"logType": kind, "requestId": request_id, "log": {"remoteLocation": location}}


async def report(box: Box, *statuses: LogStatus) -> None:
    """The station tells how it goes."""
    for status in statuses:
        await box.hub.publish(ev.LogProgress(station=ID, at=box.clock.now(), status=status))


async def told(box: Box) -> list[tuple[str, int]]:
    """(status, requestId) of what goes to the CSMS."""
    payloads = await box.sent_of("LogStatusNotification")
    return [(payload["status"], payload["requestId"]) for payload in payloads]


@pytest.mark.ocpp("N01.FR.01", "N01.FR.04", "N01.FR.07", "N01.FR.08", "N01.FR.09", "N01.FR.13")
async def test_the_station_uploads_and_its_reports_carry_the_id_of_the_order(box: Box) -> None:
    log = {
        "remoteLocation": LOCATION,
        "oldestTimestamp": (START - timedelta(days=1)).isoformat(),
        "latestTimestamp": START.isoformat(),
    }
    answer = await box.call("GetLog", {**order(), "log": log, "retries": 2, "retryInterval": 30})
    assert answer == {"status": "Accepted", "filename": "diag-0815.zip"}
    (asked,) = box.adapter.asked(UploadLog)
    assert (asked.location, asked.start, asked.stop) == (LOCATION, START - timedelta(days=1), START)
    assert (asked.retries, asked.retry_interval) == (2, 30)
    assert await told(box) == [("Uploading", 5)]
    await report(box, LogStatus.UPLOADED, LogStatus.UPLOADED)
    assert await told(box) == [("Uploaded", 5)]


@pytest.mark.ocpp("N01.FR.10")
@pytest.mark.parametrize(
    "status",
    [
        LogStatus.UPLOAD_FAILURE,
        LogStatus.BAD_MESSAGE,
        LogStatus.PERMISSION_DENIED,
        LogStatus.NOT_SUPPORTED_OPERATION,
    ],
)
async def test_a_failed_upload_is_told(box: Box, status: LogStatus) -> None:
    await box.call("GetLog", order())
    await report(box, status)
    assert await told(box) == [("Uploading", 5), (status.value, 5)]
    assert (await box.call("GetLog", order(6)))["status"] == "Accepted"


@pytest.mark.ocpp("N01.FR.08")
async def test_an_upload_that_ends_before_its_order_is_answered_is_told_in_order(box: Box) -> None:
    async def upload_first(_command: Command) -> None:
        await report(box, LogStatus.UPLOADED)

    box.adapter.on_command = upload_first
    assert (await box.call("GetLog", order()))["status"] == "Accepted"
    assert await told(box) == [("Uploading", 5), ("Uploaded", 5)]


@pytest.mark.ocpp("N01.FR.05")
async def test_a_station_that_has_nothing_is_refused_for(box: Box) -> None:
    box.adapter.answers[UploadLog] = Outcome(verdict=Verdict.REJECTED, reason="NotFound")
    answer = await box.call("GetLog", order())
    assert answer == {"status": "Rejected", "statusInfo": {"reasonCode": "NotFound"}}
    await report(box, LogStatus.UPLOADED)
    assert await told(box) == []


@pytest.mark.ocpp("N01.FR.12", "N01.FR.20")
async def test_a_new_order_takes_the_place_of_the_one_before(box: Box) -> None:
    await box.call("GetLog", order(5))
    assert (await box.call("GetLog", order(6)))["status"] == "AcceptedCanceled"
    await report(box, LogStatus.UPLOADED)
    assert await told(box) == [("Uploading", 5), ("AcceptedCanceled", 5), ("Uploading", 6), ("Uploaded", 6)]
    assert (await box.call("GetLog", order(7)))["status"] == "Accepted"


async def test_an_order_that_the_station_refuses_leaves_the_former_as_it_was(box: Box) -> None:
    await box.call("GetLog", order(5))
    box.adapter.refuse(UploadLog)
    assert (await box.call("GetLog", order(6)))["status"] == "Rejected"
    await report(box, LogStatus.UPLOADED)
    assert await told(box) == [("Uploading", 5), ("Uploaded", 5)]


@pytest.mark.ocpp("N01.FR.13")
async def test_an_upload_that_the_backend_did_not_ask_for_has_no_id_to_tell_it_by(box: Box) -> None:
    await report(box, LogStatus.UPLOADED)
    assert await told(box) == []


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (order(kind="SecurityLog"), "NotFound"),
        (order(location="/srv/logs"), "InvalidURL"),
    ],
)
async def test_what_cannot_be_given_is_refused_with_its_reason(box: Box, request_: Json, reason: str) -> None:
    answer = await box.call("GetLog", request_)
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", reason)
    assert box.adapter.asked(UploadLog) == []
