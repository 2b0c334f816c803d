"""What a Plug & Charge station asks of the CSMS: authorization by contract, and certificates of EV and station.

ISO 15118 is the station's; what it has to ask goes on to the CSMS (C07, M01, M02, M06, A02), and the answer back.
"""

from __future__ import annotations

import contextlib
import json
from datetime import timedelta
from typing import TYPE_CHECKING

from gateway.model.commands import Outcome, Verdict
from gateway.model.errors import GatewayError
from gateway.model.plug_and_charge import VENDOR, emaid_of, payload_of
from gateway.model.tokens import Authorization, AuthorizationStatus, Token, TokenType
from profiles.common.tokens import CACHE, RULES, learn
from profiles.common.wire import flag
from profiles.security.revocation import FAILED, PATIENCE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from gateway.contracts import Backend, Json, Northbound
    from profiles.security.revocation import Revocation

ISO15118 = "ISO15118Ctrlr"
LOCAL_LIST = "LocalAuthListCtrlr"
V2G = "V2GCertificate"
_OCSP = ("hashAlgorithm", "issuerNameHash", "issuerKeyHash", "serialNumber", "responderURL")
_MOST_HASHES = 4  # AuthorizeRequest.iso15118CertificateHashData
_STATUS_16 = {"Accepted", "Blocked", "ConcurrentTx", "Expired", "Invalid"}
_REFUSED = Authorization(status=AuthorizationStatus.INVALID)


