"""Three boxes behind one connection, each a process of its own with wallboxes, and a broker that is killed."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from gateway.bench.car import Car
from gateway.bench.family.command import build
from gateway.bench.family.ways import Options, attach
from gateway.family.library import find_family
from tests.adapters.mqtt.broker import broker
from tests.e2e.box import Box
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from gateway.bench.family.station import FamilyStation
    from gateway.status import SharedStatus

NAMES = ("east", "north", "west")
LIMIT, SHARE, RATED, FALLBACK = 40.0, 12.0, 16.0, 6.0
LEASE = 5.0
TIMEOUT = 20.0
"""Longer than two leases and 7 s: what stations come back to by themselves before that is not lent."""
FOLLOW = 4.0
"""Seconds in which a box has its stations follow, on a busy machine."""

SITE = """
[box]
name = "{name}"
data_dir = "{data}"

[backend]
url = "ws://127.0.0.1:{backend}/box"
security_profile = 0

[[circuit]]
id = "row"
max_current = 48
stations = ["{name}-1", "{name}-2", "{name}-3"]
shared = {{ group = "house 7", max_current = {limit}, fallback = {{ {shares} }}, lease = {lease}, failsafe_timeout = {timeout} }}

[load]
dwell = 0
writes_per_hour = 3600

[load.mqtt]
broker = "127.0.0.1:{broker}"
box = "{name}"
{stations}
"""

STATION = """
[[station]]
identity = "{name}"
adapter = "modbus"
family = "amperfied"
connection = {{ tcp = "{tcp}", unit = {unit} }}
authorization = "free_vend"
failsafe_current = {fallback}
failsafe_timeout = {timeout}
[[station.evse]]
id = 1
connector = {{ type = "sType2", max_current = {rated}, phases = 3 }}
"""


class House:
    """Wallboxes of three boxes, three at each."""

    def __init__(self, rows: dict[str, list[FamilyStation]], boxes: dict[str, Box]) -> None:
        self.rows = rows
        self.boxes = boxes

    def amps(self) -> dict[str, float]:
        """What the wallboxes of each box let their cars draw in all."""
        found = {}
        for name, row in self.rows.items():
            told = [each.outlets[0].summary() for each in row]
            found[name] = sum(float(str(each["limit"])) for each in told if each["closed"] and each["released"])
        assert sum(found.values()) <= LIMIT, found
        return found

    def led(self) -> bool:
        """Whether every wallbox has been told a limit."""
        outlets = [each.outlets[0].summary() for row in self.rows.values() for each in row]
        return all(float(str(each["limit"])) <= RATED for each in outlets)

    def plug(self, name: str, *places: int) -> None:
        """Cars come to wallboxes of a box."""
        for place in places:
            self.rows[name][place].outlets[0].plug(Car())

    async def shared(self, name: str, so: Callable[[SharedStatus], bool] = lambda _: True) -> SharedStatus:
        """What a box says of the connection, once it is so."""
        (found,) = (await self.boxes[name].status_until(lambda status: all(map(so, status.shared)))).shared
        return found

    async def until(self, so: Callable[[dict[str, float]], bool], within: float = 100.0) -> float:
        """Wait for what the wallboxes allow; the seconds that it took."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        async with asyncio.timeout(within):
            while not so(self.amps()):  # noqa: ASYNC110 wallboxes tell nobody
                await asyncio.sleep(0.02)
        return loop.time() - began


@asynccontextmanager
async def house(tmp_path: Path, port: int) -> AsyncIterator[House]:
    """Three boxes run, and no car has come."""
    family = await asyncio.to_thread(find_family, "amperfied")
    async with AsyncExitStack() as stack:
        rows: dict[str, list[FamilyStation]] = {}
        boxes: dict[str, Box] = {}
        for name in NAMES:
            rows[name] = [build(family, frozenset()) for _ in range(3)]
            for each in rows[name]:
                attach(each, Options())
                await each.start()
                life = asyncio.create_task(each.run())
                stack.push_async_callback(asyncio.wait_for, life, 10)
                stack.push_async_callback(each.exit)
            site = await asyncio.to_thread(_write, tmp_path / name, name, rows[name], port)
            box = boxes[name] = Box(site, tmp_path / name / "data")
            stack.push_async_callback(box.close)
            await box.start()
        yield House(rows, boxes)


def _write(folder: Path, name: str, row: list[FamilyStation], port: int) -> Path:
    folder.mkdir()
    places = [each.connection for each in row]
    stations = [
        STATION.format(
            name=f"{name}-{number}",
            tcp=place["tcp"],
            unit=place.get("unit", 1),
            rated=RATED,
            timeout=TIMEOUT,
            fallback=FALLBACK if number * FALLBACK <= SHARE else 0,
        )
        for number, place in enumerate(places, 1)
    ]
    site = folder / "site.toml"
    site.write_text(
        SITE.format(
            name=name, data=folder / "data", backend=free_port(), broker=port, limit=LIMIT, lease=LEASE, timeout=TIMEOUT,
            shares=", ".join(f"{each} = {SHARE}" for each in NAMES), stations="".join(stations),
        )
    )  # fmt: skip
    return site


@pytest.mark.timeout(180)
async def test_boxes_share_a_connection_and_fall_back_without_the_broker(tmp_path: Path) -> None:
    async with broker(tmp_path) as at, house(tmp_path, at.port) as there:
        await there.until(lambda _: there.led())
        there.plug("east", 0)
        await there.until(lambda now: now["east"] >= FALLBACK)
        there.plug("east", 1, 2)
        await there.until(lambda now: now["east"] > LIMIT - 2 * SHARE)  # what the others do not need is lent to it
        there.plug("north", 0)
        await there.until(lambda now: now["north"] >= FALLBACK)  # and comes back
        await at.stop()
        assert await there.until(lambda now: max(now.values()) <= SHARE) <= LEASE + FOLLOW
        await at.start()
        await there.until(lambda now: now["east"] > SHARE)
        leader = (await there.shared("north")).leader
        there.boxes[leader].kill()
        others = [name for name in NAMES if name != leader]
        for name in others:
            await there.shared(name, lambda now: now.leader not in {"", leader})
        assert len({(await there.shared(name)).leader for name in others}) == 1
