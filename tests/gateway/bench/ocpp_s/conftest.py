"""A central system, a manual clock, and stations that live for one test."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest_asyncio

from gateway.bench.ocpp_s.config import StationConfig
from gateway.bench.ocpp_s.station import SimulatedStation
from tests.fakes.manual_clock import ManualClock
from tests.gateway.bench.ocpp_s.central import Central

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from gateway.bench.ocpp_s.memory import Memory

START = datetime(2026, 3, 1, 12, 0, 0, 123000, tzinfo=UTC)


@dataclass
class Bench:
    """One station at one central system."""

    central: Central
    station: SimulatedStation
    clock: ManualClock

    async def until(self, predicate: Callable[[SimulatedStation], bool]) -> None:
        async with asyncio.timeout(10):
            await self.station.wait_until(predicate)

    async def settled(self) -> None:
        await self.until(lambda station: station.is_accepted and not station.backlog)

    async def tick_until(self, predicate: Callable[[SimulatedStation], bool], step: float = 1.0) -> None:
        """Let simulated time pass until something is so."""
        async with asyncio.timeout(10):
            while not predicate(self.station):
                await self.clock.advance(step)
                await asyncio.sleep(0.001)

    async def charge(self, card: str = "AB12", evse: int = 1) -> None:
        """Start a transaction and wait until the central system has it."""
        started = len(self.station.ledger.answered("StartTransaction"))
        await self.station.plug_in(evse)
        await self.station.present_token(evse, card)
        await self.until(lambda station: len(station.ledger.answered("StartTransaction")) > started)
        await self.settled()

    async def command(self, operation: str, payload: str = "") -> str:
        return await self.central.status(self.station.url, operation, payload)


@asynccontextmanager
async def living(central: Central, memory: Memory | None = None, **changes: Any) -> AsyncIterator[Bench]:
    clock = ManualClock(start=START)
    settings: dict[str, Any] = {
        "url": central.url,
        "identity": "CP-1",
        "evses": 2,
        "dialect": central.dialect,
    } | changes
    config = StationConfig(**settings)
    station = SimulatedStation(config, clock, memory=memory)
    life = asyncio.create_task(station.run())
    async with asyncio.timeout(10):
        await station.ready.wait()
    try:
        yield Bench(central, station, clock)
    finally:
        await station.exit()
        async with asyncio.timeout(10):
            await life


@pytest_asyncio.fixture
async def central() -> AsyncIterator[Central]:
    async with Central() as central:
        yield central


@pytest_asyncio.fixture
async def bench(central: Central) -> AsyncIterator[Bench]:
    async with living(central) as bench:
        await bench.settled()
        yield bench
