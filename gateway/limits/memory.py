"""Which EVSEs may hold a limit that they were given, over restarts: what nobody remembers, nobody takes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.contracts import Shelf

SHELF = "limits"
_LIMITED = "limited"


class Memory:
    """Reads what is kept of each station once, and writes what changes. Of each station one governor writes."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._limited: dict[str, frozenset[int]] = {}

    async def limited(self, station: str) -> frozenset[int]:
        """The EVSEs that have been given a limit which they may still hold."""
        if station not in self._limited:
            document = (await self._shelf.documents(station)).get(_LIMITED, {})
            self._limited[station] = frozenset(document.get("evses", ()))
        return self._limited[station]

    async def note(self, station: str, evse: int, *, limited: bool) -> None:
        """Keep whether an EVSE may hold a limit; durable when it returns.

        Raises:
            GatewayError: ``storage-failed``; nothing has changed.
        """
        old = await self.limited(station)
        new = old | {evse} if limited else old - {evse}
        if new != old:
            await self._shelf.keep(station, {_LIMITED: {"evses": sorted(new)} if new else None})
            self._limited[station] = new
