"""Kill -9 of the box at a chosen message, and its next start."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.e2e.world import World


@dataclass(frozen=True, slots=True)
class Point:
    """When the box is killed: so many seconds after the k-th message of a session."""

    message: int
    after: float


@dataclass(slots=True)
class Fuse:
    """Kills the box when the point comes, and starts it again.

    Messages are counted on both sides of the box and in both directions, as the station and the CSMS see them.
    """

    world: World
    point: Point
    seen: int = 0
    struck: asyncio.Event = field(default_factory=asyncio.Event)
    at: str = ""
    _timer: asyncio.TimerHandle | None = None

    def watch(self, side: str, what: str) -> None:
        self.seen += 1
        if self.seen == self.point.message:
            self.at = f"{side} {what[:90]}"
            if self.point.after:
                self._timer = asyncio.get_running_loop().call_later(self.point.after, self._strike)
            else:
                self._strike()

    def _strike(self) -> None:
        self.world.box.kill()
        self.struck.set()

    async def burn(self) -> None:
        """Wait for the kill, then give the box its next life."""
        self.world.watches.append(self.watch)
        try:
            await self.struck.wait()
        finally:
            self.world.watches.remove(self.watch)
        await self.world.box.gone()
        await self.world.box.start()
