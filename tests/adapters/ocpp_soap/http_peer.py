"""A bare socket that talks to the server under test."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from adapters.ocpp_soap.http_server import HttpServer
from adapters.ocpp_soap.http_types import HttpLimits, HttpRequest, HttpResponse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

QUICK = HttpLimits(receive_timeout=0.2, idle_timeout=0.2, linger=0.2, close_grace=0.2)


class Echo:
    """A handler that answers what it got, and remembers it."""

    def __init__(self) -> None:
        self.requests: list[HttpRequest] = []

    async def __call__(self, request: HttpRequest) -> HttpResponse:
        self.requests.append(request)
        return HttpResponse(body=request.body)


class Peer:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    def end(self) -> None:
        self.writer.write_eof()

    async def answer(self) -> tuple[int, bytes, bytes]:
        """Read one answer: status, head, body."""
        async with asyncio.timeout(10):
            head = await self.reader.readuntil(b"\r\n\r\n")
            length = next(
                (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
            )
            return int(head.split()[1]), head, await self.reader.readexactly(length)

    async def rest(self) -> bytes:
        """Read until the server closes."""
        async with asyncio.timeout(10):
            try:
                return await self.reader.read()
            except ConnectionError:
                return b""


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Peer]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Peer(reader, writer)
    finally:
        writer.transport.abort()


@asynccontextmanager
async def serving(handler: object, limits: HttpLimits | None = None) -> AsyncIterator[HttpServer]:
    assert callable(handler)
    async with HttpServer(handler, limits) as server:
        await server.start("127.0.0.1", 0)
        yield server
