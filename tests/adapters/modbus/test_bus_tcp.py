"""A TCP connection that devices drop, delay, kill and share."""

from __future__ import annotations

import asyncio
import logging
from itertools import pairwise

import pytest

from adapters.common.wire import Unreachable
from tests.adapters.modbus.family import modbus_family
from tests.adapters.modbus.peers import Device, mbap, rtu_devices, tcp_devices, tcp_peer
from tests.adapters.modbus.wires import connection, pooled, tcp_wire

ROW = {name: {"at": at} for at, name in enumerate("abcdefgh", 10)}


def row(**other: object) -> Device:
    return Device(tables={"holding": {at: at for at in range(10, 18)}}, **other)  # type: ignore[arg-type] # by name


async def test_a_connection_that_was_dropped_is_made_anew_without_a_word() -> None:
    device = row()
    async with tcp_peer(tcp_devices({1: device})) as server, pooled() as pool:
        wire = pool.wire(connection(tcp=f"127.0.0.1:{server.port}"), modbus_family(ROW), 1)
        await wire.read("abc")
        server.drop()
        assert (await wire.read("abc")).values == {"a": 10, "b": 11, "c": 12}
    assert server.connections == 2


async def test_wires_to_one_device_share_one_connection() -> None:
    async with tcp_peer(tcp_devices({1: row(), 2: row()})) as server, pooled() as pool:
        wires = [
            pool.wire(connection(tcp=f"127.0.0.1:{server.port}", unit=unit), modbus_family(ROW), 1) for unit in (1, 2)
        ]
        await asyncio.gather(*(wire.read("abc") for wire in wires))
    assert server.connections == 1


async def test_the_connection_is_closed_when_the_last_wire_gives_it_back() -> None:
    async with tcp_peer(tcp_devices({1: row()})) as server, pooled() as pool:
        one, two = (pool.wire(connection(tcp=f"127.0.0.1:{server.port}"), modbus_family(ROW), 1) for _ in range(2))
        await one.connect()
        await two.connect()
        await one.aclose()
        await two.read("a")
        assert server.connections == 1
        await two.aclose()
        async with asyncio.timeout(5):
            await server.empty.wait()
        await two.connect()
        await two.read("a")
    assert server.connections == 2


async def test_loss_and_recovery_are_logged_once_each(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="adapters.modbus.route")
    async with tcp_peer(tcp_devices({1: row()})) as server, pooled() as pool:
        wire = pool.wire(connection(tcp=f"127.0.0.1:{server.port}"), modbus_family(ROW), 1)
        await wire.read("a")
        port = server.port
    async with pooled() as pool:
        wire = pool.wire(connection(tcp=f"127.0.0.1:{port}"), modbus_family(ROW), 1)
        for _ in range(3):
            with pytest.raises(Unreachable) as lost:
                await wire.read("a")
            assert lost.value.code == "no-connection"
        async with tcp_peer(tcp_devices({1: row()}), port=port), asyncio.timeout(5):
            while True:
                try:
                    await wire.read("a")
                    break
                except Unreachable:
                    await asyncio.sleep(0.02)
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


async def test_after_a_failed_connection_the_next_try_is_put_off() -> None:
    async with pooled() as pool:
        wire = pool.wire(connection(tcp="127.0.0.1:1"), modbus_family(ROW), 1)
        loop = asyncio.get_running_loop()
        begin = loop.time()
        for _ in range(20):
            with pytest.raises(Unreachable):
                await wire.connect()
        assert loop.time() - begin < 0.4


def killer(device: Device) -> Device:
    device.deadly = {13}
    return device


async def test_a_read_that_ends_the_connection_is_parted_until_the_culprit_is_known() -> None:
    device = killer(row())
    async with tcp_wire(device, modbus_family(ROW, split_on_error=True)) as wire:
        await wire.read("h")
        took = await wire.read("abcdefgh")
        device.asked.clear()
        again = await wire.read("abcdefgh")

    assert took.refused == again.refused == {"d"}
    assert took.values == again.values == {name: at for at, name in enumerate("abcdefgh", 10) if name != "d"}
    assert device.asked == [(3, 10, 3), (3, 14, 4)]


async def test_where_the_family_does_not_say_so_a_closed_connection_teaches_nothing() -> None:
    device = killer(row())
    async with tcp_wire(device, modbus_family(ROW, retries=1)) as wire:
        await wire.read("h")
        with pytest.raises(Unreachable) as lost:
            await wire.read("abcdefgh")
        device.deadly.clear()
        assert len((await wire.read("abcdefgh")).values) == 8
    assert lost.value.code == "connection-lost"


async def test_a_station_that_restarts_is_not_taken_for_one_that_lacks_registers() -> None:
    device = row(deadly=set(range(10, 18)))
    async with tcp_wire(device, modbus_family(ROW, split_on_error=True)) as wire:
        device.deadly = set()
        await wire.read("a")
        device.deadly = set(range(10, 18))
        with pytest.raises(Unreachable):
            await wire.read("abcdefgh")
        device.deadly = set()
        took = await wire.read("abcdefgh")
    assert not took.refused
    assert len(took.values) == 8


