"""The revocation status of a station's certificates of ISO 15118: asked for, kept, refreshed (M06)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import AuthorityInformationAccessOID

from gateway.model import events as ev
from gateway.model.commands import Outcome, VendorRequest, Verdict
from gateway.model.plug_and_charge import VENDOR
from gateway.model.station import Capability
from profiles.security import SecurityProfile
from tests.fakes.box import ID
from tests.fakes.clock import START
from tests.profiles.opened import opened_with
from tests.profiles.security.pki import Authority, name, pem

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.contracts import Json
    from tests.fakes.box import Box

URL = "http://ocsp.example.com"
KNOWN: Json = {"status": "Accepted", "ocspResult": "T0s="}
DATA: Json = {
    "hashAlgorithm": "SHA256", "issuerNameHash": "aa", "issuerKeyHash": "bb", "serialNumber": "0c", "responderURL": URL,
}  # fmt: skip


def issued(by: Authority, common: str, *, authority: bool) -> Authority:
    """A certificate that names its responder."""
    key = ec.generate_private_key(ec.SECP256R1())
    where = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(URL))
    made = (
        x509.CertificateBuilder().subject_name(name(common)).issuer_name(by.certificate.subject)
        .public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(START).not_valid_after(START + timedelta(days=90))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.AuthorityInformationAccess([where]), critical=False)
        .sign(by.key, hashes.SHA256())
    )  # fmt: skip
    return Authority(certificate=made, key=key)


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[tuple[Box, SecurityProfile]]:
    async with opened_with(SecurityProfile, tmp_path, arrive=False) as (box, profile):
        able = frozenset({Capability.DATA_TRANSFER, Capability.PLUG_AND_CHARGE})
        await box.hub.publish(ev.StationFound(station=ID, at=box.clock.now(), capabilities=able))
        box.adapter.answers[VendorRequest] = Outcome(verdict=Verdict.ACCEPTED, data='{"status": "Accepted"}')
        box.backend.answers["GetCertificateStatus"] = KNOWN
        yield box, profile


async def status(box: Box) -> Json:
    """What the station is told."""
    outcome = await box.hub.vendor_message(ID, VENDOR, "GetCertificateStatus", json.dumps({"ocspRequestData": DATA}))
    found: Json = json.loads(outcome.data or "")
    return found


def asked(box: Box) -> list[str]:
    """The serial numbers that the CSMS was asked about."""
    return [
        payload["ocspRequestData"]["serialNumber"]
        for action, payload in box.backend.asked
        if action == "GetCertificateStatus"
    ]


@pytest.mark.ocpp("M06.FR.06")
async def test_what_the_csms_says_is_kept_for_a_week(opened: tuple[Box, SecurityProfile]) -> None:
    box, _ = opened
    assert await status(box) == KNOWN
    assert box.backend.asked == [("GetCertificateStatus", {"ocspRequestData": DATA})]
    del box.backend.answers["GetCertificateStatus"]
    assert await status(box) == KNOWN, "from what is kept"
    box.clock.pass_(days=8)
    assert await status(box) == {"status": "Failed"}


@pytest.mark.parametrize("answer", [{"status": "Failed"}, {"status": "Accepted"}])
async def test_what_says_nothing_is_not_kept(opened: tuple[Box, SecurityProfile], answer: Json) -> None:
    box, _ = opened
    box.backend.answers["GetCertificateStatus"] = answer
    assert await status(box) == {"status": "Failed"}
    del box.backend.answers["GetCertificateStatus"]
    assert await status(box) == {"status": "Failed"}


@pytest.mark.ocpp("M06.FR.06", "M06.FR.07")
async def test_a_new_certificate_is_asked_about_with_all_above_it(opened: tuple[Box, SecurityProfile]) -> None:
    box, _ = opened
    root = Authority.root("V2G Root")
    upper = issued(root, "Sub 1", authority=True)
    lower = issued(upper, "Sub 2", authority=True)
    leaf = issued(lower, "SECC", authority=False)
    installed = {"certificateType": "V2GRootCertificate", "certificate": root.pem}
    assert (await box.call("InstallCertificate", installed))["status"] == "Accepted"
    await status(box)  # of a certificate that is none any more
    box.backend.asked.clear()
    chain = pem(leaf.certificate, lower.certificate, upper.certificate)
    signed = {"certificateChain": chain, "certificateType": "V2GCertificate"}
    assert (await box.call("CertificateSigned", signed))["status"] == "Accepted"
    wanted = [f"{each.certificate.serial_number:x}" for each in (leaf, lower, upper)]
    assert asked(box) == wanted
    assert {payload["ocspRequestData"]["responderURL"] for _, payload in box.backend.asked} == {URL}
    del box.backend.answers["GetCertificateStatus"]
    assert await status(box) == {"status": "Failed"}, "what is known of the former one is forgotten"


async def test_a_certificate_that_the_station_refuses_changes_nothing(opened: tuple[Box, SecurityProfile]) -> None:
    box, _ = opened
    box.adapter.answers[VendorRequest] = Outcome(verdict=Verdict.ACCEPTED, data='{"status": "Rejected"}')
    signed = {"certificateChain": Authority.root().pem, "certificateType": "V2GCertificate"}
    assert (await box.call("CertificateSigned", signed))["status"] == "Rejected"
    assert box.backend.asked == []


async def test_a_chain_that_cannot_be_read_is_the_stations_affair(opened: tuple[Box, SecurityProfile]) -> None:
    box, _ = opened
    signed = {"certificateChain": "no certificate", "certificateType": "V2GCertificate"}
    assert (await box.call("CertificateSigned", signed))["status"] == "Accepted"
    assert box.backend.asked == []


@pytest.mark.ocpp("M06.FR.10")
async def test_it_is_asked_for_again_every_week(opened: tuple[Box, SecurityProfile]) -> None:
    box, profile = opened
    await status(box)
    for days, times in ((5, 0), (2, 1), (1, 0)):
        box.clock.pass_(days=days)
        box.backend.asked.clear()
        await profile.look_after(ID)
        assert len(asked(box)) == times
