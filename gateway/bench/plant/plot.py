"""A run as a drawing: each circuit's load against its limit, and what each EVSE has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.chart.drawing import PHASE_INKS, Anchor, Box, Drawing, Ink, Line, Text
from gateway.chart.legend import legend
from gateway.chart.panel import Panel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.bench.plant.record import Record
    from gateway.chart.drawing import Shape
    from gateway.load.site import Evse, LoadSite

_WIDE = 1000.0
_LEFT, _RIGHT = 150.0, 20.0
_TOP = 70.0
_CIRCUIT = 130.0
_BETWEEN = 46.0
_ROW = 24.0
_CLOCK = 40.0
_HEAD = 24.0
_WIDTHS = (3.4, 2.3, 1.2)  # of L1, L2, L3: where they lie on each other, all can be seen
_ROOM = 1.1  # of the highest value that a panel shows


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What the drawing says, in the reader's language.

    Attributes:
        title: Above all.
        limit: Of a circuit.
        current: Of an EVSE.
        plugged: A car is there.
        load: The axis of a circuit, with its unit.
        evses: Above the EVSEs.
        time: The axis of time, with its unit.
    """

    title: str
    limit: str
    current: str
    plugged: str
    load: str
    evses: str
    time: str


def plot(site: LoadSite, record: Record, *, begin: float, seconds: float, words: Words) -> Drawing:
    """Draw a run.

    Args:
        site: Its circuits and EVSEs.
        record: What was seen.
        begin: Seconds from a midnight to its beginning.
        seconds: How long it took.
        words: In the reader's language.
    """
    rows = _TOP + len(site.nodes) * (_CIRCUIT + _BETWEEN) + _HEAD
    high = rows + len(site.evses) * _ROW + _CLOCK + 12
    shapes: list[Shape] = [Box(x=0, y=0, width=_WIDE, height=high, ink=Ink.PAPER)]
    shapes.append(Text(x=20, y=26, text=words.title, size=16, bold=True))
    keys = [*zip(PHASE_INKS, ("L1", "L2", "L3"), strict=True), (Ink.LIMIT, words.limit)]
    keys += [(Ink.CURRENT, words.current), (Ink.PLUGGED, words.plugged)]
    shapes += legend(20, 48, keys)
    for number in range(len(site.nodes)):
        shapes += _circuit(site, record, number, _panel(number, begin, seconds), words)
    shapes.append(Text(x=_LEFT, y=rows - 10, text=words.evses, size=13, bold=True))
    for number, evse in enumerate(site.evses):
        row = Panel(
            x=_LEFT, y=rows + number * _ROW + 2, width=_WIDE - _LEFT - _RIGHT, height=_ROW - 4, begin=begin,
            seconds=seconds, most=evse.maximum,
        )  # fmt: skip
        shapes += _evse(evse, record, number, row, last=number == len(site.evses) - 1)
    middle = (_LEFT + _WIDE - _RIGHT) / 2
    shapes.append(Text(x=middle, y=high - 10, text=words.time, anchor=Anchor.MIDDLE))
    return Drawing(width=_WIDE, height=high, title=words.title, shapes=tuple(shapes))


def _panel(number: int, begin: float, seconds: float) -> Panel:
    top = _TOP + number * (_CIRCUIT + _BETWEEN) + 16
    return Panel(x=_LEFT, y=top, width=_WIDE - _LEFT - _RIGHT, height=_CIRCUIT, begin=begin, seconds=seconds, most=1.0)


def _circuit(site: LoadSite, record: Record, number: int, at: Panel, words: Words) -> Iterator[Shape]:
    node = site.nodes[number]
    most = max(*node.limit, *record.peak(number)) * _ROOM
    panel = Panel(x=at.x, y=at.y, width=at.width, height=at.height, begin=at.begin, seconds=at.seconds, most=most)
    yield Text(x=at.x, y=at.y - 6, text=node.id, size=13, bold=True)
    yield Text(x=20, y=at.y + 12, text=words.load)
    yield from panel.clock()
    yield from panel.scale()
    for phase, ink in enumerate(PHASE_INKS):
        yield from panel.steps(record.load[number][phase], record.span, ink, width=_WIDTHS[phase])
    limits = record.limit[number]
    for phase in range(3):
        if limits[phase] not in limits[:phase]:
            yield from panel.steps(limits[phase], record.span, Ink.LIMIT, width=2.0, dash=5)


def _evse(evse: Evse, record: Record, number: int, row: Panel, *, last: bool) -> Iterator[Shape]:
    yield Text(x=row.x - 6, y=row.y + row.height - 5, text=f"{evse.id} ({evse.maximum:g} A)", anchor=Anchor.END)
    yield from row.clock(labels=last)
    yield from row.bars([evse.maximum if each else 0.0 for each in record.plugged[number]], record.span, Ink.PLUGGED)
    yield from row.bars(record.current[number], record.span, Ink.CURRENT)
    foot = row.y + row.height
    yield Line(points=((row.x, foot), (row.x + row.width, foot)), ink=Ink.GRID)
