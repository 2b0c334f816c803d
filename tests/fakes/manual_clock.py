"""The clock of simulators in a test's hands."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from typing import TYPE_CHECKING

from typing_extensions import override

from gateway.bench.clock import Clock

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from gateway.bench.clock import Timer

_TURNS_PER_STEP = 8
"""Turns of the event loop that a moved clock grants, so that what a timer woke sets its next timer."""


class _ManualTimer:
    """An entry in the heap of a manual clock."""

    __slots__ = ("callback",)

    def __init__(self, callback: Callable[[], None]) -> None:
        self.callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        """Leave the entry in the heap without effect."""
        self.callback = None


class ManualClock(Clock):
    """Time that stands still until ``advance`` is called."""

    def __init__(self, *, start: datetime | None = None) -> None:
        super().__init__(start=start)
        self._elapsed = 0.0
        self._order = itertools.count()
        self._timers: list[tuple[float, int, _ManualTimer]] = []

    @override
    def elapsed(self) -> float:
        return self._elapsed

    @override
    def call_at(self, elapsed: float, callback: Callable[[], None]) -> Timer:
        if elapsed <= self._elapsed:
            return asyncio.get_running_loop().call_soon(callback)
        timer = _ManualTimer(callback)
        heapq.heappush(self._timers, (elapsed, next(self._order), timer))
        return timer

    async def advance(self, seconds: float) -> None:
        """Let so many simulated seconds pass, timer by timer, in order."""
        target = self._elapsed + seconds
        while self._timers and self._timers[0][0] <= target:
            at, _, timer = heapq.heappop(self._timers)
            if timer.callback is None:
                continue
            self._elapsed = at
            timer.callback()
            for _ in range(_TURNS_PER_STEP):
                await asyncio.sleep(0)
        self._elapsed = target
