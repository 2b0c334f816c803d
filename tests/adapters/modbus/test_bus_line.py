"""A serial line that devices share, with everything that goes wrong on one."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from adapters.common.wire import Rank, Unreachable
from tests.adapters.modbus.family import ascii_family, modbus_family
from tests.adapters.modbus.peers import Device, line, rtu, rtu_devices, tcp_peer
from tests.adapters.modbus.wires import connection, pooled

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from adapters.common.wire import Wire
    from tests.adapters.modbus.peers import Answer

    Fault = Callable[[bytes], bytes | None]

ROW = {name: {"at": at, "access": "rw"} for at, name in enumerate("abcdefgh", 10)}


def row(first: int = 10) -> Device:
    return Device(tables={"holding": {at: first + at - 10 for at in range(10, 18)}})


@asynccontextmanager
async def serial_wires(
    answer: Answer, units: int = 1, *, echo: bool = False, **link: object
) -> AsyncIterator[list[Wire]]:
    async with line(answer, echo=echo) as cable, pooled() as pool:
        family = modbus_family(ROW, baud=19200, format="8E1", **link)
        yield [pool.wire(connection(serial=cable.path, unit=unit), family, 1) for unit in range(1, units + 1)]


async def test_eight_devices_share_one_line() -> None:
    devices = {unit: row(100 * unit) for unit in range(1, 9)}
    open_requests = 0
    working = rtu_devices(devices)

    async def answer(frame: bytes) -> bytes | None:
        nonlocal open_requests
        open_requests += 1
        assert open_requests == 1, "a second request before the first was answered"
        await asyncio.sleep(0)
        open_requests -= 1
        return await working(frame)

    async with serial_wires(answer, 8) as wires:
        for _ in range(3):
            took = await asyncio.gather(*(wire.read("abcdefgh") for wire in wires))
            assert [each.values["a"] for each in took] == [100 * unit for unit in range(1, 9)]


async def test_the_watchdog_goes_before_orders_and_these_before_a_full_queue_of_polls() -> None:
    device = row()
    working = rtu_devices({1: device})
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def answer(frame: bytes) -> bytes | None:
        begun.set()
        await go_on.wait()
        return await working(frame)

    async with serial_wires(answer, timeout_ms=5000) as (wire,):
        polls = [asyncio.create_task(wire.read(name)) for name in "abcdefgh"]
        await begun.wait()
        order = asyncio.create_task(wire.write("c", 7))
        beat = asyncio.create_task(wire.write("h", 1, rank=Rank.WATCHDOG))
        await asyncio.sleep(0)
        go_on.set()
        await asyncio.gather(*polls, order, beat)

    assert [function for function, _, _ in device.asked] == [3, 6, 6, *[3] * 7]
    assert [at for _, at, _ in device.asked[:3]] == [10, 17, 12]


async def test_a_silent_device_does_not_hold_up_the_urgent_requests_of_others() -> None:
    devices = {2: row()}
    async with serial_wires(rtu_devices(devices), 2, timeout_ms=60, retries=3) as (dead, alive):
        lost = asyncio.create_task(dead.read("a"))
        await asyncio.sleep(0)
        await alive.write("a", 1, rank=Rank.WATCHDOG)
        assert not lost.done()
        with pytest.raises(Unreachable):
            await lost


async def test_a_device_that_was_silent_is_polled_with_one_request_until_it_answers() -> None:
    heard: list[bytes] = []
    working = rtu_devices({})

    async def answer(frame: bytes) -> bytes | None:
        heard.append(frame)
        return await working(frame)

    async with serial_wires(answer, timeout_ms=20, retries=2) as (wire,):
        for _ in range(3):
            with pytest.raises(Unreachable):
                await wire.read("a")
    assert len(heard) == 3 + 1 + 1


async def test_a_sleeping_station_loses_the_first_request_and_nobody_notices(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="adapters.modbus")
    device, awake = row(), False
    working = rtu_devices({1: device})

    async def answer(frame: bytes) -> bytes | None:
        nonlocal awake
        if not awake:
            awake = True
            return None
        return await working(frame)

    async with serial_wires(answer, timeout_ms=40, retries=0, wake_retry=1) as (wire,):
        assert (await wire.read("a")).values == {"a": 10}
        awake = False
        await wire.write("a", 5)
    assert device.tables["holding"][10] == 5
    assert not caplog.records


async def test_a_late_answer_is_not_taken_for_that_to_another_request() -> None:
    """Without numbers in the frames: both answers have one register of the same unit."""
    working = rtu_devices({1: row()})
    first: list[bytes] = []

    async with line(rtu_devices({})) as cable, pooled() as pool:

        async def answer(frame: bytes) -> bytes | None:
            reply = await working(frame)
            assert reply is not None
            if not first:
                first.append(reply)
                asyncio.get_running_loop().call_later(0.09, cable.send, reply)
                return None
            return reply

        cable.answer = answer
        family = modbus_family(ROW, timeout_ms=50, retries=0)
        wire = pool.wire(connection(serial=cable.path), family, 1)
        with pytest.raises(Unreachable):
            await wire.read("a")
        assert (await wire.read("b")).values == {"b": 11}


async def test_a_wrong_checksum_and_a_wrong_unit_are_no_answers_and_a_repeat_mends_it() -> None:
    working = rtu_devices({1: row()})
    faults: list[Fault] = [
        lambda reply: reply[:-1] + bytes((reply[-1] ^ 1,)),
        lambda reply: rtu(7, reply[1:-2]),
        lambda reply: reply,
    ]

    async def answer(frame: bytes) -> bytes | None:
        reply = await working(frame)
        assert reply is not None
        return faults.pop(0)(reply)

    async with serial_wires(answer, timeout_ms=40, retries=2) as (wire,):
        assert (await wire.read("a")).values == {"a": 10}


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (lambda _: b"\xff\x00\xfe\x80\x13\x37", "modbus-garbled"),
        (lambda reply: rtu(7, reply[1:-2]), "modbus-other-unit"),
        (lambda _: None, "no-answer"),
    ],
)
async def test_what_comes_in_place_of_an_answer_is_told(fault: Fault, code: str) -> None:
    working = rtu_devices({1: row()})

    async def answer(frame: bytes) -> bytes | None:
        return fault(await working(frame) or b"")

    async with serial_wires(answer, timeout_ms=30, retries=0) as (wire,):
        with pytest.raises(Unreachable) as lost:
            await wire.read("a")
    assert lost.value.code == code


async def test_an_adapter_that_hears_itself_is_no_obstacle() -> None:
    device = row()
    async with serial_wires(rtu_devices({1: device}), 2, echo=True, timeout_ms=60, retries=0) as (wire, dead):
        assert (await wire.read("abc")).values == {"a": 10, "b": 11, "c": 12}
        await wire.write("a", 77)
        assert device.tables["holding"][10] == 77
        with pytest.raises(Unreachable):
            await dead.write("a", 77)  # the echo alone is no answer


async def test_an_adapter_that_is_pulled_out_and_put_back(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="adapters.modbus.route")
    port = tmp_path / "ttyUSB0"
    async with line(rtu_devices({1: row()})) as cable, pooled() as pool:
        port.symlink_to(cable.path)
        wire = pool.wire(connection(serial=str(port)), modbus_family(ROW, timeout_ms=200, retries=0), 1)
        await wire.read("a")
        cable.unplug()
        port.unlink()
        with pytest.raises(Unreachable) as gone:
            await wire.read("a")
        assert gone.value.params["reason"] == "No such file or directory"

        async with line(rtu_devices({1: row()})) as again, asyncio.timeout(10):
            port.symlink_to(again.path)
            while True:
                try:
                    assert (await wire.read("a")).values == {"a": 10}
                    break
                except Unreachable:
                    await asyncio.sleep(0.02)
            await wire.aclose()
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


async def test_a_port_that_is_not_there_is_told() -> None:
    async with pooled() as pool:
        wire = pool.wire(connection(serial="/dev/ttyNOT"), modbus_family(ROW), 1)
        with pytest.raises(Unreachable) as lost:
            await wire.connect()
    assert lost.value.params == {"where": "/dev/ttyNOT", "reason": "No such file or directory"}


async def test_frames_keep_their_distance_on_the_line() -> None:
    """3.5 characters of 11 bits at 1200 baud are 32 ms."""
    times: list[float] = []
    working = rtu_devices({1: row()})

    async def answer(frame: bytes) -> bytes | None:
        times.append(asyncio.get_running_loop().time())
        return await working(frame)

    async with line(answer) as cable, pooled() as pool:
        wire = pool.wire(connection(serial=cable.path, baud=1200, format="8E1"), modbus_family(ROW), 1)
        await asyncio.gather(*(wire.read(name) for name in "abc"))
    assert all(after - before >= 0.031 for before, after in pairwise(times))


async def test_a_broadcast_is_not_waited_for() -> None:
    async with line(rtu_devices({})) as cable, pooled() as pool:
        wire = pool.wire(connection(serial=cable.path, unit=0), modbus_family(ROW, timeout_ms=5000), 1)
        async with asyncio.timeout(1):
            await wire.write("a", 1)


async def test_a_family_may_have_a_broadcast_of_its_own() -> None:
    """As SmartEVSE, whose nodes all take what is written to unit 9."""
    points = {"a": {"at": 10}, "all": {"at": 32, "access": "w", "unit_id": 9}}
    heard: list[bytes] = []
    working = rtu_devices({1: row(7)})

    async def answer(frame: bytes) -> bytes | None:
        heard.append(frame)
        return await working(frame)

    async with line(answer) as cable, pooled() as pool:
        family = modbus_family(points, timeout_ms=5000, broadcast=9)
        wire = pool.wire(connection(serial=cable.path), family, 1)
        async with asyncio.timeout(1):
            await wire.write("all", 160)
            assert (await wire.read("a")).values == {"a": 7}
    assert [frame[0] for frame in heard] == [9, 1]


RECORDED = {
    b":0103002E0005C9\r\n": b">01030A2EC29100000100010096D9\r\n",
    b":010300040001F7\r\n": b">01030204A155\r\n",
    b":01100014000102006474\r\n": b">011000140001DA\r\n",
}


async def test_the_ascii_dialect_with_recorded_frames() -> None:
    sent: list[bytes] = []
    asleep = True

    async def answer(frame: bytes) -> bytes | None:
        nonlocal asleep
        sent.append(frame)
        if asleep:
            asleep = False
            return None
        return RECORDED.get(frame)

    async with line(answer, "ascii") as cable, pooled() as pool:
        wire = pool.wire(connection(serial=cable.path), ascii_family(wake_retry=1, timeout_ms=60), 1)
        took = await wire.read(["state", "current"])
        await wire.write("duty", 10)

    assert took.values == {"state": "A", "current": (15.0, None, None)}
    assert sent[0] == sent[1]
    assert set(sent) == set(RECORDED)


async def test_the_ascii_dialect_over_tcp_refuses_and_is_lost_like_the_others() -> None:
    async def answer(frame: bytes) -> bytes | None:
        return b">0183027A" + b"\r\n" if frame.startswith(b":01030004") else None

    async with tcp_peer(answer, "ascii") as server, pooled() as pool:
        wire = pool.wire(connection(tcp=f"127.0.0.1:{server.port}"), ascii_family(timeout_ms=40, retries=0), 1)
        assert (await wire.read(["state"])).refused == {"state"}
        with pytest.raises(Unreachable):
            await wire.read(["current"])
