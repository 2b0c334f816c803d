"""One station's WebSocket: reads frames, answers CALLs, and calls the station, one CALL at a time."""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING

from aiohttp import WSMsgType, web

from gateway.bench.csms import rpc
from gateway.bench.csms.ledger import CallError, CallResult
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gateway.bench.csms.ledger import Payload
    from gateway.bench.csms.rpc import Frame


class Connection:
    """Speaks OCPP-J with one station.

    Args:
        station: its identity.
        socket: the open WebSocket.
        transport: what is below it.
        on_call: gives the text of the answer to a CALL, or None for no answer.
        seen: told direction (``in``, ``out``) and text of every frame.
    """

    def __init__(
        self,
        station: str,
        socket: web.WebSocketResponse,
        transport: asyncio.Transport | None,
        on_call: Callable[[Connection, Frame], Awaitable[str | None]],
        seen: Callable[[str, str, str], None],
    ) -> None:
        self.station = station
        self.open_calls = 0
        self._socket = socket
        self._transport = transport
        self._on_call = on_call
        self._seen = seen
        self._turn = asyncio.Lock()
        self._waiting: dict[str, asyncio.Future[Frame]] = {}

    async def run(self) -> None:
        """Read until the connection closes."""
        answering: set[asyncio.Task[None]] = set()
        async with asyncio.TaskGroup() as group:
            async for message in self._socket:
                if message.type is not WSMsgType.TEXT:
                    continue
                self._seen("in", self.station, message.data)
                frame = rpc.read(message.data)
                if frame.kind == rpc.CALL:
                    task = group.create_task(self._answer(frame))
                    answering.add(task)
                    task.add_done_callback(answering.discard)
                else:
                    await self._take(frame)
            for task in answering:
                task.cancel()
        for waiting in self._waiting.values():
            waiting.cancel()

    async def _take(self, frame: Frame) -> None:
        if frame.problem is not None:
            await self._send(rpc.call_error(frame.message_id, frame.problem))
            return
        waiting = self._waiting.get(frame.message_id)
        if waiting is not None and not waiting.done():
            waiting.set_result(frame)

    async def call(self, action: str, payload: Payload, within: float) -> CallResult | CallError:
        """Call the station once its earlier call is answered.

        Raises:
            TimeoutError: no answer within so many seconds.
            GatewayError: ``station-not-connected`` if the connection closes meanwhile.
        """
        async with self._turn:
            if self._socket.closed:
                raise GatewayError("station-not-connected", station=self.station)
            message_id = str(uuid.uuid4())
            waiting: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
            self._waiting[message_id] = waiting
            try:
                await self._send(rpc.call(message_id, action, payload))
                async with asyncio.timeout(within):
                    await asyncio.wait({waiting})
            finally:
                del self._waiting[message_id]
            if waiting.cancelled():
                raise GatewayError("station-not-connected", station=self.station)
            frame = waiting.result()
        if frame.error is not None:
            return frame.error
        return CallResult(payload=frame.payload or {})

    async def close(self, code: int = 1001) -> None:
        """Close the connection."""
        await self._socket.close(code=code)

    def abort(self) -> None:
        """Cut the connection without a farewell."""
        if self._transport is not None:
            self._transport.abort()

    async def _answer(self, frame: Frame) -> None:
        self.open_calls += 1
        try:
            text = await self._on_call(self, frame)
        finally:
            self.open_calls -= 1
        if text is not None:
            await self._send(text)

    async def _send(self, text: str) -> None:
        self._seen("out", self.station, text)
        try:
            await self._socket.send_str(text)
        except ConnectionError:
            # The station is gone; its reader ends by itself.
            return
