"""Numbers that are given out at once and never twice, a restart included."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from gateway.model.device import VariableRef
    from gateway.store.writer import Writer

EPOCH = 1_700_000_000
"""Where nothing is kept of earlier events, their numbers start at the seconds since this time (seconds since 1970)."""

BLOCK = 1000
"""So many numbers are set aside with one write; a restart leaves the rest of them unused."""


class EventNumbers:
    """The numbers of events (``EventDataType.eventId``), and the last one about each variable since the start.

    Args:
        writer: Of the database.
        first: The lowest number that has not been set aside before.
    """

    def __init__(self, writer: Writer, first: int) -> None:
        self._writer = writer
        self._next = self._end = first
        self._last: dict[tuple[str, str], tuple[int, bool]] = {}

    def new(self, station: str, about: VariableRef, *, cleared: bool = False) -> int:
        """Another number, of an event about a variable.

        What sets it aside is written before any message that is posted with it.
        """
        if self._next == self._end:
            self._end += BLOCK
            put = "INSERT OR REPLACE INTO meta (name, value) VALUES ('event_number', ?)"
            self._writer.later([(put, (str(self._end),))])
        self._next += 1
        self._last[station, about.key] = self._next - 1, cleared
        return self._next - 1

    def last(self, station: str, about: VariableRef, *, cleared: bool = False) -> int | None:
        """The number of the last event about a variable.

        None where that said the opposite: of what is so by now nobody was told, and it is of no use any more.
        """
        number, over = self._last.get((station, about.key), (None, cleared))
        if over is not cleared:
            del self._last[station, about.key]
            return None
        return number


async def event_numbers(writer: Writer, now: datetime) -> EventNumbers:
    """Go on where an earlier run has ended."""
    rows = await writer.read([("SELECT value FROM meta WHERE name = 'event_number'", ())])
    return EventNumbers(writer, int(rows[0][0]) if rows else int(now.timestamp()) - EPOCH)
