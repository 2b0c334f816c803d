"""``connection = { ... }``: what a technician may write, and what is wrong with the rest."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from adapters.common.wire import pool_class
from adapters.modbus.pool import ModbusPool
from gateway.model.errors import GatewayError
from tests.adapters.modbus.family import ascii_family, modbus_family
from tests.adapters.modbus.wires import connection, pooled


@pytest.mark.parametrize(
    ("keys", "address"),
    [
        ({"tcp": "192.168.1.30"}, "192.168.1.30:1502 unit 4"),
        ({"tcp": "wallbox.local:503", "unit": 255}, "wallbox.local:503 unit 255"),
        ({"tcp": "[fd00::1]"}, "[fd00::1]:1502 unit 4"),
        ({"rtu_tcp": "192.168.1.30:4196"}, "192.168.1.30:4196 unit 4"),
        ({"serial": "/dev/ttyUSB0", "baud": 19200, "format": "8E1", "unit": 0}, "/dev/ttyUSB0 unit 0"),
    ],
)
async def test_what_is_left_out_is_the_family_s(keys: dict[str, Any], address: str) -> None:
    async with pooled() as pool:
        assert pool.wire(connection(**keys), modbus_family(unit=4, port=1502), 1).address == address


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        ({}, "connection-ways"),
        ({"unit": 1}, "connection-ways"),
        ({"tcp": "a", "serial": "/dev/ttyUSB0"}, "connection-ways"),
        ({"tcp": "a", "baud": 9600}, "connection-serial-only"),
        ({"rtu_tcp": "a:1", "format": "8N1"}, "connection-serial-only"),
        ({"tcp": "http://a"}, "not-peer"),
        ({"tcp": "a:99999"}, "not-peer"),
        ({"tcp": 5}, "not-peer"),
        ({"serial": "/dev/ttyUSB0", "format": "9X3"}, "string_pattern_mismatch"),
        ({"tcp": "a", "unit": 256}, "less_than_equal"),
        ({"tcp": "a", "slave": 1}, "extra_forbidden"),
    ],
)
def test_every_fault_has_its_code(keys: dict[str, Any], code: str) -> None:
    with pytest.raises(ValidationError) as invalid:
        connection(**keys)
    assert [each["type"] for each in invalid.value.errors()] == [code]


@pytest.mark.parametrize(
    ("keys", "family", "code"),
    [
        ({"serial": "/dev/ttyUSB0"}, modbus_family(transports=["tcp"]), "modbus-transport"),
        ({"rtu_tcp": "a:1"}, modbus_family(transports=["tcp"]), "modbus-transport"),
        ({"rtu_tcp": "a"}, modbus_family(), "modbus-port"),
        ({"tcp": "a"}, ascii_family(), "modbus-port"),
    ],
)
async def test_what_the_family_cannot_do_is_refused(keys: dict[str, Any], family: Any, code: str) -> None:
    async with pooled() as pool:
        with pytest.raises(GatewayError) as refused:
            pool.wire(connection(**keys), family, 1)
    assert refused.value.code == code


async def test_two_devices_on_one_line_are_spoken_to_alike() -> None:
    async with pooled() as pool:
        pool.wire(connection(serial="/dev/ttyUSB0", baud=19200), modbus_family(), 1)
        pool.wire(connection(serial="/dev/ttyUSB0", baud=19200, unit=2), modbus_family(), 1)
        with pytest.raises(GatewayError) as baud:
            pool.wire(connection(serial="/dev/ttyUSB0", baud=9600, unit=3), modbus_family(), 1)
        with pytest.raises(GatewayError) as protocol:
            pool.wire(connection(serial="/dev/ttyUSB0", baud=19200, unit=3), ascii_family(), 1)
    assert baud.value.params == {"bus": "/dev/ttyUSB0", "one": "Modbus RTU 19200 8N1", "other": "Modbus RTU 9600 8N1"}
    assert protocol.value.code == "bus-differs"


@pytest.mark.parametrize("kind", sorted(ModbusPool.kinds))
def test_the_pool_is_found_by_the_kind_of_family(kind: str) -> None:
    assert pool_class(kind) is ModbusPool
