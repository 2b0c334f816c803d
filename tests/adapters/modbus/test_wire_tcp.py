"""Reading and writing points over Modbus TCP."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from adapters.modbus.connection import ModbusConnection
from adapters.modbus.pool import ModbusPool
from tests.adapters.modbus.family import modbus_family
from tests.adapters.modbus.peers import Device, tcp_devices, tcp_peer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from adapters.common.wire import Wire
    from gateway.family.family import ModbusFamily


def full() -> Device:
    return Device(
        tables={
            "input": {5: 7, 6: 150, 7: 151, 8: 0, 17: 0, 18: 51530},
            "holding": {261: 160, **dict(enumerate((0x4142, 0x4344, 0x3132, 0x0000), 300)), 400: 1, 401: 2},
            "coil": {3: 0},
        }
    )


@asynccontextmanager
async def wired(device: Device, family: ModbusFamily) -> AsyncIterator[Wire]:
    pool = ModbusPool()
    async with tcp_peer(tcp_devices({1: device})) as server:
        connection = ModbusConnection.model_validate({"tcp": f"127.0.0.1:{server.port}"})
        try:
            yield pool.wire(connection, family, 1)
        finally:
            await pool.aclose()


async def test_points_come_in_their_units() -> None:
    async with wired(full(), modbus_family()) as wire:
        took = await wire.read(["state", "current", "energy_total", "limit", "serial", "target", "enable"])

    assert took.values == {
        "state": "C2", "current": (15.0, 15.1, 0.0), "energy_total": 51.53, "limit": 16.0,
        "serial": "ABCD12", "target": 0x20001, "enable": 0,
    }  # fmt: skip
    assert not took.refused
