"""Root certificates, as the CSMS installs, lists and deletes them: M03, M04, M05."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from gateway.model.credentials import CLIENT
from gateway.model.device import VariableRef
from profiles.security.variables import MOST_CERTIFICATES
from tests.fakes.box import ID, Box
from tests.fakes.clock import START
from tests.profiles.security.pki import Authority, key_pem, pem

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.contracts import Json

CSMS, MANUFACTURER = "CSMSRootCertificate", "ManufacturerRootCertificate"
LEVEL = VariableRef(component="SecurityCtrlr", variable="SecurityProfile")


def give_roots(box: Box, text: str, *, check: bool = False) -> None:
    """From now on the site file has these authorities."""
    box.member.installation = replace(box.member.installation, roots=text, root_check=check)
    box.member.device = None  # it has other variables now


async def install(box: Box, certificate: str, use: str = CSMS) -> str:
    answer = await box.call("InstallCertificate", {"certificateType": use, "certificate": certificate})
    status: str = answer["status"]
    return status


async def listed(box: Box, *uses: str) -> list[Json]:
    answer = await box.call("GetInstalledCertificateIds", {"certificateType": list(uses)} if uses else {})
    found: list[Json] = answer.get("certificateHashDataChain", [])
    assert (answer["status"] == "Accepted") is bool(found)
    return found


async def delete(box: Box, chain: Json) -> str:
    answer = await box.call("DeleteCertificate", {"certificateHashData": chain["certificateHashData"]})
    status: str = answer["status"]
    return status


def entries(box: Box) -> str:
    return box.hub.device(ID).value(VariableRef(component="SecurityCtrlr", variable="CertificateEntries"))


@pytest.mark.case("TC_M_01_CS", "TC_M_02_CS", "TC_M_12_CS", "TC_M_13_CS", "TC_M_17_CS", "TC_M_18_CS", "TC_M_19_CS")
@pytest.mark.ocpp("M03.FR.01", "M03.FR.02", "M03.FR.03", "M03.FR.04", "M05.FR.01", "M05.FR.02")
async def test_what_is_installed_is_listed_by_its_hashes(box: Box) -> None:
    assert await listed(box) == []
    root = Authority.root()
    assert await install(box, root.pem) == "Accepted"
    assert await install(box, Authority.root("Maker").pem, MANUFACTURER) == "Accepted"
    public = root.certificate.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    assert await listed(box, CSMS) == [
        {
            "certificateType": CSMS,
            "certificateHashData": {
                "hashAlgorithm": "SHA256",
                "issuerNameHash": hashlib.sha256(root.certificate.issuer.public_bytes()).hexdigest(),
                "issuerKeyHash": hashlib.sha256(public).hexdigest(),
                "serialNumber": f"{root.certificate.serial_number:x}",
            },
        }
    ]
    assert {each["certificateType"] for each in await listed(box)} == {CSMS, MANUFACTURER}
    assert await listed(box, "V2GRootCertificate") == []
    assert entries(box) == "2"


@pytest.mark.ocpp("M05.FR.17")
async def test_the_same_certificate_is_there_once(box: Box) -> None:
    root = Authority.root()
    assert [await install(box, root.pem) for _ in range(2)] == ["Accepted", "Accepted"]
    assert len(await listed(box)) == 1


@pytest.mark.case("TC_M_07_CS")
@pytest.mark.ocpp("M05.FR.07")
@pytest.mark.parametrize("fault", ["junk", "expired", "future", "two", "leaf", "sub", "weak"])
async def test_an_invalid_certificate_is_refused(box: Box, fault: str) -> None:
    root, day = Authority.root(), timedelta(days=1)
    certificates: dict[str, Callable[[], str]] = {
        "junk": lambda: "no certificate",
        "expired": lambda: Authority.root(end=START - day).pem,
        "future": lambda: Authority.root(start=START + day).pem,
        "two": lambda: root.pem + Authority.root("Other").pem,
        "leaf": lambda: Authority.root(authority=False).pem,
        "sub": lambda: root.sub().pem,
        "weak": lambda: Authority.root(key=rsa.generate_private_key(65537, 1024)).pem,  # noqa: S505 - that is the fault
    }
    payload = {"certificateType": CSMS, "certificate": certificates[fault]()}
    answer = await box.call("InstallCertificate", payload)
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "InvalidCertificate")
    assert await listed(box) == []


async def test_roots_of_iso_15118_are_refused(box: Box) -> None:
    for use in ("V2GRootCertificate", "MORootCertificate"):
        assert await install(box, Authority.root().pem, use) == "Rejected"


@pytest.mark.ocpp("M05.FR.06")
async def test_the_store_has_an_end(box: Box) -> None:
    for number in range(MOST_CERTIFICATES):
        assert await install(box, Authority.root(f"Root {number}").pem) == "Accepted"
    assert await install(box, Authority.root("One more").pem) == "Rejected"
    assert entries(box) == str(MOST_CERTIFICATES)
    limits = box.hub.device(ID).spec(VariableRef(component="SecurityCtrlr", variable="CertificateEntries"))
    assert limits is not None
    assert limits.max_limit == MOST_CERTIFICATES


@pytest.mark.case("TC_M_20_CS", "TC_M_22_CS")
@pytest.mark.ocpp("M04.FR.01", "M04.FR.02", "M04.FR.04")
async def test_what_is_deleted_is_gone(box: Box) -> None:
    await install(box, Authority.root().pem)
    (chain,) = await listed(box)
    assert await delete(box, chain) == "Accepted"
    assert await delete(box, chain) == "NotFound"
    assert await listed(box) == []
    assert entries(box) == "0"


@pytest.mark.case("TC_M_20_CS")
@pytest.mark.ocpp("M04.FR.03")
async def test_the_last_root_of_a_connection_over_tls_stays(box: Box) -> None:
    await install(box, Authority.root().pem)
    await box.hub.note_variable(ID, LEVEL, "2")
    (chain,) = await listed(box)
    assert await delete(box, chain) == "Failed"
    await install(box, Authority.root("Next").pem)
    assert await delete(box, chain) == "Accepted"


@pytest.mark.ocpp("M04.FR.02")
async def test_the_site_files_own_root_is_listed_and_goes_like_any_other(box: Box) -> None:
    root = Authority.root()
    give_roots(box, root.pem)
    await box.hub.note_variable(ID, LEVEL, "2")
    (chain,) = await listed(box, CSMS)
    assert await delete(box, chain) == "Failed"  # it is the last one
    await install(box, Authority.root("Next").pem)
    assert entries(box) == "2"
    assert await delete(box, chain) == "Accepted"
    assert len(await listed(box, CSMS)) == 1
    assert entries(box) == "1"
    give_roots(box, root.pem + Authority.root("Of the technician").pem)
    assert len(await listed(box, CSMS)) == 3  # who names others in the site file wants all of them


@pytest.mark.case("TC_M_23_CS")
@pytest.mark.ocpp("M04.FR.06")
async def test_the_stations_own_certificate_is_not_deleted(box: Box) -> None:
    root = Authority.root()
    await install(box, root.pem)
    own = root.sub("Station", authority=False)
    await box.hub.vault.keep(ID, {CLIENT: key_pem(own.key) + pem(own.certificate)})
    (of_root,) = await listed(box)
    own_hash = {**of_root["certificateHashData"], "serialNumber": f"{own.certificate.serial_number:x}"}
    assert await delete(box, {"certificateHashData": own_hash}) == "Failed"
    assert CLIENT in await box.hub.vault.documents(ID)


@pytest.mark.ocpp("M05.FR.03")
async def test_a_disk_that_fails_is_no_success(box: Box) -> None:
    vault = box.hub.vault.path(ID, "x").parent
    vault.parent.write_text("a file where the folder should be")
    assert await install(box, Authority.root().pem) == "Failed"


@pytest.mark.ocpp("A00.FR.506", "A00.FR.508", "M03.FR.04", "M04.FR.02")
@pytest.mark.parametrize("algorithm", ["SHA256", "SHA384", "SHA512"])
async def test_a_certificate_is_found_by_hashes_of_every_algorithm(box: Box, algorithm: str) -> None:
    root = Authority.root()
    await install(box, root.pem)
    await install(box, Authority.root("Another").pem)
    public = root.certificate.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    data = {
        "hashAlgorithm": algorithm,
        "issuerNameHash": hashlib.new(algorithm.lower(), root.certificate.issuer.public_bytes()).hexdigest(),
        "issuerKeyHash": hashlib.new(algorithm.lower(), public).hexdigest(),
        "serialNumber": f"{root.certificate.serial_number:x}",
    }
    assert await delete(box, {"certificateHashData": data | {"serialNumber": "1"}}) == "NotFound"
    assert await delete(box, {"certificateHashData": data}) == "Accepted"
    (left,) = await listed(box)
    assert left["certificateHashData"]["hashAlgorithm"] == "SHA256"
    assert left["certificateHashData"]["serialNumber"] != data["serialNumber"]
