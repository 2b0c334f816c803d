"""Three ways to read the same registers of a station: the box's, pymodbus' alone, and a bare socket's."""

from __future__ import annotations

import asyncio
import struct
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Protocol, cast

from pymodbus.client import AsyncModbusTcpClient
from typing_extensions import override

from adapters.modbus.connection import ModbusConnection
from adapters.modbus.pool import ModbusPool
from benchmarks.modbus_peers import REGISTERS
from gateway.family.family import ModbusFamily

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from adapters.common.wire import Wire

WIRE, PYMODBUS, BARE = "box", "pymodbus", "bare socket"

POINTS = {
    "state": {"at": 0, "map": {"2": "A", "7": "C2"}},
    "error": {"at": 1, "bits": {"0": "ground", "3": "heat"}},
    "current": {"at": 2, "n": 3, "scale": 0.1, "unit": "A"},
    "voltage": {"at": 5, "n": 3, "scale": 0.1, "unit": "V"},
    "power": {"at": 8, "type": "u32", "unit": "W"},
    "power_phase": {"at": 10, "n": 3, "type": "s16", "unit": "W"},
    "energy_total": {"at": 13, "type": "u32", "scale": 0.001, "unit": "kWh"},
    "energy_session": {"at": 15, "type": "u32", "scale": 0.001, "unit": "kWh"},
    "limit": {"at": 17, "scale": 0.1, "unit": "A"},
    "temp": {"at": 18, "type": "s16", "scale": 0.1, "unit": "degC"},
    "offered_current": {"at": 19, "scale": 0.1, "unit": "A"},
}
"""What a fast poll reads of a station."""

EXPECTED = (7, 51530)
"""State, and the low word of the energy."""


def family(**link: object) -> ModbusFamily:
    """The station's family: 20 registers in a row, eleven points."""
    meta = {"id": "benchmark", "vendor": "B", "models": ["B"], "completeness": 3, "sources": ["benchmark"]}
    reach = {"transports": ["tcp", "rtu"], **link}
    return ModbusFamily.model_validate({"schema": 1, "kind": "modbus", "meta": meta, "link": reach, "points": POINTS})


class Reader(Protocol):
    """One station; ``read`` is one transaction."""

    async def read(self) -> bool:
        """Read all registers; whether they are right."""


class WireReader:
    """As the box reads: planned, on a shared bus, as values in their units."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def read(self) -> bool:
        """One transaction."""
        took = await self._wire.read(POINTS)
        return took.values["state"] == "C2" and took.values["energy_total"] == 51.53  # noqa: PLR2004 as served


class PymodbusReader:
    """pymodbus' own client; registers, not values."""

    def __init__(self, client: AsyncModbusTcpClient) -> None:
        self._client = client

    async def read(self) -> bool:
        """One transaction."""
        answer = await self._client.read_holding_registers(0, count=REGISTERS, device_id=1)
        return (answer.registers[0], answer.registers[14]) == EXPECTED


class BareReader(asyncio.Protocol):
    """A frame from a constant, an answer cut by its length, registers by struct."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[bytes] | None = None
        self._number = 0

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    @override
    def data_received(self, data: bytes) -> None:
        if self._answer is not None:
            self._answer.set_result(data)

    async def read(self) -> bool:
        """One transaction."""
        if self._transport is None:
            return False
        self._number = self._number % 0xFFFF + 1
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(struct.pack(">HHHBBHH", self._number, 0, 6, 1, 3, 0, REGISTERS))
        data = await self._answer
        registers = struct.unpack(f">{REGISTERS}H", data[9:])
        return (registers[0], registers[14]) == EXPECTED

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.abort()


@asynccontextmanager
async def readers(kind: str, ports: Sequence[int]) -> AsyncIterator[list[Reader]]:
    """A connected reader for each port."""
    if kind == WIRE:
        pool = ModbusPool()
        places = [ModbusConnection.model_validate({"tcp": f"127.0.0.1:{port}"}) for port in ports]
        wires = [pool.wire(place, family(), 1) for place in places]
        for wire in wires:
            await wire.connect()
        yield [WireReader(wire) for wire in wires]
        await pool.aclose()
    elif kind == PYMODBUS:
        clients = [AsyncModbusTcpClient("127.0.0.1", port=port) for port in ports]
        for client in clients:
            await client.connect()
        yield [PymodbusReader(client) for client in clients]
        for client in clients:
            client.close()
    else:
        loop = asyncio.get_running_loop()
        bare = [(await loop.create_connection(BareReader, "127.0.0.1", port))[1] for port in ports]
        yield list(bare)
        for each in bare:
            each.close()
