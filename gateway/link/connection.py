"""One WebSocket connection to the CSMS (OCPP 2.0.1 Part 4, 3)."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING

from aiohttp import (
    ClientConnectorCertificateError,
    ClientConnectorDNSError,
    ClientConnectorError,
    ClientError,
    ClientSSLError,
    ClientWSTimeout,
    WSCloseCode,
    WSMsgType,
    WSServerHandshakeError,
)

from gateway.link.security import CERTIFICATE_ALERTS
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from aiohttp import ClientSession, ClientWebSocketResponse
    from yarl import URL

    from gateway.link.target import Target
    from gateway.link.timing import Timing

SUBPROTOCOL = "ocpp2.0.1"
MAX_MESSAGE = 1024 * 1024
"""Longest message that is taken from the CSMS, in bytes. It bounds the memory of a connection."""

_HTTP_CODES = {401: "csms-unauthorized", 403: "csms-unauthorized", 404: "csms-station-unknown"}


class ConnectionLost(GatewayError):
    """The connection is gone: code ``csms-connection-lost``, with its ``reason``."""

    def __init__(self, reason: str) -> None:
        super().__init__("csms-connection-lost", reason=reason)


class Connection:
    """An open connection. Messages are UTF-8 text as bytes, so that nothing is decoded twice.

    Attributes:
        heard: loop time at which something last came in.
        sent: loop time at which a message last went out.
    """

    def __init__(self, socket: ClientWebSocketResponse[bool], timing: Timing) -> None:
        self._socket = socket
        self._timing = timing
        self._time = asyncio.get_running_loop().time
        self._something = asyncio.Event()
        self.heard = self.sent = self._time()

    @property
    def open(self) -> bool:
        """False once the connection is being closed."""
        return not self._socket.closed

    async def send(self, text: bytes) -> None:
        """Send one message.

        Raises:
            ConnectionLost: it was not sent.
        """
        self.sent = self._time()
        try:
            await self._socket.send_frame(text, WSMsgType.TEXT)
        except (ConnectionError, ClientError) as error:
            raise ConnectionLost(type(error).__name__) from error

    async def receive(self) -> bytes:
        """The next message. Pings are answered, pongs noted, binary messages dropped.

        Raises:
            ConnectionLost: there will be none.
        """
        while True:
            message = await self._socket.receive()
            self.heard = self._time()
            self._something.set()
            kind = message.type
            if kind is WSMsgType.TEXT:
                data: bytes = message.data
                return data
            if kind is WSMsgType.PING:
                await self._control(WSMsgType.PONG, message.data)
            elif kind is WSMsgType.ERROR:
                # Already closed by the library, with the right code: too long, not UTF-8, a broken frame.
                raise ConnectionLost(f"error {self._socket.close_code}: {message.data}")
            elif kind not in {WSMsgType.PONG, WSMsgType.BINARY}:
                raise ConnectionLost(f"closed {self._socket.close_code}")

    async def alive(self) -> bool:
        """Ping the CSMS; True if anything came back in time. Something must be receiving meanwhile.

        Raises:
            ConnectionLost: the connection is gone already.
        """
        self._something.clear()
        try:
            async with asyncio.timeout(self._timing.pong):
                # A peer that takes nothing any more blocks the sending, too.
                await self._control(WSMsgType.PING, b"")
                await self._something.wait()
        except TimeoutError:
            return False
        return True

    async def close(self) -> None:
        """Close with a handshake, or without where the CSMS does not take part in it."""
        try:
            async with asyncio.timeout(self._timing.close):
                await self._socket.close(code=WSCloseCode.GOING_AWAY)
        except TimeoutError:
            return

    async def _control(self, kind: WSMsgType, data: bytes) -> None:
        try:
            await self._socket.send_frame(data, kind)
        except (ConnectionError, ClientError) as error:
            raise ConnectionLost(type(error).__name__) from error


async def connect(http: ClientSession, target: Target, tls: ssl.SSLContext | None, timing: Timing) -> Connection:
    """Open the connection of a station.

    Args:
        http: shared by all connections.
        target: where to, and as whom.
        tls: settings for wss://.
        timing: limits.

    Raises:
        GatewayError: ``csms-name-not-found``, ``csms-refused``, ``csms-unreachable``, ``csms-timeout``,
            ``csms-certificate-invalid``, ``csms-certificate-refused``, ``csms-tls-failed``, ``csms-unauthorized``,
            ``csms-station-unknown``, ``csms-http-status``, ``csms-handshake-failed``, ``csms-subprotocol-refused`` or
            ``csms-profile-mismatch``.
    """
    target.check()
    address = target.address
    try:
        async with asyncio.timeout(timing.connect):
            socket = await http.ws_connect(
                address,
                protocols=(SUBPROTOCOL,),
                headers=target.headers,
                ssl=True if tls is None else tls,
                # Deflate costs 14-24 % more CPU and 41 kB for each connection; Part 4, 3.3 leaves it to the station.
                compress=0,
                autoping=False,
                max_msg_size=MAX_MESSAGE,
                decode_text=False,
                timeout=ClientWSTimeout(ws_close=timing.close),
            )
    except TimeoutError as error:
        raise GatewayError("csms-timeout", host=address.host, port=address.port) from error
    except (ClientError, OSError) as error:
        raise _failure(error, address) from error
    connection = Connection(socket, timing)
    if socket.protocol != SUBPROTOCOL:
        # The CSMS should close now (Part 4, 3.2); not all do.
        await connection.close()
        raise GatewayError("csms-subprotocol-refused", host=address.host, offered=SUBPROTOCOL)
    return connection


def _failure(error: ClientError | OSError, address: URL) -> GatewayError:
    """The expected failure that an exception of the client stands for."""
    where: dict[str, object] = {"host": address.host, "port": address.port}
    if isinstance(error, WSServerHandshakeError):
        if error.status == 101:  # noqa: PLR2004 - Switching Protocols, yet not to a WebSocket
            return GatewayError("csms-handshake-failed", **where, reason=error.message)
        return GatewayError(_HTTP_CODES.get(error.status, "csms-http-status"), **where, status=error.status)
    if isinstance(error, ClientConnectorDNSError):
        return GatewayError("csms-name-not-found", **where)
    if isinstance(error, ClientConnectorCertificateError):
        return GatewayError("csms-certificate-invalid", **where, reason=_reason(error.certificate_error))
    if isinstance(error, ClientSSLError):
        return _tls_failure(_cause(error), where)
    cause = _cause(error)
    if isinstance(cause, ssl.SSLError):  # TLS 1.3 has the CSMS look at the certificate only after the handshake
        return _tls_failure(cause, where)
    if isinstance(cause, ConnectionRefusedError):
        return GatewayError("csms-refused", **where)
    return GatewayError("csms-unreachable", **where, reason=type(cause).__name__)


def _tls_failure(error: BaseException, where: dict[str, object]) -> GatewayError:
    reason = _reason(error)
    code = "csms-certificate-refused" if reason in CERTIFICATE_ALERTS else "csms-tls-failed"
    return GatewayError(code, **where, reason=reason)


def _cause(error: Exception) -> Exception:
    if isinstance(error, ClientConnectorError):
        return error.os_error
    return error.__cause__ if isinstance(error.__cause__, ssl.SSLError) else error


def _reason(error: BaseException) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    if isinstance(error, ssl.SSLError):
        return error.reason or type(error).__name__
    return type(error).__name__
