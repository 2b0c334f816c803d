"""N01 as far as the box itself has the log, on real web servers."""

from __future__ import annotations

import asyncio
import json
import logging
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gateway.model import events as ev
from gateway.model.commands import Outcome, UploadLog, Verdict
from gateway.model.device import VariableRef
from gateway.model.events import LogStatus
from gateway.model.station import Capability
from profiles.diagnostics import DiagnosticsProfile
from tests.fakes.box import ID, RFID, Box
from tests.fakes.clock import START
from tests.profiles.diagnostics.http_peer import HttpPeer, http_peer
from tests.profiles.opened import limit, opened_with, running, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path
    from typing import Any

    from gateway.contracts import Json


@pytest.fixture
async def peer() -> AsyncIterator[HttpPeer]:
    async with http_peer() as made:
        yield made


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[Box]:
    """A station that has no diagnostics of its own."""
    async with opened_with(DiagnosticsProfile, tmp_path) as (opened, _):
        await limit(opened, Capability.RESET)
        await opened.hub.security_log.append(ID, START, "StartupOfTheDevice")
        yield opened


def order(peer: HttpPeer, request_id: int = 5, *, kind: str = "SecurityLog", **more: Any) -> Json:
    """A GetLogRequest."""
    log = {"remoteLocation": f"{peer.url}/logs/", **more.pop("log", {})}
    return {"logType": kind, "requestId": request_id, "log": log, "retries": 0, "retryInterval": 0, **more}


async def told(box: Box) -> list[tuple[str, int]]:
    """(status, requestId) of what goes to the CSMS."""
    payloads = await box.sent_of("LogStatusNotification")
    return [(payload["status"], payload["requestId"]) for payload in payloads]


@pytest.mark.ocpp("N01.FR.01", "N01.FR.02", "N01.FR.03", "N01.FR.07", "N01.FR.08", "N01.FR.09", "N01.FR.14")
async def test_the_security_log_is_uploaded_for_every_station(box: Box, peer: HttpPeer) -> None:
    answer = await box.call("GetLog", order(peer))
    assert answer == {"status": "Accepted", "filename": "CP-1-security-20240501T120000Z.jsonl"}
    await box.settled()
    (content,) = peer.files.values()
    assert list(peer.files) == [f"/logs/{answer['filename']}"]
    assert [json.loads(line)["type"] for line in content.splitlines()] == ["StartupOfTheDevice"]
    assert await told(box) == [("Uploading", 5), ("Uploaded", 5)]
    assert box.adapter.asked(UploadLog) == []


@pytest.mark.ocpp("N01.FR.03")
async def test_a_station_with_diagnostics_has_its_security_log_at_the_box_too(box: Box, peer: HttpPeer) -> None:
    await limit(box, Capability.DIAGNOSTICS)
    assert (await box.call("GetLog", order(peer)))["status"] == "Accepted"
    await box.settled()
    assert peer.files
    assert box.adapter.asked(UploadLog) == []


async def test_only_lines_of_the_time_that_is_asked_for(box: Box, peer: HttpPeer) -> None:
    await box.hub.security_log.append(ID, START + timedelta(hours=2), "MemoryExhaustion")
    later = {"oldestTimestamp": (START + timedelta(hours=1)).isoformat()}
    await box.call("GetLog", order(peer, log=later))
    await box.settled()
    (content,) = peer.files.values()
    assert [json.loads(line)["type"] for line in content.splitlines()] == ["MemoryExhaustion"]


@pytest.mark.ocpp("N01.FR.05")
async def test_a_time_in_which_nothing_was_logged_is_refused(box: Box, peer: HttpPeer) -> None:
    early = {"latestTimestamp": (START - timedelta(hours=1)).isoformat()}
    answer = await box.call("GetLog", order(peer, log=early))
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "NotFound")
    await box.settled()
    assert await told(box) == []
    assert peer.tries == 0


