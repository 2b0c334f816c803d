"""OCPP 1.6-J southbound: one listener for all stations, and a connection of each."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from adapters.ocpp1x.acquaintance import Acquaintance
from adapters.ocpp1x.failsafe import own_limit_16
from adapters.ocpp1x.networks import Networks
from adapters.ocpp1x.offers import Offers
from adapters.ocpp1x.outbound import carry_out
from adapters.ocpp1x.presence import Presence
from adapters.ocpp1x.target import Target
from adapters.ocpp1x.upkeep import Upkeep
from adapters.ocpp_json.caller import Caller
from adapters.ocpp_json.config import SiteConfig, StationConfig
from adapters.ocpp_json.handshake import Doorkeeper
from adapters.ocpp_json.patience import Patience
from adapters.ocpp_json.peers import Directory, peer_of, read_keys
from adapters.ocpp_json.schemas import Schemas
from adapters.ocpp_json.server import Server
from adapters.ocpp_json.service import Service
from gateway.contracts import Adapter
from gateway.model.commands import Outcome, Verdict, station_of
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from pydantic import BaseModel

    from adapters.ocpp_json.peers import Peer
    from gateway.contracts import Offer, Southbound, StationSettings
    from gateway.model.commands import Command
    from gateway.model.throttle import OwnLimit


class OcppJsonAdapter(Adapter):
    """Serves stations that speak OCPP 1.6-J.

    ``ready`` is set while it listens; ``address`` is then the host and port.

    Args:
        site: `[southbound.ocpp_json]`.
        stations: the stations that name this adapter.
        patience: its times.

    Raises:
        GatewayError: ``southbound-section-missing``.
    """

    name: ClassVar[str] = "ocpp_json"
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
        self._directory = Directory(
            peer_of(settings, settings.options) for settings in stations if isinstance(settings.options, StationConfig)
        )
        self._running: tuple[Southbound, Caller] | None = None
        self._offers = Offers()
        self.ready = asyncio.Event()
        self.address: tuple[str, int] = (site.listen.host, 0)

    @override
    async def run(self, hub: Southbound) -> None:
        """Serve until cancelled.

        Raises:
            GatewayError: ``listen-failed``, ``file-unreadable``, ``password-empty``.
        """
        schemas = await asyncio.to_thread(self._read)
        presence = Presence(hub, self._patience, hub.now)
        acquaintance = Acquaintance(hub, self._patience)
        await acquaintance.recall(self._directory.peers)
        caller = Caller(schemas, presence, self._patience)
        doorkeeper = Doorkeeper(hub, self._directory, Networks(self._site.allowed_networks), self._site.path)
        server = Server(
            self._site,
            doorkeeper,
            Service(hub, schemas, presence, self._patience),
            presence,
            self._patience,
            lambda peer: acquaintance.greet(_target(peer, hub, caller)),
            acquaintance.leave,
            self._offers,
        )
        upkeep = Upkeep(hub, self._by_id)
        try:
            await server.start()
            self._running = hub, caller
            self.address = (self._site.listen.host, server.port)
            for peer in self._directory.peers:
                server.expect(peer, self._patience.arrival)
            self.ready.set()
            await upkeep.begin(self._directory.peers)
            await presence.watch(self._directory.peers)
        finally:
            self.ready.clear()
            await upkeep.aclose()
            await acquaintance.aclose()
            await server.aclose()
            self._running = None

    def _by_id(self, station: str) -> Target | None:
        peer = self._directory.by_id(station)
        return None if peer is None or self._running is None else _target(peer, *self._running)

    def _read(self) -> Schemas:
        for peer in self._directory.peers:
            peer.keys = read_keys(peer.options)
        return Schemas.load()

    @override
    async def execute(self, command: Command) -> Outcome:
        """Carry out a command at the station; every failure is an outcome with its reason."""
        peer = self._directory.by_id(station_of(command))
        if peer is None:
            return Outcome(verdict=Verdict.UNKNOWN, reason="no such station")
        if self._running is None:
            return Outcome(verdict=Verdict.UNREACHABLE, reason="the adapter does not run")
        return await carry_out(command, _target(peer, *self._running))

    @override
    async def offer(self, station: str, offer: Offer | None) -> str:
        """Let a station fetch a file; the address is the one that it has connected to."""
        tail = self._offers.put(station, offer)
        peer = self._directory.by_id(station)
        if not tail or peer is None or peer.connection is None or not peer.box:
            return ""
        return f"{peer.box}{self._site.path.rstrip('/')}{tail}"

    @override
    @classmethod
    def own_limit(cls, options: BaseModel) -> OwnLimit | None:
        if not isinstance(options, StationConfig):
            raise TypeError(options)
        return own_limit_16(options.failsafe_current, options.failsafe_timeout)

    @override
    @classmethod
    def controls(cls, options: BaseModel) -> frozenset[str]:
        del options
        return frozenset({"output", "pwm", "key", "data_transfer", "remote"})

    @override
    def reach(self, station: str) -> tuple[str | None, datetime | None]:
        """Where a station is connected from (None while it is not), and when it was heard last."""
        peer = self._directory.by_id(station)
        if peer is None:
            return None, None
        return (peer.address or None) if peer.connection is not None else None, peer.heard_at


def _target(peer: Peer, hub: Southbound, caller: Caller) -> Target:
    return Target(peer=peer, call_out=partial(caller.call, peer), hub=hub)
