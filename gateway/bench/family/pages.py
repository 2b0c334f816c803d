"""The documents of a simulated station: what a topic, a request or a datagram says now. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gateway.family.documents import encode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateway.bench.family.outlet import Outlet
    from gateway.family.points import PathPoint


def document(points: Mapping[str, PathPoint], outlet: Outlet, source: str) -> object:
    """Everything that comes from one source; None where no point does."""
    found: object = None
    for name, point in points.items():
        if point.from_ == source and name not in outlet.absent:
            found = encode(point, outlet.raw(name), found)
    return found


def text_of(page: object) -> str:
    """A document as it is sent: a plain text as it is, everything else as JSON."""
    return page if isinstance(page, str) else json.dumps(page, separators=(",", ":"))


def pushed(points: Mapping[str, PathPoint], outlet: Outlet) -> Iterator[tuple[str, str]]:
    """Name and text of each point that is told unasked, alone in its document."""
    for name, point in points.items():
        if point.push and name not in outlet.absent:
            yield name, text_of(encode(point, outlet.raw(name), None))
