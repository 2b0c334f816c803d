"""Take a straightened request head (see `http_normalise`) apart: all that could be wrong in it has been dealt with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestHead:
    """The head of a request.

    ``headers`` has lower-case names; the first of a repeated header wins. ``keep_alive`` says whether another request
    may follow (RFC 9112, 9.3; HTTP/1.0 peers are not kept), ``expects_continue`` that the peer waits for "100
    Continue" before it sends the body.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    keep_alive: bool
    expects_continue: bool


def read_head(data: bytes) -> RequestHead:
    """Read what ``normalise_request`` has written."""
    first, *lines = data[:-4].decode("latin-1").split("\r\n")
    method, target, version = first.split(" ")
    headers: dict[str, str] = {}
    closing = False
    for line in lines:
        name, _, value = line.partition(": ")
        name = name.lower()
        headers.setdefault(name, value)
        if name == "connection":
            closing = closing or "close" in (token.strip().lower() for token in value.split(","))
    current = version == "HTTP/1.1"
    return RequestHead(
        method=method,
        target=target,
        headers=headers,
        keep_alive=current and not closing,
        expects_continue=current and "expect" in headers,
    )
