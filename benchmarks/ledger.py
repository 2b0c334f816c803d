"""Which messages are under way, and how long each took to come out northbound."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

Key = tuple[str, str]
"""Path of the station at the CSMS, and the time that the message carries; unique within a station."""


@dataclass(slots=True)
class Ledger:
    """What was sent, until it is seen at the CSMS.

    Attributes:
        added: seconds from the request being sent to its CALL at the CSMS, one for each message.
        strays: CALLs whose time no message has, or that came twice; those of the set-up are among them.
    """

    added: list[float] = field(default_factory=list)
    strays: int = 0
    _open: dict[Key, float] = field(default_factory=dict)
    _empty: asyncio.Event = field(default_factory=asyncio.Event)

    def sent(self, key: Key) -> None:
        """A station has sent a message."""
        self._open[key] = time.perf_counter()
        self._empty.clear()

    def seen(self, key: Key) -> None:
        """The CSMS has got a CALL."""
        now = time.perf_counter()
        at = self._open.pop(key, None)
        if at is None:
            self.strays += 1
            return
        self.added.append(now - at)
        if not self._open:
            self._empty.set()

    async def all_seen(self, patience: float) -> int:
        """Wait until every message has been seen.

        Args:
            patience: seconds.

        Returns:
            How many are missing after that time.
        """
        try:
            async with asyncio.timeout(patience):
                while self._open:
                    await self._empty.wait()
        except TimeoutError:
            return len(self._open)
        return 0

    def clear(self) -> None:
        """Begin a new round."""
        self.added = []
        self.strays = 0
        self._open.clear()
