"""Read one request at a time out of a stream of bytes: no I/O, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import h11

from adapters.ocpp_soap.http_body import ends_envelope
from adapters.ocpp_soap.http_normalise import END_OF_HEAD, Head, normalise_request
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from adapters.ocpp_soap.http_types import HttpLimits

_BODYLESS = (b"GET ", b"HEAD ", b"DELETE ", b"OPTIONS ", b"TRACE ", b"CONNECT ")
_LINE_BREAKS = b"\r\n"
_FIRST_PRINTABLE = 0x20


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRequest:
    """A complete request as read; ``keep_alive`` says whether another may follow on the connection."""

    head: h11.Request
    body: bytes
    keep_alive: bool


class RequestReader:
    """Cuts the bytes of one connection into requests.

    Call `feed` with what arrives and `finish` at the end of the stream; both give the next complete request or None.
    After answering a request, `feed(b"")` gives the next one if it has already arrived.
    """

    __slots__ = ("_body", "_buffer", "_continue", "_exchange", "_head", "_limits", "_request", "_scanned", "_size")

    def __init__(self, limits: HttpLimits) -> None:
        self._limits = limits
        self._buffer = bytearray()
        self._reset()

    def _reset(self) -> None:
        self._scanned = 0
        self._head: Head | None = None
        self._exchange: h11.Connection | None = None
        self._request: h11.Request | None = None
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
        return self._read_framed() if self._exchange is not None else self._read_unframed(at_end=False)

    def finish(self) -> RawRequest | None:
        """Take the end of the stream: it completes a request that declared no length."""
        if self._head is None or self._exchange is not None:
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
        self._head = normalise_request(bytes(buffer[:size]))
        del buffer[:size]
        if self._head.length is not None:
            self._check_size(self._head.length)
        if self._head.framed or self._head.data.startswith(_BODYLESS):
            self._open(self._head.data)
            self._continue = bool(self._exchange and self._exchange.they_are_waiting_for_100_continue)
        return True

    def _open(self, head: bytes) -> None:
        self._exchange = h11.Connection(h11.SERVER, max_incomplete_event_size=2 * self._limits.max_head)
        self._exchange.receive_data(head)
        request = self._next_event(self._exchange)
        if not isinstance(request, h11.Request):
            raise GatewayError("http-malformed", status=400, line="")
        self._request = request

    def _read_framed(self) -> RawRequest | None:
        exchange, request = self._exchange, self._request
        if exchange is None or request is None:
            return None
        wanted = self._wanted()
        if wanted and self._buffer:
            exchange.receive_data(bytes(self._buffer[:wanted]))
            del self._buffer[:wanted]
        while True:
            event = self._next_event(exchange)
            if isinstance(event, h11.Data):
                self._body.append(bytes(event.data))
                self._size += len(event.data)
                self._check_size(self._size)
            elif isinstance(event, h11.EndOfMessage):
                body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
                self._reset()
                self._buffer[:0] = exchange.trailing_data[0]
                return RawRequest(head=request, body=body, keep_alive=exchange.their_state is not h11.MUST_CLOSE)
            else:
                return None

    def _wanted(self) -> int:
        """How many of the bytes at hand may belong to this request; more would only be copied to and fro."""
        if self._head is None or not self._head.framed:
            return 0
        return len(self._buffer) if self._head.length is None else self._head.length - self._size

    def _read_unframed(self, *, at_end: bool) -> RawRequest | None:
        """Wait for the end tag of the envelope, or for the peer to stop sending."""
        self._check_size(len(self._buffer))
        if self._head is None or not (at_end or ends_envelope(self._buffer)):
            return None
        size = len(self._buffer)
        framing = b"Connection: close\r\nContent-Length: %d\r\n\r\n" % size
        self._head = Head(data=self._head.data[:-2] + framing, framed=True, length=size)
        self._open(self._head.data)
        return self._read_framed()

    def _check_size(self, size: int) -> None:
        if size > self._limits.max_body:
            raise GatewayError("http-too-large", status=413, limit=self._limits.max_body)

    def _next_event(self, exchange: h11.Connection) -> object:
        try:
            return exchange.next_event()
        except h11.RemoteProtocolError as error:
            raise GatewayError("http-malformed", status=error.error_status_hint, line=str(error)[:80]) from error
