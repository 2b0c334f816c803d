"""Wires to counterparts, closed at the end."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from adapters.modbus.connection import ModbusConnection
from adapters.modbus.pool import ModbusPool
from tests.adapters.modbus.peers import tcp_devices, tcp_peer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from adapters.common.wire import Wire
    from gateway.family.family import AnyFamily
    from tests.adapters.modbus.peers import Device


def connection(**keys: Any) -> ModbusConnection:
    """``connection = { ... }`` of a site file."""
    return ModbusConnection.model_validate(keys)


@asynccontextmanager
async def pooled() -> AsyncIterator[ModbusPool]:
    """A pool, closed at the end."""
    pool = ModbusPool()
    try:
        yield pool
    finally:
        await pool.aclose()


@asynccontextmanager
async def tcp_wire(device: Device, family: AnyFamily, connector: int = 1, **keys: Any) -> AsyncIterator[Wire]:
    """A wire over TCP to a device with unit id 1."""
    async with tcp_peer(tcp_devices({1: device})) as server, pooled() as pool:
        yield pool.wire(connection(tcp=f"127.0.0.1:{server.port}", **keys), family, connector)
