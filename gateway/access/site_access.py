"""The ways of each station to its CSMS: the network profiles that there are by now, with the credentials that there are."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from gateway.access.contexts import Authorities, Contexts
from gateway.link.route import Candidate, Candidates
from gateway.model import credentials as cred
from gateway.model import network as net
from gateway.model.device import VariableRef
from gateway.model.errors import GatewayError
from gateway.model.trust import ROOTS, trust_of

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from gateway.access.files import FileVault
    from gateway.contracts import Json, Shelf
    from gateway.link.target import Target
    from gateway.model.trust import Trust

    Client = tuple[Path, Path | None] | None

_log = logging.getLogger(__name__)

ACTIVE = VariableRef(component="OCPPCommCtrlr", variable="ActiveNetworkProfile")
ATTEMPTS = VariableRef(component="OCPPCommCtrlr", variable="NetworkProfileConnectionAttempts")
PRIORITY = VariableRef(component="OCPPCommCtrlr", variable="NetworkConfigurationPriority")
TIMEOUT = VariableRef(component="OCPPCommCtrlr", variable="MessageTimeout", variable_instance="Default")
SECURITY_PROFILE = VariableRef(component="SecurityCtrlr", variable="SecurityProfile")
DOWNGRADE = VariableRef(component="SecurityCtrlr", variable="AllowSecurityProfileDowngrade")
ROOT_CHECK = VariableRef(component="SecurityCtrlr", variable="AdditionalRootCertificateCheck")
WILDCARDS = VariableRef(component="SecurityCtrlr", variable="AllowCSMSTLSWildcards")

_DISCARDED = "DiscardedRenewedClientCertificate"
"""The security event of A02.FR.29 (errata 2025-09)."""
_RECONFIGURED = "ReconfigurationOfSecurityParameters"


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteWay:
    """What the site file says of a station's connection; ``client`` are the files of certificate and key."""

    target: Target
    ca_file: Path | None = None
    client: tuple[Path, Path] | None = None

    @property
    def profile(self) -> net.NetworkProfile:
        """The site's own network profile."""
        return net.NetworkProfile(
            slot=net.SITE_SLOT, url=self.target.url, security_profile=self.target.security_profile
        )


class Home(Protocol):
    """What is asked of the rest of the box."""

    def setting(self, station: str, ref: VariableRef) -> str:
        """The value of a variable; "" if there is none."""

    async def note_variable(self, station: str, ref: VariableRef, value: str) -> None:
        """Give a variable the value that it has by now."""

    def shelf(self, name: str) -> Shelf:
        """Documents by station."""

    async def noticed(self, station: str, event: str, info: str = "") -> None:
        """Take a security event."""


