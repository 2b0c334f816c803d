"""The revocation status of a station's certificates of ISO 15118: asked for, kept, and refreshed (M06).

The station is told by its EV's need; the box asks by itself, too: for a new certificate and all between it and its root,
and every week, so that an answer is there while the CSMS is away.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from gateway.contracts import Backend, Json, Northbound

logger = logging.getLogger(__name__)

WEEK = timedelta(days=7)
REFRESH = timedelta(days=6)
"""What is older is asked for again (M06.FR.10)."""

PATIENCE = 7.0
"""Seconds that the CSMS has; the station's DataTransfer waits little longer, and the EV not much more."""

SHELF = "security"
_STATUS, _ROOT = "ocsp/", "v2g-root/"
_MOST_ROOTS = 20
FAILED: Json = {"status": "Failed"}


class Revocation:
    """Keeps what the CSMS says of each certificate: its request, its answer, and when that came."""

    def __init__(self, northbound: Northbound, backend: Backend) -> None:
        self._northbound = northbound
        self._backend = backend
        self._shelf = northbound.shelf(SHELF)

    async def status(self, station: str, data: Json) -> Json:
        """Answer the station: as the CSMS does, or with what it has said within the last week.

        Args:
            station: that asks.
            data: OCSPRequestDataType.
        """
        try:
            answer = await self._fetch(station, data)
            if answer is not None:
                return answer
            kept = (await self._shelf.documents(station)).get(_name(data), {})
        except GatewayError as error:
            logger.warning("%s: revocation status: %s", station, error)
            return FAILED
        fresh = "result" in kept and datetime.fromisoformat(kept["at"]) > self._northbound.now() - WEEK
        return {"status": "Accepted", "ocspResult": kept["result"]} if fresh else FAILED

    async def _fetch(self, station: str, data: Json) -> Json | None:
        """Ask the CSMS, and keep what it says; None: no answer."""
        asked: Json = {"ocspRequestData": data}
        answer = await self._backend.ask(station, "GetCertificateStatus", asked, patience=PATIENCE)
        if answer is None:
            return None
        if answer["status"] != "Accepted" or "ocspResult" not in answer:
            return FAILED
        kept: Json = {"data": data, "result": answer["ocspResult"], "at": self._northbound.now().isoformat()}
        await self._shelf.keep(station, {_name(data): kept})
        return {"status": "Accepted", "ocspResult": answer["ocspResult"]}

    async def trust(self, station: str, pem: str) -> None:
        """A root certificate has been installed in the station: it is needed to ask for what it has issued."""
        name = _ROOT + sha256(pem.encode()).hexdigest()[:32]
        try:
            roots = [each for each in await self._shelf.documents(station) if each.startswith(_ROOT)]
            if len(roots) < _MOST_ROOTS or name in roots:
                await self._shelf.keep(station, {name: {"pem": pem}})
        except GatewayError as error:
            logger.warning("%s: root certificate of its chain not noted: %s", station, error)

    async def renewed(self, station: str, chain: str) -> None:
        """The station has a new certificate: ask for its status, and that of all between it and its root (M06.FR.07)."""
        try:
            documents = await self._shelf.documents(station)
            roots = "".join(kept["pem"] for name, kept in documents.items() if name.startswith(_ROOT))
            wanted = await asyncio.to_thread(_requests, chain, roots)
            # Of the certificate before there is nothing left to know.
            changes: dict[str, Json | None] = {name: None for name in documents if name.startswith(_STATUS)}
            await self._shelf.keep(station, {**changes, **{_name(data): {"data": data} for data in wanted}})
            for data in wanted:
                await self._fetch(station, data)
        except GatewayError as error:
            logger.warning("%s: revocation status of the new certificate: %s", station, error)

    async def refresh(self, station: str) -> None:
        """Ask again for what is nearly a week old, and for what is still missing.

        Raises:
            GatewayError: ``storage-failed``.
        """
        old = self._northbound.now() - REFRESH
        for name, kept in (await self._shelf.documents(station)).items():
            if name.startswith(_STATUS) and ("at" not in kept or datetime.fromisoformat(kept["at"]) <= old):
                await self._fetch(station, kept["data"])


def _name(data: Json) -> str:
    parts = (data["hashAlgorithm"], data["issuerNameHash"], data["issuerKeyHash"], data["serialNumber"])
    return _STATUS + sha256("|".join(parts).casefold().encode()).hexdigest()[:32]


def _requests(chain: str, roots: str) -> list[Json]:
    from profiles.security import x509  # noqa: PLC0415 - loads cryptography, which not every box needs

    return x509.ocsp_requests(x509.read(chain), x509.read(roots) if roots else ())
