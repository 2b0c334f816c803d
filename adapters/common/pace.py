"""Silence between two requests to one station."""

from __future__ import annotations

import asyncio


class Pace:
    """When the next request may be sent."""

    def __init__(self, gap_s: float) -> None:
        self._gap_s = gap_s
        self._from = 0.0

    async def ready(self) -> None:
        """Wait until the station may be asked again."""
        wait = self._from - asyncio.get_running_loop().time()
        if wait > 0:
            await asyncio.sleep(wait)

    def spent(self, settle_s: float = 0.0) -> None:
        """A request has just gone out, or been answered; the station then needs so long for itself."""
        now = asyncio.get_running_loop().time()
        self._from = max(self._from, now + max(self._gap_s, settle_s))
