"""An adapter that really listens, a box that only notes what it is told, and stations at the other end of a socket."""

from __future__ import annotations

import asyncio
import base64
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

from adapters.ocpp_json.adapter import OcppJsonAdapter
from adapters.ocpp_json.config import SiteConfig, StationConfig, TlsFiles
from adapters.ocpp_json.patience import Patience
from adapters.ocpp_json.schemas import Direction, Schemas
from gateway.config.fields import HostPort
from gateway.contracts import StationSettings
from tests.fakes.southbound import FakeBox

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator

NOW = datetime(2024, 5, 1, 12, 0, tzinfo=UTC)
STATION = "AT-EBE-0001"
NAME = "CP 16"
KEY = "00112233445566778899aabbccddeeff"
PATIENCE = Patience(call=3.0, settle=0.0, absence=60.0, greeting=60.0, close=1.0)
STAMP = "2024-05-01T12:00:00.000Z"


def settings(name: str = NAME, identity: str = STATION, **options: Any) -> StationSettings:
    return StationSettings(identity=identity, options=StationConfig(charge_box_identity=name, **options), connectors={})


@dataclass(kw_only=True)
class Station:
    """A station's side of a connection; ``answers`` is what it answers to each action, else ``Accepted``."""

    socket: ClientWebSocketResponse[bool]
    schemas: Schemas
    answers: dict[str, Any] = field(default_factory=dict)
    calls: list[tuple[str, Any]] = field(default_factory=list)
    called: asyncio.Event = field(default_factory=asyncio.Event)
    _count: int = 0

    async def send(self, frame: object) -> None:
        await self.socket.send_str(frame if isinstance(frame, str) else orjson.dumps(frame).decode())

    async def frame(self) -> list[Any]:
        """The next answer; calls of the box are answered meanwhile."""
        async with asyncio.timeout(5):
            while True:
                message = await self.socket.receive()
                assert message.type is WSMsgType.TEXT, message
                frame: list[Any] = orjson.loads(message.data)
                if frame[0] != 2:
                    return frame
                await self._answer(frame)

    async def _answer(self, frame: list[Any]) -> None:
        _, id_, action, payload = frame
        assert self.schemas.violation(action, Direction.REQUEST, payload) is None, payload
        assert len(id_) <= 36
        self.calls.append((action, payload))
        self.called.set()
        answer = self.answers.get(action, {"status": "Accepted"})
        if isinstance(answer, str):
            await self.send([4, id_, answer, "no", {}])
        elif answer is not None:
            await self.send([3, id_, answer])

    async def ask(self, action: str, **payload: Any) -> Any:
        """A request; the payload of its answer, checked against the schema."""
        self._count += 1
        await self.send([2, f"m{self._count}", action, payload])
        frame = await self.frame()
        assert frame[:2] == [3, f"m{self._count}"], frame
        assert self.schemas.violation(action, Direction.RESPONSE, frame[2]) is None, frame
        return frame[2]

    async def serve(self) -> None:
        """Answer the box's calls until the connection is closed."""
        async for message in self.socket:
            frame = orjson.loads(message.data)
            if frame[0] == 2:
                await self._answer(frame)

    async def closed(self) -> int | None:
        """Wait until the box closes the connection; the code."""
        async with asyncio.timeout(5):
            while (await self.socket.receive()).type is WSMsgType.TEXT:
                pass
        return self.socket.close_code


@dataclass(kw_only=True)
class Rig:
    adapter: OcppJsonAdapter
    box: FakeBox
    http: ClientSession
    schemas: Schemas
    clock: list[datetime]
    task: asyncio.Task[None]
    secure: bool = False

    def url(self, name: str = NAME, path: str = "/ocpp16") -> str:
        host, port = self.adapter.address
        return f"{'https' if self.secure else 'http'}://{'localhost' if self.secure else host}:{port}{path}/{name}"

    @asynccontextmanager
    async def station(
        self,
        name: str = NAME,
        *,
        key: str | bytes | None = None,
        user: str | None = None,
        protocols: tuple[str, ...] = ("ocpp1.6",),
        tls: ssl.SSLContext | bool = True,
    ) -> AsyncIterator[Station]:
        """A connected station."""
        headers = {}
        if key is not None:
            raw = key if isinstance(key, bytes) else key.encode()
            headers["Authorization"] = "Basic " + base64.b64encode((user or name).encode() + b":" + raw).decode()
        async with self.http.ws_connect(self.url(name), protocols=protocols, headers=headers, ssl=tls) as socket:
            yield Station(socket=socket, schemas=self.schemas)


@asynccontextmanager
async def running(
    *stations: StationSettings,
    patience: Patience = PATIENCE,
    networks: tuple[str, ...] = ("127.0.0.0/8", "::1/128"),
    tls: TlsFiles | None = None,
    box: FakeBox | None = None,
) -> AsyncIterator[Rig]:
    """An adapter that listens on a free port."""
    site = SiteConfig(listen=HostPort("127.0.0.1", 0), allowed_networks=networks, tls=tls)
    clock = [NOW]
    adapter = OcppJsonAdapter(site, stations or (settings(),), patience=patience)
    box = box or FakeBox(clock)
    schemas = await asyncio.to_thread(Schemas.load)
    task = asyncio.create_task(adapter.run(box))
    try:
        async with ClientSession() as http:
            async with asyncio.timeout(5):
                ready = asyncio.create_task(adapter.ready.wait())
                await asyncio.wait({ready, task}, return_when=asyncio.FIRST_COMPLETED)
                ready.cancel()
            if task.done():
                await task
            yield Rig(
                adapter=adapter,
                box=box,
                http=http,
                schemas=schemas,
                clock=clock,
                task=task,
                secure=tls is not None,
            )
    finally:
        if not task.cancelling():
            task.cancel()
        await asyncio.gather(task, return_exceptions=True)
