"""A small FTP server (RFC 959) with AUTH TLS (RFC 4217), as far as transfers need it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator


@dataclass
class FtpPeer:
    """Takes files; ``answers`` by command take the place of what it would say, ``sessions`` counts sign-ins.

    ``held``: while it is set, a file is not taken; ``asked``: somebody has begun to send one.
    """

    tls: ssl.SSLContext | None = None
    port: int = 0
    files: dict[str, bytes] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    users: list[tuple[str, str]] = field(default_factory=list)
    protected: bool = False
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    go: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One control connection."""
        try:
            with suppress(OSError):
                await _Session(self, reader, writer).run()
        finally:
            writer.close()

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.port}"


class _Session:
    def __init__(self, peer: FtpPeer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._peer, self._reader, self._writer = peer, reader, writer
        self._user = ""
        self._folder = ""
        self._protected = self._over = False
        self._data: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
        self._server: asyncio.Server | None = None

    async def run(self) -> None:
        await self._say("220 ready")
        try:
            while line := await self._reader.readline():
                verb, _, value = line.decode().strip().partition(" ")
                if verb in self._peer.answers:
                    await self._say(self._peer.answers[verb])
                elif not await self._do(verb, value):
                    return
        finally:
            self._over = True
            while not self._data.empty():
                self._data.get_nowait()[1].close()
            if self._server is not None:
                self._server.close()

    async def _do(self, verb: str, value: str) -> bool:
        match verb:
            case "USER":
                self._user = value
                await self._say("331 password")
            case "PASS":
                self._peer.users.append((self._user, value))
                await self._say("230 in")
            case "AUTH" if self._peer.tls is not None:
                await self._say("234 go")
                await self._writer.start_tls(self._peer.tls)
            case "PROT":
                self._protected = self._peer.protected = value == "P"
                await self._say("200 ok")
            case "CWD":
                self._folder = value
                await self._say("250 ok")
            case "PASV":
                await self._passive()
            case "STOR":
                await self._take(value)
            case "RETR":
                await self._give(value)
            case "TYPE" | "PBSZ":
                await self._say("200 ok")
            case "QUIT":
                await self._say("221 bye")
                return False
            case _:
                await self._say("502 not here")
        return True

    async def _passive(self) -> None:
        tls = self._peer.tls if self._protected else None
        self._server = await asyncio.start_server(self._met, "127.0.0.1", 0, ssl=tls)
        port = self._server.sockets[0].getsockname()[1]
        await self._say(f"227 here (127,0,0,1,{port >> 8},{port & 255})")

    async def _met(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._over:
            writer.close()
        else:
            self._data.put_nowait((reader, writer))

    async def _give(self, name: str) -> None:
        content = self._peer.files.get(f"{self._folder}/{name}")
        if content is None:
            await self._say("550 no such file")
            return
        await self._say("150 here")
        self._peer.asked.set()
        await self._peer.go.wait()
        _, writer = await self._data.get()
        writer.write(content)
        with suppress(ConnectionError):
            await writer.drain()
        writer.close()
        await self._say("226 given")

    async def _take(self, name: str) -> None:
        await self._say("150 send")
        self._peer.asked.set()
        await self._peer.go.wait()
        reader, writer = await self._data.get()
        self._peer.files[f"{self._folder}/{name}"] = await reader.read()
        writer.close()
        await self._say("226 taken")

    async def _say(self, text: str) -> None:
        self._writer.write(f"{text}\r\n".encode())
        await self._writer.drain()


@asynccontextmanager
async def ftp_peer(tls: ssl.SSLContext | None = None) -> AsyncIterator[FtpPeer]:
    """A server on the loopback interface; its files go through at once."""
    peer = FtpPeer(tls=tls)
    peer.go.set()
    sessions: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        sessions.add(task)
        with suppress(asyncio.CancelledError):
            await peer.serve(reader, writer)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    peer.port = server.sockets[0].getsockname()[1]
    try:
        yield peer
    finally:
        server.close()
        peer.go.set()
        for task in sessions:
            task.cancel()
        await asyncio.gather(*sessions, return_exceptions=True)
