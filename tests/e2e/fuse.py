"""Kill -9 of the box at a chosen message, and its next start."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.world import World


@dataclass(frozen=True, slots=True)
class Point:
    """When the box is killed: so many seconds after the k-th message, counted from now or from its last start."""

    message: int
    after: float = 0.0


def any_message(_side: str, _what: str) -> bool:
    return True


@dataclass(slots=True)
class Fuse:
    """Kills the box when the points come, one after the other, and starts it again each time.

    Messages are counted on both sides of the box and in both directions, as the station and the CSMS see them; what a
    station says to a box that is not there yet counts, too.
    """

    world: World
    points: tuple[Point, ...]
    counts: Callable[[str, str], bool] = any_message
    _seen: int = 0
    _point: Point | None = None
    _struck: asyncio.Event = field(default_factory=asyncio.Event)

    def _watch(self, side: str, what: str) -> None:
        if self._point is None or not self.counts(side, what):
            return
        self._seen += 1
        if self._seen == self._point.message and self._point.after:
            asyncio.get_running_loop().call_later(self._point.after, self._strike)
        elif self._seen == self._point.message:
            self._strike()

    def _strike(self) -> None:
        self.world.box.kill()
        self._struck.set()

    async def burn(self) -> None:
        """Wait for the kills, and give the box its next life each time."""
        self.world.watches.append(self._watch)
        try:
            for point in self.points:
                self._point, self._seen = point, 0
                self._struck.clear()
                await self._struck.wait()
                await self.world.box.gone()
                await self.world.box.start()
        finally:
            self.world.watches.remove(self._watch)
