"""The report of a simulation in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from gateway.bench.plant.record import Record
    from gateway.bench.plant.result import Result
    from gateway.locale import Catalogue

_TRIPPING = 0.01
"""Share of the way to tripping that a fuse may have gone at once."""

_ROWS: Mapping[str, Callable[[Result], float]] = {
    "energy": lambda result: result.delivered / 1000,
    "share": lambda result: 100 * _mean(list(result.shares().values())),
    "least": lambda result: 100 * min(result.shares().values(), default=1.0),
    "over": lambda result: result.over,
    "longest": lambda result: result.longest,
    "late": lambda result: result.late,
    "trip": lambda result: 100 * result.heat,
    "unequal": lambda result: result.unequal_any,
    "idle": lambda result: result.idle / 60,
    "writes": lambda result: result.writes_per_hour,
}
_WHOLE = {"over", "longest", "late", "unequal", "idle"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one controller has made of it."""

    result: Result
    record: Record

    @property
    def overloaded(self) -> bool:
        """Whether a fuse carried more than it is built for beyond the tenth second, or came near to tripping."""
        return any(self.record.late) or self.result.heat > _TRIPPING


def report(title: str, outcomes: Mapping[str, Outcome], words: Catalogue) -> str:
    """All of it.

    Args:
        title: Its first line.
        outcomes: Controller -> what it has made of it; that of the box comes first.
        words: Of the reader's language.
    """
    return "\n".join(_lines(title, outcomes, words))


def _lines(title: str, outcomes: Mapping[str, Outcome], words: Catalogue) -> Iterator[str]:
    ours = next(iter(outcomes.values()))
    visits = ours.result.scenario.visits
    wanted = _number(sum(visit.energy for visit in visits) / 1000, 1, words)
    yield title
    yield words.word("sim-cars", cars=len(visits), evses=len(ours.result.scenario.site.evses), energy=wanted)
    yield ""
    rows = [("", *(words.word(f"sim-{name}") for name in outcomes))]
    for name, figure in _ROWS.items():
        places = 0 if name in _WHOLE else 1
        figures = (_number(figure(each.result), places, words) for each in outcomes.values())
        rows.append((words.word(f"sim-{name}"), *figures))
    yield from _table(rows)
    yield ""
    yield from _table(list(_circuits(ours, words)))
    yield ""
    yield from _verdict(ours, words)


def _circuits(ours: Outcome, words: Catalogue) -> Iterator[tuple[str, ...]]:
    yield (words.word("sim-circuit"), words.word("sim-limit"), "L1", "L2", "L3")
    for number, node in enumerate(ours.result.scenario.site.nodes):
        peak = (_number(each, 1, words) for each in ours.record.peak(number))
        yield (f"{node.id}: {words.word('sim-highest')}", "/".join(dict.fromkeys(f"{a:g}" for a in node.limit)), *peak)


def _verdict(ours: Outcome, words: Catalogue) -> Iterator[str]:
    nodes = ours.result.scenario.site.nodes
    for node, late in zip(nodes, ours.record.late, strict=True):
        if late:
            yield words.word("sim-overloaded", circuit=node.id, seconds=f"{late:.0f}")
    if ours.result.heat > _TRIPPING:
        yield words.word("sim-tripping", share=_number(100 * ours.result.heat, 1, words))
    if not ours.overloaded:
        yield words.word("sim-good")


def _table(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for first, *others in rows:
        cells = (f"{cell:>{width}}" for cell, width in zip(others, widths[1:], strict=True))
        yield "  ".join((f"{first:<{widths[0]}}", *cells)).rstrip()


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 1.0


def _number(value: float, places: int, words: Catalogue) -> str:
    text = f"{value:.{places}f}"
    return text.replace(".", ",") if words.language == "de" else text
