"""Getting to know a station again that has connected: what it can do, and how it stands (OCPP 1.6).

A station that has not restarted says nothing of itself when it comes back, and the box may have missed something.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from adapters.ocpp1x.features import KEYS, features_of, from_note
from adapters.ocpp1x.outbound_triggers import trigger_report
from gateway.model.commands import Report, TriggerReport
from gateway.model.errors import GatewayError
from gateway.model.events import StationFound
from gateway.model.ids import Place
from gateway.model.station import Capability

if TYPE_CHECKING:
    from collections.abc import Iterable

    from adapters.ocpp1x.features import Features
    from adapters.ocpp1x.fields import Value
    from adapters.ocpp1x.patience import Patience
    from adapters.ocpp1x.peers import Peer
    from adapters.ocpp1x.target import Target
    from gateway.contracts import Southbound

_LOG = logging.getLogger(__name__)
_NOTE = "ocpp-features"
_TO_TELL = 60.0
"""Seconds that a station has to do what it is asked; a boot after that is one of its own."""


class Acquaintance:
    """Asks stations, each once a connection, and beside whatever else happens.

    Args:
        hub: keeps what stations can do.
        patience: how long a station has to say by itself that it has started.
    """

    def __init__(self, hub: Southbound, patience: Patience) -> None:
        self._hub = hub
        self._patience = patience
        self._asking: dict[str, asyncio.Task[None]] = {}

    async def recall(self, peers: Iterable[Peer]) -> None:
        """Take over what was known of the stations before the box started."""
        for peer in peers:
            if peer.dialect.tells_features:
                peer.features = from_note((await self._hub.notes(peer.id)).get(_NOTE, ""))

    def greet(self, target: Target) -> None:
        """Ask a station that has just come; whoever is still being asked is asked no more."""
        if not target.peer.dialect.tells_features:
            return
        self.leave(target.peer)
        target.peer.booted.clear()
        target.peer.boot_asked_until = 0.0
        task = asyncio.create_task(self._greet(target))
        self._asking[target.peer.id] = task
        task.add_done_callback(lambda done: self._forget(target.peer.id, done))

    def leave(self, peer: Peer) -> None:
        """Ask a station no more: it has gone."""
        task = self._asking.pop(peer.id, None)
        if task is not None:
            task.cancel()

    async def aclose(self) -> None:
        """Ask nobody any more."""
        tasks = tuple(self._asking.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _forget(self, station: str, done: asyncio.Task[None]) -> None:
        if self._asking.get(station) is done:
            del self._asking[station]

    async def _greet(self, target: Target) -> None:
        peer = target.peer
        try:
            async with asyncio.timeout(self._patience.greeting):
                await peer.booted.wait()
            restarted = True
        except TimeoutError:
            restarted = False
        try:
            if peer.features is None:
                asked: list[Value] = [*KEYS]
                await take_features(features_of(await target.call("GetConfiguration", {"key": asked})), target)
            if not restarted and Capability.TRIGGER in peer.capabilities:
                await _ask_how_it_stands(target)
        except GatewayError as error:
            _LOG.info("%s does not say how it stands: %s", peer.id, error)


async def _ask_how_it_stands(target: Target) -> None:
    everywhere = Place(station=target.peer.id)
    target.peer.boot_asked_until = asyncio.get_running_loop().time() + _TO_TELL
    for report in (Report.BOOT, Report.STATUS):
        outcome = await trigger_report(TriggerReport(place=everywhere, report=report), target)
        if not outcome.accepted:
            _LOG.info("%s does not tell its %s again: %s", target.peer.id, report, outcome.reason)


async def take_features(features: Features | None, target: Target) -> None:
    """Take over what a station says that it can do, and tell the box if that is news.

    Raises:
        GatewayError: ``storage-failed``.
    """
    peer = target.peer
    if features is None or features == peer.features or not peer.dialect.tells_features:
        return
    await target.hub.note(peer.id, _NOTE, features.to_note())
    before, peer.features = peer.capabilities, features
    if peer.capabilities != before and peer.present:
        found = StationFound(
            station=peer.id, at=target.hub.now(), capabilities=peer.capabilities, callback=peer.remembered
        )
        await target.hub.publish(found)
