"""The messages of all stations, kept over restarts (O01.FR.10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiles.display.message import DisplayMessage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.contracts import Shelf

Messages = dict[int, DisplayMessage]


class Book:
    """Messages by station and id.

    Args:
        shelf: Where they are kept.
    """

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._held: dict[str, Messages] = {}

    async def read(self, station: str) -> Messages:
        """All messages of a station, read once."""
        if station not in self._held:
            documents = await self._shelf.documents(station)
            messages = [DisplayMessage.of(document) for document in documents.values()]
            self._held.setdefault(station, {each.id: each for each in messages})
        return self._held[station]

    def known(self, station: str) -> Messages:
        """As ``read``, but without waiting: none until they have been read."""
        return self._held.get(station, {})

    async def change(self, station: str, changes: Mapping[int, DisplayMessage | None]) -> None:
        """Set messages, or (None) remove them; all of them or none.

        Raises:
            GatewayError: ``storage-failed``.
        """
        held = await self.read(station)
        await self._shelf.keep(
            station, {str(id_): each.wire if each is not None else None for id_, each in changes.items()}
        )
        gone = {id_ for id_, each in changes.items() if each is None}
        fresh = {id_: each for id_, each in changes.items() if each is not None}
        self._held[station] = {id_: each for id_, each in held.items() if id_ not in gone} | fresh
