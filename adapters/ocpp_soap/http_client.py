"""Post one envelope to a station and read whatever it answers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

import h11

from adapters.ocpp_soap.http_body import decode_content, ends_envelope
from adapters.ocpp_soap.http_normalise import END_OF_HEAD, normalise_response
from adapters.ocpp_soap.http_types import HttpLimits, HttpReply
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

_PORTS = {"http": 80, "https": 443}
_CHUNK = 65536
_FINAL = 200
_HEADS = 8
"""Answers that are read until the final one: a station that says "100 Continue" for ever gets no further."""


async def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    timeout: float,  # noqa: ASYNC109 - the caller gives a budget; one code for every kind of lateness
    limits: HttpLimits | None = None,
    context: ssl.SSLContext | None = None,
) -> HttpReply:
    """Send a POST on a connection of its own, without following redirects.

    Args:
        url: ``http://host[:port]/path``, or ``https`` when ``context`` is given.
        body: the envelope.
        headers: further headers, among them Content-Type.
        timeout: seconds for everything from connecting to the last byte.
        limits: size limits for the answer.
        context: TLS settings for https.

    Raises:
        GatewayError: ``station-url-unusable``, ``station-unreachable``, ``station-timeout``,
            ``station-answer-malformed`` or ``http-too-large``.
    """
    parts = _split(url, tls=context is not None)
    bounds = limits or HttpLimits()
    try:
        async with asyncio.timeout(timeout):
            return await _exchange(parts, body, headers, bounds, context if parts.scheme == "https" else None)
    except TimeoutError as error:
        raise GatewayError("station-timeout", url=url, seconds=timeout) from error
    except (OSError, UnicodeError) as error:  # a host name may not even be a name
        raise GatewayError("station-unreachable", url=url, reason=str(error)) from error


def _split(url: str, *, tls: bool) -> SplitResult:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in (_PORTS if tls else ("http",)) and parts.hostname and parts.port != 0
    except ValueError as error:
        raise GatewayError("station-url-unusable", url=url) from error
    if not usable or not url.isascii() or not url.isprintable() or " " in url:
        raise GatewayError("station-url-unusable", url=url)
    return parts


async def _exchange(
    parts: SplitResult, body: bytes, headers: Mapping[str, str], limits: HttpLimits, context: ssl.SSLContext | None
) -> HttpReply:
    host = parts.hostname or ""
    reader, writer = await asyncio.open_connection(host, parts.port or _PORTS[parts.scheme], ssl=context)
    try:
        connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=2 * limits.max_head)
        writer.write(_request(connection, parts, body, headers))
        return await _read_reply(reader, connection, limits)
    finally:
        writer.transport.abort()


def _request(connection: h11.Connection, parts: SplitResult, body: bytes, headers: Mapping[str, str]) -> bytes:
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [("Host", parts.netloc.rpartition("@")[2]), *headers.items()]
    lines += [("Content-Length", str(len(body))), ("Connection", "close")]
    pieces = (h11.Request(method="POST", target=target, headers=lines), h11.Data(data=body), h11.EndOfMessage())
    return b"".join(connection.send(piece) or b"" for piece in pieces)


async def _read_reply(reader: asyncio.StreamReader, connection: h11.Connection, limits: HttpLimits) -> HttpReply:
    rest = bytearray()
    for _ in range(_HEADS):
        data, rest, framed = await _read_head(reader, rest, limits)
        connection.receive_data(data)
        event = _next_event(connection)
        if isinstance(event, h11.Response):
            break
        if not isinstance(event, h11.InformationalResponse) or event.status_code >= _FINAL:
            raise GatewayError("station-answer-malformed", reason="no final answer")
    else:
        raise GatewayError("station-answer-malformed", reason="only interim answers")
    body = await _read_body(reader, connection, rest, limits, framed=framed)
    coding = next((value.decode("latin-1") for name, value in event.headers if name == b"content-encoding"), "")
    plain, _ = decode_content(body, coding, limits.max_inflated)
    return HttpReply(status=event.status_code, body=plain)


async def _read_head(
    reader: asyncio.StreamReader, buffer: bytearray, limits: HttpLimits
) -> tuple[bytes, bytearray, bool]:
    while not (found := END_OF_HEAD.search(buffer)):
        if len(buffer) > limits.max_head:
            raise GatewayError("http-too-large", limit=limits.max_head)
        data = await reader.read(_CHUNK)
        if not data:
            raise GatewayError("station-answer-malformed", reason="closed before an answer")
        buffer += data
    try:
        head = normalise_response(bytes(buffer[: found.end()]))
    except GatewayError as error:
        raise GatewayError("station-answer-malformed", reason=str(error.params.get("line", ""))) from error
    return head.data, buffer[found.end() :], head.framed


async def _read_body(
    reader: asyncio.StreamReader, connection: h11.Connection, rest: bytearray, limits: HttpLimits, *, framed: bool
) -> bytes:
    """Read to the declared end; without one to the end of the stream or of the envelope."""
    body = bytearray()
    data: bytes = bytes(rest)
    while True:
        if data:
            connection.receive_data(data)
        while isinstance(event := _next_event(connection), h11.Data):
            body += event.data
            if len(body) > limits.max_body:
                raise GatewayError("http-too-large", limit=limits.max_body)
        if isinstance(event, h11.EndOfMessage) or (not framed and ends_envelope(body)):
            return bytes(body)
        data = await reader.read(_CHUNK)
        if data:
            continue
        if not framed or ends_envelope(body):
            return bytes(body)  # a length that promised too much does not spoil a whole envelope
        raise GatewayError("station-answer-malformed", reason="closed in the middle of the answer")


def _next_event(connection: h11.Connection) -> object:
    try:
        return connection.next_event()
    except h11.RemoteProtocolError as error:
        raise GatewayError("station-answer-malformed", reason=str(error)[:80]) from error
