"""Firmware and logs by SFTP, at OCPP 1.6-J stations: one that cannot verify firmware, and one that can."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from tests.e2e.raw16 import now, raw_scene
from tests.profiles.firmware.signing import Manufacturer
from tests.profiles.sftp_peer import PASSWORD, host_key, sftp_peer

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.bench.csms.ledger import Payload
    from tests.e2e.raw16 import RawScene

CONTENT = b"new firmware" * 50_000
FIRMWARE = {"SupportedFeatureProfiles": "Core,FirmwareManagement"}
STATUS = "FirmwareStatusNotification"


async def order(made: RawScene, location: str, **more: Any) -> Payload:
    """What UpdateFirmware says of firmware of a manufacturer whose root is installed now."""
    maker = Manufacturer.made()
    root = {"certificateType": "ManufacturerRootCertificate", "certificate": maker.root}
    assert (await made.call("InstallCertificate", **root))["status"] == "Accepted"
    return {
        "location": location, "retrieveDateTime": now(60), "signingCertificate": maker.certificate,
        "signature": maker.sign(CONTENT), **more,
    }  # fmt: skip


def told(made: RawScene) -> list[tuple[str, int]]:
    """Status and requestId of what the CSMS has heard."""
    return [(record.payload["status"], record.payload["requestId"]) for record in made.csms.of(STATUS)]


@pytest.mark.ocpp("L01.FR.01", "L01.FR.04", "L01.FR.08", "L01.FR.10")
async def test_a_station_gets_what_the_box_has_fetched_by_sftp_and_verified(tmp_path: Path) -> None:
    async with sftp_peer(await host_key()) as peer, raw_scene(tmp_path, FIRMWARE) as made:
        peer.files["/fw/station-2.0.bin"] = CONTENT
        firmware = await order(made, peer.url("/fw/station-2.0.bin"))
        assert (await made.call("UpdateFirmware", requestId=7, firmware=firmware))["status"] == "Accepted"
        asked = await made.station.called("UpdateFirmware")
        async with aiohttp.ClientSession() as http:
            async with http.get(asked["location"]) as answer:
                assert await answer.read() == CONTENT
            for status in ("Downloading", "Downloaded", "Installing", "Installed"):
                await made.station.say(STATUS, status=status)
            await made.until(lambda: ("Installed", 7) in told(made))
            await made.until(lambda: "FirmwareUpdated" in events(made))
            async with http.get(asked["location"]) as answer:
                assert answer.status == 404
        steps = ("Downloading", "Downloaded", "SignatureVerified", "Installing", "Installed")
        assert told(made) == [(status, 7) for status in steps]
        log = {"remoteLocation": peer.url("/logs")}
        answered = await made.call("GetLog", logType="SecurityLog", requestId=8, log=log)
        assert answered["status"] == "Accepted"
        await made.until(lambda: len(made.csms.of("LogStatusNotification")) > 1)
        assert b"FirmwareUpdated" in peer.files[f"/logs/{answered['filename']}"]
        assert PASSWORD not in "\n".join(made.box.log)


@pytest.mark.ocpp("L01.FR.01")
async def test_a_station_that_verifies_firmware_does_all_of_it(tmp_path: Path) -> None:
    async with raw_scene(tmp_path, {**FIRMWARE, "SecurityProfile": "1"}) as made:
        firmware = await order(made, "sftp://files.example.com/fw.bin", installDateTime=now(-3600))
        assert (await made.call("UpdateFirmware", requestId=9, firmware=firmware))["status"] == "Accepted"
        asked = await made.station.called("SignedUpdateFirmware")
        assert asked["firmware"]["signature"] == firmware["signature"]
        assert asked["firmware"]["location"] == firmware["location"]
        await made.station.say("SignedFirmwareStatusNotification", status="InvalidSignature", requestId=9)
        await made.until(lambda: told(made) == [("InvalidSignature", 9)])


def events(made: RawScene) -> set[str]:
    """The security events that the CSMS has heard of."""
    return {record.payload["type"] for record in made.csms.of("SecurityEventNotification")}
