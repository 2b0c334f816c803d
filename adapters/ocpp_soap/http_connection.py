"""One connection of a station: reads requests, runs the handler, writes answers."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Protocol, cast

from typing_extensions import override

from adapters.ocpp_soap.http_answers import file_head, is_websocket, own_answer, refusal, to_bytes, to_request
from adapters.ocpp_soap.http_file import pour
from adapters.ocpp_soap.http_reader import RawRequest, RequestReader
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from pathlib import Path

    from adapters.ocpp_soap.http_types import HttpLimits, HttpRequest, HttpResponse

_LOG = logging.getLogger(__name__)
_BUSY = 503
_TIMEOUT = 408
_NOT_FOUND = 404


class Owner(Protocol):
    """What a connection needs of its server."""

    limits: HttpLimits

    def admit(self, connection: HttpConnection, peer: str) -> bool:
        """Count a new connection; False when there are too many."""

    def release(self, connection: HttpConnection, peer: str) -> None:
        """Forget a connection."""

    def handle(self, request: HttpRequest) -> Coroutine[None, None, HttpResponse | None]:
        """Answer a request."""

    def file(self, request: HttpRequest) -> Path | None:
        """The file that a request is to be answered with, if it is to be."""

    def note_websocket(self, peer: str) -> None:
        """Log a station of another protocol, once."""

    def note_refused(self, peer: str, refused: GatewayError) -> None:
        """Log bytes that are no request, each kind once."""


class HttpConnection(asyncio.Protocol):
    """The asyncio protocol of one accepted connection."""

    __slots__ = (
        "_deadline", "_ended", "_flowing", "_leaving", "_owner", "_paused", "_peer", "_reader", "_task", "_transport"
    )  # fmt: skip

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._reader = RequestReader(owner.limits)
        self._peer = ""
        self._transport: asyncio.Transport | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[HttpResponse | None] | asyncio.Task[None] | None = None
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._leaving = False
        self._ended = False
        self._paused = False

    @property
    def task(self) -> asyncio.Task[HttpResponse | None] | asyncio.Task[None] | None:
        """The handler that is running for this connection."""
        return self._task

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are asyncio's by shape, not by class.
        self._transport = cast("asyncio.Transport", transport)
        peer = self._transport.get_extra_info("peername")
        self._peer = str(peer[0]) if peer else ""
        if self._owner.admit(self, self._peer):
            self._wait(self._owner.limits.receive_timeout)
        else:
            self._leaving = True
            self._transport.write(refusal(_BUSY))
            self._transport.close()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        # A running handler goes on: what the station reported is kept although nobody waits for the answer.
        self._stop_waiting()
        self._transport = None
        self._flowing.set()
        self._owner.release(self, self._peer)

    @override
    def data_received(self, data: bytes) -> None:
        if self._leaving:
            return
        if self._task is None:
            self._read(data)
            return
        self._reader.hold(data)
        if self._reader.waiting_bytes > self._owner.limits.max_body + self._owner.limits.max_head:
            self.abort()

    @override
    def pause_writing(self) -> None:
        # A peer that asks and asks but never reads the answers waits, rather than fill the memory.
        self._paused = True
        self._flowing.clear()
        if self._transport is not None:
            self._transport.pause_reading()

    @override
    def resume_writing(self) -> None:
        self._paused = False
        self._flowing.set()
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()
            self._read_on()

    @override
    def eof_received(self) -> bool:
        if self._transport is None or (self._leaving and self._task is None):
            return False
        self._ended = True
        if self._task is None:
            try:
                raw = self._reader.finish()
            except GatewayError as refused:
                self._refuse(refused)
                return True
            if raw is None:
                return False
            self._dispatch(raw)
        # The peer has stopped sending but still reads: keep our side open for the answer. TLS cannot do that.
        return self._transport.get_extra_info("sslcontext") is None

    def close_if_idle(self) -> None:
        """Close unless a handler is running."""
        if self._task is None and self._transport is not None:
            self._leaving = True
            self._transport.close()

    def abort(self) -> None:
        """Cut the connection without another byte."""
        self._leaving = True
        if self._transport is not None:
            self._transport.abort()

    def _read_on(self) -> None:
        """Go on with bytes that arrived before the last answer went out."""
        if self._task is None and not self._leaving and not self._paused and not self._reader.idle:
            self._read(b"")

    def _read(self, data: bytes) -> None:
        was_idle = self._reader.idle
        try:
            raw = self._reader.feed(data)
        except GatewayError as refused:
            self._refuse(refused)
            return
        if raw is not None:
            self._dispatch(raw)
            return
        if self._reader.take_continue() and self._transport is not None:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if was_idle and not self._reader.idle:
            self._wait(self._owner.limits.receive_timeout)

    def _dispatch(self, raw: RawRequest) -> None:
        try:
            request = to_request(raw, self._peer, self._owner.limits.max_inflated)
        except GatewayError as refused:
            self._refuse(refused)
            return
        self._stop_waiting()
        if is_websocket(request):
            self._owner.note_websocket(self._peer)
        file = self._owner.file(request)
        if file is not None:
            self._task = asyncio.get_running_loop().create_task(
                self._hand_out(file, request), name=f"file {self._peer}"
            )
            return
        own = own_answer(request)
        if own is not None:
            self._send(own, request, keep_alive=raw.keep_alive)
            return
        task = asyncio.get_running_loop().create_task(self._owner.handle(request), name=f"soap {self._peer}")
        self._task = task
        task.add_done_callback(lambda task: self._answered(task, request, keep_alive=raw.keep_alive))

    async def _hand_out(self, file: Path, request: HttpRequest) -> None:
        """Answer with a file; nothing more is read on this connection."""
        self._leaving = True
        try:
            if request.method == "HEAD":
                size = (await asyncio.to_thread(file.stat)).st_size
                await self._write(file_head(size))
            else:
                await pour(file, file_head, self._write)
        except FileNotFoundError:
            if self._transport is not None:
                self._transport.write(refusal(_NOT_FOUND))
        except (OSError, EOFError) as error:
            _LOG.warning("a file on its way to %s: %s", self._peer, type(error).__name__)
            self.abort()
        finally:
            self._task = None
            if self._transport is not None:
                self._transport.close()

    async def _write(self, data: bytes) -> None:
        if self._transport is None:
            raise ConnectionResetError
        self._transport.write(data)
        await self._flowing.wait()

    def _answered(self, task: asyncio.Task[HttpResponse | None], request: HttpRequest, *, keep_alive: bool) -> None:
        self._task = None
        failure = None if task.cancelled() else task.exception()
        if failure is not None:
            _LOG.error("request of %s failed", self._peer, exc_info=failure)
        response = None if task.cancelled() or failure is not None else task.result()
        if response is None:
            self.abort()
        else:
            self._send(response, request, keep_alive=keep_alive)

    def _send(self, response: HttpResponse, request: HttpRequest, *, keep_alive: bool) -> None:
        if self._transport is None or self._leaving:
            return
        keep_alive = keep_alive and not (self._ended and self._reader.idle)
        with_body = request.method != "HEAD"
        self._transport.write(to_bytes(response, request.coding, keep_alive=keep_alive, with_body=with_body))
        if not keep_alive:
            self._leaving = True
            self._wait(self._owner.limits.linger)  # for a peer that does not read its answer
            self._transport.close()
            return
        if self._reader.idle:
            self._wait(self._owner.limits.idle_timeout)
        else:
            self._wait(self._owner.limits.receive_timeout)
            asyncio.get_running_loop().call_soon(self._read_on)

    def _refuse(self, refused: GatewayError) -> None:
        status = refused.params.get("status")
        self._owner.note_refused(self._peer, refused)
        self._leave(refusal(status if isinstance(status, int) else 400))

    def _leave(self, last_words: bytes) -> None:
        """Answer, then let the peer finish sending: closing at once would destroy the answer on its way."""
        self._leaving = True
        transport = self._transport
        if transport is None:
            return
        transport.write(last_words)
        if transport.can_write_eof():
            transport.write_eof()
            self._wait(self._owner.limits.linger)
        else:
            transport.close()

    def _wait(self, seconds: float) -> None:
        self._stop_waiting()
        self._deadline = asyncio.get_running_loop().call_later(seconds, self._expired)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _expired(self) -> None:
        self._deadline = None
        if self._leaving or self._reader.idle:
            self.abort()
            return
        try:
            # A peer without Content-Length that neither ends its envelope nor closes has sent all it had.
            raw = self._reader.finish()
        except GatewayError as refused:
            self._refuse(refused)
            return
        if raw is None:
            self._leave(refusal(_TIMEOUT))
        else:
            self._dispatch(raw)
