"""L01: signed firmware, at a station that verifies it itself and at one that cannot."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import trustme

from gateway.model.commands import Outcome, UpdateFirmware, Verdict
from gateway.model.credentials import MANUFACTURER_ROOT
from gateway.model.events import FirmwareStatus
from gateway.model.station import Capability
from profiles.firmware import FirmwareProfile
from profiles.firmware.certificates import problem_of
from profiles.security import SecurityProfile
from tests.fakes.box import ID, Box
from tests.fakes.clock import START
from tests.profiles.firmware.orders import order, report, told
from tests.profiles.opened import limit, opened_with

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.contracts import Json

VERIFIES = (Capability.FIRMWARE_UPDATE, Capability.SIGNED_FIRMWARE)


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[Box]:
    async with opened_with(FirmwareProfile, tmp_path) as (opened, profile):
        security = SecurityProfile(opened.hub, opened.backend)
        opened.hub.attach(opened.backend, [profile, security, opened.profile])
        await limit(opened, *VERIFIES)
        yield opened


@pytest.fixture
def manufacturer() -> trustme.CA:
    return trustme.CA()


def pem(authority: trustme.CA) -> str:
    """An authority's own certificate."""
    return authority.cert_pem.bytes().decode()


def signed_by(authority: trustme.CA) -> Json:
    """What a signed order has more than another."""
    certificate = authority.issue_cert("firmware").cert_chain_pems[0].bytes().decode()
    return {"signingCertificate": certificate, "signature": "c2ln"}


async def security_events(box: Box) -> list[str]:
    """The security events that the CSMS hears of."""
    return [payload["type"] for payload in await box.sent_of("SecurityEventNotification")]


async def test_signed_firmware_goes_as_it_is_to_a_station_that_verifies_it(box: Box, manufacturer: trustme.CA) -> None:
    install, signed = (START + timedelta(hours=3)).isoformat(), signed_by(manufacturer)
    assert (await box.call("UpdateFirmware", order(installDateTime=install, **signed)))["status"] == "Accepted"
    (asked,) = box.adapter.asked(UpdateFirmware)
    assert (asked.at, asked.install_at) == (START, START + timedelta(hours=3))
    assert (asked.certificate, asked.signature) == tuple(signed.values())
    half = await box.call("UpdateFirmware", order(6, signature="c2ln"))
    assert half["statusInfo"]["reasonCode"] == "MissingParam"


@pytest.mark.ocpp("L01.FR.01", "L01.FR.10", "L01.FR.14", "L01.FR.15", "L01.FR.20")
async def test_every_step_of_the_station_is_told_with_the_id_of_the_order(box: Box, manufacturer: trustme.CA) -> None:
    await box.call("UpdateFirmware", order(**signed_by(manufacturer)))
    steps = (
        FirmwareStatus.DOWNLOADING,
        FirmwareStatus.DOWNLOAD_PAUSED,
        FirmwareStatus.DOWNLOADED,
        FirmwareStatus.SIGNATURE_VERIFIED,
        FirmwareStatus.INSTALL_SCHEDULED,
        FirmwareStatus.INSTALL_REBOOTING,
        FirmwareStatus.INSTALLING,
        FirmwareStatus.INSTALLED,
    )
    await report(box, *steps)
    assert await told(box) == [(step.value, 5) for step in steps]


@pytest.mark.ocpp("L01.FR.25", "L01.FR.26")
async def test_a_trigger_tells_the_last_status_again_unless_it_was_a_success(
    box: Box, manufacturer: trustme.CA
) -> None:
    trigger = {"requestedMessage": "FirmwareStatusNotification"}
    await box.call("UpdateFirmware", order(**signed_by(manufacturer)))
    await report(box, FirmwareStatus.INVALID_SIGNATURE)
    await box.call("TriggerMessage", trigger)
    assert await told(box) == [("InvalidSignature", 5), ("InvalidSignature", 5)]
    await box.call("UpdateFirmware", order(6, **signed_by(manufacturer)))
    await report(box, FirmwareStatus.INSTALLED)
    await box.sent()
    await box.call("TriggerMessage", trigger)
    assert await box.sent_of("FirmwareStatusNotification") == [{"status": "Idle"}]


