"""Where cases of certificates are played: a station with a password, and an authority that makes certificates."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives import serialization

from tests.profiles.security.pki import Authority

if TYPE_CHECKING:
    from gateway.bench.csms.ledger import Payload
    from tests.e2e.world import World

CSMS, MANUFACTURER = "CSMSRootCertificate", "ManufacturerRootCertificate"
_DAY = timedelta(days=1)


def root(common: str, *, start: int = -10, end: int = 1000) -> Authority:
    """A root certificate that is valid from and until so many days from now."""
    now = datetime.now(UTC)
    return Authority.root(common, start=now + start * _DAY, end=now + end * _DAY)


def hashes(authority: Authority, issuer: Authority | None = None) -> Payload:
    """Its CertificateHashDataType; by itself, if nobody else has signed it."""
    key = (issuer or authority).certificate.public_key()
    point = key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    return {
        "hashAlgorithm": "SHA256",
        "issuerNameHash": hashlib.sha256(authority.certificate.issuer.public_bytes()).hexdigest(),
        "issuerKeyHash": hashlib.sha256(point).hexdigest(),
        "serialNumber": f"{authority.certificate.serial_number:x}",
    }


def network(url: str, profile: int) -> Payload:
    """A NetworkConnectionProfileType."""
    return {
        "ocppVersion": "OCPP20", "ocppTransport": "JSON", "ocppCsmsUrl": url, "messageTimeout": 30,
        "securityProfile": profile, "ocppInterface": "Wired0",
    }  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Keyring:
    """One station and its CSMS."""

    world: World

    async def install(self, certificate: str, use: str = CSMS) -> str:
        """InstallCertificate; the status."""
        return str(
            (await self.world.call("InstallCertificate", certificateType=use, certificate=certificate))["status"]
        )

    async def listed(self, *uses: str) -> list[tuple[str, Payload]]:
        """GetInstalledCertificateIds: type and hashes of each; nothing for ``NotFound``."""
        asked: dict[str, Any] = {"certificateType": list(uses)} if uses else {}
        answer = await self.world.call("GetInstalledCertificateIds", **asked)
        assert ("certificateHashDataChain" in answer) is (answer["status"] == "Accepted")
        chains = answer.get("certificateHashDataChain", [])
        return [(each["certificateType"], each["certificateHashData"]) for each in chains]

    async def delete(self, data: Payload) -> str:
        """DeleteCertificate; the status."""
        return str((await self.world.call("DeleteCertificate", certificateHashData=data))["status"])

    async def profile(self, slot: int, url: str, level: int) -> str:
        """SetNetworkProfile; the status."""
        data = network(url, level)
        answer = await self.world.call("SetNetworkProfile", configurationSlot=slot, connectionData=data)
        return str(answer["status"])

    async def order(self, slots: str) -> str:
        """SetVariables of NetworkConfigurationPriority; the status."""
        return await self.world.set_variable("OCPPCommCtrlr", "NetworkConfigurationPriority", slots)

    async def tidy(self) -> None:
        """No certificate is left."""
        for _, data in await self.listed():
            assert await self.delete(data) == "Accepted"
