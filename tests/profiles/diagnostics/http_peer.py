"""A real HTTP server that files are put to, or posted as a form."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator


@dataclass
class HttpPeer:
    """``statuses`` are the answers to come (then 201); ``posts_only``: PUT is answered 405."""

    url: str = ""
    posts_only: bool = False
    statuses: list[int] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    forms: list[tuple[str, str, str]] = field(default_factory=list)
    users: list[str] = field(default_factory=list)
    tries: int = 0
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    go: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, request: web.Request) -> web.Response:
        """One request."""
        self.users.append(request.headers.get("Authorization", ""))
        if request.method == "PUT" and self.posts_only:
            return web.Response(status=405)
        self.tries += 1
        self.asked.set()
        await self.go.wait()
        if self.statuses:
            return web.Response(status=self.statuses.pop(0))
        if request.method == "PUT":
            self.files[request.path_qs] = await request.read()
            return web.Response(status=201)
        form = await request.post()
        part = form["uploadfile"]
        assert isinstance(part, web.FileField)
        self.forms.append((request.path, part.filename, part.content_type))
        self.files[part.filename] = await asyncio.to_thread(part.file.read)
        await asyncio.to_thread(part.file.close)
        return web.Response(status=200)


@asynccontextmanager
async def http_peer(tls: ssl.SSLContext | None = None) -> AsyncIterator[HttpPeer]:
    """A server on the loopback interface; it answers at once."""
    peer = HttpPeer()
    peer.go.set()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", peer.serve)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
        host, port = runner.addresses[0][:2]
        peer.url = f"{'https' if tls else 'http'}://{host}:{port}"
        yield peer
    finally:
        peer.go.set()
        await runner.cleanup()
