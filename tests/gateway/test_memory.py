"""A box whose disk or memory gets full says so."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from gateway.memory import LEAST, room_left, watch_box, watch_memory
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


async def test_each_shortage_is_told_once_until_it_is_past() -> None:
    plenty, little, some = 10 * LEAST["disk"], LEAST["disk"] - 1, LEAST["disk"] + 1
    looks = [plenty, little, little, some, little, plenty, little]
    told: list[str] = []
    failures = ["storage-failed"]  # the first time there is no room even to note it
    done = asyncio.Event()

    def look() -> dict[str, int]:
        if not looks:
            loop.call_soon_threadsafe(done.set)
            return {}
        return {"disk": looks.pop(0), "memory": plenty}

    async def tell(info: str) -> None:
        if failures:
            raise GatewayError(failures.pop())
        told.append(info)

    loop = asyncio.get_running_loop()
    task = asyncio.create_task(watch_memory(look, tell, every=0))
    async with asyncio.timeout(5):
        await done.wait()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert told == ["disk: 63 MiB left"] * 2


class Home:
    """A box with two stations."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []
        self.both = asyncio.Event()

    def stations(self) -> tuple[str, ...]:
        return ("CP-1", "CP-2")

    async def noticed(self, station: str, event: str, info: str = "") -> None:
        assert info
        self.told.append((station, event))
        if station == "CP-2":
            self.both.set()


async def test_every_station_tells_its_backend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LEAST, "memory", 1 << 60)
    monkeypatch.setitem(LEAST, "disk", 0)
    home = Home()
    task = asyncio.create_task(watch_box(tmp_path, home))
    async with asyncio.timeout(5):
        await home.both.wait()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert home.told == [("CP-1", "MemoryExhaustion"), ("CP-2", "MemoryExhaustion")]


def test_what_is_left_is_looked_up(tmp_path: Path) -> None:
    left = room_left(tmp_path)
    assert left["disk"] > 0
    assert left["memory"] > 0
