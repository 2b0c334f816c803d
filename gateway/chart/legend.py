"""What stands for what, in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.chart.drawing import Box, Ink, Line, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gateway.chart.drawing import Shape

_SIZE = 12.0
_LETTER = 0.6 * _SIZE
_KEY = 22.0
_FILLED = (Ink.PLUGGED, Ink.CURRENT)


def legend(x: float, y: float, entries: Sequence[tuple[Ink, str]]) -> Iterator[Shape]:
    """A key and a text for each, from the left; ``y`` is where the texts stand on."""
    for ink, text in entries:
        middle = y - _SIZE / 3
        if ink in _FILLED:
            yield Box(x=x, y=middle - 5, width=_KEY, height=10, ink=ink)
        else:
            dash = 5.0 if ink is Ink.LIMIT else 0.0
            yield Line(points=((x, middle), (x + _KEY, middle)), ink=ink, width=2.5, dash=dash)
        yield Text(x=x + _KEY + 6, y=y, text=text, size=_SIZE)
        x += _KEY + 6 + len(text) * _LETTER + 18
