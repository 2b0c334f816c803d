"""A panel of a chart: values over time, with axes."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, log10
from typing import TYPE_CHECKING

from gateway.chart.drawing import Anchor, Box, Ink, Line, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gateway.chart.drawing import Point, Shape

MINUTE, HOUR, DAY = 60, 3600, 86_400
_STEPS = (
    MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR,
    12 * HOUR, DAY, 2 * DAY, 7 * DAY,
)  # fmt: skip
_TICKS = 9
_SMALL = 11.0
_GAP = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Where it is, and what its axes cover.

    Attributes:
        x: Left edge of where values are drawn.
        y: Upper edge.
        width: Of it.
        height: Of it.
        begin: Seconds at the left edge, counted from a midnight.
        seconds: Between the edges.
        most: Value at the upper edge; 0 is at the lower one.
    """

    x: float
    y: float
    width: float
    height: float
    begin: float
    seconds: float
    most: float

    def across(self, seconds: float) -> float:
        """Pixels of a time, s after the beginning."""
        return self.x + self.width * seconds / self.seconds

    def up(self, value: float) -> float:
        """Pixels of a value; what is beyond the upper edge stands at it."""
        return self.y + self.height * (1 - min(value, self.most) / self.most)

    def clock(self, labels: bool = True) -> Iterator[Shape]:  # noqa: FBT001, FBT002 - said by its name where it is called
        """Lines at round times of day, with the time below."""
        step = next((each for each in _STEPS if self.seconds / each <= _TICKS), _STEPS[-1])
        at = -(-self.begin // step) * step
        while at <= self.begin + self.seconds:
            x = self.across(at - self.begin)
            yield Line(points=((x, self.y), (x, self.y + self.height)), ink=Ink.GRID)
            if labels:
                yield Text(
                    x=x,
                    y=self.y + self.height + _SMALL + _GAP,
                    text=f"{int(at % DAY) // HOUR:02}:{int(at % HOUR) // MINUTE:02}",
                    size=_SMALL,
                    anchor=Anchor.MIDDLE,
                )
            at += step

    def ago(self) -> Iterator[Shape]:
        """Lines at each quarter, with the minutes before the right edge below."""
        for quarter in range(5):
            x = self.x + self.width * quarter / 4
            yield Line(points=((x, self.y), (x, self.y + self.height)), ink=Ink.GRID)
            minutes = round(self.seconds * (4 - quarter) / 4 / MINUTE)
            text = f"-{minutes} min" if minutes else "0"
            yield Text(x=x, y=self.y + self.height + _SMALL + _GAP, text=text, size=_SMALL, anchor=Anchor.MIDDLE)

    def scale(self) -> Iterator[Shape]:
        """Lines at round values, with the value to the left."""
        step = _round(self.most / 4)
        value = 0.0
        while value <= self.most:
            y = self.up(value)
            yield Line(points=((self.x, y), (self.x + self.width, y)), ink=Ink.GRID)
            yield Text(x=self.x - _GAP, y=y + _GAP, text=f"{value:g}", size=_SMALL, anchor=Anchor.END)
            value += step

    def steps(
        self, values: Sequence[float | None], span: float, ink: Ink, *, width: float = 1.5, dash: float = 0
    ) -> Iterator[Line]:
        """Values that each hold for a span, s, one after the other; None: a gap."""
        points: list[Point] = []
        for number, value in enumerate((*values, None)):
            if value is None:
                if points:
                    yield Line(points=tuple(points), ink=ink, width=width, dash=dash)
                points = []
                continue
            left, right = self.across(number * span), self.across(min(self.seconds, (number + 1) * span))
            y = self.up(value)
            if points and points[-1][1] == y:
                points[-1] = (right, y)
            else:
                points += [(left, y), (right, y)]

    def bars(self, values: Sequence[float], span: float, ink: Ink) -> Iterator[Box]:
        """The same as filled boxes from 0 up."""
        begun = 0
        for number in range(1, len(values) + 1):
            if number < len(values) and values[number] == values[begun]:
                continue
            if values[begun] > 0:
                left, right = self.across(begun * span), self.across(min(self.seconds, number * span))
                top = self.up(values[begun])
                yield Box(x=left, y=top, width=right - left, height=self.y + self.height - top, ink=ink)
            begun = number


def _round(value: float) -> float:
    """The next of 1, 2, 5, 10, 20 ... from a value on."""
    scale = 10.0 ** floor(log10(value))
    return next(each * scale for each in (1, 2, 5, 10) if each * scale >= value * 0.999)
