"""A CSMS of a few lines on a real WebSocket, which does what a test tells it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

from gateway.link.rpc import (
    BadFrame,
    Call,
    CallError,
    CallResult,
    ErrorCode,
    Frame,
    decode,
    encode_call,
    encode_error,
    encode_result,
)

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Callable

    from gateway.contracts import Json

TIME = "2025-03-01T12:00:00Z"
RESPONSES: dict[str, Json] = {"Heartbeat": {"currentTime": TIME}, "Authorize": {"idTokenInfo": {"status": "Accepted"}}}


class Peer:
    """One connection, seen from the CSMS."""

    def __init__(self, socket: web.WebSocketResponse, request: web.Request, csms: Csms) -> None:
        self.socket = socket
        self.path = request.rel_url.raw_path
        self.headers = request.headers
        self.csms = csms
        self.calls: list[Call] = []
        self.others: list[Frame] = []
        self.frames: list[Frame] = []
        self.pings = 0
        self._numbers = 0
        self._news = asyncio.Condition()

    async def serve(self) -> None:
        async for message in self.socket:
            if message.type is WSMsgType.PING:
                self.pings += 1
                if self.csms.pongs:
                    await self.socket.pong(message.data)
            elif message.type is WSMsgType.TEXT:
                await self._take(decode(message.data.encode()))
            async with self._news:
                self._news.notify_all()
        async with self._news:
            self._news.notify_all()

    async def _take(self, frame: Frame) -> None:
        self.frames.append(frame)
        if not isinstance(frame, Call):
            self.others.append(frame)
            return
        self.calls.append(frame)
        self.csms.calls.append(frame)
        answer = self.csms.answer(frame)
        if isinstance(answer, CallError):
            await self.raw(encode_error(frame.id, ErrorCode(answer.code), answer.description))
        elif answer is not None:
            await self.raw(encode_result(frame.id, answer))

    async def raw(self, text: bytes) -> None:
        await self.socket.send_frame(text, WSMsgType.TEXT)

    async def until(self, fulfilled: Callable[[], bool]) -> None:
        async with asyncio.timeout(5), self._news:
            await self._news.wait_for(fulfilled)

    async def called(self, action: str, times: int = 1) -> Call:
        """Wait for the n-th CALL of an action on this connection."""
        await self.until(lambda: self.actions().count(action) >= times)
        return [call for call in self.calls if call.action == action][times - 1]

    def actions(self) -> list[str]:
        return [call.action for call in self.calls]

    async def request(self, action: str, payload: Any, id_: str = "") -> Frame:
        """Make a CALL of the CSMS and wait for the answer."""
        self._numbers += 1
        return await self.exchange(encode_call(id_ or f"csms-{self._numbers}", action, payload))

    async def exchange(self, text: bytes) -> Frame:
        """Send any text and wait for the next frame that is no CALL."""
        before = len(self.others)
        await self.raw(text)
        await self.until(lambda: len(self.others) > before)
        return self.others[before]

    async def gone(self) -> None:
        await self.until(lambda: self.socket.closed)


class Csms:
    """All connections, and how CALLs are answered."""

    def __init__(self) -> None:
        self.boots: list[tuple[str, int]] = [("Accepted", 0)]
        self.refuse: dict[str, CallError] = {}
        self.silent: set[str] = set()
        self.responses = dict(RESPONSES)
        self.status: int | None = None
        self.accept: Callable[[web.Request], bool] = lambda _request: True
        self.subprotocols: tuple[str, ...] = ("ocpp2.0.1",)
        self.pongs = True
        self.url = ""
        self.peers: list[Peer] = []
        self.calls: list[Call] = []
        self.attempts = 0
        self._news = asyncio.Condition()

    def answer(self, call: Call) -> Json | CallError | None:
        if call.action in self.silent:
            return None
        if call.action in self.refuse:
            return self.refuse[call.action]
        if call.action == "BootNotification":
            status, interval = self.boots.pop(0) if len(self.boots) > 1 else self.boots[0]
            return {"currentTime": TIME, "interval": interval, "status": status}
        return self.responses.get(call.action, {})

    async def handler(self, request: web.Request) -> web.StreamResponse:
        self.attempts += 1
        if self.status is not None:
            return web.Response(status=self.status)
        if not self.accept(request):
            return web.Response(status=401)
        socket = web.WebSocketResponse(protocols=self.subprotocols, autoping=False)
        await socket.prepare(request)
        peer = Peer(socket, request, self)
        self.peers.append(peer)
        async with self._news:
            self._news.notify_all()
        await peer.serve()
        return socket

    async def peer(self, number: int = 1) -> Peer:
        """Wait for the n-th connection."""
        async with asyncio.timeout(5), self._news:
            await self._news.wait_for(lambda: len(self.peers) >= number)
        return self.peers[number - 1]


@asynccontextmanager
async def running(csms: Csms, tls: ssl.SSLContext | None = None, port: int = 0) -> AsyncIterator[Csms]:
    """Serve on loopback."""
    app = web.Application()
    app.router.add_get("/{path:.*}", csms.handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port, ssl_context=tls)
    await site.start()
    port = runner.addresses[0][1]
    csms.url = f"{'wss' if tls else 'ws'}://{'localhost' if tls else '127.0.0.1'}:{port}/ocpp"
    try:
        yield csms
    finally:
        for peer in csms.peers:
            await peer.socket.close()
        await runner.cleanup()


__all__ = ["BadFrame", "Call", "CallError", "CallResult", "Csms", "Peer", "running"]
