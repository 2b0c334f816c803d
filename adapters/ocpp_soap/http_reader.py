"""Read one request at a time out of a stream of bytes: no I/O, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import h11

from adapters.ocpp_soap.http_body import ends_envelope
from adapters.ocpp_soap.http_head import RequestHead, read_head
from adapters.ocpp_soap.http_normalise import END_OF_HEAD, Head, normalise_request
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from adapters.ocpp_soap.http_types import HttpLimits

_BODYLESS = (b"GET ", b"HEAD ", b"DELETE ", b"OPTIONS ", b"TRACE ", b"CONNECT ")
_LINE_BREAKS = b"\r\n"
_FIRST_PRINTABLE = 0x20
_SHORT = 1024
_FREE_CHUNKS = 1000
_LEAST_CHUNK = 16
"""Bytes that chunks must have on average, beyond the first ones: each costs the box time, however little it holds."""


def _read_head(raw: bytes) -> tuple[Head, RequestHead]:
    head = normalise_request(raw)
    return head, read_head(head.data)


_known_head = lru_cache(maxsize=128)(_read_head)
"""The same for short heads: one model of station sends few different ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRequest:
    """A complete request as read; ``keep_alive`` says whether another may follow on the connection."""

    head: RequestHead
    body: bytes
    keep_alive: bool


class RequestReader:
    """Cuts the bytes of one connection into requests.

    Call `feed` with what arrives and `finish` at the end of the stream; both give the next complete request or None.
    After answering a request, `feed(b"")` gives the next one if it has already arrived.
    """

    __slots__ = ("_body", "_buffer", "_chunks", "_continue", "_head", "_limits", "_request", "_scanned", "_size")

    def __init__(self, limits: HttpLimits) -> None:
        self._limits = limits
        self._buffer = bytearray()
        self._reset()

    def _reset(self) -> None:
        self._scanned = 0
        self._head: Head | None = None
        self._request: RequestHead | None = None
        self._chunks: h11.Connection | None = None
        self._body: list[bytes] = []
        self._size = 0
        self._continue = False

    @property
    def idle(self) -> bool:
        """True while no byte of a request has arrived."""
        return self._head is None and not self._buffer

    @property
    def waiting_bytes(self) -> int:
        """Bytes that are held and not yet part of a request."""
        return len(self._buffer)

    def hold(self, data: bytes) -> None:
        """Keep bytes for later without reading them."""
        self._buffer += data

    def take_continue(self) -> bool:
        """True once when the peer waits for "100 Continue" before it sends the body."""
        due, self._continue = self._continue, False
        return due

    def feed(self, data: bytes) -> RawRequest | None:
        """Take bytes.

        Raises:
            GatewayError: ``http-malformed`` or ``http-too-large``, with the HTTP ``status`` to answer; the connection
                cannot be read any further.
        """
        self._buffer += data
        if self._head is None and not self._read_head():
            return None
        return self._read_framed() if self._request is not None else self._read_unframed(at_end=False)

    def finish(self) -> RawRequest | None:
        """Take the end of the stream: it completes a request that declared no length."""
        if self._head is None or self._request is not None:
            return None
        return self._read_unframed(at_end=True)

    def _read_head(self) -> bool:
        buffer = self._buffer
        if not self._scanned:
            while buffer[:1] and buffer[0] in _LINE_BREAKS:
                del buffer[0]
            if buffer and buffer[0] <= _FIRST_PRINTABLE:
                # Most often a TLS hello sent to a plain port: no line break would ever come.
                raise GatewayError("http-malformed", status=400, line=buffer[:8].hex())
        found = END_OF_HEAD.search(buffer, self._scanned)
        size = found.end() if found else len(buffer)
        if size > self._limits.max_head:
            raise GatewayError("http-too-large", status=431, limit=self._limits.max_head)
        if found is None:
            self._scanned = max(0, len(buffer) - 2)
            return False
        raw = bytes(buffer[:size])
        self._head, request = _known_head(raw) if size <= _SHORT else _read_head(raw)
        del buffer[:size]
        if self._head.length is not None:
            self._check_size(self._head.length)
        if self._head.framed or self._head.data.startswith(_BODYLESS):
            self._open(self._head, request)
            self._continue = request.expects_continue
        return True

    def _open(self, head: Head, request: RequestHead) -> None:
        self._request = request
        if head.framed and head.length is None:
            self._chunks = h11.Connection(h11.SERVER, max_incomplete_event_size=2 * self._limits.max_head)
            self._chunks.receive_data(head.data)
            if not isinstance(self._next_event(self._chunks), h11.Request):
                raise GatewayError("http-malformed", status=400, line="")

    def _read_framed(self) -> RawRequest | None:
        if self._head is None or self._request is None:
            return None
        if self._chunks is not None:
            return self._read_chunks(self._chunks, self._request)
        length = self._head.length or 0
        if len(self._buffer) < length:
            return None
        body = bytes(self._buffer[:length])
        del self._buffer[:length]
        return self._complete(self._request, body)

    def _read_chunks(self, chunks: h11.Connection, request: RequestHead) -> RawRequest | None:
        if self._buffer:
            chunks.receive_data(bytes(self._buffer))
            self._buffer.clear()
        while True:
            event = self._next_event(chunks)
            if isinstance(event, h11.Data):
                self._body.append(bytes(event.data))
                self._size += len(event.data)
                self._check_size(self._size)
                if len(self._body) > _FREE_CHUNKS + self._size // _LEAST_CHUNK:
                    raise GatewayError("http-malformed", status=400, line="tiny chunks")
            elif isinstance(event, h11.EndOfMessage):
                self._buffer[:0] = chunks.trailing_data[0]
                return self._complete(request, b"".join(self._body))
            else:
                return None

    def _complete(self, request: RequestHead, body: bytes) -> RawRequest:
        self._reset()
        return RawRequest(head=request, body=body, keep_alive=request.keep_alive)

    def _read_unframed(self, *, at_end: bool) -> RawRequest | None:
        """Wait for the end tag of the envelope, or for the peer to stop sending."""
        self._check_size(len(self._buffer))
        if self._head is None or not (at_end or ends_envelope(self._buffer)):
            return None
        size = len(self._buffer)
        framing = b"Connection: close\r\nContent-Length: %d\r\n\r\n" % size
        self._head = Head(data=self._head.data[:-2] + framing, framed=True, length=size)
        self._open(self._head, read_head(self._head.data))
        return self._read_framed()

    def _check_size(self, size: int) -> None:
        if size > self._limits.max_body:
            raise GatewayError("http-too-large", status=413, limit=self._limits.max_body)

    def _next_event(self, exchange: h11.Connection) -> object:
        try:
            return exchange.next_event()
        except h11.RemoteProtocolError as error:
            raise GatewayError("http-malformed", status=error.error_status_hint, line=str(error)[:80]) from error
