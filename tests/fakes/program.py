"""A program beside the box that answers messages of a vendor."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gateway.contracts import Json


@dataclass
class Program:
    """A program beside the box."""

    url: str = ""
    answer: Any = None
    status: int = 200
    asked: list[Json] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        self.asked.append(await request.json())
        return web.json_response(self.answer, status=self.status)


@asynccontextmanager
async def serving() -> AsyncIterator[Program]:
    made, application = Program(), web.Application()
    application.router.add_post("/", made.take)
    runner = web.AppRunner(application)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
        yield made
    finally:
        await runner.cleanup()
