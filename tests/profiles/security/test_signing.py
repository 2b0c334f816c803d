"""The charging station certificate: A02 and A03 as the CSMS sees them."""

from __future__ import annotations

import asyncio
import json
import stat
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID, SignatureAlgorithmOID

from gateway.model.credentials import CLIENT, CLIENT_BEFORE, CSMS_ROOT, NEXT_KEY
from gateway.model.device import VariableRef
from gateway.model.events import StationBooted
from gateway.model.station import StationIdentity
from profiles.security import SecurityProfile
from tests.fakes.box import ID, Box
from tests.fakes.clock import START, SettableClock
from tests.profiles.opened import opened_with
from tests.profiles.security.pki import Authority, name, pem

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from gateway.contracts import Json

TRIGGER = {"requestedMessage": "SignChargingStationCertificate"}
LEVEL = VariableRef(component="SecurityCtrlr", variable="SecurityProfile")
Opened = tuple[Box, SecurityProfile]


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[Opened]:
    async with opened_with(SecurityProfile, tmp_path) as (box, profile):
        await set_variable(box, "OrganizationName", "Operator")
        await box.sent()
        yield box, profile


@pytest.fixture
async def root(opened: Opened) -> Authority:
    authority = Authority.root()
    await opened[0].hub.vault.keep(ID, {CSMS_ROOT + "1.pem": authority.pem})
    return authority


async def set_variable(box: Box, variable: str, value: str) -> Json:
    """SetVariables of SecurityCtrlr."""
    data = {"component": {"name": "SecurityCtrlr"}, "variable": {"name": variable}, "attributeValue": value}
    answer = await box.call("SetVariables", {"setVariableData": [data]})
    result: Json = answer["setVariableResult"][0]
    return result


async def requested(opened: Opened, status: str = "Accepted") -> str:
    """The CSMS triggers a request, and takes it or not; gives the request."""
    box, _ = opened
    assert (await box.call("TriggerMessage", TRIGGER))["status"] == "Accepted"
    return await taken(opened, status)


async def taken(opened: Opened, status: str = "Accepted") -> str:
    box, profile = opened
    (message,) = [each for each in await box.sent() if each.action == "SignCertificate"]
    assert message.requested
    await profile.on_response(ID, message, {"status": status})
    assert message.payload["certificateType"] == "ChargingStationCertificate"
    csr: str = message.payload["csr"]
    return csr


async def sign(box: Box, chain: str) -> Json:
    return await box.call("CertificateSigned", {"certificateChain": chain})


async def told(box: Box) -> list[str]:
    """Security events that go to the CSMS."""
    return [payload["type"] for payload in await box.sent_of("SecurityEventNotification")]


@pytest.mark.ocpp(
    "A00.FR.501", "A00.FR.503", "A00.FR.504", "A00.FR.506", "A00.FR.507", "A00.FR.509", "A00.FR.511",
    "A00.FR.512", "A00.FR.514", "A02.FR.02", "A02.FR.03", "A02.FR.13", "A03.FR.13",
)  # fmt: skip
async def test_the_box_makes_a_key_of_its_own_and_sends_a_request(opened: Opened) -> None:
    box, _ = opened
    text = await requested(opened)
    assert text.startswith("-----BEGIN CERTIFICATE REQUEST-----\n")
    csr = x509.load_pem_x509_csr(text.encode())
    assert csr.signature_algorithm_oid == SignatureAlgorithmOID.ECDSA_WITH_SHA256
    (extension,) = csr.extensions  # neither another name nor an extended key usage
    assert isinstance(extension.value, x509.KeyUsage)
    assert extension.value.digital_signature
    assert not extension.value.key_cert_sign
    public = csr.public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    assert public.curve.name == "secp256r1"
    assert csr.is_signature_valid
    assert csr.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == ID
    assert csr.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)[0].value == "Operator"
    file = box.hub.vault.path(ID, NEXT_KEY)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert "PRIVATE KEY" in file.read_text()
    other = x509.load_pem_x509_csr((await requested(opened)).encode()).public_key()
    assert other != public, "each request has a key of its own"


@pytest.mark.ocpp("A00.FR.511")
@pytest.mark.parametrize(
    ("identity", "common_name"),
    [
        (StationIdentity(vendor="V", model="M", serial="SN-7", box_serial="B-7"), "SN-7"),
        (StationIdentity(vendor="V", model="M", serial="10.0.0.7", box_serial="B-7"), "B-7"),
        (StationIdentity(vendor="V", model="M", serial="https://x", box_serial="::1"), ID),
    ],
)
async def test_the_name_in_it_is_the_serial_number_and_no_address(
    opened: Opened, identity: StationIdentity, common_name: str
) -> None:
    box, _ = opened
    await box.hub.publish(StationBooted(station=ID, at=box.clock.now(), identity=identity))
    await box.sent()
    csr = x509.load_pem_x509_csr((await requested(opened)).encode())
    assert csr.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == common_name


