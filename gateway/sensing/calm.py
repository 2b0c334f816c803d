"""Reactions to what comes and goes all the time: done a few times, and then left as they are until it is quiet."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from gateway.model.sensing import Hold, Settled

if TYPE_CHECKING:
    from collections.abc import Callable


class Calm:
    """One settled contact for each channel, whatever it measures: begins at once, ends when it should unless it is restless."""

    def __init__(self, again: Callable[[str], None]) -> None:
        """Take what is to be done when a channel was quiet for long enough.

        Args:
            again: Told the channel; it is to be fed again.
        """
        self._again = again
        self._settled: dict[str, Settled] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def fed(self, channel: str, *, active: bool, lasts: float = 0.0) -> bool:
        """Whether a channel counts as active, now that it is seen to be or not; and for ``lasts`` seconds more."""
        loop = asyncio.get_running_loop()
        settled = self._settled.get(channel, Settled(hold=Hold(on=0.0, off=lasts))).feed(active=active, at=loop.time())
        self._settled[channel] = settled
        timer = self._timers.pop(channel, None)
        if timer is not None:
            timer.cancel()
        if settled.due < float("inf"):
            self._timers[channel] = loop.call_at(settled.due, self._again, channel)
        return bool(settled.active)

    def close(self) -> None:
        """Wait for nothing any more."""
        for timer in self._timers.values():
            timer.cancel()
