"""Which stations are there: any message is a sign of life, and long silence is a loss."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from adapters.ocpp1x.configuration import unread_variables
from gateway.model.errors import GatewayError
from gateway.model.events import StationFound, StationLost, VariablesReported
from gateway.model.station import Capability

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from adapters.ocpp1x.patience import Patience
    from adapters.ocpp1x.peers import Peer
    from gateway.contracts import Southbound

_LOG = logging.getLogger(__name__)


class Presence:
    """Tells the box when a station is found and when it is lost.

    Args:
        hub: told of both.
        patience: how long a station may be silent.
        now: the box's clock, UTC.
    """

    def __init__(self, hub: Southbound, patience: Patience, now: Callable[[], datetime]) -> None:
        self._hub = hub
        self._patience = patience
        self._now = now

    async def heard(self, peer: Peer, callback: str = "") -> bool:
        """Note a sign of life.

        Args:
            peer: of this station.
            callback: where to call it; "" for one that is called over its own connection.

        Returns:
            True if the station has only now been found.

        Raises:
            GatewayError: ``storage-failed``; the station is not yet found.
        """
        tick = asyncio.get_running_loop().time()
        if peer.heard_at is None or tick - peer.heard_tick > self._patience.gap:
            peer.settled_tick = tick + self._patience.settle
        peer.heard_tick = tick
        peer.heard_at = self._now()
        if peer.present and callback == peer.remembered:
            return False
        before = (peer.present, peer.remembered)
        peer.present, peer.remembered = True, callback
        found = StationFound(
            station=peer.id, at=peer.heard_at, capabilities=peer.capabilities, callback=peer.remembered
        )
        try:
            await self._hub.publish(found, *_untold(peer, peer.heard_at))
        except GatewayError:
            peer.present, peer.remembered = before
            raise
        if before[0]:
            return False
        _LOG.info("%s found at %s", peer.id, peer.address or "its address")
        return True

    async def watch(self, peers: Iterable[Peer]) -> None:
        """Report stations that have been silent for too long, until cancelled."""
        watched = tuple(peers)
        loop = asyncio.get_running_loop()
        for peer in watched:
            peer.heard_tick = max(peer.heard_tick, loop.time())
        while True:
            tick = loop.time()
            for peer in watched:
                if peer.present is not False and tick - peer.heard_tick >= self._patience.silence:
                    await self.lost(peer, f"silent for {self._patience.silence:.0f} s")
            waiting = [peer.heard_tick for peer in watched if peer.present is not False]
            # A station found meanwhile is heard later than now, so that this never wakes too late for it.
            await asyncio.sleep(max(min(waiting, default=tick) + self._patience.silence - tick, 0))

    async def lost(self, peer: Peer, reason: str) -> None:
        """Note that a station is not there any more; one that cannot be noted is tried again after a silence."""
        before = peer.present
        peer.present = False
        try:
            await self._hub.publish(StationLost(station=peer.id, at=self._now()))
        except GatewayError as error:
            peer.present = before
            peer.heard_tick = asyncio.get_running_loop().time()
            _LOG.warning("%s is lost, which could not be noted: %s", peer.id, error)
        else:
            _LOG.warning("%s lost: %s", peer.id, reason)


def _untold(peer: Peer, at: datetime) -> tuple[VariablesReported, ...]:
    """The settings of a station that never tells them, so that it can be told them at least."""
    if Capability.CONFIGURATION_READ in peer.capabilities:
        return ()
    return (VariablesReported(station=peer.id, at=at, variables=unread_variables(peer.dialect.keys)),)
