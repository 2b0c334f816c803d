"""Simulated Modbus stations, read and written by an independent client."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

import pytest
from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient
from pymodbus.exceptions import ConnectionException, ModbusIOException
from pymodbus.framer import FramerType

from gateway.bench.family.ways import Options, meter_connection
from tests.fakes.manual_clock import ManualClock
from tests.gateway.bench.family.support import sample, served, station

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.bench.family.station import FamilyStation
    from gateway.family.load import FamilyFile


def _client(connection: Mapping[str, object]) -> AsyncModbusTcpClient | AsyncModbusSerialClient:
    if "serial" in connection:
        return AsyncModbusSerialClient(
            str(connection["serial"]), baudrate=19_200, retries=0, timeout=1, reconnect_delay=0
        )
    key = "tcp" if "tcp" in connection else "rtu_tcp"
    host, _, port = str(connection[key]).rpartition(":")
    framer = FramerType.SOCKET if key == "tcp" else FramerType.RTU
    return AsyncModbusTcpClient(host, port=int(port), framer=framer, retries=0, timeout=1, reconnect_delay=0)


@pytest.fixture
def file() -> FamilyFile:
    return sample("modbus")


@pytest.fixture
def watts() -> FamilyFile:
    return sample("watts")


async def _awake(made: FamilyStation) -> None:
    await made.plug_in(1)  # with a vehicle it does not sleep


@pytest.mark.parametrize("transport", ["tcp", "rtu-tcp", "rtu"])
async def test_a_client_reads_and_writes(file: FamilyFile, transport: str) -> None:
    async with served(station(file), transport=transport) as made:
        await _awake(made)
        client = _client(made.connection)
        assert await client.connect()
        try:
            found = await client.read_input_registers(4, count=1, device_id=1)
            assert found.registers == [0x0107]
            found = await client.read_input_registers(10, count=3, device_id=1)
            assert found.registers == [230, 230, 230]
            assert not (await client.write_registers(261, [65], device_id=1)).isError()
            assert (await client.read_holding_registers(261, count=1, device_id=1)).registers == [65]
            assert made.outlet(1).summary()["limit"] == 6.5
        finally:
            client.close()


@pytest.mark.parametrize(
    ("at", "count", "why"),
    [
        (3, 1, "not there"),
        (5, 9, "longer than the station serves"),
        (15, 2, "not there"),
        (17, 3, "not there"),
        (19, 1, "half a value"),
        (18, 4, "over a barrier"),
    ],
)
async def test_forbidden_reads_are_refused(file: FamilyFile, at: int, count: int, why: str) -> None:
    async with served(station(file), transport="tcp") as made:
        await _awake(made)
        client = _client(made.connection)
        await client.connect()
        found = await client.read_input_registers(at, count=count, device_id=1)
        client.close()
        assert (found.isError(), found.exception_code) == (True, 2), why


async def test_a_gap_that_the_station_lets_pass_reads_as_zero(file: FamilyFile) -> None:
    async with served(station(file), transport="tcp") as made:
        await _awake(made)
        client = _client(made.connection)
        await client.connect()
        found = await client.read_input_registers(12, count=3, device_id=1)
        client.close()
        assert found.registers[:2] == [230, 0]


async def test_writes_that_the_station_does_not_take(file: FamilyFile) -> None:
    async with served(station(file), transport="tcp") as made:
        await _awake(made)
        client = _client(made.connection)
        await client.connect()
        codes = [
            (await client.write_register(300, 1, device_id=1)).exception_code,
            (await client.write_register(261, 320, device_id=1)).exception_code,
            (await client.write_registers(262, [60], device_id=1)).exception_code,
            (await client.read_input_registers(4, count=1, device_id=9)).exception_code,
        ]
        assert not (await client.write_register(262, 60, device_id=1)).isError()
        client.close()
        assert codes == [2, 3, 1, 0x0B]


async def test_the_first_request_only_wakes_a_sleeping_station(file: FamilyFile) -> None:
    async with served(station(file), transport="rtu") as made:
        client = AsyncModbusSerialClient(
            str(made.connection["serial"]), baudrate=19_200, retries=1, timeout=0.2, reconnect_delay=0
        )
        await client.connect()
        found = await client.read_input_registers(4, count=1, device_id=1)
        client.close()
        assert found.registers == [0x0107]


async def test_a_serial_line_takes_its_time(file: FamilyFile) -> None:
    async with served(station(file), transport="pty", wire_time=True) as made:
        await _awake(made)
        client = _client(made.connection)
        await client.connect()
        began = asyncio.get_running_loop().time()
        await client.read_input_registers(5, count=8, device_id=1)
        took = asyncio.get_running_loop().time() - began
        client.close()
        # 8 bytes there and 21 back, each of 11 bits.
        assert took >= 29 * 11 / 19_200


async def test_a_cut_line_is_silent_and_mended_again(file: FamilyFile) -> None:
    async with served(station(file), transport="tcp") as made:
        await _awake(made)
        await made.link_down()
        assert not await _client(made.connection).connect()
        await made.link_up()
        client = _client(made.connection)
        assert await client.connect()
        assert (await client.read_input_registers(4, count=1, device_id=1)).registers == [0x0107]
        client.close()


async def test_connectors_stand_side_by_side(watts: FamilyFile) -> None:
    async with served(station(watts, connectors=2), port=28_000 + 2 * (os.getpid() % 2_000)) as made:
        client = _client(made.connection)
        await client.connect()
        firmware = await client.read_input_registers(110, count=4, device_id=3)
        assert firmware.registers == [0x322E, 0x3020, 0x2020, 0x2020]
        await client.write_coil(2010, value=True, device_id=3)
        await client.write_registers(2600, [0, 4600], device_id=3)
        await made.plug_in(2)
        assert (await client.read_holding_registers(2600, count=2, device_id=3)).registers == [0, 4600]
        assert (await client.read_coils(1010, count=1, device_id=3)).bits[0] is False
        assert (await client.read_input_registers(1001, count=1, device_id=3)).registers == [0]
        assert made.outlet(1).summary()["limit"] == 32.0
        assert made.outlet(2).summary()["released"] is True
        client.close()


async def test_connectors_have_ports_of_their_own() -> None:
    # Where no port is given away by the system: the one after the first has to be free as well.
    port = 20_000 + 2 * (os.getpid() % 4_000)
    async with served(station(sample("dc"), connectors=2), port=port) as made:
        first, second = (way.connection for way in made.ways)
        assert int(str(second["tcp"]).rpartition(":")[2]) == int(str(first["tcp"]).rpartition(":")[2]) + 1
        await made.plug_in(2)
        for connection, unit, expected in ((first, 1, 0), (second, 2, 1)):
            client = _client(connection)
            await client.connect()
            found = await client.read_input_registers(1000 * unit + 1, count=1, device_id=unit)
            client.close()
            assert min(found.registers[0], 1) == expected


async def test_an_added_meter_counts_what_the_station_lets_through(file: FamilyFile) -> None:
    clock = ManualClock()
    made = station(file, clock=clock)
    made.add_meter(sample("meter").base)
    async with served(made, transport="rtu", meter_unit=7):
        await made.plug_in(1)
        await clock.advance(3600)
        client = _client(meter_connection(made, Options(meter_unit=7)))
        await client.connect()
        assert (await client.read_input_registers(5, count=1, device_id=1)).registers == [7]
        power = await client.read_input_registers(52, count=2, device_id=7)
        counted = await client.read_input_registers(72, count=2, device_id=7)
        client.close()
        assert client.convert_from_registers(power.registers, client.DATATYPE.FLOAT32) == 11_040.0
        energy = client.convert_from_registers(counted.registers, client.DATATYPE.FLOAT32)
        assert energy == pytest.approx(100 + 11.03, abs=0.02)


async def test_some_stations_hang_up_instead_of_refusing(watts: FamilyFile) -> None:
    async with served(station(watts)) as made:
        client = _client(made.connection)
        await client.connect()
        with pytest.raises((ModbusIOException, ConnectionException)):
            await client.read_input_registers(1500, count=1, device_id=3)
        client.close()


async def test_a_station_for_one_client_leaves_the_second(watts: FamilyFile) -> None:
    async with served(station(watts)) as made:
        first, second = _client(made.connection), _client(made.connection)
        await first.connect()
        await first.read_input_registers(1001, count=1, device_id=3)
        await second.connect()
        with pytest.raises((ModbusIOException, ConnectionException)):
            await second.read_input_registers(1001, count=1, device_id=3)
        first.close()
        second.close()
