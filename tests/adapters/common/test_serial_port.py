"""A serial port on the event loop, against the other end of a pseudo-terminal."""

from __future__ import annotations

import asyncio
import os
import tty
from typing import TYPE_CHECKING

import pytest
from typing_extensions import override

from adapters.common.serial_port import SerialSettings, open_serial
from adapters.common.wire import Unreachable

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Ear(asyncio.Protocol):
    def __init__(self) -> None:
        self.heard = bytearray()
        self.lost: asyncio.Future[Exception | None] = asyncio.get_running_loop().create_future()

    @override
    def data_received(self, data: bytes) -> None:
        self.heard += data

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self.lost.set_result(exc)


@pytest.fixture
def pty() -> Iterator[tuple[int, str]]:
    """The master's descriptor, and the path of the port."""
    master, slave = os.openpty()
    tty.setraw(slave)
    os.set_blocking(master, False)
    yield master, os.ttyname(slave)
    os.close(slave)
    os.close(master)


async def _read(master: int, count: int) -> bytes:
    """So many bytes of the port, as it sends them."""
    loop = asyncio.get_running_loop()
    found = bytearray()
    enough = asyncio.Event()

    def readable() -> None:
        found.extend(os.read(master, 4096))
        if len(found) >= count:
            enough.set()

    loop.add_reader(master, readable)
    async with asyncio.timeout(5):
        await enough.wait()
    loop.remove_reader(master)
    return bytes(found)


async def test_more_bytes_than_the_port_takes_at_once_arrive_in_order(pty: tuple[int, str]) -> None:
    port = await open_serial(_Ear(), SerialSettings(path=pty[1], baud=115_200, format="8E1"))
    data = bytes(range(256)) * 128
    port.write(data[:100])
    port.write(data[100:])
    assert await _read(pty[0], len(data)) == data
    port.close()
    await port.wait_closed()


async def test_a_port_is_nobody_elses_until_it_is_closed(pty: tuple[int, str]) -> None:
    settings = SerialSettings(path=pty[1], baud=9600)
    ear = _Ear()
    port = await open_serial(ear, settings)
    with pytest.raises(Unreachable, match="serial-port"):
        await open_serial(_Ear(), settings)
    port.close()
    port.close()
    await port.wait_closed()
    assert port.is_closing()
    assert await ear.lost is None
    port.write(b"late")
    again = await open_serial(_Ear(), settings)
    again.abort()
    await again.wait_closed()


@pytest.mark.parametrize("path", ["/dev/ttyNowhere", "/dev/null", "/"])
async def test_what_is_no_port_is_said(path: str) -> None:
    with pytest.raises(Unreachable, match=path):
        await open_serial(_Ear(), SerialSettings(path=path, baud=9600))


async def test_a_port_that_is_pulled_out_is_lost() -> None:
    master, slave = os.openpty()
    ear = _Ear()
    port = await open_serial(ear, SerialSettings(path=os.ttyname(slave), baud=9600))
    os.close(slave)
    os.close(master)
    async with asyncio.timeout(5):
        assert isinstance(await ear.lost, OSError)
    await port.wait_closed()


async def test_an_opening_that_is_given_up_leaves_the_port_free(pty: tuple[int, str]) -> None:
    settings = SerialSettings(path=pty[1], baud=9600)
    opening = asyncio.create_task(open_serial(_Ear(), settings))
    await asyncio.sleep(0)
    opening.cancel()
    await asyncio.gather(opening, return_exceptions=True)
    async with asyncio.timeout(5):
        while True:
            try:
                port = await open_serial(_Ear(), settings)
            except Unreachable:  # the thread is not yet done
                continue
            break
    port.close()
    await port.wait_closed()
