"""The CSMS's port: who is let in, and a port that can be closed and opened again."""

from __future__ import annotations

import base64
import binascii
import hmac
import socket
from typing import TYPE_CHECKING

from aiohttp import web

from gateway.bench.listening import deafen

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gateway.bench.csms.settings import CsmsSettings

SUBPROTOCOL = "ocpp2.0.1"


class Listener:
    """Listens, checks the handshake and hands sockets on.

    Args:
        settings: address, path, passwords, TLS.
        serve: speaks with a station until the connection closes.
    """

    def __init__(
        self, settings: CsmsSettings, serve: Callable[[str, web.WebSocketResponse, web.Request], Awaitable[None]]
    ) -> None:
        self._settings = settings
        self._serve = serve
        self._runner: web.AppRunner | None = None
        self._site: web.SockSite | None = None
        self._listener: socket.socket | None = None
        self._keeper: socket.socket | None = None
        self.port = settings.port

    async def open(self) -> None:
        """Listen; on the same port as before, if it was open before."""
        if self._site is not None:
            return
        if self._keeper is None:
            self._refuse_taken_port()
            # Bound, but never listening: the port stays ours while we refuse connections.
            self._keeper = self._bound()
            self.port = self._keeper.getsockname()[1]
        if self._runner is None:
            application = web.Application()
            application.router.add_get("/{path:.*}", self._shake_hands)
            self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
            await self._runner.setup()
        self._listener = self._bound()
        self._site = web.SockSite(self._runner, self._listener, ssl_context=self._settings.tls)
        await self._site.start()

    def _bound(self) -> socket.socket:
        """A socket at the port, which may have several."""
        bound = socket.socket(socket.AF_INET6 if ":" in self._settings.host else socket.AF_INET)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        bound.bind((self._settings.host, self.port))
        return bound

    def _refuse_taken_port(self) -> None:
        """Fail where somebody else listens, whose connections SO_REUSEPORT would share."""
        family = socket.AF_INET6 if ":" in self._settings.host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((self._settings.host, self.port))

    async def shut(self) -> None:
        """Refuse connections from now on; open ones stay."""
        if self._site is not None and self._listener is not None:
            await deafen([self._listener])
            await self._site.stop()
            self._site = self._listener = None

    async def close(self) -> None:
        """Give the port back."""
        await self.shut()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
        if self._keeper is not None:
            self._keeper.close()
            self._keeper = None

    async def _shake_hands(self, request: web.Request) -> web.StreamResponse:
        prefix, _, station = request.path.rpartition("/")
        known = self._settings.stations
        if prefix != self._settings.path.rstrip("/") or not station or (known is not None and station not in known):
            raise web.HTTPNotFound
        if not self._is_authentic(station, request.headers.get("Authorization", "")):
            raise web.HTTPUnauthorized(headers={"WWW-Authenticate": 'Basic realm="ocpp"'})
        response = web.WebSocketResponse(protocols=(SUBPROTOCOL,), heartbeat=None)
        await response.prepare(request)
        if response.ws_protocol != SUBPROTOCOL:
            # OCPP-J 2.0.1, section 3.2: complete the handshake without a subprotocol, then close at once.
            await response.close()
            return response
        await self._serve(station, response, request)
        return response

    def _is_authentic(self, station: str, header: str) -> bool:
        password = self._settings.passwords.get(station, self._settings.password)
        if password is None:
            return True
        scheme, _, credentials = header.partition(" ")
        if scheme.casefold() != "basic":
            return False
        try:
            given = base64.b64decode(credentials, validate=True)
        except binascii.Error:
            return False
        return hmac.compare_digest(given, f"{station}:{password}".encode())
