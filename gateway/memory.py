"""Tells when the disk or the memory of the box gets full (OCPP 2.0.1 Part 2, Appendix 1: MemoryExhaustion)."""

from __future__ import annotations

import asyncio
import logging
import shutil
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

_log = logging.getLogger(__name__)

EVENT = "MemoryExhaustion"
EVERY = 300.0
"""Seconds between two looks."""

_MIB = 1024 * 1024
LEAST = {"disk": 64 * _MIB, "memory": 24 * _MIB}
"""Bytes: with less there is an end in sight. It is past when twice as much is free."""

_MEMINFO = Path("/proc/meminfo")


def room_left(folder: Path) -> dict[str, int]:
    """Bytes that are free on the disk of a folder, and in memory, where the system tells that; blocks."""
    found = {"disk": shutil.disk_usage(folder).free}
    try:
        lines = _MEMINFO.read_text("ascii").splitlines()
    except OSError:
        return found
    available = [line.split()[1] for line in lines if line.startswith("MemAvailable:")]
    return found | {"memory": int(available[0]) * 1024} if available else found


class Home(Protocol):
    """What is asked of the rest of the box."""

    def stations(self) -> Iterable[str]:
        """Identities of all stations."""

    async def noticed(self, station: str, event: str, info: str = "") -> None:
        """Take a security event."""


async def watch_box(folder: Path, home: Home) -> None:
    """Tell of each shortage for every station of the box, until cancelled."""

    async def tell(info: str) -> None:
        for station in home.stations():
            await home.noticed(station, EVENT, info)

    await watch_memory(partial(room_left, folder), tell)


async def watch_memory(
    look: Callable[[], Mapping[str, int]], tell: Callable[[str], Awaitable[None]], *, every: float = EVERY
) -> None:
    """Look now and then, until cancelled; each shortage is told once.

    Args:
        look: As ``room_left``, without the folder.
        tell: Takes a shortage in words.
        every: Seconds between two looks.
    """
    short: set[str] = set()
    while True:
        for kind, free in (await asyncio.to_thread(look)).items():
            if kind not in short and free < LEAST[kind]:
                _log.warning("%s gets full: %d MiB left", kind, free // _MIB)
                if await _told(tell, f"{kind}: {free // _MIB} MiB left"):
                    short.add(kind)
            elif kind in short and free > 2 * LEAST[kind]:
                short.remove(kind)
                _log.info("%s has room again: %d MiB", kind, free // _MIB)
        await asyncio.sleep(every)


async def _told(tell: Callable[[str], Awaitable[None]], info: str) -> bool:
    """Tell of a shortage; a disk that is full already may not take even that, and then the next look tells it."""
    try:
        await tell(info)
    except GatewayError as error:
        _log.warning("could not be told: %s", error)
        return False
    return True
