"""A dry run's way to the backend: what it would receive is shown, and taken as accepted."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from gateway.link.identity import boot_payload
from gateway.model.changes import BootReason

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from gateway.contracts import Json, Message
    from gateway.hub import Hub
    from gateway.link.ports import Queued
    from gateway.link.target import Target
    from gateway.store.storage import Storage

    Show = Callable[[str, str, Json], None]
    """``show(station, action, payload)``."""

_HOUR = 3600


class Paper:
    """Stands where the link stands.

    Args:
        hub: The rest of the box.
        storage: Its outbox is what would be sent.
        targets: The stations by identity, with what to report of them.
        now: The box's clock, UTC.
        show: Takes every message in its order.
    """

    def __init__(
        self, hub: Hub, storage: Storage, targets: Mapping[str, Target], now: Callable[[], datetime], show: Show
    ) -> None:
        self._hub = hub
        self._storage = storage
        self._targets = targets
        self._now = now
        self._show = show
        self._since: dict[str, datetime] = {}

    async def run(self) -> None:
        """Show what every station would send, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for station in self._targets:
                tasks.create_task(self._run_one(station))

    async def _run_one(self, station: str) -> None:
        outbox = self._storage.outbox
        changed = outbox.changed(station)
        while True:
            await changed.wait()
            changed.clear()
            while self.accepted(station) and (queued := await self._head(station)):
                message = queued.message
                self._show(station, message.action, message.payload)
                outbox.acknowledge(queued)
                await self._hub.responded(station, message, _answer(message))

    async def _head(self, station: str) -> Queued | None:
        outbox = self._storage.outbox
        queued = outbox.head(station, skip=frozenset(), requested_only=False)
        while queued is None and outbox.more(station):
            await outbox.refill(station)
            queued = outbox.head(station, skip=frozenset(), requested_only=False)
        return queued

    def hello(self, station: str) -> None:
        """The station is known: it would boot now."""
        if station not in self._since:
            self.boot_again(station, BootReason.POWER_UP)

    def boot_again(self, station: str, reason: BootReason) -> None:
        """Show the BootNotification; the backend would accept it."""
        target = self._targets[station]
        identity = self._hub.station(station).identity
        payload = boot_payload(identity, vendor=target.vendor, model=target.model, reason=reason)
        self._show(station, "BootNotification", payload)
        first = station not in self._since
        self._since.setdefault(station, self._now())
        if first:
            self._hub.background(self._hub.booted(station))
        self._storage.outbox.changed(station).set()

    def accepted(self, station: str) -> bool:
        """True from the BootNotification on."""
        return station in self._since

    def pending(self, station: str) -> bool:
        """Never."""
        del station
        return False

    def online_since(self, station: str) -> datetime | None:
        """Since the BootNotification."""
        return self._since.get(station)

    async def ask(self, station: str, action: str, payload: Json, *, patience: float) -> Json | None:
        """Show a question; an Authorize is answered with Accepted, as nothing is charged by it."""
        del patience
        self._show(station, action, payload)
        return {"idTokenInfo": {"status": "Accepted"}} if action == "Authorize" else None

    def reconnect(self, station: str, *, at_boot: bool = False) -> None:
        """There is no connection."""

    def beat(self, station: str) -> None:
        """Show a Heartbeat."""
        self._show(station, "Heartbeat", {})


def _answer(message: Message) -> Json:
    """The least that a backend would answer."""
    if message.action == "TransactionEvent" and "idToken" in message.payload:
        return {"idTokenInfo": {"status": "Accepted"}}
    if message.action == "BootNotification":
        return {"status": "Accepted", "interval": _HOUR}
    return {}
