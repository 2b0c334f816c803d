"""How often a memory that wears has been written today; kept over restarts of the box."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import datetime


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
        self._count = int(count or 0)

    def worn(self, cap: int | None, now: datetime) -> bool:
        """Tell whether today's writes are used up."""
        return cap is not None and self._day == now.date().isoformat() and self._count >= cap

    async def count(self, now: datetime) -> None:
        """Note a write."""
        day = now.date().isoformat()
        self._count = self._count + 1 if day == self._day else 1
        self._day = day
        await self._note(self._name, f"{day}/{self._count}")
