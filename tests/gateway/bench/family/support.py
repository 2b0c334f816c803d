"""Simulated stations for tests: from the samples here, and from the family files that come with the box."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gateway.bench.clock import ScaledClock
from gateway.bench.family.identity import identity
from gateway.bench.family.outlet import Outlet
from gateway.bench.family.station import FamilyStation
from gateway.bench.family.ways import Options, attach
from gateway.family.family import UdpFamily
from gateway.family.interpret import interpret
from gateway.family.load import read_family
from tests.fakes.manual_clock import ManualClock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from gateway.bench.clock import Clock
    from gateway.family.load import FamilyFile
    from gateway.family.value import Value

SAMPLES = Path(__file__).parent / "samples"


_READ = {path.stem.removeprefix("sample-"): read_family(path) for path in SAMPLES.glob("*.toml")}


def sample(name: str) -> FamilyFile:
    return _READ[name]


def any_port(file: FamilyFile, port: int = 0) -> FamilyFile:
    """A family whose stations answer to another port, so that tests that run side by side do not fight for it."""
    if not isinstance(file.base, UdpFamily):
        return file
    link = file.base.link.model_copy(update={"bind_port": port})
    return replace(file, base=file.base.model_copy(update={"link": link}))


class Bench:
    """One connector, and the time that it lives by."""

    def __init__(self, file: FamilyFile, *variants: str) -> None:
        self.clock = ManualClock()
        self.family = file.with_variants(variants)
        found = identity(file.base, self.family, frozenset(variants))
        self.outlet = Outlet(self.family, 1, self.clock, identity=found)

    def value(self, point: str) -> Value:
        return interpret(self.family.points[point], self.outlet.raw(point))


def station(file: FamilyFile, *variants: str, connectors: int = 1, clock: Clock | None = None) -> FamilyStation:
    family = file.with_variants(variants)
    found = identity(file.base, family, frozenset(variants))
    return FamilyStation(family, clock or ScaledClock(), identity=found, connectors=connectors)


@asynccontextmanager
async def served(made: FamilyStation, **options: Any) -> AsyncIterator[FamilyStation]:
    """A station that can be reached."""
    attach(made, Options(**options))
    await made.start()
    running = asyncio.create_task(made.run())
    try:
        yield made
    finally:
        await made.exit()
        await running


async def until(true: Callable[[], bool]) -> None:
    """Wait for what another process, or a thread of a library, brings about."""
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110 - what is waited for sets no event here
            await asyncio.sleep(0.02)
