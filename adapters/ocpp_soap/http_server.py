"""A tolerant HTTP/1.x server for old stations (see `http_normalise`), with bounds that one bad peer cannot break."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from typing import TYPE_CHECKING, Self

from adapters.ocpp_soap.http_connection import HttpConnection
from adapters.ocpp_soap.http_types import HttpLimits, HttpRequest, HttpResponse

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Coroutine
    from pathlib import Path

    from gateway.model.errors import GatewayError

    Handler = Callable[[HttpRequest], Coroutine[None, None, HttpResponse | None]]
    Files = Callable[[HttpRequest], Path | None]

_LOG = logging.getLogger(__name__)
_REMEMBERED_PEERS = 256
_BACKLOG = 1024
"""Connections that wait to be accepted: after a power cut all stations call at once."""


class HttpServer:
    """Serves POST requests with a handler; probes and WebSocket requests are answered by itself.

    A handler that returns None, or fails, makes the server drop the connection without an answer: the station keeps
    its message and sends it again.

    Args:
        handler: answers one request; runs as a task of its own and is not cancelled when the station hangs up.
        limits: sizes, times and numbers of connections.
        files: the file that a request is to be answered with, None for any other request.
    """

    def __init__(
        self, handler: Handler, limits: HttpLimits | None = None, files: Files = lambda _request: None
    ) -> None:
        self.limits = limits or HttpLimits()
        self._handler = handler
        self._files = files
        self._server: asyncio.Server | None = None
        self._connections: set[HttpConnection] = set()
        self._admitted: set[HttpConnection] = set()
        self._per_peer: Counter[str] = Counter()
        self._crowded: set[str] = set()
        self._full = False
        self._websocket_peers: set[str] = set()
        self._refused: set[tuple[str, str]] = set()
        self._empty = asyncio.Event()
        self._empty.set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self.close()

    @property
    def port(self) -> int:
        """The port listened on; 0 before `start`."""
        if self._server is None or not self._server.sockets:
            return 0
        return int(self._server.sockets[0].getsockname()[1])

    async def start(self, host: str, port: int, *, context: ssl.SSLContext | None = None) -> None:
        """Listen.

        Raises:
            OSError: the address cannot be bound.
        """
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: HttpConnection(self), host, port, ssl=context, backlog=_BACKLOG)

    async def close(self) -> None:
        """Stop listening, give running handlers ``close_grace`` seconds, then cut what is left."""
        if self._server is not None:
            self._server.close()
        for connection in tuple(self._connections):
            connection.close_if_idle()
        running = {connection.task for connection in self._connections if connection.task is not None}
        if running:
            _, late = await asyncio.wait(running, timeout=self.limits.close_grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
        for connection in tuple(self._connections):
            connection.close_if_idle()
        try:
            async with asyncio.timeout(self.limits.linger):
                await self._empty.wait()
        except TimeoutError:
            for connection in tuple(self._connections):
                connection.abort()
            await self._empty.wait()
        if self._server is not None:
            await self._server.wait_closed()
            self._server = None

    def admit(self, connection: HttpConnection, peer: str) -> bool:
        """Count a new connection; False when its peer, or all together, have too many."""
        self._connections.add(connection)
        self._empty.clear()
        if len(self._admitted) >= self.limits.max_connections:
            if not self._full:
                self._full = True
                _LOG.warning("too many connections: %d in all", len(self._admitted))
            return False
        if self._per_peer[peer] >= self.limits.max_per_peer:
            if peer not in self._crowded:
                self._crowded.add(peer)
                _LOG.warning("too many connections: %d of %s", self._per_peer[peer], peer)
            return False
        self._admitted.add(connection)
        self._per_peer[peer] += 1
        return True

    def release(self, connection: HttpConnection, peer: str) -> None:
        """Forget a connection."""
        self._connections.discard(connection)
        if connection in self._admitted:
            self._admitted.discard(connection)
            self._full = self._full and bool(self._admitted)
            self._per_peer[peer] -= 1
            if not self._per_peer[peer]:
                del self._per_peer[peer]
                self._crowded.discard(peer)
        if not self._connections:
            self._empty.set()

    def handle(self, request: HttpRequest) -> Coroutine[None, None, HttpResponse | None]:
        """Answer a request with the handler."""
        return self._handler(request)

    def file(self, request: HttpRequest) -> Path | None:
        """The file that a request is to be answered with."""
        return self._files(request) if request.method in ("GET", "HEAD") else None

    def note_websocket(self, peer: str) -> None:
        """Log once per peer that a JSON station calls the SOAP port."""
        if peer not in self._websocket_peers and len(self._websocket_peers) < _REMEMBERED_PEERS:
            self._websocket_peers.add(peer)
            _LOG.warning("%s asks for a WebSocket on the SOAP port: it is set to OCPP-J", peer)

    def note_refused(self, peer: str, refused: GatewayError) -> None:
        """Log once per peer and code that it sends what is no request."""
        kind = (peer, refused.code)
        if kind not in self._refused and len(self._refused) < _REMEMBERED_PEERS:
            self._refused.add(kind)
            _LOG.info("refused what %s sent: %s", peer, refused)
