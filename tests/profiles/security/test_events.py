"""Security events and passwords, as the CSMS sees them: A01, A04."""

from __future__ import annotations

import asyncio
import json
import stat
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gateway.access.journal import SecurityJournal
from gateway.model import events as ev
from gateway.model.credentials import PASSWORD, kept_password
from profiles.security import SecurityProfile
from tests.fakes.box import ID, IDENTITY, Box
from tests.fakes.clock import START
from tests.profiles.opened import opened_with
from tests.profiles.security.conftest import SITE_PASSWORD

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.contracts import Json

NEW = "new-password-4567-äöü"


async def told(box: Box) -> list[str]:
    return [payload["type"] for payload in await box.sent_of("SecurityEventNotification")]


async def logged(box: Box) -> list[Json]:
    await box.settled()
    return [json.loads(line) for line in (await box.hub.security_log.read(ID)).splitlines()]


async def set_password(box: Box, value: str) -> Json:
    name = {"component": {"name": "SecurityCtrlr"}, "variable": {"name": "BasicAuthPassword"}}
    answer = await box.call("SetVariables", {"setVariableData": [{**name, "attributeValue": value}]})
    result: Json = answer["setVariableResult"][0]
    return result


@pytest.mark.ocpp("A04.FR.01", "A04.FR.04")
async def test_a_critical_event_is_told_and_logged(box: Box) -> None:
    await box.hub.noticed(ID, "InvalidTLSVersion", "1.0")
    (payload,) = await box.sent_of("SecurityEventNotification")
    assert payload == {"type": "InvalidTLSVersion", "timestamp": "2024-05-01T12:00:00.000Z", "techInfo": "1.0"}
    assert (await logged(box))[-1] == {"timestamp": START.isoformat(), "type": "InvalidTLSVersion", "techInfo": "1.0"}


@pytest.mark.ocpp("A04.FR.04")
async def test_another_event_is_logged_only(box: Box) -> None:
    await box.hub.noticed(ID, "FailedToAuthenticateAtCsms")
    assert await told(box) == []
    assert (await logged(box))[-1]["type"] == "FailedToAuthenticateAtCsms"


async def test_a_log_that_somebody_takes_away_is_told(box: Box, tmp_path: Path) -> None:
    await box.hub.noticed(ID, "TamperDetectionActivated")
    await box.settled()
    (log,) = (
        file for file in await asyncio.to_thread(_files_with, tmp_path, "TamperDetection") if "jsonl" in file.name
    )
    log.unlink()
    await box.hub.noticed(ID, "TamperDetectionActivated")
    await box.settled()
    assert await told(box) == ["TamperDetectionActivated", "TamperDetectionActivated", "SecurityLogWasCleared"]
    assert [line["type"] for line in await logged(box)] == ["TamperDetectionActivated", "SecurityLogWasCleared"]


@pytest.mark.ocpp("A04.FR.04")
async def test_changes_of_what_security_hangs_on_are_logged(box: Box) -> None:
    data = {"component": {"name": "SecurityCtrlr"}, "variable": {"name": "AllowCSMSTLSWildcards"}}
    await box.call("SetVariables", {"setVariableData": [{**data, "attributeValue": "true"}]})
    profile = {
        "ocppVersion": "OCPP20", "ocppTransport": "JSON", "ocppCsmsUrl": "ws://x/ocpp", "messageTimeout": 30,
        "securityProfile": 1, "ocppInterface": "Wired0",
    }  # fmt: skip
    await box.call("SetNetworkProfile", {"configurationSlot": 2, "connectionData": profile})
    found = [line["techInfo"] for line in await logged(box) if line["type"] == "ReconfigurationOfSecurityParameters"]
    assert found == ["AllowCSMSTLSWildcards true", "network profile 2"]


@pytest.mark.case("TC_A_06_CS")
@pytest.mark.ocpp("A04.FR.02")
async def test_a_critical_event_waits_for_the_csms_over_a_restart(tmp_path: Path) -> None:
    async with opened_with(SecurityProfile, tmp_path, online=False, arrive=False) as (box, _):
        await box.hub.noticed(ID, "TamperDetectionActivated")
        await box.hub.noticed(ID, "TamperDetectionActivated")
    async with opened_with(SecurityProfile, tmp_path, arrive=False) as (box, _):
        assert await told(box) == ["TamperDetectionActivated"] * 2


async def test_starts_and_resets_of_the_station_are_told(box: Box) -> None:
    await box.hub.publish(ev.StationBooted(station=ID, at=box.clock.now(), identity=IDENTITY))
    assert await told(box) == ["StartupOfTheDevice"]
    await box.call("Reset", {"type": "Immediate"})
    await box.hub.publish(ev.StationBooted(station=ID, at=box.clock.now(), identity=IDENTITY))
    assert await told(box) == ["StartupOfTheDevice", "ResetOrReboot"]


