"""Simulated stations with frames of hex digits and with text commands, on a pseudo-terminal and over TCP."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
import serial

from gateway.family.checksums import lrc, xor
from gateway.family.family import LineFamily
from gateway.family.lines import parse
from tests.gateway.bench.family.support import sample, served, station, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping


class Port:
    """Raw bytes, there and back."""

    def __init__(self, read: Callable[[], bytes], write: Callable[[bytes], object]) -> None:
        self._read = read
        self._write = write

    async def ask(self, line: bytes) -> bytes:
        await asyncio.to_thread(self._write, line)
        return await self.hear()

    async def hear(self) -> bytes:
        return await asyncio.to_thread(self._read)


@asynccontextmanager
async def opened(connection: Mapping[str, object], end: bytes) -> AsyncIterator[Port]:
    """An independent client: pyserial, on a device or on a socket."""
    way = connection.get("tcp", connection.get("rtu_tcp"))
    url = str(connection["serial"]) if way is None else f"socket://{way}"
    port = await asyncio.to_thread(serial.serial_for_url, url, timeout=1)
    try:
        yield Port(lambda: bytes(port.read_until(end)), port.write)
    finally:
        await asyncio.to_thread(port.close)


def _frame(digits: str) -> bytes:
    frame = bytes.fromhex(digits)
    return f":{digits}{lrc(frame):02X}\r\n".encode()


def _line(text: str) -> bytes:
    return f"{text}^{xor(text.encode()):02X}\r".encode()


@pytest.mark.parametrize("transport", ["pty", "tcp"])
async def test_frames_are_read_and_written_as_a_whole(transport: str) -> None:
    file = sample("ascii")
    async with served(station(file), transport=transport) as made, opened(made.connection, b"\r\n") as port:
        # The station repeats the register, then its state: A1, nobody is there.
        assert await port.ask(_frame("010300040001")) == b">01030204A155\r\n"
        await made.plug_in(1)
        assert await port.ask(_frame("01100014000102006E")) == b">011000140001DA\r\n"
        assert made.outlet(1).summary()["limit"] == pytest.approx(6.6, abs=0.05)
        said = await port.ask(_frame("0103000F0003"))
        assert said[:9] == b">0103060F"
        assert int(said[11:15], 16) == 110
        await port.ask(_frame("0110001400010203E8"))
        assert made.outlet(1).summary()["closed"] is False
        refused = await port.ask(_frame("011000140001020FFF"))
        assert refused[3:7] == b"9003"


@pytest.mark.parametrize("request_", ["010300040002", "020300040001", "010300050001", "010400040001"])
async def test_frames_that_do_not_exist_get_no_answer(request_: str) -> None:
    file = sample("ascii")
    async with served(station(file)) as made, opened(made.connection, b"\r\n") as port:
        await asyncio.to_thread(port._write, _frame(request_) + b":0103000400010\r\n")
        assert await port.ask(_frame("010300040001")) == b">01030204A155\r\n"


@pytest.mark.parametrize("transport", ["pty", "tcp"])
async def test_lines_are_answered_with_checksum_and_number(transport: str) -> None:
    file = sample("line")
    assert isinstance(file.base, LineFamily)
    framing = file.base.framing
    async with served(station(file), transport=transport) as made, opened(made.connection, b"\r") as port:
        answer = parse(framing, await port.ask(_line("$GS:1A")))
        assert (answer.kind, answer.sequence, answer.text) == ("ok", 0x1A, "1 0 0 0000")
        assert parse(framing, await port.ask(_line("$SC 13 V"))).text == "13"
        assert parse(framing, await port.ask(b"$GC\r")).text == "0 32 13"
        assert parse(framing, await port.ask(b"$GC^00\r")).kind == "nack"
        assert parse(framing, await port.ask(_line("$XX"))).kind == "nack"
        assert parse(framing, await port.ask(_line("$SC 99 V"))).kind == "nack"
        assert parse(framing, await port.ask(_line("$GV"))).text.startswith("1.2.3 ")
        assert made.outlet(1).summary()["writes"] == {"set_limit": 2}


async def test_a_restart_is_answered_and_forgets_the_limit() -> None:
    file = sample("ascii")
    async with served(station(file), transport="pty") as made, opened(made.connection, b"\r\n") as port:
        await port.ask(_frame("01100014000102006E"))
        assert await port.ask(_frame("011000050001025A5A")) == b">011000050001E9\r\n"
        await until(lambda: made.outlet(1).summary()["limit"] == 16.0)


async def test_a_change_is_told_unasked() -> None:
    file = sample("line")
    assert isinstance(file.base, LineFamily)
    framing = file.base.framing
    async with served(station(file), transport="tcp") as made, opened(made.connection, b"\r") as port:
        await port.ask(_line("$FE"))
        await made.plug_in(1)
        answer = parse(framing, await port.hear())
        assert answer.kind == "unasked"
        assert answer.text.startswith("$AT ")