@pytest.mark.ocpp("N01.FR.01", "N01.FR.04")
async def test_diagnostics_are_what_the_box_knows_and_has_logged_without_a_secret(tmp_path: Path) -> None:
    logger = logging.getLogger("adapters.modbus.bus")
    async with (
        http_peer() as peer,
        opened_with(DiagnosticsProfile, tmp_path) as (box, profile),
        running(profile),
    ):
        await limit(box, Capability.RESET)
        root = logging.getLogger()
        await until(lambda: _is(any(type(each).__name__ == "Journal" for each in root.handlers)))
        logger.warning("%s: lost, token %s", ID, RFID.value)
        logger.warning("%s: somebody else's", "CP-1-other")
        logger.warning("connected to http://user:secret@10.0.0.1/x?key=abc, password=hunter2")
        await box.begin()
        await asyncio.to_thread(_protocol, box.storage.folder)
        answer = await box.call("GetLog", order(peer, kind="DiagnosticsLog"))
        assert answer["status"] == "Accepted"
        await box.settled()
    (content,) = peer.files.values()
    report = json.loads(content)
    assert report["station"]["identity"]["vendor"] == "Schrack"
    assert report["station"]["transactions"][0]["token"] == "04***C3"
    texts = [entry["text"] for entry in report["log"]]
    assert f"{ID}: lost, token 04***C3" in texts
    assert "connected to http://***@10.0.0.1/x?*** password=***" in texts
    assert [(each["kind"], each["result"]) for each in report["protocols"]] == [("meter", "passed")]
    assert RFID.value not in content.decode()


def _protocol(folder: Path) -> None:
    """A technician has tested the meter."""
    (folder / "protocols").mkdir()
    kept = {"kind": "meter", "result": "passed", "station": ID, "at": START.isoformat(), "by": f"token {RFID.value}"}
    (folder / "protocols" / "20240501T120000000Z-meter.json").write_text(json.dumps(kept))


async def _is(value: bool) -> bool:  # noqa: FBT001 a condition to wait for
    return value


@pytest.mark.ocpp("N01.FR.10")
@pytest.mark.parametrize(
    ("status", "word"),
    [(403, "PermissionDenied"), (400, "BadMessage"), (405, "NotSupportedOperation"), (500, "UploadFailure")],
)
async def test_a_failure_is_told_after_the_last_try(box: Box, peer: HttpPeer, status: int, word: str) -> None:
    peer.statuses = [status] * 10
    await box.call("GetLog", order(peer, retries=2))
    await box.settled()
    assert await told(box) == [("Uploading", 5), (word, 5)]
    assert peer.files == {}


async def test_a_retry_may_succeed(box: Box, peer: HttpPeer) -> None:
    peer.statuses = [500, 500]
    await box.call("GetLog", order(peer, retries=2))
    await box.settled()
    assert peer.tries == 3
    assert await told(box) == [("Uploading", 5), ("Uploaded", 5)]


@pytest.mark.ocpp("N01.FR.12", "N01.FR.20")
async def test_a_new_order_ends_the_upload_under_way(box: Box, peer: HttpPeer) -> None:
    peer.go.clear()
    await box.call("GetLog", order(peer, 5))
    await peer.asked.wait()
    assert (await box.call("GetLog", order(peer, 6)))["status"] == "AcceptedCanceled"
    peer.go.set()
    await box.settled()
    assert await told(box) == [("Uploading", 5), ("AcceptedCanceled", 5), ("Uploading", 6), ("Uploaded", 6)]
    assert (await box.call("GetLog", order(peer, 7)))["status"] == "Accepted"
    await box.settled()


