"""A full report of a large station keeps nobody waiting: how long the event loop is held at a time."""

from __future__ import annotations

import asyncio
import gc
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from gateway.model import events as ev
from tests.fakes.box import ID, Box, open_box, valid

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

COMPONENTS = 40
VARIABLES = 400
LONGEST = 0.020
"""Seconds."""

EVSES = 4
SETTINGS = 250


class Pulse:
    """Takes its turn whenever it can.

    Attributes:
        longest: Seconds of computing of this thread between two turns. What the processor does for others is not in it.
        turns: How many it had.
    """

    def __init__(self) -> None:
        self.longest = 0.0
        self.turns = 0

    async def beat(self) -> None:
        """Beat until cancelled."""
        last = time.thread_time()
        while True:
            await asyncio.sleep(0)
            now = time.thread_time()
            self.longest, last = max(self.longest, now - last), now
            self.turns += 1


@asynccontextmanager
async def pulse() -> AsyncIterator[Pulse]:
    """A pulse that has begun. The tests' own memory is far larger than a box's, so it is not cleaned up meanwhile."""
    made = Pulse()
    gc.collect()
    gc.freeze()
    task = asyncio.create_task(made.beat())
    await asyncio.sleep(0)
    try:
        yield made
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        gc.unfreeze()


async def large(box: Box) -> None:
    """Let the station be one with more than so many components and variables."""
    await box.arrive()
    await grown(box)
    device = box.hub.device(ID)
    assert len(device.components) >= COMPONENTS
    assert len(device.specs) >= VARIABLES
    box.member.device = None  # as after a change: to be built anew


async def grown(box: Box) -> None:
    """Let the station have many settings of its own."""
    settings = tuple(
        ev.StationVariable(
            key=f"Setting{number}",
            component="LegacyStation",
            variable=f"Setting{number}",
            value="v" * 200,
            read_only=False,
        )
        for number in range(SETTINGS)
    )
    await box.hub.publish(ev.VariablesReported(station=ID, at=box.clock.now(), variables=settings, complete=True))


async def test_a_full_inventory_lets_others_have_their_turn(tmp_path: Path) -> None:
    outlets = {number: (number, 1) for number in range(1, EVSES + 1)}
    async with open_box(tmp_path, connectors=outlets) as box:
        await large(box)
        async with pulse() as beat:
            order = valid("GetBaseReport", {"requestId": 1, "reportBase": "FullInventory"})
            reply = await box.hub.handle(ID, "GetBaseReport", order)
            assert reply.then is not None
            await reply.then()
        assert beat.longest < LONGEST
        assert beat.turns >= VARIABLES / 40
        pages = await box.sent_of("NotifyReport")
        told = [item for page in pages for item in page["reportData"]]
        assert len(told) == len(box.hub.device(ID).specs)
