"""Root certificates: install, list, delete (OCPP 2.0.1 Part 2, M03-M05), as far as they are not of ISO 15118."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from gateway.contracts import Reply
from gateway.model.credentials import CLIENT
from gateway.model.credentials import CSMS_ROOT as CSMS_PREFIX
from gateway.model.credentials import MANUFACTURER_ROOT as MANUFACTURER_PREFIX
from gateway.model.device import VariableRef
from gateway.model.errors import GatewayError
from gateway.model.network import BASIC_TLS
from profiles.common.replies import ACCEPTED, refused
from profiles.security.events import RECONFIGURED
from profiles.security.variables import ENTRIES, MOST_CERTIFICATES

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from gateway.contracts import Handler, Json, Northbound

_KEPT = frozenset({"CSMSRootCertificate", "ManufacturerRootCertificate"})
_PEM = "-----BEGIN CERTIFICATE-----"
_PROFILE = VariableRef(component="SecurityCtrlr", variable="SecurityProfile")


class TrustStore:
    """Answers the messages; ``notice`` takes a security event (station, event, details)."""

    def __init__(self, northbound: Northbound, notice: Callable[[str, str, str], Awaitable[None]]) -> None:
        self._northbound = northbound
        self._notice = notice

    def handlers(self) -> Mapping[str, Handler]:
        """The handler of each action."""
        return {
            "InstallCertificate": self.install,
            "GetInstalledCertificateIds": self.list_ids,
            "DeleteCertificate": self.delete,
        }

    async def install(self, station: str, payload: Json) -> Reply:
        """Take a root certificate into the store, or refuse it (M05)."""
        from profiles.security import certificates  # noqa: PLC0415 - loads cryptography, which not every box needs

        use = payload["certificateType"]
        if use not in _KEPT:
            return refused("UnsupportedParam", "the station has no ISO 15118")
        try:
            now, text = self._northbound.now(), payload["certificate"]
            problem, name, pem = await asyncio.to_thread(certificates.judge_root, use, text, now)
            if problem:
                return refused("InvalidCertificate", problem)  # M05.FR.07
            documents = await self._northbound.vault.documents(station)
            if name not in documents and len(_roots(documents)) >= MOST_CERTIFICATES:
                return refused("OutOfStorage", f"max {MOST_CERTIFICATES}")  # M05.FR.06
            await self._northbound.vault.keep(station, {name: pem})
            await self.count(station)
        except GatewayError as error:
            return refused("InternalError", error.code, status="Failed")  # M05.FR.03
        await self._notice(station, RECONFIGURED, f"{use} installed")
        return ACCEPTED

    async def list_ids(self, station: str, payload: Json) -> Reply:
        """Tell the hashes of the root certificates (M03)."""
        from profiles.security import certificates  # noqa: PLC0415 - as above

        wanted = frozenset(payload.get("certificateType", _KEPT))
        documents = await self._northbound.vault.documents(station)
        site = self._northbound.installation(station).roots

        def find() -> list[Json]:
            return certificates.hashes(each for each in certificates.roots(documents, site) if each.use in wanted)

        found = await asyncio.to_thread(find)
        if not found:
            return Reply(payload={"status": "NotFound"})
        return Reply(payload={"status": "Accepted", "certificateHashDataChain": found})

    async def delete(self, station: str, payload: Json) -> Reply:
        """Take a root certificate out of the store (M04)."""
        from profiles.security import certificates  # noqa: PLC0415 - as above

        wanted: Json = payload["certificateHashData"]
        known = self._northbound.installation(station)
        documents = await self._northbound.vault.documents(station)

        def find() -> tuple[certificates.Root | None, bool, int]:
            found = certificates.roots(documents, known.roots)
            chain = certificates.own_chain(documents, known.certificate)
            of_csms = sum(each.use == certificates.CSMS_ROOT for each in found)
            return certificates.matching(wanted, found), certificates.means_own(wanted, chain, found), of_csms

        root, own, of_csms = await asyncio.to_thread(find)
        if own:
            return refused("ReadOnly", "the station's own certificate", status="Failed")  # M04.FR.06
        if root is None:
            return Reply(payload={"status": "NotFound"})
        if not root.name:
            return refused("ReadOnly", "it comes with the site file", status="Failed")
        level = int(self._northbound.device(station).value(_PROFILE))
        if root.use == certificates.CSMS_ROOT and of_csms == 1 and level >= BASIC_TLS:
            return refused("ReadOnly", "the connection needs the last one", status="Failed")  # M04.FR.03
        try:
            await self._northbound.vault.keep(station, {root.name: None})
            await self.count(station)
        except GatewayError as error:
            return refused("InternalError", error.code, status="Failed")
        await self._notice(station, RECONFIGURED, f"{root.use} deleted")
        return ACCEPTED

    async def count(self, station: str) -> None:
        """Bring CertificateEntries up to date; a certificate with its chain is one.

        Raises:
            GatewayError: it cannot be read or noted.
        """
        documents = await self._northbound.vault.documents(station)
        known = self._northbound.installation(station)
        # Without reading them: a box that only trusts an authority need not load what reads certificates.
        own = CLIENT in documents or _PEM in known.certificate
        value = str(len(_roots(documents)) + known.roots.count(_PEM) + own)
        if self._northbound.device(station).value(ENTRIES) != value:
            await self._northbound.note_variable(station, ENTRIES, value)


def _roots(documents: Mapping[str, str]) -> list[str]:
    return [name for name in documents if name.startswith((CSMS_PREFIX, MANUFACTURER_PREFIX))]
