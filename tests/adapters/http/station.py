"""A station with HTTP, of the kind of go-e."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from aiohttp import web

from adapters.http.pool import HttpConnection, HttpPool
from gateway.family.family import HttpFamily

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from adapters.http.wire import HttpWire

STATUS = {"car": 2, "amp": 16, "nrg": [230, 231, 229, 0, 10.5, 0, 0], "fwv": "055.5", "odd": "12"}


def family(**changes: Any) -> HttpFamily:
    """A family; ``changes`` by the name of a table."""
    tables: dict[str, dict[str, object]] = {
        "link": {"base": "http://{host}/api", "timeout_ms": 1000, "retries": 1},
        "requests": {
            "status": {"get": "/status?filter=car,amp"},
            "card": {"get": "/card", "optional": True},
            "text": {"get": "/text"},
            "set": {"get": "/set?{key}={value:json}", "expect_ptr": "/{key}", "expect": True},
            "mode": {"post": "/mode/{mode}", "body": ""},
            "limit": {"put": "/limit", "body": '{"amps":{amps:d}}', "expect_ptr": "/amps", "expect": "amps"},
            "clear": {"delete": "/limit"},
        },
        "points": {
            "car": {"from": "status", "ptr": "/car"},
            "limit": {"from": "status", "ptr": "/amp", "unit": "A"},
            "voltage": {"from": "status", "ptr": ["/nrg/0", "/nrg/1", "/nrg/2"], "unit": "V"},
            "card": {"from": "card", "ptr": "/id", "optional": True},
            "text": {"from": "text"},
            "amps_set": {"from": "limit", "ptr": "/amps"},
            "confirmed": {"from": "set", "ptr": "/amp"},
        },
    }
    return HttpFamily.model_validate({
        "schema": 1,
        "kind": "http-json",
        "meta": {"id": "http", "vendor": "V", "models": ["M"], "completeness": 1, "sources": ["a test"]},
        **{name: {**table, **changes.get(name, {})} for name, table in tables.items()},
        **{name: change for name, change in changes.items() if name not in tables},
    })  # fmt: skip


Answer = web.StreamResponse | dict[str, Any] | str | bytes


class Station:
    """Answers by path; ``answers`` has a JSON object, a text, or a function of the request."""

    def __init__(self, answers: Mapping[str, Answer | Callable[[web.Request], Answer]]) -> None:
        self.answers = dict(answers)
        self.heard: list[str] = []
        self.bodies: list[str] = []
        self.headers: list[Mapping[str, str]] = []
        self.times: list[float] = []
        self.asked = asyncio.Event()
        self.free = asyncio.Event()
        self.free.set()
        self.port = 0

    async def wait_for(self, count: int) -> None:
        """Until so many requests have come."""
        async with asyncio.timeout(5):
            while len(self.heard) < count:
                self.asked.clear()
                await self.asked.wait()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        self.heard.append(f"{request.method} {request.raw_path}")
        self.bodies.append(await request.text())
        self.headers.append(request.headers)
        self.times.append(asyncio.get_running_loop().time())
        self.asked.set()
        await self.free.wait()
        answer = self.answers.get(request.path, web.Response(status=404))
        if callable(answer):
            answer = answer(request)
        if isinstance(answer, dict):
            return web.json_response(answer)
        return answer if isinstance(answer, web.StreamResponse) else web.Response(body=answer)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[int]:
        """Be reached; gives the port."""
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", self._serve)
        runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        self.port = runner.addresses[0][1]
        try:
            yield self.port
        finally:
            self.free.set()
            await runner.cleanup()


@asynccontextmanager
async def reached(station: Station, of: HttpFamily | None = None, **connection: object) -> AsyncIterator[HttpWire]:
    """The wire to a station."""
    pool = HttpPool()
    async with station.serving() as port:
        known = HttpConnection.model_validate({"url": f"http://127.0.0.1:{port}", **connection})
        wire = pool.wire(known, of or family(), 1)
        await wire.connect()
        try:
            yield wire
        finally:
            await pool.aclose()
