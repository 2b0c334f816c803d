"""What the box keeps and reaches for its profiles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from gateway.contracts.messages import Json, Message
    from gateway.model.changes import BootReason
    from gateway.model.device import VariableRef
    from gateway.model.tokens import Authorization, CachePolicy, Token


class Backend(Protocol):
    """The way to the CSMS of each station."""

    def accepted(self, station: str) -> bool:
        """True while the CSMS is connected and has accepted the station."""

    def pending(self, station: str) -> bool:
        """True while the last BootNotification was answered Pending."""

    async def post(self, station: str, *messages: Message) -> None:
        """Commit messages to the outbox; they are sent in order as soon as the CSMS takes them."""

    async def ask(self, station: str, action: str, payload: Json, *, patience: float) -> Json | None:
        """Send a CALL ahead of the outbox; None if no answer came (offline, time-out, CALLERROR).

        Never await this inside a handler: the CSMS may wait for the handler's answer first.
        """

    async def queued(self, station: str, transaction: str | None) -> bool:
        """True if messages of this transaction (None: of any) are still to be delivered (E14)."""

    def boot_again(self, station: str, reason: BootReason) -> None:
        """Send a BootNotification as soon as possible."""

    def reconnect(self, station: str, *, at_boot: bool = False) -> None:
        """Connect anew, with the network profiles and credentials that there are by now.

        That is when the CALL in progress has been answered, or (``at_boot``) when the station boots next.
        """

    def beat(self, station: str) -> None:
        """Send a Heartbeat now."""


class Events(Protocol):
    """The events of NotifyEvent: their numbers, and which was the last about each variable."""

    def new(self, station: str, about: VariableRef, *, cleared: bool = False) -> int:
        """The number of another event; none is given out twice, a restart included."""

    def last(self, station: str, about: VariableRef, *, cleared: bool = False) -> int | None:
        """The number of the last event about a variable since the box's start; None if that told the opposite."""


class Tokens(Protocol):
    """The authorization cache and the Local Authorization List of each station."""

    async def remember(
        self, station: str, token: Token, authorization: Authorization, policy: CachePolicy = ...
    ) -> None:
        """Keep what the backend said of a token in the cache (C10); ``policy`` says what makes room where it is full."""

    async def recall(self, station: str, token: Token) -> tuple[datetime, Authorization] | None:
        """When the cache learnt of a token, and what."""

    async def use(self, station: str, token: Token) -> None:
        """Note that the cache has let a token charge."""

    async def forget(self, station: str, token: Token | None = None) -> None:
        """Drop a token from the cache, or (None) empty it (C11)."""

    async def cache_bytes(self, station: str) -> int:
        """Bytes that the cache takes."""

    async def local_list(self, station: str) -> tuple[int, Mapping[str, tuple[Token, Authorization]]]:
        """Version (0: none) and entries by token key."""

    async def store_local_list(
        self, station: str, version: int, entries: Mapping[str, tuple[Token, Authorization]]
    ) -> None:
        """Replace the Local Authorization List."""


class Shelf(Protocol):
    """Documents that a profile keeps for a station over restarts."""

    async def documents(self, station: str) -> Mapping[str, Json]:
        """Every document by its name, in the order of the names."""

    async def keep(self, station: str, changes: Mapping[str, Json | None]) -> None:
        """Write documents, or (None) take them away; all of them or none.

        Raises:
            GatewayError: ``storage-failed``.
        """


class Vault(Protocol):
    """Secrets, keys and certificates of each station: files that only the box can read; see ``gateway.model.credentials``.

    Nothing of them may come into the database, a log, a status or a report.
    """

    async def documents(self, station: str) -> Mapping[str, str]:
        """Every document by its name.

        Raises:
            GatewayError: ``vault-failed``.
        """

    async def keep(self, station: str, changes: Mapping[str, str | None]) -> None:
        """Write documents, or (None) take them away: in this order, each of them whole or not at all.

        Raises:
            GatewayError: ``vault-failed``.
        """


class SecurityLog(Protocol):
    """The security log of each station: on disk, of bounded size (A04.FR.04)."""

    async def append(self, station: str, at: datetime, event: str, info: str = "") -> bool:
        """Add a line; True where somebody has taken away what was there.

        Raises:
            GatewayError: ``security-log-failed``.
        """

    async def read(self, station: str) -> bytes:
        """Everything that there is: a JSON object a line (``timestamp``, ``type``, ``techInfo``), the oldest first.

        Raises:
            GatewayError: ``security-log-failed``.
        """


class Line(Protocol):
    """What the hub needs to know of the way to the backend."""

    def accepted(self, station: str) -> bool:
        """True while the CSMS is connected and has accepted the station."""

    def online_since(self, station: str) -> datetime | None:
        """Since when it is; None while it is not."""

    def hello(self, station: str) -> None:
        """The station is known: its backend may hear of it."""

    def boot_again(self, station: str, reason: BootReason) -> None:
        """Send a BootNotification as soon as possible."""
