"""ISO 15118 Plug & Charge of an OCPP 1.6-J station, as far as the CSMS, and from there to the station."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gateway.model.plug_and_charge import VENDOR
from tests.e2e.raw16 import CARD, now, raw_scene

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.bench.csms.ledger import Payload
    from tests.e2e.raw16 import RawScene

EMAID = "DE8AAC1B2C3D4E"
KEYS = {
    "ISO15118PnCEnabled": "true",
    "ContractValidationOffline": "true",
    "CentralContractValidationAllowed": "true",
}
HASH: Payload = {"hashAlgorithm": "SHA256", "issuerNameHash": "aa", "issuerKeyHash": "bb", "serialNumber": "0c"}
OCSP: Payload = {**HASH, "responderURL": "http://ocsp.example.com"}
CHAIN: Payload = {
    "certificateType": "V2GCertificateChain",
    "certificateHashData": HASH,
    "childCertificateHashData": [{**HASH, "serialNumber": "0d"}],
}


class Vehicles:
    """What the station and its vehicles say of ISO 15118."""

    def __init__(self, made: RawScene) -> None:
        self.made = made
        self.asked: list[tuple[str, Any]] = []
        self.answers: dict[str, Payload] = {}
        made.station.answers["DataTransfer"] = self._answer

    def _answer(self, request: Payload) -> Payload:
        assert request["vendorId"] == VENDOR
        self.asked.append((request["messageId"], json.loads(request["data"])))
        answer = self.answers.get(request["messageId"], {"status": "Accepted"})
        return {"status": "Accepted", "data": json.dumps(answer)}

    async def say(self, message: str, **payload: Any) -> Payload:
        """The station's message; the payload of the answer."""
        answer = await self.made.station.say(
            "DataTransfer", vendorId=VENDOR, messageId=message, data=json.dumps(payload)
        )
        assert answer["status"] == "Accepted"
        found: Payload = json.loads(answer["data"])
        return found

    def last(self) -> tuple[str, Any]:
        """What the station was asked last: the message's name and its payload."""
        return self.asked[-1]

    async def forgets_csms(self) -> None:
        """The CSMS is away, and the box knows."""
        await self.made.csms.go_down()
        await self.made.box.status_until(lambda s: all(station.backend.state != "accepted" for station in s.stations))


@pytest.fixture
async def vehicles(tmp_path: Path) -> AsyncIterator[Vehicles]:
    async with raw_scene(tmp_path, KEYS) as made:
        await made.until(lambda: bool(made.csms.of("StatusNotification")))
        yield Vehicles(made)


@pytest.mark.ocpp("C07.FR.01", "C07.FR.02", "C07.FR.06", "C08.FR.01", "M01.FR.01", "M02.FR.01")
async def test_what_the_station_asks_goes_to_the_csms_and_its_answer_back(vehicles: Vehicles) -> None:
    csms = vehicles.made.csms
    csms.override("Authorize", lambda _: {"idTokenInfo": {"status": "Accepted"}, "certificateStatus": "Accepted"})
    answer = await vehicles.say("Authorize", idToken=EMAID, iso15118CertificateHashData=[OCSP])
    assert answer == {"idTokenInfo": {"status": "Accepted"}, "certificateStatus": "Accepted"}
    await vehicles.say("Authorize", idToken=EMAID, certificate="-----BEGIN CERTIFICATE-----")
    hashed, whole = (record.payload for record in csms.of("Authorize"))
    token = {"idToken": EMAID, "type": "eMAID"}
    assert hashed == {"idToken": token, "iso15118CertificateHashData": [OCSP]}
    assert whole == {"idToken": token, "certificate": "-----BEGIN CERTIFICATE-----"}
    await vehicles.made.station.say("StartTransaction", connectorId=1, idTag=EMAID, meterStart=0, timestamp=now())
    await vehicles.made.until(lambda: bool(csms.transactions))
    (held,) = csms.transactions.values()
    assert held.ordered[0]["idToken"] == token, "it is a contract to the CSMS"
    # An external means of identification is a card like any other.
    await vehicles.made.station.say("Authorize", idTag=CARD)
    assert csms.of("Authorize")[-1].payload["idToken"] == {"idToken": CARD, "type": "ISO14443"}

    certificates = {"status": "Accepted", "exiResponse": "cmVz"}
    csms.override("Get15118EVCertificate", lambda _: certificates)
    for action in ("Install", "Update"):
        exi = {"iso15118SchemaVersion": "urn:iso:15118:2:2013:MsgDef", "action": action, "exiRequest": "cmVx"}
        assert await vehicles.say("Get15118EVCertificate", **exi) == certificates
        assert csms.of("Get15118EVCertificate")[-1].payload == exi


