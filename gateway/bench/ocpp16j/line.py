"""The station's WebSocket: opened when there is something to say, and serving commands while it is open."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import logging
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

import aiohttp
import orjson

from gateway.bench.ocpp16j.payload import to_json, to_node
from gateway.bench.ocpp_s.line import LineDownError, SoapFaultError
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable
    from types import TracebackType

    from gateway.bench.ocpp_s.config import StationConfig
    from gateway.bench.ocpp_s.memory import Entry
    from gateway.bench.ocpp_s.messages import Fields
    from gateway.bench.ocpp_s.service import Reply
    from gateway.bench.ocpp_s.soap import Node
    from gateway.bench.ocpp_s.trace import Tracer

_LOG = logging.getLogger(__name__)
SUBPROTOCOL = "ocpp1.6"
_CALL, _RESULT, _ERROR = 2, 3, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How the station signs in: its password ("" for none), and whom it trusts over TLS (None: as the system does)."""

    password: str = ""
    tls: ssl.SSLContext | None = None


class WebSocketLine:
    """Sends requests and gives their answers; what comes in besides is carried out.

    Args:
        config: the station's settings; its ``url`` is without the identity.
        access: how it signs in.
        dispatch: carries out a command; raises GatewayError.
        lost: told that an open connection is gone.
        tracer: is shown every frame.
    """

    def __init__(
        self,
        config: StationConfig,
        access: Access,
        dispatch: Callable[[str, Node], Reply],
        lost: Callable[[], None],
        tracer: Tracer,
    ) -> None:
        self._config = config
        self._access = access
        self._dispatch = dispatch
        self._lost = lost
        self._tracer = tracer
        self._turn = asyncio.Lock()
        self._http: aiohttp.ClientSession | None = None
        self._socket: aiohttp.ClientWebSocketResponse[bool] | None = None
        self._reader: asyncio.Task[None] | None = None
        self._awaited: tuple[str, asyncio.Future[list[Any]]] | None = None
        self.is_cut = False
        self.url = ""

    async def __aenter__(self) -> Self:
        self._http = aiohttp.ClientSession()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.hang_up()
        if self._http is not None:
            await self._http.close()

    @property
    def http(self) -> aiohttp.ClientSession:
        """The HTTP client, for up- and downloads as well.

        Raises:
            GatewayError: ``line-closed`` outside of the line's context.
        """
        if self._http is None:
            raise GatewayError("line-closed")
        return self._http

    def cut(self) -> None:
        """Cut the line; an answer that is on its way is lost."""
        self.is_cut = True
        self.drop()

    def drop(self) -> None:
        """Lose the connection, as by a loss of power."""
        if self._reader is not None:
            self._reader.cancel()

    def mend(self) -> None:
        """Mend the line."""
        self.is_cut = False

    async def hang_up(self) -> None:
        """Close the connection, if there is one."""
        reader = self._reader
        if reader is not None:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)

    async def exchange(self, entry: Entry, fields: Fields, callback: str) -> Node:
        """Send one request and give the payload of its answer.

        Raises:
            LineDownError: there was no answer.
            SoapFaultError: the answer is a CALLERROR.
        """
        del callback
        async with self._turn:
            if self.is_cut:
                raise LineDownError("line-down", operation=entry.operation)
            try:
                async with asyncio.timeout(self._config.answer_timeout):
                    frame = await self._ask(entry.operation, fields)
            except (aiohttp.ClientError, ConnectionError, TimeoutError) as error:
                raise LineDownError("line-down", operation=entry.operation, reason=repr(error)) from error
        if frame[0] == _ERROR:
            raise SoapFaultError("call-error", operation=entry.operation, error=frame[2])
        return to_node(entry.operation, frame[2])

    async def _ask(self, operation: str, fields: Fields) -> list[Any]:
        socket = self._socket
        if socket is None or socket.closed:
            socket = await self._connect()
        id_ = str(uuid.uuid4())
        answer: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()
        self._awaited = id_, answer
        try:
            await self._send(socket, [_CALL, id_, operation, to_json(fields)])
            return await answer
        finally:
            self._awaited = None

    async def _connect(self) -> aiohttp.ClientWebSocketResponse[bool]:
        await self.hang_up()
        password = self._access.password
        credentials = base64.b64encode(f"{self._config.identity}:{password}".encode()).decode()
        socket = await self.http.ws_connect(
            f"{self._config.url.rstrip('/')}/{quote(self._config.identity, safe='')}",
            protocols=(SUBPROTOCOL,),
            headers={"Authorization": f"Basic {credentials}"} if password else None,
            ssl=self._access.tls or True,
        )
        if socket.protocol != SUBPROTOCOL:
            await socket.close()
            raise ConnectionError("subprotocol refused")
        self._socket = socket
        self._reader = asyncio.create_task(self._read(socket))
        return socket

    async def _read(self, socket: aiohttp.ClientWebSocketResponse[bool]) -> None:
        """Take frames until the connection is gone."""
        try:
            async for message in socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    await self._take(socket, message.data)
        finally:
            self._socket = None
            if self._awaited is not None and not self._awaited[1].done():
                self._awaited[1].set_exception(ConnectionError("the connection is lost"))
            self._lost()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await socket.close()

    async def _take(self, socket: aiohttp.ClientWebSocketResponse[bool], text: str) -> None:
        frame: list[Any] = orjson.loads(text)
        self._tracer("in", str(frame[2]) if frame[0] == _CALL else "answer", text.encode())
        if frame[0] == _CALL:
            await self._serve(socket, frame)
        elif self._awaited is not None and self._awaited[0] == frame[1] and not self._awaited[1].done():
            self._awaited[1].set_result(frame)

    async def _serve(self, socket: aiohttp.ClientWebSocketResponse[bool], frame: list[Any]) -> None:
        _, id_, operation, payload = frame
        try:
            reply = self._dispatch(operation, to_node(operation, payload))
        except GatewayError as error:
            code = "NotImplemented" if error.code == "operation-unknown" else "FormationViolation"
            await self._send(socket, [_ERROR, id_, code, str(error)[:255], {}])
            return
        try:
            await self._send(socket, [_RESULT, id_, to_json(reply.fields)])
        except ConnectionError:
            _LOG.debug("the caller of %s went away before its answer", operation)
        if reply.effect is not None:
            reply.effect()

    async def _send(self, socket: aiohttp.ClientWebSocketResponse[bool], frame: list[Any]) -> None:
        text = orjson.dumps(frame)
        self._tracer("out", str(frame[2]) if frame[0] == _CALL else "answer", text)
        await socket.send_str(text.decode())
