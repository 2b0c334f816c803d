"""A station at the other end of a line, on a pseudo-terminal or behind TCP."""

from __future__ import annotations

import asyncio
import os
import tty
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from gateway.family.checksums import xor
from gateway.family.family import LineFamily

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping


def rapi(text: str) -> bytes:
    """A line with its checksum and its end."""
    return f"{text}^{xor(text.encode()):02X}\r".encode()


def family(**changes: object) -> LineFamily:
    """A family of the kind of OpenEVSE; ``changes`` by the name of a table."""
    tables: dict[str, object] = {
        "link": {"timeout_ms": 200, "retries": 1, "transports": ["serial", "tcp"], "max_tx": 32},
        "framing": {
            "start": "$",
            "end": "\r",
            "ok": "$OK",
            "nack": "$NK",
            "checksum": {},
            "unasked": ["$AT", "$WF"],
        },
        "commands": {
            "state": {"tx": "$GS", "rx": "{state:x} {elapsed:d}", "optional_fields": ["elapsed"]},
            "meter": {"tx": "$GG", "rx": "{milliamps:d} {millivolts:d}"},
            "lock": {"tx": "$G5", "rx": "{locked:d}", "optional": True},
            "version": {"tx": "$GV", "rx": "{firmware:s}"},
            "limit": {"tx": "$SC {amps:d} V", "rx": "{amps_set:d}", "accept_nack": True},
            "enable": {"tx": "$FE"},
            "name": {"tx": "$FP {text}"},
        },
        "unasked": {"at": {"rx": "$AT {state:x} {pilot:d}", "command": "state"}},
        "points": {
            "state": {"from": "state.state"},
            "session_time": {"from": "state.elapsed", "unit": "s"},
            "current": {"from": "meter.milliamps", "scale": 0.001, "unit": "A", "nan": [-1]},
            "voltage": {"from": ["meter.millivolts", "meter.millivolts"], "scale": 0.001, "unit": "V"},
            "lock_state": {"from": "lock.locked"},
            "firmware": {"from": "version.firmware"},
        },
    }
    return LineFamily.model_validate({
        "schema": 1,
        "kind": "ascii-line",
        "meta": {"id": "line", "vendor": "V", "models": ["M"], "completeness": 1, "sources": ["a test"]},
        **{name: _changed(table, changes.get(name)) for name, table in tables.items()},
    })  # fmt: skip


def _changed(table: object, change: object) -> object:
    return {**table, **change} if isinstance(table, dict) and isinstance(change, dict) else table


class Station:
    """Answers requests from a table; ``answers`` has the lines (or a function that makes them) for each request."""

    def __init__(self, answers: Mapping[bytes, bytes | Callable[[], bytes]] | None = None) -> None:
        self.answers = dict(answers or {})
        self.heard: list[bytes] = []
        self.asked = asyncio.Event()
        self._rest = b""
        self._write: Callable[[bytes], object] = lambda _: None

    def say(self, data: bytes) -> None:
        """Send something, asked or not."""
        self._write(data)

    def hear(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\r")
        for line in lines:
            self.heard.append(line)
            self.asked.set()
            answer = self.answers.get(line, self.answers.get(b"", b""))
            self.say(answer if isinstance(answer, bytes) else answer())

    async def wait_for(self, count: int) -> None:
        """Until so many requests have come."""
        async with asyncio.timeout(5):
            while len(self.heard) < count:
                self.asked.clear()
                await self.asked.wait()

    @contextmanager
    def on_pty(self) -> Iterator[str]:
        """Be at a pseudo-terminal; gives the path of the other end."""
        loop = asyncio.get_running_loop()
        master, slave = os.openpty()
        tty.setraw(slave)
        os.set_blocking(master, False)
        self._write = lambda data: os.write(master, data)
        loop.add_reader(master, lambda: self.hear(os.read(master, 4096)))
        try:
            yield os.ttyname(slave)
        finally:
            loop.remove_reader(master)
            os.close(slave)
            os.close(master)

    @asynccontextmanager
    async def on_tcp(self, port: int = 0) -> AsyncIterator[int]:
        """Be behind TCP; gives the port."""
        ends: list[asyncio.StreamWriter] = []

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            ends.append(writer)
            self._write = writer.write
            while data := await reader.read(4096):
                self.hear(data)
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", port)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            for end in ends:
                end.close()
            await server.wait_closed()
            await asyncio.sleep(0)
