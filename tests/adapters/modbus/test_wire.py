"""Points as values, whatever the registers look like; and what a write puts on the wire."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.common.wire import Refused, Unreachable
from gateway.model.errors import GatewayError
from tests.adapters.modbus.family import modbus_family
from tests.adapters.modbus.peers import Device, tcp_devices, tcp_peer
from tests.adapters.modbus.wires import connection, pooled, tcp_wire


def full() -> Device:
    return Device(
        tables={
            "input": {5: 7, 6: 150, 7: 151, 8: 0, 17: 0, 18: 51530},
            "holding": {261: 160, **dict(enumerate((0x4142, 0x4344, 0x3132, 0x0000), 300)), 400: 1, 401: 2},
            "coil": {3: 0},
        }
    )


async def test_points_come_in_their_units() -> None:
    async with tcp_wire(full(), modbus_family()) as wire:
        took = await wire.read(["state", "current", "energy_total", "limit", "serial", "target", "enable"])

    assert took.values == {
        "state": "C2", "current": (15.0, 15.1, 0.0), "energy_total": 51.53, "limit": 16.0,
        "serial": "ABCD12", "target": 0x20001, "enable": 0,
    }  # fmt: skip
    assert not took.refused


async def test_neighbours_come_with_one_read() -> None:
    device = full()
    async with tcp_wire(device, modbus_family()) as wire:
        await wire.read(["current", "state"])
        await wire.read(["energy_total", "state", "current"])
    assert device.asked == [(4, 5, 4), (4, 5, 4), (4, 17, 2)]


async def test_a_point_that_the_station_lacks_is_asked_for_once() -> None:
    device = full()
    family = modbus_family({"there": {"at": 261}, "not_there": {"at": 262}})
    async with tcp_wire(device, family) as wire:
        first = await wire.read(["there", "not_there"])
        asked = len(device.asked)
        second = await wire.read(["there", "not_there"])

    assert first.values == second.values == {"there": 160}
    assert first.refused == second.refused == {"not_there"}
    assert len(device.asked) == asked + 1


async def test_a_point_that_cannot_be_read_now_is_unknown_and_asked_again() -> None:
    device = full()
    device.failing[261] = 4
    async with tcp_wire(device, modbus_family()) as wire:
        took = await wire.read(["limit", "serial"])
        device.failing.clear()
        again = await wire.read(["limit", "serial"])

    assert took.values == {"limit": None, "serial": "ABCD12"}
    assert not took.refused
    assert again.values["limit"] == 16.0


async def test_a_busy_station_is_asked_again() -> None:
    device = full()
    device.failing[261] = 6
    async with tcp_wire(device, modbus_family(retries=2)) as wire:
        took = await wire.read(["limit"])
    assert took.values == {"limit": None}
    assert len(device.asked) == 3


async def test_a_row_whose_values_lie_far_apart_is_not_read_as_one() -> None:
    device = Device(tables={"holding": {0: 1, 200: 2, 400: 3}})
    family = modbus_family({"power": {"at": 0, "n": 3, "stride": 200}})
    async with tcp_wire(device, family) as wire:
        took = await wire.read(["power"])
    assert took.values == {"power": (1, 2, 3)}
    assert device.asked == [(3, 0, 1), (3, 200, 1), (3, 400, 1)]


async def test_a_power_of_ten_is_read_along_and_once_where_it_never_changes() -> None:
    device = Device(tables={"holding": {10: 1234, 20: 0xFFFF, 30: 5, 40: 2}})
    points: dict[str, Any] = {
        "power": {"at": 10, "exponent": "power_exp", "unit": "W"},
        "power_exp": {"at": 20, "type": "s16", "poll": "once"},
        "energy": {"at": 30, "exponent": "energy_exp", "unit": "Wh"},
        "energy_exp": {"at": 40, "type": "s16"},
    }
    async with tcp_wire(device, modbus_family(points)) as wire:
        took = await wire.read(["power", "energy"])
        device.asked.clear()
        await wire.read(["power", "energy"])

    assert took.values == {"power": 123.4, "energy": 500}
    assert [at for _, at, _ in device.asked] == [10, 30, 40]


async def test_a_value_is_written_with_the_power_of_ten_that_the_station_has() -> None:
    device = Device(tables={"holding": {10: 0, 20: 0xFFFF}})
    points = {"limit": {"at": 10, "exponent": "exp", "access": "rw"}, "exp": {"at": 20, "type": "s16"}}
    async with tcp_wire(device, modbus_family(points)) as wire:
        await wire.write("limit", 13.7)
    assert device.tables["holding"][10] == 137


@pytest.mark.parametrize(
    ("point", "value", "fc", "asked", "table", "registers"),
    [
        ("limit", 16, None, (6, 261, 1), "holding", {261: 160}),
        ("limit", 16, 16, (16, 261, 1), "holding", {261: 160}),
        ("target", 0x30005, None, (16, 400, 2), "holding", {400: 5, 401: 3}),
        ("target", 0x30005, 6, (16, 400, 2), "holding", {400: 5, 401: 3}),
        ("enable", True, None, (5, 3, 1), "coil", {3: 1}),
        ("enable", False, 15, (15, 3, 1), "coil", {3: 0}),
    ],
)
async def test_a_write_is_one_frame_with_the_right_function_code(
    point: str, value: float, fc: int | None, asked: tuple[int, int, int], table: str, registers: dict[int, int]
) -> None:
    device = full()
    async with tcp_wire(device, modbus_family()) as wire:
        await wire.write(point, value, fc=fc)
    assert device.asked == [asked]
    assert registers.items() <= device.tables[table].items()


async def test_the_family_says_with_which_function_code_a_point_is_written() -> None:
    device = full()
    family = modbus_family({"limit": {"at": 261, "access": "rw", "fc": 16}})
    async with tcp_wire(device, family) as wire:
        await wire.write("limit", 6)
    assert device.asked == [(16, 261, 1)]


async def test_a_text_that_is_longer_than_a_frame_is_written_and_read_in_pieces() -> None:
    device = Device(tables={"holding": dict.fromkeys(range(1000, 1250), 0xFFFF)})
    family = modbus_family({"note": {"at": 1000, "type": "str", "n": 250, "access": "rw"}})
    async with tcp_wire(device, family) as wire:
        await wire.write("note", "x" * 401)
        assert (await wire.read(["note"])).values == {"note": "x" * 401}
    assert device.asked[:3] == [(16, 1000, 100), (16, 1100, 100), (16, 1200, 50)]


async def test_other_bits_of_a_register_stay_as_they_are() -> None:
    device = Device(tables={"holding": {8: 0xABCD}})
    family = modbus_family({"mode": {"at": 8, "mask": 0x0F0, "shift": 4, "access": "rw"}})
    async with tcp_wire(device, family) as wire:
        await wire.write("mode", 3)
    assert device.tables["holding"][8] == 0xAB3D


async def test_what_the_station_does_not_take_is_refused() -> None:
    async with tcp_wire(full(), modbus_family()) as wire:
        with pytest.raises(Refused) as readonly:
            await wire.write("state", 1)
        with pytest.raises(GatewayError) as function:
            await wire.write("limit", 6, fc=5)
        with pytest.raises(GatewayError) as much:
            await wire.write("limit", 7000)
        with pytest.raises(GatewayError) as command:
            await wire.send("reset", {})
    codes = [each.value.code for each in (readonly, function, much, command)]
    assert codes == ["point-not-writable", "modbus-function", "point-value", "message-unknown"]


async def test_a_device_behind_a_gateway_that_does_not_answer_is_unreachable_not_refusing() -> None:
    async with tcp_wire(full(), modbus_family(), unit=9) as wire:
        with pytest.raises(Unreachable) as lost:
            await wire.read(["limit"])
    assert lost.value.code == "modbus-gateway"


async def test_connectors_differ_by_address_but_for_what_is_shared() -> None:
    device = Device(tables={"holding": {5: 1, 105: 2, 300: 7}})
    family = modbus_family(
        {"state": {"at": 5}, "temp": {"at": 300, "shared": True}}, instances={"address": "(connector - 1) * 100"}
    )
    async with tcp_wire(device, family, connector=2) as wire:
        took = await wire.read(["state", "temp"])
    assert took.values == {"state": 2, "temp": 7}


async def test_connectors_differ_by_unit_id_and_a_point_may_have_its_own() -> None:
    async with pooled() as pool:
        family = modbus_family(instances={"unit": "10 + connector"})
        one = pool.wire(connection(tcp="192.0.2.1"), family, 2)
        moved = pool.wire(connection(tcp="192.0.2.1", unit=21), family, 2)
    assert one.address == "192.0.2.1:502 unit 12"
    assert moved.address == "192.0.2.1:502 unit 22"


async def test_connectors_differ_by_port() -> None:
    async with pooled() as pool:
        family = modbus_family(instances={"port": "connector - 1"})
        assert pool.wire(connection(tcp="192.0.2.1"), family, 2).address == "192.0.2.1:503 unit 1"


async def test_a_point_with_a_unit_id_of_its_own_is_read_there() -> None:
    devices = {1: Device(tables={"holding": {5: 1}}), 200: Device(tables={"holding": {5: 99}})}
    family = modbus_family({"state": {"at": 5}, "meter": {"at": 5, "unit_id": 200}})
    async with tcp_peer(tcp_devices(devices)) as server, pooled() as pool:
        wire = pool.wire(connection(tcp=f"127.0.0.1:{server.port}"), family, 1)
        assert (await wire.read(["state", "meter"])).values == {"state": 1, "meter": 99}


async def test_another_variant_is_read_by_its_own_map() -> None:
    async with tcp_wire(full(), modbus_family()) as wire:
        wire.use(modbus_family({"limit": {"at": 261, "scale": 1.0}}))
        assert (await wire.read(["limit"])).values == {"limit": 160}
