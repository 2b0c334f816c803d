"""Plug & Charge stations of OCPP 1.6: what becomes of their messages, with the CSMS and without it (C07, M01, M06)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from gateway.model import events as ev
from gateway.model.commands import Outcome, VendorRequest, Verdict
from gateway.model.device import VariableRef
from gateway.model.plug_and_charge import VENDOR
from gateway.model.station import Capability
from gateway.model.tokens import Authorization, AuthorizationStatus, Token, TokenType
from profiles.local_list import LocalListProfile
from profiles.security import SecurityProfile
from tests.fakes.box import ID, open_box

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.contracts import Json
    from tests.fakes.box import Box

EMAID = Token(value="DE8AAC1B2C3D4E", type=TokenType.EMAID)
OCSP: Json = {
    "hashAlgorithm": "SHA256", "issuerNameHash": "aa", "issuerKeyHash": "bb", "serialNumber": "0c",
    "responderURL": "http://ocsp.example.com",
}  # fmt: skip
JUDGED: Json = {"idToken": EMAID.value, "iso15118CertificateHashData": [OCSP]}
OFFLINE = "ISO15118Ctrlr.ContractValidationOffline"
AT_HOME = "AuthCtrlr.LocalAuthorizeOffline"
STRANGERS = "AuthCtrlr.OfflineTxForUnknownIdEnabled"
ACCEPTED = Authorization(status=AuthorizationStatus.ACCEPTED)
BLOCKED = Authorization(status=AuthorizationStatus.BLOCKED)


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[Box]:
    async with open_box(tmp_path) as opened:
        profiles = [SecurityProfile(opened.hub, opened.backend), LocalListProfile(opened.hub, opened.backend)]
        opened.hub.attach(opened.backend, sorted([*profiles, opened.profile], key=lambda each: each.rank))
        able = frozenset({Capability.DATA_TRANSFER, Capability.PLUG_AND_CHARGE, Capability.CONFIGURATION_WRITE})
        await opened.hub.publish(ev.StationFound(station=ID, at=opened.clock.now(), capabilities=able))
        await configure(opened, {OFFLINE: "true"})
        yield opened


async def configure(box: Box, values: dict[str, str]) -> None:
    """Give variables values: those of ISO 15118 at the station, the others at the box."""
    for label, value in values.items():
        component, variable = label.split(".")
        if component == "ISO15118Ctrlr":
            held = ev.StationVariable(
                key=variable, component=component, variable=variable, value=value, read_only=False
            )
            await box.hub.publish(ev.VariablesReported(station=ID, at=box.clock.now(), variables=(held,)))
        else:
            ref = VariableRef(component=component, variable=variable)
            assert (await box.hub.set_variable(ID, ref, value)).accepted


async def say(box: Box, message: str, payload: object) -> Outcome:
    data = payload if isinstance(payload, str) else json.dumps(payload)
    return await box.hub.vendor_message(ID, VENDOR, message, data)


async def status(box: Box, request: Json | None = None) -> str:
    """What the station is told of a contract."""
    outcome = await say(box, "Authorize", request or JUDGED)
    assert outcome.data is not None
    return str(json.loads(outcome.data)["idTokenInfo"]["status"])


@pytest.mark.parametrize(
    ("settings", "known", "expected"),
    [
        pytest.param({OFFLINE: "false"}, "cache", "Invalid", marks=pytest.mark.ocpp("C07.FR.07")),
        pytest.param({OFFLINE: "false", STRANGERS: "true"}, "", "Invalid", marks=pytest.mark.ocpp("C07.FR.07")),
        pytest.param({AT_HOME: "false"}, "cache", "Invalid", marks=pytest.mark.ocpp("C07.FR.09")),
        pytest.param({}, "cache", "Accepted", marks=pytest.mark.ocpp("C07.FR.08", "C07.FR.09", "C07.FR.11")),
        pytest.param({}, "old cache", "Invalid", marks=pytest.mark.ocpp("C07.FR.11")),
        pytest.param({}, "list", "Accepted", marks=pytest.mark.ocpp("C07.FR.09", "C07.FR.10")),
        pytest.param({STRANGERS: "true"}, "blocked list", "Blocked", marks=pytest.mark.ocpp("C07.FR.10")),
        pytest.param({}, "", "Invalid", marks=pytest.mark.ocpp("C07.FR.12")),
        pytest.param({STRANGERS: "true"}, "", "Accepted", marks=pytest.mark.ocpp("C07.FR.12")),
    ],
)
async def test_a_contract_without_the_csms(box: Box, settings: dict[str, str], known: str, expected: str) -> None:
    await configure(box, settings)
    if "cache" in known:
        box.backend.answers["Authorize"] = {"idTokenInfo": {"status": "Accepted"}}
        assert await status(box) == "Accepted"
        del box.backend.answers["Authorize"]
    if "list" in known:
        word = BLOCKED if "blocked" in known else ACCEPTED
        await box.hub.tokens.store_local_list(ID, 1, {EMAID.key: (EMAID, word)})
    if "old" in known:
        box.clock.time += timedelta(days=400)
    box.backend.since = None
    assert await status(box) == expected


@pytest.mark.ocpp("C07.FR.08")
async def test_a_contract_that_the_station_cannot_judge_is_none_without_the_csms(box: Box) -> None:
    await configure(box, {STRANGERS: "true"})
    box.backend.since = None
    assert await status(box, {"idToken": EMAID.value, "certificate": "PEM"}) == "Invalid"


@pytest.mark.ocpp("C07.FR.01")
async def test_a_csms_that_is_there_and_says_nothing_has_not_accepted(box: Box) -> None:
    await configure(box, {STRANGERS: "true"})
    assert await status(box) == "Invalid"


@pytest.mark.ocpp("C07.FR.01", "C07.FR.02")
@pytest.mark.parametrize("wrapped", [True, False])
async def test_the_csms_is_asked_with_what_can_be_checked(box: Box, *, wrapped: bool) -> None:
    box.backend.answers["Authorize"] = {
        "idTokenInfo": {
            "status": "ConcurrentTx", "groupIdToken": {"idToken": "FLEET", "type": "Central"},
            "cacheExpiryDateTime": "2031-01-01T00:00:00Z",
        },
        "certificateStatus": "CertificateRevoked",
    }  # fmt: skip
    token = {"idToken": EMAID.value, "type": "eMAID"}
    request = {
        "idToken": token if wrapped else EMAID.value,
        "iso15118CertificateHashData": [OCSP, {"hashAlgorithm": "SHA256"}, *[OCSP] * 5],
    }
    outcome = await say(box, "Authorize", request)
    assert json.loads(outcome.data or "") == {
        "idTokenInfo": {"status": "ConcurrentTx", "expiryDate": "2031-01-01T00:00:00Z", "parentIdTag": "FLEET"},
        "certificateStatus": "CertificateRevoked",
    }
    (asked,) = [payload for action, payload in box.backend.asked if action == "Authorize"]
    assert asked == {"idToken": token, "iso15118CertificateHashData": [OCSP] * 4}


@pytest.mark.parametrize(
    ("message", "data", "verdict"),
    [
        ("InstallCertificate", "{}", Verdict.UNKNOWN_MESSAGE),
        ("", "{}", Verdict.UNKNOWN_MESSAGE),
        ("Authorize", "[", Verdict.REJECTED),
        ("Authorize", "[]", Verdict.REJECTED),
    ],
)
async def test_what_is_none_of_its_messages_is_refused(box: Box, message: str, data: str, verdict: Verdict) -> None:
    assert (await say(box, message, data)).verdict is verdict
    assert box.backend.asked == []


@pytest.mark.parametrize("token", ["", 7, None, {"type": "eMAID"}, "X" * 37])
async def test_what_is_no_contract_is_not_asked_about(box: Box, token: object) -> None:
    assert await status(box, {"idToken": token}) == "Invalid"
    assert box.backend.asked == []


@pytest.mark.parametrize("answer", [None, "{}", "[]", "no JSON", '{"status": 7}', '{"status": "Perhaps"}'])
async def test_a_station_that_answers_nothing_usable_has_failed(box: Box, answer: str | None) -> None:
    box.adapter.answers[VendorRequest] = Outcome(verdict=Verdict.ACCEPTED, data=answer)
    root = {"certificateType": "V2GRootCertificate", "certificate": "PEM"}
    assert (await box.call("InstallCertificate", root))["status"] == "Failed"
    hashes = {name: value for name, value in OCSP.items() if name != "responderURL"}
    assert (await box.call("DeleteCertificate", {"certificateHashData": hashes}))["status"] == "Failed"
    signed = {"certificateChain": "PEM", "certificateType": "V2GCertificate"}
    assert (await box.call("CertificateSigned", signed))["status"] == "Rejected"
    assert (await box.call("TriggerMessage", {"requestedMessage": "SignV2GCertificate"}))["status"] == "Rejected"
    listed = await box.call("GetInstalledCertificateIds", {"certificateType": ["V2GRootCertificate"]})
    assert listed == {"status": "NotFound"}


async def test_its_own_messages_stay_its_own(box: Box) -> None:
    await say(box, "SignCertificate", {"csr": "CSR"})
    assert box.backend.asked == [("SignCertificate", {"csr": "CSR", "certificateType": "V2GCertificate"})]
    assert await box.sent_of("SignCertificate") == []


async def test_hashes_that_are_none_are_left_out(box: Box) -> None:
    whole = {name: value for name, value in OCSP.items() if name != "responderURL"}
    chains: list[Any] = [
        {
            "certificateType": "V2GCertificateChain",
            "certificateHashData": whole,
            "childCertificateHashData": [whole, 7],
        },
        {"certificateType": "MORootCertificate", "certificateHashData": whole},
        {"certificateType": "V2GCertificateChain", "certificateHashData": {"serialNumber": "1"}},
        "nothing",
    ]
    answer = {"status": "Accepted", "certificateHashDataChain": chains}
    box.adapter.answers[VendorRequest] = Outcome(verdict=Verdict.ACCEPTED, data=json.dumps(answer))
    found = await box.call("GetInstalledCertificateIds", {"certificateType": ["V2GCertificateChain"]})
    assert found["certificateHashDataChain"] == [{**chains[0], "childCertificateHashData": [whole]}]
