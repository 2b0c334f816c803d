"""The way to the backend as the hub (``Line``) and the profiles (``Backend``) see it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from gateway.contracts import Json, Message
    from gateway.hub import Hub
    from gateway.model.changes import BootReason


@dataclass
class FakeBackend:
    """A backend that is there since ``since`` (None: it is away) and answers ``ask`` from ``answers``."""

    since: datetime | None = None
    is_pending: bool = False
    answers: dict[str, Json] = field(default_factory=dict)
    asked: list[tuple[str, Json]] = field(default_factory=list)
    hellos: list[str] = field(default_factory=list)
    boots: list[BootReason] = field(default_factory=list)
    beats: int = 0
    reconnects: list[bool] = field(default_factory=list)
    hub: Hub | None = None

    def accepted(self, station: str) -> bool:
        """True while it is there and has accepted the station."""
        del station
        return self.since is not None and not self.is_pending

    def pending(self, station: str) -> bool:
        """True while the boot is pending."""
        del station
        return self.is_pending

    def online_since(self, station: str) -> datetime | None:
        """Since when it is there."""
        del station
        return self.since

    def hello(self, station: str) -> None:
        """Note the call."""
        self.hellos.append(station)

    def boot_again(self, station: str, reason: BootReason) -> None:
        """Note the reason."""
        del station
        self.boots.append(reason)

    def reconnect(self, station: str, *, at_boot: bool = False) -> None:
        """Note the call: True where it is for the next boot."""
        del station
        self.reconnects.append(at_boot)

    def beat(self, station: str) -> None:
        """Count the call."""
        del station
        self.beats += 1

    async def ask(self, station: str, action: str, payload: Json, *, patience: float) -> Json | None:
        """The scripted answer; None if there is none."""
        del station, patience
        self.asked.append((action, payload))
        return self.answers.get(action)

    async def post(self, station: str, *messages: Message) -> None:
        """To the outbox, through the hub."""
        assert self.hub is not None
        await self.hub.post(station, *messages)

    async def queued(self, station: str, transaction: str | None) -> bool:
        """From the hub."""
        assert self.hub is not None
        return await self.hub.queued(station, transaction)
