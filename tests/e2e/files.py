"""A server for files: firmware is fetched from it, logs are put there."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@dataclass(slots=True)
class Files:
    """What it was asked for, and what was put there; ``contents`` by path, and it answers while ``open`` is set."""

    url: str = ""
    contents: dict[str, bytes] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)
    put: dict[str, bytes] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    open: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, request: web.Request) -> web.Response:
        if request.path.startswith("/none/"):
            self.refused.append(request.method)
            return web.Response(status=404)
        await self.open.wait()
        if request.method == "PUT":
            self.put[request.path] = await request.read()
            return web.Response(status=201)
        self.fetched.append(request.path)
        return web.Response(body=self.contents.get(request.path, b"new firmware"))


@asynccontextmanager
async def serving() -> AsyncIterator[Files]:
    """One on the loopback interface."""
    files = Files()
    files.open.set()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", files.serve)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        files.url = f"http://{host}:{port}"
        yield files
    finally:
        files.open.set()
        await runner.cleanup()
