"""A lock whose next holder is the one in the greatest hurry."""

from __future__ import annotations

import asyncio
import heapq
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@dataclass(frozen=True, slots=True, order=True)
class _Waiter:
    rank: int
    order: int
    turn: asyncio.Future[None] = field(compare=False)


class PriorityLock:
    """Mutual exclusion on a bus: lower ranks first, and within a rank first come, first served.

    Nobody is interrupted: a rank counts when the lock is given back. A waiter that is cancelled leaves the queue, and
    gives back what it had just been given.
    """

    def __init__(self) -> None:
        self._held = False
        self._order = count()
        self._waiters: list[_Waiter] = []

    @property
    def held(self) -> bool:
        """True while somebody has it."""
        return self._held

    @property
    def waiting(self) -> int:
        """How many wait for it."""
        return sum(not waiter.turn.done() for waiter in self._waiters)

    @asynccontextmanager
    async def at(self, rank: int) -> AsyncIterator[None]:
        """Hold the lock, after all waiters of a lower rank and the earlier ones of the same."""
        await self._acquire(rank)
        try:
            yield
        finally:
            self._release()

    async def _acquire(self, rank: int) -> None:
        if not self._held:
            self._held = True
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiters, _Waiter(rank, next(self._order), turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._release()  # it had been handed over just before
            turn.cancel()
            raise

    def _release(self) -> None:
        """Hand over to the first that still waits; in between the lock is never free."""
        while self._waiters:
            turn = heapq.heappop(self._waiters).turn
            if not turn.done():
                turn.set_result(None)
                return
        self._held = False