class Contracts:
    """Answers the messages of stations that have the Plug & Charge extension of OCPP 1.6."""

    def __init__(self, northbound: Northbound, backend: Backend, revocation: Revocation) -> None:
        self._northbound = northbound
        self._backend = backend
        self._revocation = revocation
        self._kinds: Mapping[str, Callable[[str, Json], Awaitable[Json]]] = {
            "Authorize": self._authorize,
            "Get15118EVCertificate": self._ev_certificate,
            "GetCertificateStatus": self._certificate_status,
            "SignCertificate": self._sign,
        }

    async def vendor_message(self, station: str, vendor: str, message: str | None, data: str | None) -> Outcome | None:
        """Answer a DataTransfer of the extension; None for any other."""
        if vendor.strip().casefold() != VENDOR:
            return None
        kind = self._kinds.get(message or "")
        if kind is None:
            return Outcome(verdict=Verdict.UNKNOWN_MESSAGE, reason=f"no {message} of a station")
        payload = payload_of(data)
        if payload is None:
            return Outcome(verdict=Verdict.REJECTED, reason="data is no JSON object")
        return Outcome(verdict=Verdict.ACCEPTED, data=json.dumps(await kind(station, payload)))

    async def _ask(self, station: str, action: str, payload: Json) -> Json | None:
        return await self._backend.ask(station, action, payload, patience=PATIENCE)

    async def _authorize(self, station: str, payload: Json) -> Json:
        """The CSMS decides on token and certificate (C07.FR.01, C07.FR.02); without it the contract is the station's."""
        token = Token(value=emaid_of(payload), type=TokenType.EMAID)
        if not token.value:
            return {"idTokenInfo": {"status": "Invalid"}}
        asked: Json = {"idToken": {"idToken": token.value, "type": token.type.value}}
        hashes = [each for each in map(_ocsp, _listed(payload.get("iso15118CertificateHashData"))) if each]
        if hashes:
            asked["iso15118CertificateHashData"] = hashes[:_MOST_HASHES]
        certificate = payload.get("certificate")
        if isinstance(certificate, str) and certificate:
            asked["certificate"] = certificate  # C07.FR.06: the station cannot judge it
        answer = await self._ask(station, "Authorize", asked)
        if answer is None:
            away = not self._backend.accepted(station)
            found = await self._alone(station, token, judged="certificate" not in asked) if away else _REFUSED
            return {"idTokenInfo": _info(found)}
        found = await learn(self._northbound, station, token, answer["idTokenInfo"])
        told: Json = {"idTokenInfo": _info(found)}
        if "certificateStatus" in answer:
            told["certificateStatus"] = answer["certificateStatus"]
        return told

    async def _alone(self, station: str, token: Token, *, judged: bool) -> Authorization:
        """Without the CSMS: what the box knows of a contract that the station has found valid (C07.FR.07 to C07.FR.12).

        A station that has the contract's root certificate judges it, and tells hashes; any other tells the certificate.
        """
        device = self._northbound.device(station)
        offline = flag(device, ISO15118, "ContractValidationOffline", absent=False)
        if not (offline and judged and device.boolean(RULES, "LocalAuthorizeOffline")):
            return _REFUSED
        with contextlib.suppress(GatewayError):  # the store tells of its own failure
            known = await self._known(station, token)
            if known is not None:
                return known
        allowed = device.boolean(RULES, "OfflineTxForUnknownIdEnabled")
        return Authorization(status=AuthorizationStatus.ACCEPTED) if allowed else _REFUSED

    async def _known(self, station: str, token: Token) -> Authorization | None:
        """The word of the Local Authorization List (C13), else of the cache (C12)."""
        device, now = self._northbound.device(station), self._northbound.now()
        if flag(device, LOCAL_LIST, "Enabled", absent=False):
            _, entries = await self._northbound.tokens.local_list(station)
            listed = next((word for each, word in entries.values() if token.same_as(each)), None)
            if listed is not None:
                over = listed.expires_at is not None and listed.expires_at <= now
                return _REFUSED if over else listed
        entry = await self._northbound.tokens.recall(station, token) if device.boolean(CACHE, "Enabled") else None
        if entry is None:
            return None
        learnt_at, word = entry
        life = device.integer(CACHE, "LifeTime")
        until = word.expires_at or (learnt_at + timedelta(seconds=life) if life > 0 else None)
        return _REFUSED if until is not None and until <= now else word

    async def _ev_certificate(self, station: str, payload: Json) -> Json:
        """CertificateInstallationReq or CertificateUpdateReq of an EV (M01, M02), as it is."""
        asked = _only(payload, "iso15118SchemaVersion", "action", "exiRequest")
        answer = await self._ask(station, "Get15118EVCertificate", asked)
        return _only(answer or {"status": "Failed", "exiResponse": ""}, "status", "exiResponse")

    async def _certificate_status(self, station: str, payload: Json) -> Json:
        """The revocation status of a certificate of the station (M06)."""
        data = _ocsp(payload.get("ocspRequestData"))
        return await self._revocation.status(station, data) if data else FAILED

    async def _sign(self, station: str, payload: Json) -> Json:
        """A request for the station's own certificate of ISO 15118 (A02); others it does not have."""
        answer = None
        if isinstance(payload.get("csr"), str):
            asked: Json = {"csr": payload["csr"], "certificateType": V2G}
            answer = await self._ask(station, "SignCertificate", asked)
        return _only(answer or {"status": "Rejected"}, "status")


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _ocsp(value: object) -> Json:
    """OCSPRequestDataType (Part 2, 2.35); empty where a part of it is missing."""
    if not isinstance(value, dict) or not all(isinstance(value.get(name), str) for name in _OCSP):
        return {}
    return {name: value[name] for name in _OCSP}


def _only(payload: Json, *names: str) -> Json:
    return {name: payload[name] for name in names if name in payload}


def _info(found: Authorization) -> Json:
    """IdTagInfo of OCPP 1.6, which is what the note has here."""
    info: Json = {"status": found.status.value if found.status.value in _STATUS_16 else "Invalid"}
    if found.expires_at is not None:
        info["expiryDate"] = found.expires_at.isoformat().replace("+00:00", "Z")
    if found.group is not None and found.group.value:
        info["parentIdTag"] = found.group.value
    return info