async def test_a_time_out_teaches_nothing() -> None:
    device = row()
    silent = asyncio.Event()
    working = tcp_devices({1: device})

    async def answer(frame: bytes) -> bytes | None:
        return None if silent.is_set() else await working(frame)

    async with tcp_peer(answer) as server, pooled() as pool:
        family = modbus_family(ROW, timeout_ms=50, retries=0, split_on_error=True)
        wire = pool.wire(connection(tcp=f"127.0.0.1:{server.port}"), family, 1)
        silent.set()
        with pytest.raises(Unreachable) as lost:
            await wire.read("abcdefgh")
        silent.clear()
        await wire.read("abcdefgh")
    assert lost.value.code == "no-answer"
    assert device.asked == [(3, 10, 8)]


async def test_a_late_answer_is_not_taken_for_the_next() -> None:
    device = row()
    working = tcp_devices({1: device})
    held: list[bytes] = []

    async def late_once(frame: bytes) -> bytes | None:
        reply = await working(frame)
        assert reply is not None
        if not held:
            held.append(reply)
            return None
        return held[0] + reply

    async with tcp_peer(late_once) as server, pooled() as pool:
        family = modbus_family(ROW, timeout_ms=50, retries=0)
        wire = pool.wire(connection(tcp=f"127.0.0.1:{server.port}"), family, 1)
        with pytest.raises(Unreachable):
            await wire.read("a")
        assert (await wire.read("b")).values == {"b": 11}
    assert server.connections == 1


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (b"SSH-2.0-dropbear\r\n", "modbus-garbled"),
        (mbap(1, 9, b"\x03\x02\x00\x01"), "modbus-other-unit"),
        (mbap(1, 1, b"\x03\x04\x00\x01\x00\x02"), "modbus-garbled"),
    ],
)
async def test_nonsense_is_told_from_silence(reply: bytes, code: str) -> None:
    async def answer(frame: bytes) -> bytes | None:
        return frame[:2] + reply[2:] if reply[2] == 0 else reply

    async with tcp_peer(answer) as server, pooled() as pool:
        family = modbus_family(ROW, timeout_ms=50, retries=1)
        wire = pool.wire(connection(tcp=f"127.0.0.1:{server.port}"), family, 1)
        with pytest.raises(Unreachable) as lost:
            await wire.read("a")
    assert lost.value.code == code


async def test_a_device_with_room_for_one_client_gets_a_new_connection_after_silence() -> None:
    calls = 0
    working = tcp_devices({1: row()})

    async def answer(frame: bytes) -> bytes | None:
        nonlocal calls
        calls += 1
        return None if calls <= 2 else await working(frame)

    async with tcp_peer(answer) as server, pooled() as pool:
        family = modbus_family(ROW, timeout_ms=50, retries=1, single_client=True)
        wire = pool.wire(connection(tcp=f"127.0.0.1:{server.port}"), family, 1)
        with pytest.raises(Unreachable):
            await wire.read("a")
        await wire.read("a")
    assert server.connections == 2


async def test_an_old_connection_is_renewed_before_the_station_drops_it() -> None:
    async with tcp_peer(tcp_devices({1: row()})) as server, pooled() as pool:
        family = modbus_family(ROW, reconnect_every_s=0.05)
        wire = pool.wire(connection(tcp=f"127.0.0.1:{server.port}"), family, 1)
        async with asyncio.timeout(5):
            while server.connections < 2:
                await wire.read("a")


async def test_requests_keep_the_distance_that_the_family_wants() -> None:
    times: list[float] = []
    working = tcp_devices({1: row()})

    async def answer(frame: bytes) -> bytes | None:
        times.append(asyncio.get_running_loop().time())
        return await working(frame)

    async with tcp_peer(answer) as server, pooled() as pool:
        family = modbus_family(ROW, gap_ms=40)
        wire = pool.wire(connection(tcp=f"127.0.0.1:{server.port}"), family, 1)
        await asyncio.gather(*(wire.read(name) for name in "abc"))
    assert all(after - before >= 0.039 for before, after in pairwise(times))


async def test_a_reader_that_gives_up_leaves_the_bus_to_the_others() -> None:
    device = row()
    working = tcp_devices({1: device})
    asked = asyncio.Event()
    calls = 0

    async def answer(frame: bytes) -> bytes | None:
        nonlocal calls
        calls += 1
        asked.set()
        return None if calls == 1 else await working(frame)

    async with tcp_peer(answer) as server, pooled() as pool:
        family = modbus_family(ROW, timeout_ms=5000, retries=0)
        wire = pool.wire(connection(tcp=f"127.0.0.1:{server.port}"), family, 1)
        reading = asyncio.create_task(wire.read("a"))
        await asked.wait()
        waiting = asyncio.create_task(wire.read("b"))
        reading.cancel()
        async with asyncio.timeout(2):
            assert (await waiting).values == {"b": 11}


async def test_rtu_frames_over_tcp() -> None:
    async with tcp_peer(rtu_devices({3: row()}), "rtu") as server, pooled() as pool:
        wire = pool.wire(connection(rtu_tcp=f"127.0.0.1:{server.port}", unit=3), modbus_family(ROW), 1)
        assert (await wire.read("ah")).values == {"a": 10, "h": 17}