@pytest.mark.ocpp("A02.FR.05", "A03.FR.05")
async def test_the_private_key_is_in_the_vault_and_nowhere_else(
    opened: Opened, root: Authority, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    box, _ = opened
    csr = await requested(opened)
    key = (await box.hub.vault.documents(ID))[NEXT_KEY].splitlines()[1]
    assert (await sign(box, pem(root.sign(csr))))["status"] == "Accepted"
    await box.call("GetBaseReport", {"requestId": 1, "reportBase": "FullInventory"})
    told = json.dumps([message.payload for message in await box.sent()])
    assert key not in told + caplog.text
    assert key not in (await box.hub.security_log.read(ID)).decode()
    assert await asyncio.to_thread(_files_with, tmp_path, key) == [box.hub.vault.path(ID, CLIENT)]


def _files_with(folder: Path, text: str) -> list[Path]:
    return [each for each in folder.rglob("*") if each.is_file() and text.encode() in each.read_bytes()]


@pytest.mark.ocpp("A02.FR.16", "A03.FR.16")
async def test_a_chain_beyond_the_limit_is_refused(opened: Opened, root: Authority) -> None:
    box, _ = opened
    leaf = pem(root.sign(await requested(opened)))
    limit = box.hub.device(ID).integer("SecurityCtrlr", "MaxCertificateChainSize")
    reply = await box.hub.handle(ID, "CertificateSigned", {"certificateChain": leaf + "\n" * (limit - len(leaf) + 1)})
    assert (reply.payload["status"], reply.payload["statusInfo"]["reasonCode"]) == ("Rejected", "TooLargeElement")
    assert (await sign(box, leaf + "\n" * (limit - len(leaf))))["status"] == "Accepted"


async def test_without_an_organization_there_is_no_request(opened: Opened) -> None:
    box, _ = opened
    await set_variable(box, "OrganizationName", "")
    answer = await box.call("TriggerMessage", TRIGGER)
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "MissingParam")
    assert not await box.sent_of("SignCertificate")


async def test_certificates_of_iso_15118_are_not_implemented(opened: Opened) -> None:
    box, _ = opened
    answer = await box.call("TriggerMessage", {"requestedMessage": "SignV2GCertificate"})
    assert answer["status"] == "NotImplemented"
    signed = await box.call("CertificateSigned", {"certificateChain": "x", "certificateType": "V2GCertificate"})
    assert signed["status"] == "Rejected"


@pytest.mark.ocpp("A00.FR.507", "A02.FR.06", "A02.FR.08", "A03.FR.06", "A03.FR.08")
async def test_a_signed_certificate_is_taken_into_use(opened: Opened, root: Authority) -> None:
    box, _ = opened
    await box.hub.note_variable(ID, LEVEL, "3")
    sub = root.sub()
    leaf = sub.sign(await requested(opened))
    assert (await sign(box, pem(leaf, sub.certificate)))["status"] == "Accepted"
    documents = await box.hub.vault.documents(ID)
    assert documents[CLIENT].count("-----BEGIN CERTIFICATE-----\n") == 2
    assert "PRIVATE KEY" in documents[CLIENT]
    assert documents[CLIENT_BEFORE] == ""
    assert NEXT_KEY not in documents
    assert box.backend.reconnects == [False]
    assert (await sign(box, pem(leaf)))["status"] == "Rejected"  # it was asked for once


async def test_below_profile_3_it_waits_for_its_time(opened: Opened, root: Authority) -> None:
    box, _ = opened
    assert (await sign(box, pem(root.sign(await requested(opened)))))["status"] == "Accepted"
    assert box.backend.reconnects == []


