"""Data that the HTTP layer hands to its users, and the limits it works within."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpLimits:
    """How much of the box one peer may use.

    Sizes are bytes, times are seconds.
    """

    max_body: int = 256 * 1024
    max_inflated: int = 1024 * 1024
    """Upper limit of a gzip or deflate body after decoding."""
    max_head: int = 32 * 1024
    receive_timeout: float = 15.0
    """From the first moment that a request may arrive until its last byte."""
    idle_timeout: float = 60.0
    """How long a kept-alive connection may stay silent between two requests."""
    linger: float = 2.0
    """How long a refused peer may go on sending before the connection is cut."""
    close_grace: float = 5.0
    """How long ``close()`` waits for handlers that are still running."""
    max_connections: int = 512
    max_per_peer: int = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """One complete request.

    ``headers`` has lower-case names (the first of a repeated header wins); ``body`` is already decoded from gzip or
    deflate; ``path`` has neither host nor query and is percent-encoded as sent.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str]
    body: bytes
    peer: str
    """IP address of the peer, without port."""
    coding: str = ""
    """The content coding that the body really used ("gzip", "deflate" or empty): the answer is encoded alike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpResponse:
    """An answer, to be sent with its length and in one piece."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/soap+xml; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpReply:
    """What a peer answered to a request of ours; ``body`` is decoded where its content coding was true."""

    status: int
    body: bytes