class SiteAccess:
    """``gateway.link.route.Access`` of a site.

    Args:
        sites: what the site file says, by station.
        vault: passwords and certificates that the CSMS has set.
        home: the rest of the box.
    """

    def __init__(self, sites: Mapping[str, SiteWay], vault: FileVault, home: Home) -> None:
        self._sites = sites
        self._vault = vault
        self._home = home
        self._shelf = home.shelf(net.SHELF)
        self._contexts = Contexts()

    async def candidates(self, station: str) -> Candidates:
        """The ways as they are by now; what cannot be used is left out.

        Raises:
            GatewayError: nothing is left, or nothing can be read.
        """
        site = self._sites[station]
        documents = await self._shelf.documents(station)
        state = await self._state(station, site.profile, documents)
        files = await self._vault.documents(station)
        order = net.order_of(
            net.known_profiles(site.profile, documents),
            net.slots_in(self._home.setting(station, PRIORITY)),
            state,
            downgrade=self._is(station, DOWNGRADE),
        )
        ways, failure = [], GatewayError("certificate-missing", identity=station)
        for profile in order:
            for target, client, fallback in _credentials(site, profile, files, self._vault):
                try:
                    # Whoever moves to another CSMS goes by the new root certificate alone (M05.FR.15).
                    moving = profile.slot != state.active
                    tls, former = await self._tls(station, profile, files, client, moving=moving)
                except GatewayError as error:
                    _log.warning("%s: network profile %d is not usable: %s", station, profile.slot, error)
                    failure = error
                else:
                    ways.append(Candidate(target=target, tls=tls, slot=profile.slot, fallback=fallback, former=former))
        if not ways:
            raise failure
        return Candidates(ways=ways, attempts=int(self._home.setting(station, ATTEMPTS) or 1))

    async def _tls(
        self, station: str, profile: net.NetworkProfile, files: Mapping[str, str], client: Client, *, moving: bool
    ) -> tuple[ssl.SSLContext | None, ssl.SSLContext | None]:
        """The TLS settings of a profile, and those with the former root certificate where that may help."""
        if not profile.secure:
            return None, None
        trust, wildcards = await self._trust(station, files), self._is(station, WILDCARDS)
        if self._is(station, ROOT_CHECK) or trust.touched:
            now = Authorities(roots=trust.text, alone=True, wildcards=wildcards)
        else:
            installed = "\n".join(trust.installed.values())
            now = Authorities(ca_file=self._sites[station].ca_file, roots=installed, wildcards=wildcards)
        tls = await asyncio.to_thread(self._contexts.get, now, client)
        if moving or not trust.kept.before:
            return tls, None
        before = Authorities(roots=trust.kept.before, alone=True, wildcards=wildcards)
        return tls, await asyncio.to_thread(self._contexts.get, before, client)

    async def _trust(self, station: str, files: Mapping[str, str]) -> Trust:
        """What is trusted by now."""
        file = self._sites[station].ca_file
        try:
            return trust_of(files, "" if file is None else await asyncio.to_thread(file.read_text, "utf-8", "replace"))
        except OSError as error:
            raise GatewayError("ca-file-unusable", path=str(file), reason=type(error).__name__) from error

    def _is(self, station: str, ref: VariableRef) -> bool:
        return self._home.setting(station, ref) == "true"

    async def _state(self, station: str, site: net.NetworkProfile, documents: Mapping[str, Json]) -> net.NetworkState:
        kept = documents.get(net.STATE)
        state = net.state_now(site, net.NetworkState.from_json(kept))
        if kept is not None and kept["site"] != state.site:
            _log.warning("%s: the site file has another [backend]: it is the first network profile again", station)
            await self._shelf.keep(station, {net.STATE: state.to_json()})
            await self._home.noticed(station, _RECONFIGURED, "[backend] of the site file")
            await self._home.note_variable(station, PRIORITY, str(net.SITE_SLOT))
        return state

    async def connected(self, station: str, candidate: Candidate) -> None:
        """Note the network profile that works, and drop the less secure ones (A05.FR.06) and what it replaces."""
        await self._settle(station, candidate)
        await self._settle_roots(station, candidate)
        site = self._sites[station].profile
        documents = await self._shelf.documents(station)
        level = candidate.target.security_profile
        before = net.NetworkState.from_json(documents.get(net.STATE))
        state = net.state_now(site, before).after(
            candidate.slot, level, site.fingerprint, downgrade=self._is(station, DOWNGRADE)
        )
        known = net.known_profiles(site, documents)
        lowest = net.lowest_of(state.floor, downgrade=self._is(station, DOWNGRADE))
        too_low = {slot for slot, profile in known.items() if profile.security_profile < lowest}
        changes: dict[str, Json | None] = {net.document(slot): None for slot in too_low if slot != net.SITE_SLOT}
        if state != before:
            changes[net.STATE] = state.to_json()
        if changes:
            await self._shelf.keep(station, changes)
        priority = net.slots_in(self._home.setting(station, PRIORITY))
        kept = [slot for slot in priority if slot not in too_low] or [candidate.slot]
        timeout = known[candidate.slot].message_timeout if candidate.slot in known else net.MESSAGE_TIMEOUT
        if before.site == site.fingerprint and state.floor != before.floor:
            await self._home.noticed(station, _RECONFIGURED, f"security profile {state.floor}")
        await self._note(station, PRIORITY, ",".join(map(str, kept)))
        await self._note(station, ACTIVE, str(candidate.slot))
        await self._note(station, SECURITY_PROFILE, str(state.floor))
        await self._note(station, TIMEOUT, str(timeout))

    async def _note(self, station: str, ref: VariableRef, value: str) -> None:
        if self._home.setting(station, ref) not in {value, ""}:
            await self._home.note_variable(station, ref, value)

    async def _settle_roots(self, station: str, candidate: Candidate) -> None:
        """Drop the former root certificate once the new one has verified the CSMS (M05.FR.13)."""
        if candidate.tls is None or candidate.by_former:
            return
        files = await self._vault.documents(station)
        if ROOTS not in files:
            return
        kept = (await self._trust(station, files)).kept
        if kept.before:
            _log.info("%s: the new root certificate verifies the CSMS; the former one is dropped", station)
            await self._vault.keep(station, {ROOTS: replace(kept, before="").text()})
            await self._home.noticed(station, _RECONFIGURED, "former CSMSRootCertificate dropped")

    async def _settle(self, station: str, candidate: Candidate) -> None:
        """Of new and former credentials the ones that work stay (A02.FR.10)."""
        files = await self._vault.documents(station)
        if candidate.target.security_profile == net.CLIENT_CERTIFICATE:
            if cred.CLIENT_BEFORE not in files:
                return
            changes: dict[str, str | None] = {}
            if candidate.fallback:
                _log.warning("%s: the new certificate does not work; the former one stays", station)
                changes[cred.CLIENT] = files[cred.CLIENT_BEFORE] or None
            await self._vault.keep(station, {**changes, cred.CLIENT_BEFORE: None})
            if candidate.fallback:
                await self._home.noticed(station, _DISCARDED)
            return
        kept = cred.kept_password(files.get(cred.PASSWORD), self._sites[station].target.password)
        if kept is None or not kept.before:
            return
        if candidate.fallback:
            _log.warning("%s: the new password does not work; the former one stays", station)
            kept = replace(kept, password=kept.before)
        await self._vault.keep(station, {cred.PASSWORD: replace(kept, before="").text()})


def _credentials(
    site: SiteWay, profile: net.NetworkProfile, files: Mapping[str, str], vault: FileVault
) -> Iterator[tuple[Target, Client, bool]]:
    """(target, client certificate, whether from before a change) of a network profile."""
    own = site.target
    target = replace(
        own,
        url=profile.url,
        security_profile=profile.security_profile,
        user=own.user if profile.slot == net.SITE_SLOT else "",
    )
    if profile.security_profile == net.CLIENT_CERTIFICATE:
        target = replace(target, password="")
        if cred.CLIENT in files:
            yield target, (vault.path(own.identity, cred.CLIENT), None), False
            if files.get(cred.CLIENT_BEFORE):
                yield target, (vault.path(own.identity, cred.CLIENT_BEFORE), None), True
            elif cred.CLIENT_BEFORE in files and site.client is not None:
                yield target, site.client, True
        elif site.client is not None:
            yield target, site.client, False
        return
    kept = cred.kept_password(files.get(cred.PASSWORD), own.password)
    if kept is None:
        yield target, None, False
        return
    yield replace(target, password=kept.password), None, False
    if kept.before:
        yield replace(target, password=kept.before), None, True