@pytest.mark.ocpp("A00.FR.501", "A00.FR.502", "A00.FR.509", "A02.FR.06", "A02.FR.07", "A02.FR.20", "A03.FR.07")
@pytest.mark.parametrize(
    "fault", ["expired", "future", "stranger", "other name", "other owner", "no authority", "weak", "junk"]
)
async def test_an_invalid_certificate_is_refused_and_told(opened: Opened, root: Authority, fault: str) -> None:
    box, profile = opened
    csr = await requested(opened)
    day = timedelta(days=1)
    chains: dict[str, Callable[[], str]] = {
        "expired": lambda: pem(root.sign(csr, end=START - timedelta(hours=1))),
        "future": lambda: pem(root.sign(csr, start=START + day)),
        "stranger": lambda: pem(Authority.root("Root").sign(csr)),
        "other name": lambda: pem(root.sign(csr, subject=name("CP-2", "Operator"))),
        "other owner": lambda: pem(root.sign(csr, subject=name(ID, "Somebody"))),
        "no authority": lambda: _below(root.sub(authority=False), csr),
        "weak": lambda: _below(root.sub(key=rsa.generate_private_key(65537, 1024)), csr),  # noqa: S505 - that is the fault
        "junk": lambda: "-----BEGIN CERTIFICATE-----\nnothing\n-----END CERTIFICATE-----\n",
    }
    answer = await sign(box, chains[fault]())
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "InvalidCertificate")
    assert await told(box) == ["InvalidChargingStationCertificate"]
    assert CLIENT not in await box.hub.vault.documents(ID)
    box.clock.pass_(days=1)
    await profile.send_again()
    assert not await box.sent_of("SignCertificate")


def _below(sub: Authority, csr: str) -> str:
    return pem(sub.sign(csr), sub.certificate)


async def test_certificate_for_another_key_is_refused(opened: Opened, root: Authority) -> None:
    box, _ = opened
    first = await requested(opened)
    await requested(opened)
    assert (await sign(box, pem(root.sign(first))))["status"] == "Rejected"


async def test_without_a_root_no_chain_can_be_checked(opened: Opened) -> None:
    box, _ = opened
    answer = await sign(box, pem(Authority.root().sign(await requested(opened))))
    assert "CSMSRootCertificate" in answer["statusInfo"]["additionalInfo"]


@pytest.mark.case("TC_A_23_CS")
@pytest.mark.ocpp("A02.FR.17", "A02.FR.18", "A02.FR.19", "A03.FR.17", "A03.FR.18", "A03.FR.19")
async def test_it_asks_again_after_growing_waits_until_it_gives_up(opened: Opened) -> None:
    box, profile = opened
    await set_variable(box, "CertSigningWaitMinimum", "30")
    await set_variable(box, "CertSigningRepeatTimes", "2")
    csr = await requested(opened)
    for wait in (30, 60, 120):
        box.clock.pass_(seconds=wait - 1)
        await profile.send_again()
        assert not await box.sent()
        box.clock.pass_(seconds=1)
        await profile.send_again()
        assert await taken(opened) == csr
    box.clock.pass_(days=2)
    await profile.send_again()
    assert not await box.sent()


@pytest.mark.ocpp("A02.FR.17", "A02.FR.19")
async def test_a_box_that_was_restarted_goes_on_asking_and_no_longer_than_allowed(tmp_path: Path) -> None:
    clock = SettableClock()
    async with opened_with(SecurityProfile, tmp_path, clock=clock) as opened:
        await set_variable(opened[0], "OrganizationName", "Operator")
        await set_variable(opened[0], "CertSigningRepeatTimes", "0")
        await opened[0].sent()
        csr = await requested(opened)
        await opened[0].settled()
    clock.pass_(seconds=61)
    async with opened_with(SecurityProfile, tmp_path, clock=clock, arrive=False) as opened:
        await opened[1].renew(ID)
        await opened[1].send_again()
        assert await taken(opened) == csr
        await opened[0].settled()
    clock.pass_(days=1)
    async with opened_with(SecurityProfile, tmp_path, clock=clock, arrive=False) as opened:
        await opened[1].renew(ID)
        await opened[1].send_again()
        assert not await opened[0].sent_of("SignCertificate")


@pytest.mark.case("TC_A_15_CS")
async def test_a_request_that_was_refused_is_not_sent_again(opened: Opened) -> None:
    box, profile = opened
    await requested(opened, "Rejected")
    box.clock.pass_(days=1)
    await profile.send_again()
    assert not await box.sent()


@pytest.mark.ocpp("A03.FR.02", "A03.FR.03")
async def test_a_certificate_with_a_month_to_go_is_renewed_once(opened: Opened, root: Authority) -> None:
    box, profile = opened
    leaf = root.sign(await requested(opened), end=START + timedelta(days=60))
    assert (await sign(box, pem(leaf)))["status"] == "Accepted"
    await box.sent()
    box.clock.pass_(days=29)
    await profile.renew(ID)
    assert not await box.sent_of("SignCertificate")
    box.clock.pass_(days=2)
    await profile.renew(ID)
    renewed = x509.load_pem_x509_csr((await taken(opened, "Rejected")).encode())
    assert renewed.public_key() != leaf.public_key()
    await profile.renew(ID)
    assert not await box.sent_of("SignCertificate")
