"""A web server that files are fetched from."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator


@dataclass
class FilePeer:
    """``files`` by path; ``moved`` is where a path leads to; ``users`` are the Authorization headers."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    users: list[str] = field(default_factory=list)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One request."""
        self.users.append(request.headers.get("Authorization", ""))
        if request.path in self.moved:
            raise web.HTTPFound(self.moved[request.path])
        if request.path not in self.files:
            raise web.HTTPNotFound
        answer = web.StreamResponse()  # chunked: nobody knows how long it will be
        await answer.prepare(request)
        await answer.write(self.files[request.path])
        return answer


@asynccontextmanager
async def file_peer(tls: ssl.SSLContext | None = None) -> AsyncIterator[FilePeer]:
    """A server on the loopback interface."""
    peer = FilePeer()
    application = web.Application()
    application.router.add_get("/{path:.*}", peer.serve)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
        host, port = runner.addresses[0][:2]
        peer.url = f"{'https' if tls else 'http'}://{host}:{port}"
        yield peer
    finally:
        await runner.cleanup()