@pytest.mark.ocpp("N01.FR.12", "N01.FR.20")
async def test_an_upload_of_the_box_takes_the_place_of_the_stations_and_the_other_way_round(
    box: Box, peer: HttpPeer
) -> None:
    await limit(box, Capability.DIAGNOSTICS)
    box.adapter.answers[UploadLog] = Outcome(verdict=Verdict.ACCEPTED, data="diag.zip")
    await box.call("GetLog", order(peer, 5, kind="DiagnosticsLog"))
    assert (await box.call("GetLog", order(peer, 6)))["status"] == "AcceptedCanceled"
    await box.settled()
    await box.hub.publish(ev.LogProgress(station=ID, at=START, status=LogStatus.UPLOADED))
    assert await told(box) == [("Uploading", 5), ("AcceptedCanceled", 5), ("Uploading", 6), ("Uploaded", 6)]
    peer.go.clear()
    await box.call("GetLog", order(peer, 7))
    assert (await box.call("GetLog", order(peer, 8, kind="DiagnosticsLog")))["status"] == "AcceptedCanceled"
    peer.go.set()
    await box.settled()
    assert await told(box) == [("Uploading", 7), ("AcceptedCanceled", 7), ("Uploading", 8)]


@pytest.mark.ocpp("F06.FR.14", "F06.FR.15", "N01.FR.13")
async def test_a_trigger_tells_of_the_upload_under_way_and_of_none(box: Box, peer: HttpPeer) -> None:
    trigger = {"requestedMessage": "LogStatusNotification"}
    peer.go.clear()
    await box.call("GetLog", order(peer))
    assert await told(box) == [("Uploading", 5)]
    assert await box.call("TriggerMessage", trigger) == {"status": "Accepted"}
    assert await told(box) == [("Uploading", 5)]
    peer.go.set()
    await box.settled()
    await box.sent()
    await box.call("TriggerMessage", trigger)
    assert await box.sent_of("LogStatusNotification") == [{"status": "Idle"}]


@pytest.mark.ocpp("N01.FR.10")
async def test_an_upload_that_the_power_ended_has_failed_and_its_url_is_nowhere(tmp_path: Path) -> None:
    async with http_peer() as peer:
        peer.go.clear()
        async with opened_with(DiagnosticsProfile, tmp_path) as (box, _):
            await limit(box, Capability.RESET)
            await box.call("GetLog", order(peer, 9, kind="DiagnosticsLog"))
            await peer.asked.wait()
        held = await asyncio.to_thread(lambda: b"".join(p.read_bytes() for p in tmp_path.iterdir() if p.is_file()))
        assert peer.url.encode() not in held
        async with opened_with(DiagnosticsProfile, tmp_path, arrive=False) as (box, profile), running(profile):
            found: list[tuple[str, int]] = []

            async def failed() -> bool:
                found.extend(await told(box))
                return ("UploadFailure", 9) in found

            await until(failed)
        async with opened_with(DiagnosticsProfile, tmp_path, arrive=False) as (box, profile), running(profile):
            await box.settled()
            assert await told(box) == []


@pytest.mark.parametrize(
    ("location", "reason"),
    [("gopher://files.example.com/logs", "InvalidURL"), ("http://example.com:99999/", "InvalidURL")],
)
async def test_where_the_box_cannot_go_is_refused(box: Box, peer: HttpPeer, location: str, reason: str) -> None:
    answer = await box.call("GetLog", order(peer, log={"remoteLocation": location}))
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", reason)
    assert await told(box) == []


async def test_the_backend_is_told_by_what_files_can_go(box: Box) -> None:
    ref = VariableRef(component="OCPPCommCtrlr", variable="FileTransferProtocols")
    assert box.hub.device(ID).value(ref) == "FTP,FTPS,HTTP,HTTPS,SFTP"


async def test_no_log_has_the_url(box: Box, peer: HttpPeer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "profiles")
    peer.statuses = [500]
    location = peer.url.replace("://", "://user:geheim@")
    await box.call("GetLog", order(peer, log={"remoteLocation": location}))
    await box.settled()
    assert "geheim" not in caplog.text
