"""pymodbus' own server as the counterpart, over TCP and over a line."""

from __future__ import annotations

import asyncio
import os
import pty
import tty
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

import pytest
from pymodbus.framer import FramerType
from pymodbus.server import ModbusSerialServer, ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from adapters.common.wire import Refused
from tests.adapters.modbus.family import modbus_family
from tests.adapters.modbus.wires import connection, pooled
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from adapters.common.wire import Wire

POINTS = {
    "word": {"at": 100, "type": "s16", "access": "rw"},
    "long": {"at": 101, "type": "u32", "access": "rw"},
    "float": {"at": 103, "type": "f32", "access": "rw"},
    "text": {"at": 105, "type": "str", "n": 3},
    "missing": {"at": 900},
}
VALUES = {"word": -5, "long": 0x12345678, "float": 1.5, "text": "Schuko"}


def device() -> SimDevice:
    return SimDevice(
        id=1,
        simdata=[
            SimData(100, values=[0xFFFB, 0x1234, 0x5678], datatype=DataType.REGISTERS),
            SimData(103, values=1.5, datatype=DataType.FLOAT32),
            SimData(105, values="Schuko", datatype=DataType.STRING),
        ],
    )


async def check(wire: Wire) -> None:
    took = await wire.read(POINTS)
    assert took.values == VALUES
    assert took.refused == {"missing"}

    await wire.write("word", -7)
    await wire.write("long", 0x10002)
    await wire.write("float", 2.25)
    assert (await wire.read(["word", "long", "float"])).values == {"word": -7, "long": 0x10002, "float": 2.25}
    with pytest.raises(Refused):
        await wire.write("text", "x" * 6)


@asynccontextmanager
async def serving(server: ModbusTcpServer | ModbusSerialServer) -> AsyncIterator[None]:
    await server.serve_forever(background=True)
    try:
        yield
    finally:
        server.close()


@pytest.mark.parametrize(("way", "framer"), [("tcp", FramerType.SOCKET), ("rtu_tcp", FramerType.RTU)])
async def test_over_tcp(way: str, framer: FramerType) -> None:
    port = free_port()
    async with serving(ModbusTcpServer(device(), framer=framer, address=("127.0.0.1", port))), pooled() as pool:
        await check(pool.wire(connection(**{way: f"127.0.0.1:{port}"}), modbus_family(POINTS), 1))


@contextmanager
def null_modem() -> Iterator[tuple[str, str]]:
    """Two pseudo-terminals whose far ends are joined; gives the near ones."""
    loop = asyncio.get_running_loop()
    ends = [pty.openpty() for _ in range(2)]
    for _, near in ends:
        tty.setraw(near)
    (one, _), (two, _) = ends
    loop.add_reader(one, lambda: os.write(two, os.read(one, 4096)))
    loop.add_reader(two, lambda: os.write(one, os.read(two, 4096)))
    try:
        yield os.ttyname(ends[0][1]), os.ttyname(ends[1][1])
    finally:
        for far, near in ends:
            loop.remove_reader(far)
            os.close(far)
            os.close(near)


async def test_over_a_line() -> None:
    with null_modem() as (here, there):
        server = ModbusSerialServer(device(), framer=FramerType.RTU, port=there, baudrate=19200)
        async with serving(server), pooled() as pool:
            await check(pool.wire(connection(serial=here, baud=19200), modbus_family(POINTS), 1))