@pytest.mark.ocpp("M03.FR.05", "M05.FR.01", "M05.FR.02", "M04.FR.02", "M04.FR.04", "M03.FR.04")
async def test_what_the_csms_asks_goes_to_the_station_and_its_answer_back(vehicles: Vehicles) -> None:
    made = vehicles.made
    root: Payload = {"certificateType": "V2GRootCertificate", "certificate": "-----BEGIN CERTIFICATE-----"}
    assert await made.call("InstallCertificate", **root) == {"status": "Accepted"}
    assert vehicles.last() == ("InstallCertificate", root)
    vehicles.answers["InstallCertificate"] = {"status": "Rejected"}
    assert await made.call("InstallCertificate", **root) == {"status": "Rejected"}

    vehicles.answers["GetInstalledCertificateIds"] = {"status": "Accepted", "certificateHashDataChain": [CHAIN]}
    found = await made.call(
        "GetInstalledCertificateIds", certificateType=["V2GCertificateChain", "CSMSRootCertificate"]
    )
    assert found == {"status": "Accepted", "certificateHashDataChain": [CHAIN]}
    assert vehicles.last() == ("GetInstalledCertificateIds", {"certificateType": ["V2GCertificateChain"]})

    for status in ("Accepted", "NotFound", "Failed"):
        vehicles.answers["DeleteCertificate"] = {"status": status}
        assert await made.call("DeleteCertificate", certificateHashData=HASH) == {"status": status}
    assert vehicles.last() == ("DeleteCertificate", {"certificateHashData": HASH})


@pytest.mark.ocpp("A02.FR.13")
async def test_the_station_gets_a_certificate_of_its_own_for_vehicles(vehicles: Vehicles) -> None:
    made = vehicles.made
    assert await made.call("TriggerMessage", requestedMessage="SignV2GCertificate") == {"status": "Accepted"}
    assert vehicles.last() == ("TriggerMessage", {"requestedMessage": "SignV2GCertificate"})
    assert await vehicles.say("SignCertificate", csr="-----BEGIN CERTIFICATE REQUEST-----") == {"status": "Accepted"}
    (asked,) = made.csms.of("SignCertificate")
    assert asked.payload == {"csr": "-----BEGIN CERTIFICATE REQUEST-----", "certificateType": "V2GCertificate"}
    signed = {"certificateChain": "-----BEGIN CERTIFICATE-----", "certificateType": "V2GCertificate"}
    assert await made.call("CertificateSigned", **signed) == {"status": "Accepted"}
    assert vehicles.last() == ("CertificateSigned", signed)


@pytest.mark.ocpp("C07.FR.07", "C07.FR.08", "C07.FR.09", "C07.FR.11", "C07.FR.12")
async def test_contracts_while_the_csms_is_away(vehicles: Vehicles) -> None:
    made = vehicles.made
    contract: Payload = {"idToken": EMAID, "iso15118CertificateHashData": [OCSP]}
    await vehicles.say("Authorize", **contract)  # into the cache
    await made.set_("AuthCtrlr", "OfflineTxForUnknownIdEnabled", "true")
    await vehicles.forgets_csms()
    refused = {"idTokenInfo": {"status": "Invalid"}}
    assert (await vehicles.say("Authorize", **contract))["idTokenInfo"]["status"] == "Accepted"
    stranger = {**contract, "idToken": "DE8AAC999999"}
    assert (await vehicles.say("Authorize", **stranger))["idTokenInfo"]["status"] == "Accepted"
    unjudged = {"idToken": EMAID, "certificate": "-----BEGIN CERTIFICATE-----"}
    assert await vehicles.say("Authorize", **unjudged) == refused, "the station cannot judge it, and nobody else"
    assert await vehicles.say("Get15118EVCertificate", action="Install") == {"status": "Failed", "exiResponse": ""}
    assert await vehicles.say("GetCertificateStatus", ocspRequestData=OCSP) == {"status": "Failed"}
    assert await vehicles.say("SignCertificate", csr="x") == {"status": "Rejected"}


async def test_a_station_without_the_extension_refuses_and_says_so(tmp_path: Path) -> None:
    async with raw_scene(tmp_path, {}) as made:
        root = {"certificateType": "MORootCertificate", "certificate": "x"}
        answer = await made.call("InstallCertificate", **root)
        assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "UnsupportedParam")
        answer = await made.call("CertificateSigned", certificateChain="x", certificateType="V2GCertificate")
        assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "UnsupportedParam")
        assert (await made.call("TriggerMessage", requestedMessage="SignV2GCertificate"))["status"] == "NotImplemented"
        wanted = ["V2GRootCertificate", "MORootCertificate", "V2GCertificateChain"]
        assert await made.call("GetInstalledCertificateIds", certificateType=wanted) == {"status": "NotFound"}
        assert await made.call("DeleteCertificate", certificateHashData=HASH) == {"status": "NotFound"}
        assert [name for name, _ in made.station.calls if name == "DataTransfer"] == []
