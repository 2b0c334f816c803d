"""One WebSocket of a station: frames in, frames out, and the answer that is waited for."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp import ClientError, WSCloseCode, WSMsgType

from adapters.ocpp_json.frames import Error, Result, encode_call
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from aiohttp import web

    from gateway.contracts import Json

MAX_MESSAGE = 256 * 1024
"""Longest message that is taken from a station, in bytes. It bounds the memory of a connection."""


class Connection:
    """An open connection.

    Args:
        socket: of the station, after the handshake.
        close_patience: seconds that the station has to take part in closing.
    """

    def __init__(self, socket: web.WebSocketResponse, close_patience: float) -> None:
        self._socket = socket
        self._close_patience = close_patience
        self._awaited: tuple[str, asyncio.Future[Result | Error]] | None = None
        self._calls = 0

    async def receive(self) -> bytes | None:
        """The next message; None when there will be none. Pings are answered, binary messages dropped."""
        while True:
            message = await self._socket.receive()
            if message.type is WSMsgType.TEXT:
                text: bytes | str = message.data
                return text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
            if message.type is not WSMsgType.BINARY:
                return None

    @property
    def farewell(self) -> str:
        """How the connection has ended, for the log."""
        return f"closed {self._socket.close_code}"

    async def send(self, text: bytes) -> bool:
        """Send one message; False if the connection is gone."""
        try:
            await self._socket.send_frame(text, WSMsgType.TEXT)
        except (ConnectionError, ClientError):
            return False
        return True

    async def call(self, action: str, payload: Json, patience: float) -> Result | Error:
        """Send a request and wait for its answer. The caller keeps to one at a time.

        Raises:
            GatewayError: ``station-unreachable`` (it was not sent), ``station-timeout`` (no answer came).
        """
        self._calls += 1
        id_ = f"{id(self):x}-{self._calls}"
        answer: asyncio.Future[Result | Error] = asyncio.get_running_loop().create_future()
        self._awaited = (id_, answer)
        try:
            if not await self.send(encode_call(id_, action, payload)):
                raise GatewayError("station-unreachable", reason="the connection is lost")
            async with asyncio.timeout(patience):
                return await answer
        except TimeoutError as error:
            raise GatewayError("station-timeout", seconds=patience) from error
        finally:
            self._awaited = None

    def answered(self, frame: Result | Error) -> bool:
        """Take an answer; False for one that nobody waits for (any more)."""
        if self._awaited is None or self._awaited[0] != frame.id or self._awaited[1].done():
            return False
        self._awaited[1].set_result(frame)
        return True

    def lost(self) -> None:
        """Nothing more will be received: whoever waits for an answer waits no longer."""
        if self._awaited is not None and not self._awaited[1].done():
            self._awaited[1].set_exception(GatewayError("station-timeout", reason="the connection is lost"))

    async def close(self, code: int = WSCloseCode.GOING_AWAY) -> None:
        """Close with a handshake, or without where the station does not take part in it."""
        try:
            async with asyncio.timeout(self._close_patience):
                await self._socket.close(code=code)
        except TimeoutError:
            return
