"""Root certificates: install, list, delete (OCPP 2.0.1 Part 2, M03-M05); those of ISO 15118 are the station's."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from gateway.contracts import Reply
from gateway.model.credentials import CLIENT
from gateway.model.credentials import CSMS_ROOT as CSMS_PREFIX
from gateway.model.credentials import MANUFACTURER_ROOT as MANUFACTURER_PREFIX
from gateway.model.device import VariableRef
from gateway.model.errors import GatewayError
from gateway.model.network import BASIC_TLS
from gateway.model.trust import certificates_in, trust_of
from profiles.common.replies import ACCEPTED, refused
from profiles.security.changes import removal, replacement
from profiles.security.events import RECONFIGURED
from profiles.security.station_certificates import KEPT as OF_STATION
from profiles.security.variables import ENTRIES, ROOT_CHECK

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from gateway.contracts import Backend, Handler, Json, Northbound
    from profiles.security.certificates import Root, Verdict
    from profiles.security.station_certificates import StationCertificates

logger = logging.getLogger(__name__)

_CSMS = "CSMSRootCertificate"
_KEPT = frozenset({_CSMS, "ManufacturerRootCertificate"})
_PROFILE = VariableRef(component="SecurityCtrlr", variable="SecurityProfile")


class TrustStore:
    """Answers the messages; ``notice`` takes a security event (station, event, details)."""

    def __init__(
        self,
        northbound: Northbound,
        backend: Backend,
        notice: Callable[[str, str, str], Awaitable[None]],
        of_station: StationCertificates,
    ) -> None:
        self._of_station = of_station
        self._northbound = northbound
        self._backend = backend
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
        use = payload["certificateType"]
        if use not in _KEPT:
            return await self._of_station.install(station, payload)
        try:
            refusal = await self._install(station, use, payload["certificate"])
        except GatewayError as error:
            return refused("InternalError", error.code, status="Failed")  # M05.FR.03
        if refusal is not None:
            return refusal
        await self._changed(station, f"{use} installed")
        return ACCEPTED

    async def _install(self, station: str, use: str, pem: str) -> Reply | None:
        """Why a certificate is not taken; None if it is."""
        documents = await self._northbound.vault.documents(station)
        site = self._northbound.installation(station).roots
        replaces = use == _CSMS and self._northbound.device(station).value(ROOT_CHECK) == "true"
        verdict = await asyncio.to_thread(self._judge, station, use, pem, documents if replaces else None)
        if verdict.problem:
            return refused("InvalidCertificate", verdict.problem)  # M05.FR.07, M05.FR.11
        trust = trust_of(documents, site)
        if replaces:
            # The connection goes by the new one from the station's next boot on, or from the next loss on.
            await self._northbound.vault.keep(station, replacement(trust, site, verdict))
            self._backend.reconnect(station, at_boot=True)
            return None
        most = self._most(station)
        if verdict.name not in documents and self._entries(station, documents) >= most:
            return refused("OutOfStorage", f"max {most}")  # M05.FR.06
        await self._northbound.vault.keep(station, {verdict.name: verdict.pem})
        return None

    def _judge(self, station: str, use: str, pem: str, replaced_in: Mapping[str, str] | None) -> Verdict:
        from profiles.security import certificates  # noqa: PLC0415 - loads cryptography, which not every box needs

        now, known = self._northbound.now(), self._northbound.installation(station)
        if replaced_in is None:
            return certificates.judge_root(use, pem, now)
        former = [each for each in certificates.roots(replaced_in, known.roots) if each.use == use]
        return certificates.judge_root(use, pem, now, former)

    async def list_ids(self, station: str, payload: Json) -> Reply:
        """Tell the hashes of the root certificates (M03)."""
        from profiles.security import certificates  # noqa: PLC0415 - as above

        wanted = frozenset(payload.get("certificateType", _KEPT | OF_STATION))
        documents = await self._northbound.vault.documents(station)
        site = self._northbound.installation(station).roots

        def find() -> list[Json]:
            return certificates.hashes(each for each in certificates.roots(documents, site) if each.use in wanted)

        found = [*await asyncio.to_thread(find), *await self._of_station.listed(station, wanted)]
        if not found:
            return Reply(payload={"status": "NotFound"})
        return Reply(payload={"status": "Accepted", "certificateHashDataChain": found})

    async def delete(self, station: str, payload: Json) -> Reply:
        """Take a root certificate out of the store (M04)."""
        from profiles.security import certificates  # noqa: PLC0415 - as above

        wanted: Json = payload["certificateHashData"]
        known = self._northbound.installation(station)
        documents = await self._northbound.vault.documents(station)

        def find() -> tuple[Root | None, bool, int]:
            found = certificates.roots(documents, known.roots)
            chain = certificates.own_chain(documents, known.certificate)
            of_csms = sum(each.use == _CSMS for each in found)
            return certificates.matching(wanted, found), certificates.means_own(wanted, chain, found), of_csms

        root, own, of_csms = await asyncio.to_thread(find)
        if own:
            return refused("ReadOnly", "the station's own certificate", status="Failed")  # M04.FR.06
        if root is None:
            return await self._of_station.delete(station, payload)
        level = int(self._northbound.device(station).value(_PROFILE))
        if root.use == _CSMS and of_csms == 1 and level >= BASIC_TLS:
            return refused("ReadOnly", "the connection needs the last one", status="Failed")  # M04.FR.03
        try:
            changes = removal(trust_of(documents, known.roots), known.roots, root)
            await self._northbound.vault.keep(station, changes)
        except GatewayError as error:
            return refused("InternalError", error.code, status="Failed")
        await self._changed(station, f"{root.use} deleted")
        return ACCEPTED

    async def _changed(self, station: str, info: str) -> None:
        """The certificates have changed, whether or not their number can be noted now."""
        await self._notice(station, RECONFIGURED, info)
        try:
            await self.count(station)
        except GatewayError as error:
            logger.warning("%s: CertificateEntries: %s", station, error)

    async def count(self, station: str) -> None:
        """Bring CertificateEntries up to date; a certificate with its chain is one.

        Raises:
            GatewayError: it cannot be read or noted.
        """
        value = str(self._entries(station, await self._northbound.vault.documents(station)))
        if self._northbound.device(station).value(ENTRIES) != value:
            await self._northbound.note_variable(station, ENTRIES, value)

    def _entries(self, station: str, documents: Mapping[str, str]) -> int:
        # Without reading them: a box that only trusts an authority need not load what reads certificates.
        known = self._northbound.installation(station)
        trust = trust_of(documents, known.roots)
        own = CLIENT in documents or bool(certificates_in(known.certificate))
        installed = [name for name in documents if name.startswith((CSMS_PREFIX, MANUFACTURER_PREFIX))]
        return len(installed) + len(trust.site) + len(certificates_in(trust.kept.before)) + own

    def _most(self, station: str) -> int:
        spec = self._northbound.device(station).spec(ENTRIES)
        return int(spec.max_limit) if spec is not None and spec.max_limit is not None else 0
