"""What the link asks of the rest of the box: the outbox, and whoever handles what comes in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import asyncio
    from datetime import datetime, timedelta

    from gateway.contracts import Json, Message, Reply
    from gateway.model.station import StationState


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """A row of the outbox. ``attempts``: failures so far while the CSMS was connected (E13)."""

    id: int
    message: Message
    attempts: int


class Outbox(Protocol):
    """The durable queue of messages to the CSMS, by station."""

    def head(self, station: str, *, skip: frozenset[str], requested_only: bool) -> Queued | None:
        """The oldest row whose stream is not in ``skip``; of requested messages only, if so asked. From memory."""

    async def refill(self, station: str) -> None:
        """Load more rows from disk."""

    def more(self, station: str) -> bool:
        """True while there are rows on disk that are not in memory."""

    def acknowledge(self, queued: Queued) -> None:
        """Take a row out; the deletion may ride on the next commit."""

    async def written(self) -> None:
        """Wait until acknowledgements outlive the process."""

    def failed(self, queued: Queued) -> None:
        """Count a failed attempt, durably; the next ``head`` shows it."""

    def changed(self, station: str) -> asyncio.Event:
        """The one event of a station that is set whenever something was posted; the sender clears it."""


class Handlers(Protocol):
    """The rest of the box, as the link sees it."""

    async def handle(self, station: str, action: str, payload: Json) -> Reply:
        """Carry out a CALL; the payload is valid.

        Raises:
            CallRefused: answer with this CALLERROR; NotSupported for an action that nothing handles.
        """

    async def responded(self, station: str, message: Message, response: Json) -> None:
        """Take the answer to a message of the outbox, or to a BootNotification. May come twice for one message.

        The next message waits for this: return soon, and never await an ``ask`` in here, which would wait for itself.
        """

    async def reconnected(self, station: str, offline_for: timedelta) -> None:
        """The connection is there again: what waits was offline (E11.FR.07), and statuses may be due (B04).

        ``offline_for`` is 0 for a station that has to boot first: its statuses follow the boot.
        """

    async def booted(self, station: str) -> None:
        """The CSMS has accepted the BootNotification (B01.FR.05)."""

    def station(self, station: str) -> StationState:
        """The state of a station now."""

    def integer(self, station: str, component: str, variable: str, instance: str | None = None) -> int:
        """The actual value of an integer variable."""

    def synchronise(self, station: str, current_time: datetime) -> None:
        """Take the CSMS's clock (B01.FR.06, G02.FR.06)."""

    async def noticed(self, station: str, event: str, info: str = "") -> None:
        """Take a security event of the connection (A04); ``event`` as OCPP names it."""
