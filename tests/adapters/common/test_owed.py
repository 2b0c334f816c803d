"""Late answers, and the silence between requests."""

from __future__ import annotations

import asyncio

from adapters.common.owed import Owed
from adapters.common.pace import Pace
from adapters.common.told import Told


async def test_another_request_waits_for_what_is_owed() -> None:
    owed = Owed()
    owed.sent("curr", 10)
    owed.sent("curr", 10)
    await owed.clear_for("curr")
    waiting = asyncio.create_task(owed.clear_for("ena"))
    await asyncio.sleep(0)
    owed.came()
    await asyncio.sleep(0)
    assert not waiting.done()
    owed.came()
    await waiting
    assert owed.count == 0


async def test_it_does_not_wait_for_ever() -> None:
    owed = Owed()
    owed.sent("curr", 0.01)
    async with asyncio.timeout(5):
        await owed.clear_for("ena")
    owed.came()
    assert owed.count == 0


async def test_a_new_connection_owes_nothing() -> None:
    owed = Owed()
    owed.sent("curr", 60)
    owed.forgive()
    async with asyncio.timeout(1):
        await owed.clear_for("ena")


async def test_the_longest_silence_counts() -> None:
    pace = Pace(0.01)
    loop = asyncio.get_running_loop()
    await pace.ready()
    pace.spent(0.1)
    pace.spent()
    start = loop.time()
    await pace.ready()
    assert loop.time() - start > 0.08


def test_what_was_told_is_given_once_unless_a_newer_value_was_read() -> None:
    told = Told()
    told.note({"state": 1, "cable": 7})
    told.note({"state": 2})
    assert told.outdated(["cable", "limit"]) == {"cable"}
    assert told.take() == {"state": 2}
    assert told.take() == {}
