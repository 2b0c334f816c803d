"""UpdateFirmware and GetLog: the station fetches and uploads by itself, the backend is told how it goes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
import trustme

from tests.e2e.files import Files, serving
from tests.e2e.plan import TOKEN
from tests.e2e.truth import assert_all_whole
from tests.profiles.firmware.signing import Manufacturer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.e2e.world import World


@pytest_asyncio.fixture
async def files() -> AsyncIterator[Files]:
    async with serving() as made:
        yield made


def in_seconds(seconds: float) -> str:
    at = datetime.now(UTC) + timedelta(seconds=seconds)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def told(world: World, action: str) -> list[tuple[str, int | None]]:
    return [(r.payload["status"], r.payload.get("requestId")) for r in world.csms.of(action)]


@pytest.mark.case("TC_N_25_CS")
@pytest.mark.ocpp("N01.FR.01", "N01.FR.04", "N01.FR.07", "N01.FR.08", "N01.FR.09")
async def test_diagnostics_are_uploaded(one: World, files: Files) -> None:
    log = {"remoteLocation": f"{files.url}/logs"}
    answer = await one.call("GetLog", logType="DiagnosticsLog", requestId=77, log=log)
    assert answer["status"] == "Accepted"
    await one.heard("LogStatusNotification", status="Uploaded")
    assert told(one, "LogStatusNotification") == [("Uploading", 77), ("Uploaded", 77)]
    assert list(files.put) == [f"/logs/{answer['filename']}"]
    assert files.put[f"/logs/{answer['filename']}"]


@pytest.mark.case("TC_N_26_CS")
@pytest.mark.ocpp("N01.FR.10")
async def test_upload_fails(one: World, files: Files) -> None:
    log = {"remoteLocation": f"{files.url}/none"}
    answer = await one.call("GetLog", logType="DiagnosticsLog", requestId=78, log=log, retries=3, retryInterval=60)
    assert answer["status"] == "Accepted"
    failed = await one.heard("LogStatusNotification", status="UploadFailure", requestId=78)
    assert told(one, "LogStatusNotification") == [("Uploading", 78), ("UploadFailure", 78)]
    assert files.refused == ["PUT"] * 4
    took = failed.at - one.csms.of("LogStatusNotification")[0].at
    assert took.total_seconds() * one.station.plan.speed > 0.9 * 3 * 60
    assert files.put == {}


@pytest.mark.case("TC_N_35_CS")
@pytest.mark.ocpp("N01.FR.01", "N01.FR.02", "N01.FR.03", "N01.FR.07", "N01.FR.08", "N01.FR.09")
async def test_security_log_is_uploaded_by_the_box(one: World, files: Files) -> None:
    log = {"remoteLocation": f"{files.url}/logs/"}
    answer = await one.call("GetLog", logType="SecurityLog", requestId=79, log=log)
    assert answer["status"] == "Accepted"
    await one.heard("LogStatusNotification", status="Uploaded", requestId=79)
    assert told(one, "LogStatusNotification") == [("Uploading", 79), ("Uploaded", 79)]
    lines = [json.loads(line) for line in files.put[f"/logs/{answer['filename']}"].splitlines()]
    assert "StartupOfTheDevice" in {line["type"] for line in lines}
    assert one.station.commands("GetDiagnostics") == []


@pytest.mark.ocpp("N01.FR.05")
async def test_log_that_there_is_not(one: World, files: Files) -> None:
    log = {"remoteLocation": f"{files.url}/logs", "latestTimestamp": in_seconds(-86_400)}
    assert (await one.call("GetLog", logType="SecurityLog", requestId=1, log=log))["status"] == "Rejected"
    assert one.station.commands("GetDiagnostics") == []


@pytest.mark.ocpp("L02.FR.02", "L02.FR.06", "L02.FR.20", "L02.FR.21")
async def test_firmware_is_fetched_installed_and_reported_at_the_boot(one: World, files: Files) -> None:
    firmware = {"location": f"{files.url}/bench-2.0.bin", "retrieveDateTime": in_seconds(-1)}
    since = one.news
    assert (await one.call("UpdateFirmware", requestId=40, firmware=firmware))["status"] == "Accepted"
    boot = await one.heard("BootNotification", since)
    assert boot.payload["chargingStation"]["firmwareVersion"] == "bench-2.0"
    assert boot.payload["reason"] == "FirmwareUpdate"
    await one.booted(since=since)
    assert files.fetched == ["/bench-2.0.bin"]
    assert told(one, "FirmwareStatusNotification") == [("Downloaded", 40), ("Installed", 40)]
    assert one.station.sim.point.outlets.memory.firmware == "bench-2.0"


@pytest.mark.ocpp("L02.FR.03")
async def test_firmware_waits_for_the_end_of_the_transaction_over_a_kill(one: World, files: Files) -> None:
    truth = await one.station.charge(TOKEN, samples=1)
    firmware = {"location": f"{files.url}/bench-3.0.bin", "retrieveDateTime": in_seconds(-1)}
    since = one.news
    assert (await one.call("UpdateFirmware", requestId=41, firmware=firmware))["status"] == "Accepted"
    await one.heard("FirmwareStatusNotification", status="Downloaded", requestId=41)
    one.box.kill()
    await one.box.gone()
    await one.box.start()
    await one.answered()
    assert truth.stopped_at is None
    await one.station.sim.plug_out(1)
    await one.heard("FirmwareStatusNotification", since, status="Installed", requestId=41)
    boots = [r.payload for r in one.csms.of("BootNotification")]
    await one.until(lambda: one.csms.of("BootNotification")[-1].payload["reason"] == "FirmwareUpdate")
    assert boots
    await one.delivered()
    assert assert_all_whole(one, repeats=1) <= 1


@pytest.mark.ocpp("L02.FR.03", "L02.FR.04")
async def test_nobody_else_begins_while_firmware_waits_for_a_transaction(two_evses: World, files: Files) -> None:
    await two_evses.station.charge(TOKEN, samples=1)
    firmware = {"location": f"{files.url}/bench-4.0.bin", "retrieveDateTime": in_seconds(-1)}
    since = two_evses.news
    await two_evses.call("UpdateFirmware", requestId=45, firmware=firmware)
    await two_evses.heard("StatusNotification", since, evseId=2, connectorStatus="Unavailable")
    token = {"idToken": TOKEN, "type": "ISO14443"}
    started = await two_evses.call("RequestStartTransaction", remoteStartId=1, evseId=2, idToken=token)
    assert started["status"] == "Rejected"
    since = two_evses.news
    await two_evses.station.sim.plug_out(1)
    await two_evses.heard("FirmwareStatusNotification", since, status="Installed", requestId=45)
    await two_evses.heard("StatusNotification", since, within=30.0, evseId=2, connectorStatus="Available")


@pytest.mark.ocpp("L02.FR.07", "L02.FR.19")
async def test_firmware_that_waits_for_its_time_and_then_cannot_be_fetched(one: World, files: Files) -> None:
    firmware = {"location": f"{files.url}/none/x.bin", "retrieveDateTime": in_seconds(30)}
    assert (await one.call("UpdateFirmware", requestId=42, firmware=firmware, retries=0))["status"] == "Accepted"
    await one.heard("FirmwareStatusNotification", status="DownloadFailed", requestId=42)
    assert told(one, "FirmwareStatusNotification") == [("DownloadScheduled", 42), ("DownloadFailed", 42)]
    assert one.station.ledger.boots == 1


@pytest.mark.ocpp("L01.FR.01", "L01.FR.06")
async def test_no_step_of_signed_firmware_is_lost_or_told_twice_whenever_the_box_is_killed(
    one: World, files: Files
) -> None:
    maker = Manufacturer.made()
    kind = "ManufacturerRootCertificate"
    assert (await one.call("InstallCertificate", certificateType=kind, certificate=maker.root))["status"] == "Accepted"
    await one.station.charge(TOKEN, samples=1)
    files.contents["/bench-5.0.bin"] = content = b"firmware" * 100_000
    files.open.clear()
    firmware = {
        "location": f"{files.url}/bench-5.0.bin",
        "retrieveDateTime": in_seconds(-1),
        "signingCertificate": maker.certificate,
        "signature": maker.sign(content),
    }
    since = one.news
    assert (await one.call("UpdateFirmware", requestId=46, firmware=firmware))["status"] == "Accepted"
    steps = ("Downloading", "InstallScheduled", "Installed")
    for number, step in enumerate(steps):
        await one.heard("FirmwareStatusNotification", since, within=30.0, status=step, requestId=46)
        if step == "Installed":
            break
        one.box.kill()
        await one.box.gone()
        files.open.set()
        await one.box.start()
        await one.answered()
        if number:
            await one.station.sim.plug_out(1)
    # A message whose answer the box has not lived to see comes again, with the same id.
    found = {r.message_id: r.payload["status"] for r in one.csms.of("FirmwareStatusNotification")}
    assert list(found.values()) == [
        "Downloading", "Downloaded", "SignatureVerified", "InstallScheduled", "Installing", "Installed",
    ]  # fmt: skip
    await one.booted(since=since)


@pytest.mark.case("TC_L_05_CS")
@pytest.mark.ocpp("L01.FR.02", "L01.FR.21", "L01.FR.22")
async def test_firmware_that_is_signed_with_a_certificate_of_somebody_else(one: World, files: Files) -> None:
    root = trustme.CA().cert_pem.bytes().decode()
    installed = await one.call("InstallCertificate", certificateType="ManufacturerRootCertificate", certificate=root)
    assert installed["status"] == "Accepted"
    firmware = {
        "location": f"{files.url}/x.bin",
        "retrieveDateTime": in_seconds(0),
        "signature": "AAAA",
        "signingCertificate": trustme.CA().issue_cert("firmware").cert_chain_pems[0].bytes().decode(),
    }
    assert (await one.call("UpdateFirmware", requestId=44, firmware=firmware))["status"] == "InvalidCertificate"
    await one.heard("SecurityEventNotification", type="InvalidFirmwareSigningCertificate")
    assert one.station.commands("UpdateFirmware") == []
    assert files.fetched == []
