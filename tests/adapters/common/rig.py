"""A family adapter on wires in memory, and a box that only notes what it is told."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from adapters.common.adapter import FamilyAdapter
from adapters.common.config import FamilyKeys
from gateway.contracts import StationSettings
from gateway.family.load import FamilyFile, read_family
from gateway.model.ids import Place
from gateway.model.installation import Outlet
from gateway.model.tokens import Token, TokenType
from tests.fakes.southbound import FakeBox
from tests.fakes.wire import MemoryPool, NoKeys, WallboxWire

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

STATION = "AT-EBE-0007"
PLACE = Place(station=STATION, evse=1, connector=1)
CARD = Token(value="04A1B2C3")
APP = Token(value="app-user", type=TokenType.CENTRAL)
FAMILY: FamilyFile = read_family(Path(__file__).parent / "families" / "wallbox.toml")
"""Read at import, as that blocks."""


class Keys(FamilyKeys):
    """The keys of a station in memory."""

    PoolClass: ClassVar[type[MemoryPool]] = MemoryPool

    connection: NoKeys = NoKeys()


class MemoryAdapter(FamilyAdapter):
    """Family stations in memory."""

    name = "memory"
    StationConfig = Keys


class LiveBox(FakeBox):
    """Its clock goes with the real one, as the driver's polls do."""

    @override
    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(kw_only=True)
class Rig:
    """What a test has at hand."""

    adapter: MemoryAdapter
    box: LiveBox
    wire: WallboxWire

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait for something: looked at after each poll of the driver."""
        async with asyncio.timeout(5):
            while not true():
                self.wire.polled.clear()
                await self.wire.polled.wait()


def build(box: LiveBox, family: FamilyFile = FAMILY, current: float = 20.0, **keys: object) -> Rig:
    """An adapter with one station."""
    settings = StationSettings(
        identity=STATION,
        options=Keys.model_validate({"family": family, **keys}),
        connectors={1: (1, 1)},
        outlets={(1, 1): Outlet(connector_type="sType2", phases=3, current=current)},
    )
    adapter = MemoryAdapter(None, [settings])
    pool = adapter._pools.of(MemoryPool)
    assert isinstance(pool, MemoryPool)
    return Rig(adapter=adapter, box=box, wire=pool.wires[0])


@asynccontextmanager
async def running(rig: Rig) -> AsyncIterator[Rig]:
    """Run the adapter while the block lasts."""
    task = asyncio.create_task(rig.adapter.run(rig.box))
    try:
        yield rig
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def wallbox(**keys: object) -> AsyncIterator[Rig]:
    """A running adapter with one station, found."""
    box = LiveBox([])
    async with running(build(box, **keys)) as rig:  # type: ignore[arg-type]
        await rig.until(lambda: ("enable", 0) in rig.wire.written)
        yield rig
