"""What goes to and from the backend: payloads, messages, answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from gateway.model.errors import GatewayError

Json = dict[str, Any]
"""A JSON object: an OCPP payload in its wire form (camelCase keys)."""

SECURITY_EVENTS = "security-events"
"""The stream of security events: after a boot they follow the statuses of the connectors (Part 6, state Booted)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A CALL to the backend.

    ``stream``: messages of one stream keep their order (a transaction's id); "" has no order to keep but that of
    posting. ``supersedes``: while the backend is away, or far behind, a later message with the same key replaces this
    one. ``requested``: the backend asked for it, so it may go out while the boot is pending (B02.FR.02).
    """

    action: str
    payload: Json
    stream: str = ""
    supersedes: str = ""
    requested: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The answer to a CALL of the backend, and what follows once it has been sent."""

    payload: Json
    then: Callable[[], Awaitable[None]] | None = None


class CallRefused(GatewayError):
    """Answer a CALL with a CALLERROR; ``code`` is the OCPP-J error code (Part 4, 4.3)."""


Handler = Callable[[str, Json], Awaitable[Reply]]
"""``await handler(station, payload)``; the payload has been validated against the schema."""