async def test_the_station_may_refuse_the_certificate(box: Box, manufacturer: trustme.CA) -> None:
    box.adapter.answers[UpdateFirmware] = Outcome(verdict=Verdict.REJECTED, reason="RevokedCertificate")
    answer = await box.call("UpdateFirmware", order(**signed_by(manufacturer)))
    assert answer == {"status": "RevokedCertificate"}


async def test_a_certificate_of_the_manufacturer_is_passed_on(box: Box, manufacturer: trustme.CA) -> None:
    await box.hub.vault.keep(ID, {f"{MANUFACTURER_ROOT}1.pem": pem(manufacturer)})
    assert (await box.call("UpdateFirmware", order(**signed_by(manufacturer))))["status"] == "Accepted"


@pytest.mark.ocpp("L01.FR.02", "L01.FR.21", "L01.FR.22")
async def test_a_certificate_of_somebody_else_is_refused_and_a_security_event(
    box: Box, manufacturer: trustme.CA
) -> None:
    await box.hub.vault.keep(ID, {f"{MANUFACTURER_ROOT}1.pem": pem(manufacturer)})
    answer = await box.call("UpdateFirmware", order(**signed_by(trustme.CA())))
    assert answer["status"] == "InvalidCertificate"
    assert box.adapter.asked(UpdateFirmware) == []
    assert await security_events(box) == ["InvalidFirmwareSigningCertificate"]


@pytest.mark.ocpp("L01.FR.22")
async def test_what_is_no_certificate_is_refused_without_a_root_too(box: Box) -> None:
    wrong: Json = {"signingCertificate": "-----BEGIN CERTIFICATE-----", "signature": "c2ln"}
    assert (await box.call("UpdateFirmware", order(**wrong)))["status"] == "InvalidCertificate"
    assert box.adapter.asked(UpdateFirmware) == []


async def test_unsigned_firmware_is_refused_once_a_manufacturer_is_known(box: Box, manufacturer: trustme.CA) -> None:
    assert (await box.call("UpdateFirmware", order(hours=1)))["status"] == "Accepted"
    await box.hub.vault.keep(ID, {f"{MANUFACTURER_ROOT}1.pem": pem(manufacturer)})
    answer = await box.call("UpdateFirmware", order(6))
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "MissingParam")
    assert len(box.adapter.asked(UpdateFirmware)) == 1


async def test_new_firmware_of_a_station_that_tells_no_security_events_is_one(box: Box) -> None:
    await limit(box, Capability.FIRMWARE_UPDATE)
    await box.call("UpdateFirmware", order())
    await report(box, FirmwareStatus.DOWNLOADED, FirmwareStatus.INSTALLED)
    await box.settled()
    assert await security_events(box) == ["FirmwareUpdated"]


async def test_a_station_that_tells_security_events_is_not_told_of_twice(box: Box, manufacturer: trustme.CA) -> None:
    await box.call("UpdateFirmware", order(**signed_by(manufacturer)))
    await report(box, FirmwareStatus.INSTALLED)
    await box.settled()
    assert await security_events(box) == []


def test_a_chain_over_a_sub_ca_holds_and_one_out_of_its_time_does_not(manufacturer: trustme.CA) -> None:
    below = manufacturer.create_child_ca()
    chain = signed_by(below)["signingCertificate"] + pem(below)
    assert problem_of(chain, [pem(manufacturer)], START) == ""
    assert problem_of(chain, [], START) == ""
    assert "not known" in problem_of(signed_by(below)["signingCertificate"], [pem(manufacturer)], START)
    assert "not valid" in problem_of(chain, [pem(manufacturer)], datetime(1999, 1, 1, tzinfo=UTC))
    leaf = signed_by(manufacturer)["signingCertificate"]
    assert "not known" in problem_of(signed_by(trustme.CA())["signingCertificate"] + leaf, [pem(manufacturer)], START)
