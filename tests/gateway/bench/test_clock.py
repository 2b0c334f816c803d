"""Clocks of the simulators."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from gateway.bench.clock import ScaledClock
from tests.fakes.manual_clock import ManualClock

START = datetime(2026, 1, 1, tzinfo=UTC)


async def test_scaled_meters_run_ahead_while_stamps_stay_true() -> None:
    clock = ScaledClock(speed=1000, start=START)
    async with asyncio.timeout(5):
        await clock.sleep(20)
    assert clock.elapsed() >= 20
    assert START < clock.now() < START + timedelta(seconds=5)


async def test_manual_time_stands_still_and_wakes_in_order() -> None:
    clock = ManualClock(start=START)
    woken: list[float] = []

    async def sleeper(seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append(clock.elapsed())

    tasks = [asyncio.create_task(sleeper(seconds)) for seconds in (30, 10, 20)]
    await asyncio.sleep(0)
    await clock.advance(25)
    assert woken == [10, 20]
    assert clock.now() == START + timedelta(seconds=25)
    await clock.advance(5)
    await asyncio.gather(*tasks)
    assert woken == [10, 20, 30]


async def test_wait_tells_event_from_time_out() -> None:
    clock = ManualClock()
    event = asyncio.Event()
    event.set()
    assert await clock.wait(event, 5)
    assert not event.is_set()
    late = asyncio.create_task(clock.wait(event, 5))
    await asyncio.sleep(0)
    await clock.advance(5)
    assert not await late
