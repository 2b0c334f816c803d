"""The port of the stations: WebSockets of OCPP 1.6-J, one for each station."""

from __future__ import annotations

import asyncio
import logging
import ssl
from typing import TYPE_CHECKING

from aiohttp import WSCloseCode, web

from adapters.ocpp1x.fields import Deviation
from adapters.ocpp1x.networks import plain_address
from adapters.ocpp_json.connection import MAX_MESSAGE, Connection
from adapters.ocpp_json.session import Session
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from adapters.ocpp1x.offers import Offers
    from adapters.ocpp1x.presence import Presence
    from adapters.ocpp_json.config import SiteConfig
    from adapters.ocpp_json.handshake import Doorkeeper
    from adapters.ocpp_json.patience import Patience
    from adapters.ocpp_json.peers import Peer
    from adapters.ocpp_json.service import Service

_LOG = logging.getLogger(__name__)
SUBPROTOCOL = "ocpp1.6"


class Server:
    """Listens, and holds one session for each station.

    Args:
        site: where to listen, and with which certificate.
        doorkeeper: says who may connect.
        service: answers requests.
        presence: told who comes and goes.
        patience: times of a connection.
        came: told of each station that has connected.
        left: told of each that has no connection any more.
        offers: files that stations may fetch.
    """

    def __init__(
        self,
        site: SiteConfig,
        doorkeeper: Doorkeeper,
        service: Service,
        presence: Presence,
        patience: Patience,
        came: Callable[[Peer], None],
        left: Callable[[Peer], None],
        offers: Offers,
    ) -> None:
        self._site = site
        self._doorkeeper = doorkeeper
        self._service = service
        self._presence = presence
        self._patience = patience
        self._came = came
        self._left = left
        self._offers = offers
        self._tasks: set[asyncio.Task[None]] = set()
        self._open: set[Connection] = set()
        self._runner: web.AppRunner | None = None
        self.port = 0

    async def start(self) -> None:
        """Listen.

        Raises:
            GatewayError: ``listen-failed``.
        """
        listen = self._site.listen
        application = web.Application()
        application.router.add_get("/{path:.*}", self._connected)
        self._runner = web.AppRunner(
            application,
            access_log=None,
            shutdown_timeout=self._patience.close,
            keepalive_timeout=self._patience.idle,
        )
        await self._runner.setup()
        try:
            tls = await asyncio.to_thread(_tls, self._site)
            await web.TCPSite(self._runner, listen.host, listen.port, ssl_context=tls).start()
        except OSError as error:
            raise GatewayError("listen-failed", address=str(listen), reason=str(error)) from error
        self.port = self._runner.addresses[0][1]

    async def aclose(self) -> None:
        """Send all stations away and give the port back."""
        await asyncio.gather(*(connection.close() for connection in tuple(self._open)))
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _connected(self, request: web.Request) -> web.StreamResponse:
        found = self._offers.find(request.path)
        if found is not None:
            self._doorkeeper.look_at(request)
            _LOG.info("%s: the file that the box has for it is fetched from %s", found[0], request.remote)
            return web.FileResponse(found[1])
        peer = await self._doorkeeper.admit(request)
        socket = web.WebSocketResponse(
            protocols=(SUBPROTOCOL,),
            heartbeat=self._patience.ping,
            compress=False,
            max_msg_size=MAX_MESSAGE,
            timeout=self._patience.close,
            decode_text=False,
        )
        await socket.prepare(request)
        connection = Connection(socket, self._patience.close)
        if socket.ws_protocol != SUBPROTOCOL:
            # Complete the handshake without a subprotocol, then close at once (OCPP-J 1.6, 3.2).
            offered = request.headers.get("Sec-WebSocket-Protocol", "")
            peer.note((Deviation(code="subprotocol-refused", path="Sec-WebSocket-Protocol", raw=offered[:80]),))
            await connection.close(WSCloseCode.PROTOCOL_ERROR)
            return socket
        peer.locate(plain_address(request.remote or ""))
        host = request.headers.get("Host", "")  # aiohttp would ask the name server for a name where there is none
        peer.box = f"{request.scheme}://{host}" if host else ""
        self._open.add(connection)
        try:
            await self._serve(peer, connection)
        finally:
            self._open.discard(connection)
        return socket

    async def _serve(self, peer: Peer, connection: Connection) -> None:
        before, peer.connection = peer.connection, connection
        if before is not None:
            # It may be long dead; the station knows best which one it has.
            _LOG.info("%s connects again, its connection before is closed", peer.id)
            self._spawn(before.close())
        else:
            _LOG.info("%s is connected from %s", peer.id, peer.address)
        session = Session(peer, connection, self._service)
        # Not cancelled with the connection: what has been reported is kept.
        self._spawn(session.answer()).add_done_callback(lambda done: self._answered(done, connection))
        try:
            await self._greet(peer)
            await session.read()
        finally:
            session.end()
            if peer.connection is connection:
                peer.connection = None
                _LOG.info("%s has left: %s", peer.id, connection.farewell)
                self._left(peer)
                self.expect(peer, self._patience.absence)

    async def _greet(self, peer: Peer) -> None:
        try:
            await self._presence.heard(peer)
        except GatewayError as error:
            _LOG.warning("%s is connected, which could not be noted: %s", peer.id, error)
        self._came(peer)

    def expect(self, peer: Peer, seconds: float) -> None:
        """Give up a station that is not connected, unless it connects in time."""
        peer.missed_tick = asyncio.get_running_loop().time()
        self._spawn(self._missed(peer, seconds, peer.missed_tick))

    async def _missed(self, peer: Peer, seconds: float, since: float) -> None:
        await asyncio.sleep(seconds)
        if peer.connection is None and peer.present is not False and peer.missed_tick == since:
            await self._presence.lost(peer, f"no connection for {seconds:.0f} s")

    def _answered(self, done: asyncio.Task[None], connection: Connection) -> None:
        """Do not leave a station without answers for ever: where answering has failed, it is to connect again."""
        if not done.cancelled() and (error := done.exception()) is not None:
            _LOG.error("a connection is closed: its requests cannot be answered", exc_info=error)
            self._spawn(connection.close(WSCloseCode.INTERNAL_ERROR))

    def _spawn(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _tls(site: SiteConfig) -> ssl.SSLContext | None:
    """The certificate of the box. Reads files."""
    if site.tls is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2  # security white paper, A00.FR.312
    context.load_cert_chain(site.tls.cert_file, site.tls.key_file)
    return context
