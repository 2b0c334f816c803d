"""Files that the box lets its stations fetch: one for each station at a time, at a URL that nobody can guess."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.contracts import Offer

_TAIL = re.compile(r"/firmware/([A-Za-z0-9_-]+)/[^/]*")


class Offers:
    """What may be fetched now."""

    def __init__(self) -> None:
        self._by_station: dict[str, Offer] = {}

    def put(self, station: str, offer: Offer | None) -> str:
        """Let a station fetch a file, and none other any more; the end of its URL's path, "" for none.

        The file keeps its name there: some stations tell by it what it is.
        """
        if offer is None:
            self._by_station.pop(station, None)
            return ""
        self._by_station[station] = offer
        return f"/firmware/{offer.secret}/{quote(offer.file.name)}"

    def find(self, path: str) -> tuple[str, Path] | None:
        """The station that a path is for, and the file; a proxy may have changed what stands before the end."""
        found = _TAIL.search(path)
        if found is None or found.end() != len(path):
            return None
        offers = self._by_station.items()
        return next(((station, offer.file) for station, offer in offers if offer.secret == found[1]), None)
