"""Documents that a profile keeps for a station, by name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.contracts import Json
    from gateway.store.writer import Statement, Writer


class DocumentShelf:
    """The documents of one profile, for all stations.

    Args:
        writer: Of the database.
        name: Of the shelf; no two profiles have the same.
    """

    def __init__(self, writer: Writer, name: str) -> None:
        self._writer = writer
        self._name = name

    async def documents(self, station: str) -> dict[str, Json]:
        """Every document by its name, in the order of the names."""
        query = "SELECT name, content FROM document WHERE shelf = ? AND station = ? ORDER BY name"
        rows = await self._writer.read([(query, (self._name, station))])
        return {str(name): json.loads(content) for name, content in rows}

    async def keep(self, station: str, changes: Mapping[str, Json | None]) -> None:
        """Write documents, or (None) take them away; all of them or none.

        Raises:
            GatewayError: ``storage-failed``.
        """
        await self._writer.commit([self._statement(station, name, content) for name, content in changes.items()])

    def _statement(self, station: str, name: str, content: Json | None) -> Statement:
        if content is None:
            gone = "DELETE FROM document WHERE shelf = ? AND station = ? AND name = ?"
            return (gone, (self._name, station, name))
        put = "INSERT OR REPLACE INTO document (shelf, station, name, content) VALUES (?, ?, ?, ?)"
        return (put, (self._name, station, name, json.dumps(content, ensure_ascii=False, separators=(",", ":"))))
