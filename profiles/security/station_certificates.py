"""Certificates of ISO 15118 that a Plug & Charge station keeps itself: the CSMS's messages go on to it (A02, M03-M05)."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.contracts import Reply
from gateway.model.commands import VendorRequest
from gateway.model.plug_and_charge import VENDOR, payload_of
from gateway.model.station import Capability
from profiles.common.replies import refused

if TYPE_CHECKING:
    from collections.abc import Collection

    from gateway.contracts import Json, Northbound
    from profiles.security.revocation import Revocation

_ROOT = "V2GRootCertificate"
KEPT = frozenset({_ROOT, "MORootCertificate", "V2GCertificateChain"})
"""GetCertificateIdUseEnumType, as far as it is of ISO 15118."""

TRIGGERED = "SignV2GCertificate"
_HASH = ("hashAlgorithm", "issuerNameHash", "issuerKeyHash", "serialNumber")
_MOST_CHILDREN = 4  # CertificateHashDataChainType.childCertificateHashData
_STATUSES = {
    "InstallCertificate": ("Accepted", "Rejected", "Failed"),
    "CertificateSigned": ("Accepted", "Rejected"),
    "DeleteCertificate": ("Accepted", "Failed", "NotFound"),
    "TriggerMessage": ("Accepted", "Rejected", "NotImplemented"),
}
_NONE = "the station has no ISO 15118"
_SILENT = "the station did not answer as the Plug & Charge extension has it"


class StationCertificates:
    """Passes messages on, where the station says that it has the Plug & Charge extension of OCPP 1.6."""

    def __init__(self, northbound: Northbound, revocation: Revocation) -> None:
        self._northbound = northbound
        self._revocation = revocation

    def there(self, station: str) -> bool:
        """Tell whether the station keeps such certificates."""
        return Capability.PLUG_AND_CHARGE in self._northbound.station(station).capabilities

    async def install(self, station: str, payload: Json) -> Reply:
        """InstallCertificate of a root certificate (M05)."""
        reply = await self._pass_on(station, "InstallCertificate", payload, failed="Failed")
        if reply.payload["status"] == "Accepted" and payload["certificateType"] == _ROOT:
            await self._revocation.trust(station, payload["certificate"])
        return reply

    async def signed(self, station: str, payload: Json) -> Reply:
        """CertificateSigned of the station's own certificate (A02)."""
        reply = await self._pass_on(station, "CertificateSigned", payload, failed="Rejected")
        if reply.payload["status"] != "Accepted":
            return reply
        return replace(reply, then=lambda: self._revocation.renewed(station, payload["certificateChain"]))

    async def delete(self, station: str, payload: Json) -> Reply:
        """DeleteCertificate (M04) of what the box does not have."""
        if not self.there(station):
            return Reply(payload={"status": "NotFound"})
        return await self._pass_on(station, "DeleteCertificate", payload, failed="Failed")

    async def trigger(self, station: str) -> Reply | None:
        """Have it ask for a certificate of its own (A02); None: it has none."""
        if not self.there(station):
            return None
        return await self._pass_on(station, "TriggerMessage", {"requestedMessage": TRIGGERED}, failed="Rejected")

    async def listed(self, station: str, wanted: Collection[str]) -> list[Json]:
        """The hashes of what it has of some types (M03.FR.04, M03.FR.05)."""
        types = sorted(KEPT.intersection(wanted))
        if not types or not self.there(station):
            return []
        answer = await self._ask(station, "GetInstalledCertificateIds", {"certificateType": types})
        found = (answer or {}).get("certificateHashDataChain")
        chains = [_chain(each) for each in found] if isinstance(found, list) else []
        return [each for each in chains if each.get("certificateType") in types]

    async def _pass_on(self, station: str, message: str, payload: Json, *, failed: str) -> Reply:
        if not self.there(station):
            return refused("UnsupportedParam", _NONE)
        answer = await self._ask(station, message, payload) or {}
        if answer.get("status") not in _STATUSES[message]:
            return refused("InternalError", _SILENT, status=failed)
        return Reply(payload={"status": answer["status"]})

    async def _ask(self, station: str, message: str, payload: Json) -> Json | None:
        """The station's answer; None where there is none that can be read."""
        request = VendorRequest(station=station, vendor=VENDOR, message=message, data=json.dumps(payload))
        outcome = await self._northbound.execute(request)
        return payload_of(outcome.data) if outcome.accepted and outcome.data else None


def _chain(value: object) -> Json:
    """CertificateHashDataChainType (Part 2, 2.6); empty where it is none."""
    if not isinstance(value, dict) or not (own := _hash(value.get("certificateHashData"))):
        return {}
    chain: Json = {"certificateType": value.get("certificateType"), "certificateHashData": own}
    below = value.get("childCertificateHashData")
    children = [each for each in map(_hash, below) if each] if isinstance(below, list) else []
    return {**chain, "childCertificateHashData": children[:_MOST_CHILDREN]} if children else chain


def _hash(value: object) -> Json:
    """CertificateHashDataType (Part 2, 2.5); empty where a part of it is missing."""
    if not isinstance(value, dict) or not all(isinstance(value.get(name), str) for name in _HASH):
        return {}
    return {name: value[name] for name in _HASH}
