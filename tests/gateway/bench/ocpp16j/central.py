"""A central system of OCPP 1.6-J that checks all that it is told against the standard's schemas."""

from __future__ import annotations

import asyncio
import base64
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson
from aiohttp import WSMsgType, web

from adapters.ocpp_json.schemas import Direction, Schemas
from gateway.bench.clock import ScaledClock
from gateway.bench.ocpp16j.line import Access
from gateway.bench.ocpp16j.station import JsonStation
from gateway.bench.ocpp_s.config import StationConfig
from gateway.bench.ocpp_s.dialects import V16
from gateway.bench.ocpp_s.memory import Memory

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

KEYS = {"ConnectionTimeOut": "36000", "HeartbeatInterval": "86400"}
ANSWERS: dict[str, Any] = {
    "BootNotification": {"status": "Accepted", "currentTime": "2024-05-01T12:00:00Z", "interval": 86400},
    "Heartbeat": {"currentTime": "2024-05-01T12:00:00Z"},
    "Authorize": {"idTagInfo": {"status": "Accepted"}},
    "StartTransaction": {"transactionId": 17, "idTagInfo": {"status": "Accepted"}},
}


@dataclass(kw_only=True)
class Central:
    """``told`` is what came in; ``answers`` what is answered by action, None for no answer."""

    schemas: Schemas
    password: str = ""
    url: str = ""
    told: list[tuple[str, Any]] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=lambda: dict(ANSWERS))
    socket: web.WebSocketResponse | None = None
    connections: int = 0
    _answer: asyncio.Future[list[Any]] | None = None
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        wanted = "Basic " + base64.b64encode(f"CP 1:{self.password}".encode()).decode()
        if request.path != "/ocpp/CP 1" or (self.password and request.headers.get("Authorization") != wanted):
            raise web.HTTPUnauthorized
        self.socket = socket = web.WebSocketResponse(protocols=("ocpp1.6",))
        await socket.prepare(request)
        self.connections += 1
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await self._take(orjson.loads(message.data), socket)
        return socket

    async def _take(self, frame: list[Any], socket: web.WebSocketResponse) -> None:
        if frame[0] != 2:
            if self._answer is not None:
                self._answer.set_result(frame)
            return
        _, id_, action, payload = frame
        self._check(action, Direction.REQUEST, payload)
        async with self._news:
            self.told.append((action, payload))
            self._news.notify_all()
        answer = self.answers.get(action, {})
        if answer is not None:
            await socket.send_str(orjson.dumps([3, id_, answer]).decode())

    def _check(self, action: str, direction: Direction, payload: Any) -> None:
        broken = self.schemas.violation(action, direction, payload)
        if broken is not None and broken[1] != "multipleOf":  # binary fractions
            self.broken.append(f"{action}: {broken}")

    async def call(self, action: str, **payload: Any) -> Any:
        """Call the station; its answer, checked."""
        assert self.socket is not None
        self._answer = asyncio.get_running_loop().create_future()
        await self.socket.send_str(orjson.dumps([2, "c", action, payload]).decode())
        async with asyncio.timeout(5):
            frame = await self._answer
        if frame[0] == 3:
            self._check(action, Direction.RESPONSE, frame[2])
            return frame[2]
        return frame[2:4]

    async def until(self, predicate: Callable[[], bool]) -> None:
        async with asyncio.timeout(10), self._news:
            await self._news.wait_for(predicate)

    def of(self, action: str) -> list[Any]:
        return [payload for told, payload in self.told if told == action]

    @property
    def statuses(self) -> list[str]:
        """The statuses of connector 1."""
        return [payload["status"] for payload in self.of("StatusNotification") if payload["connectorId"] == 1]


@asynccontextmanager
async def running(
    *, password: str = "", given: str | None = None, keys: dict[str, str] | None = None, speed: float = 600.0
) -> AsyncIterator[tuple[Central, JsonStation]]:
    """A central system and a station that has booted (unless its password is wrong)."""
    central = Central(schemas=await asyncio.to_thread(Schemas.load), password=password)
    application = web.Application()
    application.router.add_get("/{path:.*}", central.serve)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    central.url = f"ws://127.0.0.1:{runner.addresses[0][1]}/ocpp"
    config = StationConfig(url=central.url, identity="CP 1", dialect=V16, evses=2, retry_interval=speed / 20)
    station = JsonStation(
        config,
        ScaledClock(speed=speed),
        Access(password=password if given is None else given),
        memory=Memory(keys={**KEYS, **(keys or {})}),
    )
    life = asyncio.create_task(station.run())
    try:
        await station.ready.wait()
        if given is None:
            async with asyncio.timeout(10):
                await station.wait_until(lambda s: s.is_accepted and not s.backlog)
        yield central, station
    finally:
        await station.exit()
        try:
            await life
        finally:
            await runner.cleanup()
    assert central.broken == []
