"""What is kept of monitors over a restart (N07.FR.13): the custom ones, and which thresholds are passed (N07.FR.14)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.model.alerts import Latch
from gateway.model.monitoring import Book, Memory
from profiles.monitoring.wire import document, from_document

if TYPE_CHECKING:
    from gateway.contracts import Json, Shelf
    from gateway.model.monitoring import MonitoringBase

_MONITOR = "monitor/"
_STATE = "state"
_EXCEEDED = "exceeded"
_RAISED = Latch(standing=True)


class Keeping:
    """Books on the profile's shelf. Documents: ``state``, ``exceeded``, and one for each custom monitor."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    async def load(self, station: str, base: MonitoringBase) -> Book:
        """The book of a station as it was kept; of its memories only which thresholds are passed."""
        documents = await self._shelf.documents(station)
        custom = [from_document(kept) for name, kept in documents.items() if name.startswith(_MONITOR)]
        fresh = Book()
        state = documents.get(_STATE, {})
        return Book(
            custom={monitor.id: monitor for monitor in custom},
            removed=frozenset(state.get("removed", ())),
            base=base,
            next_id=state.get("nextId", fresh.next_id),
            memories={id_: Memory(latch=_RAISED) for id_ in documents.get(_EXCEEDED, {}).get("ids", ())},
        )

    async def keep(self, station: str, before: Book, after: Book) -> None:
        """Write what is different now, all of it or nothing.

        Raises:
            GatewayError: ``storage-failed``.
        """
        changes: dict[str, Json | None] = {
            f"{_MONITOR}{id_}": document(monitor)
            for id_, monitor in after.custom.items()
            if before.custom.get(id_) != monitor
        }
        changes |= {f"{_MONITOR}{id_}": None for id_ in before.custom.keys() - after.custom.keys()}
        if (before.next_id, before.removed) != (after.next_id, after.removed):
            changes[_STATE] = {"nextId": after.next_id, "removed": sorted(after.removed)}
        if before.exceeded != after.exceeded:
            changes[_EXCEEDED] = {"ids": sorted(after.exceeded)}
        if changes:
            await self._shelf.keep(station, changes)
