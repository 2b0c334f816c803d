"""The way to the backend as profiles see it: the hub commits, the link sends."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.contracts import Json, Message
    from gateway.hub import Hub
    from gateway.link.service import Link
    from gateway.model.changes import BootReason
    from gateway.paper import Paper


class Way:
    """``gateway.contracts.Backend``, put together of the two parts that have it."""

    def __init__(self, hub: Hub, link: Link | Paper) -> None:
        self._hub = hub
        self._link = link

    def accepted(self, station: str) -> bool:
        """True while the CSMS is connected and has accepted the station."""
        return self._link.accepted(station)

    def pending(self, station: str) -> bool:
        """True while the last BootNotification was answered Pending."""
        return self._link.pending(station)

    async def post(self, station: str, *messages: Message) -> None:
        """Commit messages to the outbox."""
        await self._hub.post(station, *messages)

    async def ask(self, station: str, action: str, payload: Json, *, patience: float) -> Json | None:
        """Send a CALL ahead of the outbox; None if no answer came."""
        return await self._link.ask(station, action, payload, patience=patience)

    async def queued(self, station: str, transaction: str | None) -> bool:
        """True if messages of this transaction (None: of any) are still to be delivered."""
        return await self._hub.queued(station, transaction)

    def boot_again(self, station: str, reason: BootReason) -> None:
        """Send a BootNotification as soon as possible."""
        self._link.boot_again(station, reason)

    def reconnect(self, station: str, *, at_boot: bool = False) -> None:
        """Connect anew, with the network profiles and credentials that there are by now."""
        self._link.reconnect(station, at_boot=at_boot)

    def beat(self, station: str) -> None:
        """Send a Heartbeat now."""
        self._link.beat(station)
