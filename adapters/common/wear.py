"""How often a memory that wears has been written today; kept over restarts of the box."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.family.limit import Worn

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import datetime

_LAST_RESORT = 2
"""So many times a day's writes, and nothing is written any more: a station that forgets its limit would wear it out."""


class Wear:
    """Writes of one day, by UTC.

    Args:
        name: Name of the note.
        notes: What has been noted of the station.
        note: Notes something of the station.
    """

    def __init__(self, name: str, notes: Mapping[str, str], note: Callable[[str, str], Awaitable[None]]) -> None:
        self._name = name
        self._note = note
        self._day, _, count = notes.get(name, "").partition("/")
        self._count = int(count) if count.isdecimal() else 0

    def worn(self, cap: int | None, now: datetime) -> Worn:
        """Tell how much of today's writes is used up."""
        if cap is None or self._day != now.date().isoformat() or self._count < cap:
            return Worn.NOT
        return Worn.OUT if self._count >= _LAST_RESORT * cap else Worn.UP

    async def count(self, now: datetime) -> None:
        """Note a write.

        Raises:
            GatewayError: ``storage-failed``; it counts until the box is restarted.
        """
        day = now.date().isoformat()
        self._count = self._count + 1 if day == self._day else 1
        self._day = day
        await self._note(self._name, f"{day}/{self._count}")
