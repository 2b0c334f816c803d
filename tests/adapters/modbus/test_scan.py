"""A scan on real lines and connections: who is there, how sure that is, and what to do about a wrong setting."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import pytest

from adapters.modbus.scan import scan
from gateway.contracts import Progress, ScanRequest, Sighting
from gateway.family.family import ModbusFamily
from tests.adapters.modbus.family import META, ascii_family
from tests.adapters.modbus.peers import Device, line, rtu, rtu_devices, tcp_devices, tcp_peer
from tests.adapters.modbus.test_bus_line import RECORDED

if TYPE_CHECKING:
    from tests.adapters.modbus.peers import Answer


def family(name: str, points: dict[str, Any], states: dict[str, str], **link: Any) -> ModbusFamily:
    quick = {"transports": ["tcp", "rtu"], "timeout_ms": 100, "retries": 0, "baud": 19200, "format": "8E1"}
    return ModbusFamily.model_validate(
        {
            "schema": 1, "kind": "modbus", "meta": META | {"id": name, "vendor": name.title()},
            "link": quick | link, "points": points, "state": {"point": "state", "map": states},
        }
    )  # fmt: skip


HILL = family(
    "hillside",
    {
        "state": {"at": 5, "table": "input"},
        "voltage": {"at": 10, "table": "input", "n": 3, "unit": "V"},
        "temp": {"at": 9, "table": "input", "scale": 0.1, "unit": "degC"},
        "serial": {"at": 300, "type": "str", "n": 4},
    },
    {"2": "A1", "7": "C2"},
)
VALLEY = family(
    "valleyside",
    {"state": {"at": 5, "table": "input"}, "voltage": {"at": 20, "n": 3, "unit": "V"}, "power": {"at": 30}},
    {"0": "A", "2": "B2"},
    baud=9600,
    format="8N1",
)
FAMILIES = (HILL, VALLEY)


def hill(serial: str = "XY-1") -> Device:
    words = [int.from_bytes(serial.encode().ljust(8, b"\0")[i : i + 2], "big") for i in range(0, 8, 2)]
    return Device(
        tables={
            "input": {5: 2, 9: 245, 10: 231, 11: 229, 12: 232},
            "holding": dict(enumerate(words, 300)),
        }
    )


async def seen(request: ScanRequest, families: tuple[Any, ...] = FAMILIES) -> list[Sighting]:
    async with asyncio.timeout(20):
        return [sighting async for sighting in scan(request, families)]


async def test_a_station_on_a_line_is_found_at_its_unit_id_and_settings() -> None:
    steps: list[Progress] = []
    async with line(rtu_devices({3: hill()})) as cable:
        (found,) = await seen(
            ScanRequest(serial=(cable.path,), units=(1, 2, 3, 4), timeout=0.05, progress=steps.append)
        )

    assert (found.code, found.family) == ("scan-family", "hillside")
    assert found.connection["serial"] == cable.path
    assert found.connection["unit"] == 3
    assert (found.plausible, found.asked) == (4, 4)
    assert found.evidence == {"serial": "XY-1", "state": "2"}
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert steps[-1].done == steps[-1].total


async def test_only_reads_are_sent() -> None:
    device = hill()
    async with line(rtu_devices({1: device})) as cable:
        await seen(ScanRequest(serial=(cable.path,), bauds=(19200,), formats=("8E1",), units=(1,), timeout=0.05))
    assert {function for function, _, _ in device.asked} <= {3, 4}


async def test_a_device_of_no_known_family_is_told_with_its_connection() -> None:
    async with tcp_peer(tcp_devices({1: Device(tables={"holding": {0: 1}})})) as server:
        (found,) = await seen(ScanRequest(tcp=(f"127.0.0.1:{server.port}",), timeout=0.1))
    assert found.code == "scan-unknown"
    assert found.connection == {"tcp": f"127.0.0.1:{server.port}", "unit": 1}


async def test_a_device_that_names_its_maker_is_certain() -> None:
    async with tcp_peer(tcp_devices({1: hill("HILLSIDE")})) as server:
        (found,) = await seen(ScanRequest(tcp=(f"127.0.0.1:{server.port}",), timeout=0.1))
    assert (found.code, found.family, found.evidence["serial"]) == ("scan-family", "hillside", "HILLSIDE")


async def test_two_families_that_fit_as_well_are_both_told() -> None:
    twin = HILL.model_copy(update={"meta": HILL.meta.model_copy(update={"id": "twin"})})
    async with tcp_peer(tcp_devices({1: hill()})) as server:
        (found,) = await seen(ScanRequest(tcp=(f"127.0.0.1:{server.port}",), timeout=0.1), (HILL, twin))
    assert found.code == "scan-family-likely"
    assert {found.family, found.params["others"]} == {"hillside", "twin"}


async def test_values_that_make_no_sense_are_of_no_family() -> None:
    device = hill()
    device.tables["input"] |= {5: 2, 10: 9999, 11: 3, 12: 9999, 9: 30000}
    async with tcp_peer(tcp_devices({1: device})) as server:
        (found,) = await seen(ScanRequest(tcp=(f"127.0.0.1:{server.port}",), timeout=0.1))
    assert found.code == "scan-unknown"


async def test_a_gateway_whose_device_has_another_unit_id() -> None:
    async with tcp_peer(tcp_devices({7: hill()})) as server:
        address = f"127.0.0.1:{server.port}"
        (wrong,) = await seen(ScanRequest(tcp=(address,), units=(1, 2, 3), timeout=0.1))
        found = await seen(ScanRequest(tcp=(address,), units=tuple(range(1, 9)), timeout=0.1))
    assert (wrong.code, wrong.params["asked"]) == ("scan-gateway", "1-3")
    assert [(each.family, each.connection["unit"]) for each in found] == [("hillside", 7)]


async def test_a_device_that_answers_with_its_own_unit_id_whatever_was_asked() -> None:
    device = hill()

    async def answer(frame: bytes) -> bytes | None:
        return rtu(9, device.answer(frame[1:-2]))

    async with line(answer) as cable:
        found = await seen(
            ScanRequest(serial=(cable.path,), bauds=(19200,), formats=("8E1",), units=(1, 2), timeout=0.05)
        )
    assert [each.code for each in found] == ["scan-other-unit", "scan-family"]
    assert found[0].params == {"other": 9, "asked": "1-2"}
    assert found[1].connection["unit"] == 9


async def test_noise_on_the_line_points_to_the_settings() -> None:
    async def answer(frame: bytes) -> bytes | None:
        return bytes(each ^ 0x55 for each in frame)

    async with line(answer) as cable:
        found = await seen(ScanRequest(serial=(cable.path,), bauds=(9600,), formats=("8N1",), units=(1,), timeout=0.05))
    assert [each.code for each in found] == ["scan-garbled"]


async def test_the_settings_are_tried_until_somebody_is_understood() -> None:
    """A pseudo-terminal has no baud rate: the far end looks what was set."""
    heard: list[bytes] = []

    async def answer(frame: bytes) -> bytes | None:
        heard.append(frame)
        return None

    async with line(answer) as cable:
        found = await seen(ScanRequest(serial=(cable.path,), units=(1,), timeout=0.02))
    assert found == []
    assert len(heard) >= 2 * 4


async def test_a_sleeping_station_is_found_all_the_same() -> None:
    working = rtu_devices({1: hill()})
    asleep = True

    async def answer(frame: bytes) -> bytes | None:
        nonlocal asleep
        was, asleep = asleep, False
        return None if was else await working(frame)

    async with line(answer) as cable:
        (found,) = await seen(
            ScanRequest(serial=(cable.path,), bauds=(19200,), formats=("8E1",), units=(1,), timeout=0.05)
        )
    assert found.family == "hillside"


async def test_the_ascii_dialect_is_found_where_nobody_speaks_rtu() -> None:
    async def answer(frame: bytes) -> bytes | None:
        return RECORDED.get(frame)

    family = ascii_family().model_copy(update={"state": HILL.state})
    async with line(answer, "ascii") as cable:
        (found,) = await seen(ScanRequest(serial=(cable.path,), units=(1,), timeout=0.05), (HILL, family))
    assert found.connection == {"serial": cable.path, "baud": 38400, "format": "8E1", "unit": 1}


@pytest.mark.parametrize("framing", ["rtu", "tcp"])
async def test_a_converter_is_looked_behind_where_it_was_named_as_one(framing: str) -> None:
    answer: Answer = (rtu_devices if framing == "rtu" else tcp_devices)({1: hill()})
    async with tcp_peer(answer, framing) as server:
        address = f"127.0.0.1:{server.port}"
        found = await seen(ScanRequest(rtu_tcp=(address,), units=(1,), timeout=0.1))
    expected = [{"rtu_tcp": address, "unit": 1}] if framing == "rtu" else []
    assert [each.connection for each in found] == expected


async def test_a_station_that_hangs_up_over_registers_that_it_lacks_is_found() -> None:
    device = hill()
    device.deadly = set(range(20, 40)) | {0, 1, 2, 3, 4}
    greeted = family("greeted", {"state": {"at": 3, "table": "input"}}, {"0": "A"})
    async with tcp_peer(tcp_devices({1: device})) as server:
        (found,) = await seen(ScanRequest(tcp=(f"127.0.0.1:{server.port}",), units=(1,), timeout=0.1), (greeted, HILL))
    assert found.family == "hillside"


async def test_an_open_port_without_modbus_is_told_and_a_closed_one_is_not() -> None:
    async def nothing(frame: bytes) -> bytes | None:
        del frame
        return None

    async with tcp_peer(nothing) as server:
        found = await seen(ScanRequest(tcp=(f"127.0.0.1:{server.port}", "127.0.0.1:1"), units=(1,), timeout=0.05))
    assert [(each.code, each.where) for each in found] == [("scan-open", f"127.0.0.1:{server.port}")]


async def test_a_port_that_cannot_be_opened_is_told_once() -> None:
    (found,) = await seen(ScanRequest(serial=("/dev/ttyNOT",), timeout=0.05))
    assert found.code == "no-connection"
    assert found.params["reason"] == "No such file or directory"


async def test_many_addresses_are_looked_at_at_once() -> None:
    async with AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(tcp_peer(tcp_devices({1: hill()}))) for _ in range(5)]
        found = await seen(ScanRequest(tcp=tuple(f"127.0.0.1:{server.port}" for server in servers), timeout=0.2))
    assert len(found) == 5


async def test_who_stops_looking_leaves_nothing_behind() -> None:
    async with tcp_peer(tcp_devices({1: hill()})) as one, tcp_peer(tcp_devices({1: hill()})) as two:
        request = ScanRequest(tcp=(f"127.0.0.1:{one.port}", f"127.0.0.1:{two.port}"), timeout=0.1)
        looking = scan(request, FAMILIES)
        async for _ in looking:
            break
        await looking.aclose()  # type: ignore[attr-defined] # an async generator
