"""Counterparts on the wire: a register server for TCP and pseudo-terminals that can be told to misbehave."""

from __future__ import annotations

import asyncio
import os
import pty
import struct
import tty
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateway.family.checksums import crc16_modbus

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Answer = Callable[[bytes], Awaitable[bytes | None]]

READS = {1: "coil", 2: "discrete", 3: "holding", 4: "input"}


class Hangup(Exception):
    """Close the connection in place of an answer."""


@dataclass(slots=True)
class Device:
    """Registers by table. An address that is not there is refused with exception 2.

    Attributes:
        tables: table -> address -> register.
        asked: (function code, address, number) of every request, in order.
        deadly: Addresses whose reading ends the connection.
        failing: Exception code by address, for reads that touch it.
        longest: Registers that one read may have; more are refused with exception 3.
    """

    tables: dict[str, dict[int, int]] = field(default_factory=dict)
    asked: list[tuple[int, int, int]] = field(default_factory=list)
    deadly: set[int] = field(default_factory=set)
    failing: dict[int, int] = field(default_factory=dict)
    longest: int = 125

    def answer(self, pdu: bytes) -> bytes:
        """Answer function code and data."""
        function, at = pdu[0], int.from_bytes(pdu[1:3], "big")
        if function in READS:
            return self._read(function, at, int.from_bytes(pdu[3:5], "big"))
        table = self.tables.setdefault("coil" if function in {5, 15} else "holding", {})
        if function in {5, 6}:
            self.asked.append((function, at, 1))
            value = int.from_bytes(pdu[3:5], "big")
            table[at] = int(value == 0xFF00) if function == 5 else value
            return pdu
        count = int.from_bytes(pdu[3:5], "big")
        self.asked.append((function, at, count))
        if function == 16:
            table.update(enumerate(struct.unpack(f">{count}H", pdu[6:]), at))
        else:
            table.update((at + i, pdu[6 + i // 8] >> i % 8 & 1) for i in range(count))
        return pdu[:5]

    def _read(self, function: int, at: int, count: int) -> bytes:
        self.asked.append((function, at, count))
        wanted = range(at, at + count)
        table = self.tables.get(READS[function], {})
        if self.deadly & set(wanted):
            raise Hangup
        refusal = next((self.failing[each] for each in wanted if each in self.failing), None)
        if refusal is None and count > self.longest:
            refusal = 3
        if refusal is None and not set(wanted) <= set(table):
            refusal = 2
        if refusal is not None:
            return bytes((function | 0x80, refusal))
        if function in {3, 4}:
            data = struct.pack(f">{count}H", *(table[each] for each in wanted))
        else:
            bits = [table[each] for each in wanted]
            data = bytes(sum(bit << i for i, bit in enumerate(bits[p : p + 8])) for p in range(0, count, 8))
        return bytes((function, len(data))) + data


def rtu(unit: int, pdu: bytes) -> bytes:
    """An RTU frame."""
    frame = bytes((unit,)) + pdu
    return frame + crc16_modbus(frame).to_bytes(2, "little")


def mbap(number: int, unit: int, pdu: bytes) -> bytes:
    """A frame of Modbus TCP."""
    return struct.pack(">HHHB", number, 0, len(pdu) + 1, unit) + pdu


def rtu_devices(devices: dict[int, Device]) -> Answer:
    """A line with devices by unit id; others are silent."""

    async def answer(frame: bytes) -> bytes | None:
        assert crc16_modbus(frame[:-2]) == int.from_bytes(frame[-2:], "little"), frame.hex()
        device = devices.get(frame[0])
        return rtu(frame[0], device.answer(frame[1:-2])) if device else None

    return answer


def tcp_devices(devices: dict[int, Device]) -> Answer:
    """A gateway with devices by unit id; of others it says 0x0B."""

    async def answer(frame: bytes) -> bytes | None:
        if len(frame) < 8:
            raise Hangup
        number, unit, pdu = int.from_bytes(frame[:2], "big"), frame[6], frame[7:]
        device = devices.get(unit)
        return mbap(number, unit, device.answer(pdu) if device else bytes((pdu[0] | 0x80, 0x0B)))

    return answer


def _tcp_frame(buffer: bytearray) -> bytes | None:
    if len(buffer) < 6:
        return None
    size = 6 + int.from_bytes(buffer[4:6], "big")
    return bytes(buffer[:size]) if len(buffer) >= size else None


def _rtu_frame(buffer: bytearray) -> bytes | None:
    if len(buffer) < 8:
        return None
    size = 9 + buffer[6] if buffer[1] in {15, 16} else 8
    return bytes(buffer[:size]) if len(buffer) >= size else None


def _ascii_frame(buffer: bytearray) -> bytes | None:
    end = buffer.find(b"\r\n")
    return bytes(buffer[: end + 2]) if end >= 0 else None


CUTTERS = {"tcp": _tcp_frame, "rtu": _rtu_frame, "ascii": _ascii_frame}


@dataclass(slots=True)
class Server:
    """A listening TCP peer; ``connections`` counts those that were made, ``empty`` is set when the last one ends."""

    port: int = 0
    connections: int = 0
    open: set[asyncio.StreamWriter] = field(default_factory=set)
    empty: asyncio.Event = field(default_factory=asyncio.Event)

    def drop(self) -> None:
        """Close what is connected now."""
        for writer in self.open:
            writer.transport.abort()


@asynccontextmanager
async def tcp_peer(answer: Answer, framing: str = "tcp", port: int = 0) -> AsyncIterator[Server]:
    """A TCP server on the loopback; ``answer`` gives what it sends for each frame."""
    server = Server()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.connections += 1
        server.open.add(writer)
        buffer = bytearray()
        with suppress(ConnectionError, Hangup, asyncio.CancelledError):
            while data := await reader.read(4096):
                buffer += data
                while (frame := CUTTERS[framing](buffer)) is not None:
                    del buffer[: len(frame)]
                    if (reply := await answer(frame)) is not None:
                        writer.write(reply)
        server.open.discard(writer)
        if not server.open:
            server.empty.set()
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", port)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        server.drop()
        await listening.wait_closed()


class Line:
    """The far end of a pseudo-terminal; ``path`` is the near one."""

    def __init__(self, answer: Answer, framing: str, *, echo: bool = False) -> None:
        self._near, near = pty.openpty()
        tty.setraw(near)
        os.set_blocking(self._near, False)
        self.path = os.ttyname(near)
        self._far = near  # kept open, or the near end would hang up between two openings
        self.answer = answer
        self._cut = CUTTERS[framing]
        self._echo = echo
        self._buffer = bytearray()
        self._frames: asyncio.Queue[bytes] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._near, self._readable)

    def _readable(self) -> None:
        data = os.read(self._near, 4096)
        if self._echo:
            self.send(data)
        self._buffer += data
        while (frame := self._cut(self._buffer)) is not None:
            del self._buffer[: len(frame)]
            self._frames.put_nowait(frame)

    def send(self, data: bytes) -> None:
        """Send bytes to whoever has the port."""
        os.write(self._near, data)

    async def serve(self) -> None:
        """Answer frames, one after the other."""
        while True:
            reply = await self.answer(await self._frames.get())
            if reply is not None:
                self.send(reply)

    def unplug(self) -> None:
        """Be gone, as an adapter that is pulled out."""
        if self._near >= 0:
            self._loop.remove_reader(self._near)
            os.close(self._far)
            os.close(self._near)
            self._near = -1


@asynccontextmanager
async def line(answer: Answer, framing: str = "rtu", *, echo: bool = False) -> AsyncIterator[Line]:
    """A pseudo-terminal with somebody at its far end."""
    made = Line(answer, framing, echo=echo)
    serving = asyncio.create_task(made.serve())
    try:
        yield made
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        made.unplug()
