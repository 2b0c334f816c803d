"""Writes limits of OCPP 1.6 anew before they fall to the fail-safe current: as seldom as that allows."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from adapters.ocpp1x.limits import give, rated, renew, running_at, take_back_all, write_fallback
from gateway.model.errors import GatewayError
from gateway.model.station import Capability

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from adapters.ocpp1x.failsafe import Failsafe
    from adapters.ocpp1x.peers import Peer
    from adapters.ocpp1x.target import Target
    from gateway.contracts import Southbound

_LOG = logging.getLogger(__name__)
_NOTE = "ocpp-failsafe"
_GRACE = 30.0
"""Seconds after a station was found in which it is told its limits, if it has any; after that it is given its rating."""


class Upkeep:
    """Looks after all stations of an adapter.

    Args:
        hub: keeps which stations have a fall-back.
        target: of a station, by its id.
        grace: see ``_GRACE``.
    """

    def __init__(self, hub: Southbound, target: Callable[[str], Target | None], grace: float = _GRACE) -> None:
        self._hub = hub
        self._target = target
        self._grace = grace
        self._tasks: list[asyncio.Task[None]] = []

    async def begin(self, peers: Iterable[Peer]) -> None:
        """Look after every station that has a fail-safe current, or had one when the box ran last."""
        for peer in peers:
            had = bool((await self._hub.notes(peer.id)).get(_NOTE))
            if peer.failsafe is not None:
                self._tasks.append(asyncio.create_task(self._keep(peer, peer.failsafe)))
            elif had:
                self._tasks.append(asyncio.create_task(self._withdraw(peer)))

    async def aclose(self) -> None:
        """Look after nobody any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()

    async def _keep(self, peer: Peer, failsafe: Failsafe) -> None:
        loop = asyncio.get_running_loop()
        since: float | None = None
        failing = False
        while True:
            await asyncio.sleep(failsafe.look)
            target = self._there(peer)
            if target is None:
                since = None
                continue
            since = loop.time() if since is None else since
            try:
                await self._round(target, failsafe, late=loop.time() - since >= self._grace)
            except GatewayError as error:
                # That a station is lost is told by who looks after that.
                (_LOG.debug if failing else _LOG.info)("%s: limits are not kept up: %s", peer.id, error)
                failing = True
            else:
                failing = False

    async def _round(self, target: Target, failsafe: Failsafe, *, late: bool) -> None:
        peer = target.peer
        async with peer.limiting:
            if not peer.falls_back:
                await self._hub.note(peer.id, _NOTE, "yes")
                outcome = await write_fallback(failsafe.current, target)
                if not outcome.accepted:
                    _LOG.warning("%s takes no fall-back beside its limits: %s", peer.id, outcome.reason)
                peer.falls_back = True
        for number in target.numbers():
            async with peer.limiting:
                await self._one(number, target, failsafe, late=late)

    @staticmethod
    async def _one(number: int, target: Target, failsafe: Failsafe, *, late: bool) -> None:
        held, running = target.peer.limits.get(number), running_at(number, target)
        if held is None:
            if late:
                await give(number, rated(number, target), target)
            return
        written = held.written_at(running.number if running is not None else None)
        if asyncio.get_running_loop().time() - written < failsafe.renewal:
            return
        outcome = await renew(number, held, target)
        if not outcome.accepted and not held.refused:
            _LOG.warning("%s: connector %d: limit not renewed: %s", target.peer.id, number, outcome.reason)
        held.refused = not outcome.accepted

    async def _withdraw(self, peer: Peer) -> None:
        """The site file names no fail-safe current any more: what was given for it would stay for ever."""
        while True:
            await asyncio.sleep(self._grace)
            target = self._there(peer)
            if target is None:
                continue
            try:
                async with peer.limiting:
                    outcome = await take_back_all(target)
                if outcome.accepted:
                    await self._hub.note(peer.id, _NOTE, "")
                    return
            except GatewayError as error:
                _LOG.debug("%s: fall-back not taken back: %s", peer.id, error)

    def _there(self, peer: Peer) -> Target | None:
        able = bool(peer.present) and Capability.SMART_CHARGING in peer.capabilities
        return self._target(peer.id) if able else None
