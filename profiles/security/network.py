"""Network profiles and their order, set by the CSMS (OCPP 2.0.1 Part 2, B09, B10, A05)."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from gateway.model import credentials as cred
from gateway.model import network as net
from gateway.model.device import SetResult, VariableRef, rejected
from gateway.model.errors import GatewayError
from profiles.common.replies import ACCEPTED, refused
from profiles.security.network_rules import priority_refusal, profile_refusal
from profiles.security.variables import DOWNGRADE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.contracts import Backend, Json, Northbound, Reply

logger = logging.getLogger(__name__)

_PROFILE = VariableRef(component="SecurityCtrlr", variable="SecurityProfile")


class Network:
    """Keeps the profiles; the connection takes them over when the station boots next."""

    def __init__(self, northbound: Northbound, backend: Backend) -> None:
        self._northbound = northbound
        self._backend = backend
        self._shelf = northbound.shelf(net.SHELF)

    async def set_profile(self, station: str, payload: Json) -> Reply:
        """Answer SetNetworkProfile (B09)."""
        slot, wire = payload["configurationSlot"], payload["connectionData"]
        refusal = profile_refusal(slot, wire, self._lowest(station))
        if refusal is not None:
            return refused(*refusal)
        try:
            await self._shelf.keep(station, {net.document(slot): wire})
        except GatewayError as error:
            return refused("InternalError", error.code, status="Failed")  # B09.FR.03
        logger.info("%s: network profile %d is now %s", station, slot, wire["ocppCsmsUrl"])
        self._backend.reconnect(station, at_boot=True)
        return ACCEPTED

    async def refuse_priority(self, station: str, value: str) -> SetResult | None:
        """Why an order of slots cannot be taken; None if it can, and then it counts from the next boot on.

        Raises:
            GatewayError: what it depends on cannot be read.
        """
        known = self._northbound.installation(station)
        site = net.NetworkProfile(slot=net.SITE_SLOT, url=known.url, security_profile=known.security_profile)
        profiles = net.known_profiles(site, await self._shelf.documents(station))
        documents = await self._northbound.vault.documents(station)
        has_root, has_certificate = await self._certificates(station, documents)
        refusal = priority_refusal(
            net.slots_in(value),
            profiles,
            self._level(station),
            lowest=self._lowest(station),
            has_root=has_root,
            has_certificate=has_certificate,
            has_password=bool(known.password) or cred.PASSWORD in documents,
        )
        if refusal is not None:
            return rejected(*refusal)
        self._backend.reconnect(station, at_boot=True)
        return None

    async def _certificates(self, station: str, documents: Mapping[str, str]) -> tuple[bool, bool]:
        """Whether a CSMS root certificate and a charging station certificate are there, and valid now."""
        known, now = self._northbound.installation(station), self._northbound.now()
        if not documents and not known.roots and not known.certificate:
            return False, False

        def look() -> tuple[bool, bool]:
            from profiles.security import certificates  # noqa: PLC0415 - loads cryptography, which not every box needs

            own = certificates.own_chain(documents, known.certificate)
            return certificates.trusts(documents, known.roots, now), bool(own) and own[0].valid_at(now)

        return await asyncio.to_thread(look)

    def _lowest(self, station: str) -> int:
        downgrade = self._northbound.device(station).value(DOWNGRADE) == "true"
        return net.lowest_of(self._level(station), downgrade=downgrade)

    def _level(self, station: str) -> int:
        return int(self._northbound.device(station).value(_PROFILE))