async def test_a_clock_that_is_set_is_told_from_the_threshold_on(box: Box) -> None:
    box.hub.synchronise(ID, START + timedelta(seconds=15))
    await box.settled()
    assert await told(box) == []
    box.hub.synchronise(ID, START + timedelta(minutes=10))
    await box.settled()
    assert await told(box) == ["SettingSystemTime"]


@pytest.mark.case("TC_A_09_CS")
@pytest.mark.ocpp("A01.FR.01", "A01.FR.02", "A01.FR.10", "A01.FR.11", "A01.FR.12")
async def test_a_new_password_is_kept_where_only_the_box_reads_it(
    box: Box, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert (await set_password(box, NEW))["attributeStatus"] == "Accepted"
    assert box.backend.reconnects == [False]
    documents = await box.hub.vault.documents(ID)
    kept = kept_password(documents[PASSWORD], SITE_PASSWORD)
    assert kept is not None
    assert (kept.password, kept.before) == (NEW, SITE_PASSWORD)
    assert NEW not in repr(kept)
    file = box.hub.vault.path(ID, PASSWORD)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    log = await logged(box)
    assert (log[-1]["type"], log[-1]["techInfo"]) == ("ReconfigurationOfSecurityParameters", "BasicAuthPassword")
    assert await asyncio.to_thread(_files_with, tmp_path, "new-password-4567") == [file]
    assert NEW not in caplog.text


def _files_with(folder: Path, text: str) -> list[Path]:
    return [each for each in folder.rglob("*") if each.is_file() and text.encode() in each.read_bytes()]


async def test_the_password_is_never_told(box: Box) -> None:
    await set_password(box, NEW)
    name = {"component": {"name": "SecurityCtrlr"}, "variable": {"name": "BasicAuthPassword"}}
    (result,) = (await box.call("GetVariables", {"getVariableData": [name]}))["getVariableResult"]
    assert result["attributeStatus"] == "Rejected"
    assert "attributeValue" not in result
    await box.call("GetBaseReport", {"requestId": 1, "reportBase": "FullInventory"})
    assert NEW not in json.dumps(await box.sent_of("NotifyReport"), ensure_ascii=False)


@pytest.mark.ocpp("A00.FR.205", "A00.FR.304")
@pytest.mark.parametrize("value", ["x" * 16, "ä" * 16, "x" * 64])
async def test_a_password_of_16_to_64_characters_is_kept(box: Box, value: str) -> None:
    assert (await set_password(box, value))["attributeStatus"] == "Accepted"
    kept = kept_password((await box.hub.vault.documents(ID))[PASSWORD], SITE_PASSWORD)
    assert kept is not None
    assert kept.password == value
    await box.sent()
    await box.call("GetBaseReport", {"requestId": 1, "reportBase": "FullInventory"})
    items = [each for page in await box.sent_of("NotifyReport") for each in page["reportData"]]
    (limit,) = [
        each["variableCharacteristics"]["maxLimit"] for each in items if each["variable"]["name"] == "BasicAuthPassword"
    ]
    assert limit == 64


@pytest.mark.ocpp("A00.FR.205", "A00.FR.304")
@pytest.mark.parametrize("value", ["short", "x" * 15, "x" * 65, "with-a-line-break\nin-it", "0123456789abcdef\x00"])
async def test_what_is_no_password_is_refused(box: Box, value: str) -> None:
    assert (await set_password(box, value))["attributeStatus"] == "Rejected"
    assert box.backend.reconnects == []
    assert await box.hub.vault.documents(ID) == {}


async def test_a_password_that_the_technician_changes_later_counts() -> None:
    text = '{"password": "from-the-csms", "before": "", "site": "old-site"}'
    assert kept_password(text, "old-site") is not None
    assert kept_password(text, "new-site") is None
    assert kept_password("{", "old-site") is None


async def test_the_log_keeps_the_latest_and_has_an_end(tmp_path: Path) -> None:
    journal = SecurityJournal(tmp_path / "security", limit=2000)
    for number in range(100):
        await journal.append("../CP", START, "InvalidMessages", str(number))
    lines = [json.loads(line) for line in (await journal.read("../CP")).splitlines()]
    numbers = [int(line["techInfo"]) for line in lines]
    assert numbers == list(range(100 - len(numbers), 100))
    files = list((tmp_path / "security").iterdir())
    assert len(files) == 2
    assert sum(file.stat().st_size for file in files) <= 4000
