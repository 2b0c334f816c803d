"""OCPP over SOAP southbound: one listener for all stations, and calls back to each."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlsplit

from typing_extensions import override

from adapters.ocpp1x.acquaintance import Acquaintance
from adapters.ocpp1x.failsafe import own_limit_16
from adapters.ocpp1x.networks import Networks, plain_address
from adapters.ocpp1x.offers import Offers
from adapters.ocpp1x.outbound import carry_out
from adapters.ocpp1x.patience import Patience
from adapters.ocpp1x.presence import Presence
from adapters.ocpp1x.target import Target
from adapters.ocpp1x.upkeep import Upkeep
from adapters.ocpp_soap.caller import Caller
from adapters.ocpp_soap.config import SiteConfig, StationConfig
from adapters.ocpp_soap.http_server import HttpServer
from adapters.ocpp_soap.identity import Directory
from adapters.ocpp_soap.own_address import OwnAddress
from adapters.ocpp_soap.peers import peer_of
from adapters.ocpp_soap.service import Service
from gateway.contracts import Adapter
from gateway.model.commands import Outcome, Verdict, station_of
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from pydantic import BaseModel

    from adapters.ocpp_soap.http_types import HttpRequest
    from adapters.ocpp_soap.peers import Peer
    from gateway.contracts import Offer, Southbound, StationSettings
    from gateway.model.commands import Command
    from gateway.model.throttle import OwnLimit


_LOG = logging.getLogger(__name__)


class OcppSoapAdapter(Adapter):
    """Serves stations that speak OCPP 1.2, 1.5 or 1.6 over SOAP.

    ``ready`` is set while it listens; ``address`` is then the host and port.

    Args:
        site: `[southbound.ocpp_soap]`.
        stations: the stations that name this adapter.
        patience: its times.

    Raises:
        GatewayError: ``southbound-section-missing``, ``version-unknown``.
    """

    name: ClassVar[str] = "ocpp_soap"
    SiteConfig: ClassVar[type[BaseModel]] = SiteConfig
    StationConfig: ClassVar[type[BaseModel]] = StationConfig

    def __init__(
        self,
        site: BaseModel | None,
        stations: Iterable[StationSettings],
        *,
        patience: Patience | None = None,
    ) -> None:
        if not isinstance(site, SiteConfig):
            raise GatewayError("southbound-section-missing", adapter=self.name)
        self._site = site
        self._patience = patience or Patience()
        self._networks = Networks(site.allowed_networks)
        self._directory = Directory(
            peer_of(settings, settings.options) for settings in stations if isinstance(settings.options, StationConfig)
        )
        self._hub: Southbound | None = None
        self._caller: Caller | None = None
        self._own: OwnAddress | None = None
        self._offers = Offers()
        self.ready = asyncio.Event()
        self.address: tuple[str, int] = (site.listen.host, 0)

    @override
    async def run(self, hub: Southbound) -> None:
        """Serve until cancelled.

        Raises:
            GatewayError: ``listen-failed``.
        """
        presence = Presence(hub, self._patience, hub.now)
        acquaintance = Acquaintance(hub, self._patience)
        await acquaintance.recall(self._directory.peers)

        def greet(peer: Peer) -> None:
            target = self._target(peer)
            if target is not None:
                acquaintance.greet(target)

        service = Service(hub, self._directory, presence, self._networks, self._patience, hub.now, greet)
        for peer in self._directory.peers:
            peer.remembered = hub.station(peer.id).callback
        host = self._site.listen.host
        async with HttpServer(service.serve, files=self._file) as server:
            try:
                await server.start(host, self._site.listen.port)
            except OSError as error:
                raise GatewayError("listen-failed", address=str(self._site.listen), reason=str(error)) from error
            self.address = (host, server.port)
            own = OwnAddress(self.address, self._site.path, self._site.callback_base)
            self._own = own
            self._hub, self._caller = hub, Caller(own.url, presence, self._networks, self._patience)
            self.ready.set()
            upkeep = Upkeep(hub, self._by_id)
            try:
                await upkeep.begin(self._directory.peers)
                await presence.watch(self._directory.peers)
            finally:
                await upkeep.aclose()
                await acquaintance.aclose()
                self.ready.clear()
                self._hub = self._caller = self._own = None

    @override
    async def execute(self, command: Command) -> Outcome:
        """Carry out a command at the station; every failure is an outcome with its reason."""
        peer = self._directory.by_id(station_of(command))
        if peer is None:
            return Outcome(verdict=Verdict.UNKNOWN, reason="no such station")
        target = self._target(peer)
        if target is None:
            return Outcome(verdict=Verdict.UNREACHABLE, reason="the adapter does not run")
        return await carry_out(command, target)

    @override
    async def offer(self, station: str, offer: Offer | None) -> str:
        """Let a station fetch a file; the address is the one that goes into the From header of calls to it."""
        tail = self._offers.put(station, offer)
        peer = self._directory.by_id(station)
        if not tail or peer is None or self._own is None:
            return ""
        host = peer.address or urlsplit(peer.url(self._networks)).hostname
        return (await self._own.url(host)).rstrip("/") + tail if host else ""

    def _file(self, request: HttpRequest) -> Path | None:
        found = self._offers.find(request.path)
        if found is None or not self._networks.contain(plain_address(request.peer)):
            return None
        station, file = found
        _LOG.info("%s: the file that the box has for it is fetched from %s", station, request.peer)
        return file

    def _by_id(self, station: str) -> Target | None:
        peer = self._directory.by_id(station)
        return None if peer is None else self._target(peer)

    def _target(self, peer: Peer) -> Target | None:
        if self._hub is None or self._caller is None:
            return None
        return Target(peer=peer, call_out=partial(self._caller.call, peer), hub=self._hub)

    @override
    @classmethod
    def own_limit(cls, options: BaseModel) -> OwnLimit | None:
        if not isinstance(options, StationConfig) or options.version != "1.6":
            return None
        return own_limit_16(options.failsafe_current, options.failsafe_timeout)

    @override
    @classmethod
    def controls(cls, options: BaseModel) -> frozenset[str]:
        added = frozenset({"output", "pwm", "key", "remote"})
        with_messages = isinstance(options, StationConfig) and options.version != "1.2"
        return added | {"data_transfer"} if with_messages else added

    @override
    def reach(self, station: str) -> tuple[str | None, datetime | None]:
        """Where a station is called (None if that is not known), and when it was heard last."""
        peer = self._directory.by_id(station)
        return (None, None) if peer is None else (peer.url(self._networks) or None, peer.heard_at)
