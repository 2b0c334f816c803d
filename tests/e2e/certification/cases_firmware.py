"""The cases of secure firmware updates and of logs, each as a function of its name (Part 6: TC_L, TC_N, TC_F)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateway.bench.ocpp_s.jobs import NOT_FOR_IT
from tests.e2e.certification.stage import at
from tests.e2e.certification.workshop import STATUS, VERIFIED
from tests.profiles.firmware.signing import Manufacturer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.e2e.certification.workshop import Workshop

    Case = Callable[[Workshop], Awaitable[None]]

ALLOW = ("ChargingStation", "AllowNewSessionsPendingFirmwareUpdate")


@pytest.mark.ocpp("L01.FR.01", "L01.FR.05", "L01.FR.10", "L01.FR.20", "L01.FR.28", "L01.FR.31", "L01.FR.32")
async def tc_l_01_cs(workshop: Workshop) -> None:
    firmware = workshop.firmware()
    assert await workshop.update(firmware) == "Accepted"
    assert await workshop.installed() == [*VERIFIED, "Installing", "Installed"]
    (fetched,) = {path for path in workshop.files.fetched if firmware["location"].endswith(path)}
    assert workshop.files.fetched.count(fetched) == 1  # the station had it from the box
    assert workshop.world.station.sim.point.outlets.memory.firmware == fetched.strip("/").removesuffix(".bin")


@pytest.mark.ocpp("L01.FR.16")
async def tc_l_02_cs(workshop: Workshop) -> None:
    assert await workshop.update(workshop.firmware(installDateTime=at(2.5))) == "Accepted"
    assert await workshop.comes_to("InstallScheduled") == [*VERIFIED, "InstallScheduled"]
    assert await workshop.installed() == [*VERIFIED, "InstallScheduled", "Installing", "Installed"]


@pytest.mark.ocpp("L01.FR.13")
async def tc_l_03_cs(workshop: Workshop) -> None:
    assert await workshop.update(workshop.firmware(retrieveDateTime=at(2))) == "Accepted"
    assert await workshop.installed() == ["DownloadScheduled", *VERIFIED, "Installing", "Installed"]


@pytest.mark.ocpp("L01.FR.02", "L01.FR.21", "L01.FR.22")
async def tc_l_05_cs(workshop: Workshop) -> None:
    other = Manufacturer.made().certificate
    assert await workshop.update(workshop.firmware(signingCertificate=other)) == "InvalidCertificate"
    await workshop.world.heard("SecurityEventNotification", workshop.since, type="InvalidFirmwareSigningCertificate")
    assert workshop.told() == []


@pytest.mark.ocpp("L01.FR.03", "L01.FR.04")
async def tc_l_06_cs(workshop: Workshop) -> None:
    wrong = workshop.manufacturer.sign(b"other firmware")
    assert await workshop.update(workshop.firmware(signature=wrong)) == "Accepted"
    assert await workshop.comes_to("InvalidSignature") == ["Downloading", "Downloaded", "InvalidSignature"]
    await workshop.world.heard("SecurityEventNotification", workshop.since, type="InvalidFirmwareSignature")


@pytest.mark.ocpp("L01.FR.30")
async def tc_l_07_cs(workshop: Workshop) -> None:
    firmware = workshop.firmware(name="/none/bench_does.not.exist")
    assert await workshop.update(firmware, retries=0) == "Accepted"
    assert await workshop.comes_to("DownloadFailed") == ["Downloading", "DownloadFailed"]


async def tc_l_08_cs(workshop: Workshop) -> None:
    assert await workshop.update(workshop.firmware(NOT_FOR_IT + b", signed all the same")) == "Accepted"
    found = await workshop.comes_to("InstallationFailed")
    assert found == [*VERIFIED, "Installing", "InstallationFailed"]
    assert "FirmwareUpdated" not in workshop.events()


@pytest.mark.ocpp("L01.FR.24")
async def tc_l_10_cs(workshop: Workshop) -> None:
    workshop.files.open.clear()
    assert await workshop.update() == "Accepted"
    first, number = await workshop.comes_to("Downloading"), workshop.number
    assert await workshop.update() == "AcceptedCanceled"
    await workshop.comes_to("Downloading")
    workshop.files.open.set()
    assert await workshop.installed() == [*VERIFIED, "Installing", "Installed"]
    workshop.number = number
    assert workshop.told() == first == ["Downloading"]


@pytest.mark.ocpp("L01.FR.06", "L01.FR.34")
async def tc_l_14_cs(workshop: Workshop) -> None:
    world = workshop.world
    assert await world.set_variable(*ALLOW, "true") == "Accepted"
    await workshop.charge(1)
    assert await workshop.update() == "Accepted"
    assert await workshop.comes_to("InstallScheduled") == [*VERIFIED, "InstallScheduled"]
    await workshop.charge(2)
    await workshop.leave(1)
    await world.until(lambda: any(transaction.is_ended for transaction in world.held()[-2:]))
    assert "Installing" not in workshop.told()
    await workshop.leave(2)
    assert await workshop.installed() == [*VERIFIED, "InstallScheduled", "Installing", "Installed"]
    assert await world.set_variable(*ALLOW, "false") == "Accepted"


@pytest.mark.ocpp("L01.FR.06", "L01.FR.07")
async def tc_l_15_cs(workshop: Workshop) -> None:
    await workshop.charge(1)
    assert await workshop.update() == "Accepted"
    assert await workshop.comes_to("InstallScheduled") == [*VERIFIED, "InstallScheduled"]
    await workshop.world.heard("StatusNotification", workshop.since, evseId=2, connectorStatus="Unavailable")
    since = workshop.world.news
    await workshop.leave(1)
    assert await workshop.installed() == [*VERIFIED, "InstallScheduled", "Installing", "Installed"]
    await workshop.world.heard("StatusNotification", since, evseId=2, connectorStatus="Available")


async def tc_l_18_cs(workshop: Workshop) -> None:
    assert await workshop.update(workshop.firmware(signingCertificate=None, signature=None)) == "Rejected"
    assert workshop.told() == []


@pytest.mark.ocpp("L01.FR.26")
async def tc_f_19_cs(workshop: Workshop) -> None:
    workshop.files.open.clear()
    assert await workshop.update(workshop.firmware(installDateTime=None)) == "Accepted"
    assert await workshop.comes_to("Downloading") == ["Downloading"]
    asked = await workshop.world.call("TriggerMessage", requestedMessage=STATUS)
    assert asked["status"] == "Accepted"
    await workshop.world.until(lambda: workshop.told() == ["Downloading", "Downloading"])
    workshop.files.open.set()
    await workshop.installed()


async def tc_f_16_cs(workshop: Workshop) -> None:
    world, kind = workshop.world, "LogStatusNotification"
    workshop.files.open.clear()
    log = {"remoteLocation": f"{workshop.files.url}/logs"}
    answer = await world.call("GetLog", logType="DiagnosticsLog", requestId=16, log=log)
    assert answer["status"] == "Accepted"
    await world.heard(kind, workshop.since, status="Uploading", requestId=16)
    since = world.news
    assert (await world.call("TriggerMessage", requestedMessage=kind))["status"] == "Accepted"
    await world.heard(kind, since, status="Uploading", requestId=16)
    workshop.files.open.set()
    await world.heard(kind, since, status="Uploaded", requestId=16)


@pytest.mark.ocpp("N01.FR.12", "N01.FR.20")
async def tc_n_36_cs(workshop: Workshop) -> None:
    world, kind = workshop.world, "LogStatusNotification"
    workshop.files.open.clear()
    asked: dict[str, Any] = {"logType": "SecurityLog", "log": {"remoteLocation": f"{workshop.files.url}/logs"}}
    assert (await world.call("GetLog", requestId=36, **asked))["status"] == "Accepted"
    await world.heard(kind, workshop.since, status="Uploading", requestId=36)
    assert (await world.call("GetLog", requestId=37, **asked))["status"] == "AcceptedCanceled"
    workshop.files.open.set()
    await world.heard(kind, workshop.since, status="Uploaded", requestId=37)
    told = [(r.payload["status"], r.payload["requestId"]) for r in world.csms.of(kind) if r.payload["requestId"] > 35]
    assert told == [("Uploading", 36), ("AcceptedCanceled", 36), ("Uploading", 37), ("Uploaded", 37)]


CASES: dict[str, Case] = {
    case.__name__.upper(): case
    for case in (
        tc_l_01_cs, tc_l_02_cs, tc_l_03_cs, tc_l_05_cs, tc_l_06_cs, tc_l_07_cs, tc_l_08_cs, tc_l_10_cs, tc_l_14_cs,
        tc_l_15_cs, tc_l_18_cs, tc_f_16_cs, tc_f_19_cs, tc_n_36_cs,
    )
}  # fmt: skip
"""By id."""
