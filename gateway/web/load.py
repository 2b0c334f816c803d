"""The load of circuits as HTML: at present, over the last hour, and what each EVSE has of it. Pure; all is escaped."""

from __future__ import annotations

from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING

from gateway.chart.drawing import PHASE_INKS, Drawing, Ink, Shape
from gateway.chart.panel import Panel
from gateway.chart.svg import on_a_page
from gateway.load.decision import Cause
from gateway.load.history import MEAN
from gateway.locale.limits import limit_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gateway.load.history import CircuitNow, EvseNow
    from gateway.load.site import Phases
    from gateway.model.limits.binding import Binding
    from gateway.web.sight import Sight
    from gateway.web.words import Reader

HOUR = 3600.0
_TOGETHER = 6
"""Means of ten seconds that are one in the chart: all of it is sent to each reader with every change."""

CHARTS = 12
"""Circuits with a chart on one page, for the same reason; the page of a station has those above it."""

_WIDE, _HIGH, _LEFT, _TOP, _FOOT = 620.0, 150.0, 40.0, 8.0, 24.0
_ROOM = 1.1
_KEPT = 256


def load(sight: Sight, stations: Sequence[str], reader: Reader) -> Iterator[str]:
    """A section of the circuits above these stations; nothing where there is none."""
    source = sight.load
    if source is None:
        return
    here = [each for each in source.evses() if _spot(each.id)[0] in stations]
    above = {circuit for each in here for circuit in source.path(each.id)}
    circuits = [each for each in source.circuits() if each.id in above]
    if not circuits:
        return
    yield '<section class="load">'
    yield f"<h1>{escape(reader.word('load'))}</h1>"
    for number, circuit in enumerate(circuits):
        yield "<article>"
        yield from _circuit(circuit, reader)
        if number < CHARTS:
            past = source.past(circuit.id, HOUR)
            yield from _chart(past, circuit.limit, f"{circuit.id}: {reader.word('load-past')}").splitlines()
        yield "</article>"
    yield "<table>"
    yield _row("th", "", reader.word("load-may"), reader.word("load-why"))
    for each in here:
        station, evse = _spot(each.id)
        binding = sight.bindings(station).get(evse)
        amps = each.setpoint if binding is None or binding.current is None else binding.current
        name = f"{station}, {reader.word('evse', evse=evse)}"
        yield _row("td", name, f"{reader.number(amps, 1)} A", _why(each, binding, reader))
    yield "</table>"
    yield "</section>"


def _why(evse: EvseNow, binding: Binding | None, reader: Reader) -> str:
    """What binds; where nobody wants current, or a car takes no more, that says more than any limit."""
    cause = None if evse.reason is None else evse.reason.cause
    if cause is Cause.IDLE or cause is Cause.CAR:
        return reader.word(f"load-{cause.value}")
    return "" if binding is None else limit_text(binding.reason, reader.catalogue)


def _circuit(circuit: CircuitNow, reader: Reader) -> Iterator[str]:
    yield f"<h2>{escape(circuit.id)}</h2>"
    yield '<table class="phases">'
    yield _row("th", "", *(f'<span class="l{phase}">L{phase}</span>' for phase in (1, 2, 3)), marked=True)
    yield _amps("load-now", circuit.load, reader)
    yield _amps("load-cars", circuit.cars, reader)
    yield _amps("load-reduced" if circuit.reduced else "load-limit", circuit.limit, reader)
    yield "</table>"
    if circuit.load is None:
        yield f'<p class="warning">{escape(reader.word("load-lost"))}</p>'
    elif not circuit.metered:
        yield f"<p>{escape(reader.word('load-unmetered'))}</p>"


def _amps(label: str, flow: Phases | None, reader: Reader) -> str:
    values = ("-",) * 3 if flow is None else tuple(f"{reader.number(each, 0)} A" for each in flow)
    return _row("td", reader.word(label), *values)


def _row(tag: str, first: str, *others: str, marked: bool = False) -> str:
    cells = "".join(f"<{tag}>{each if marked else escape(each)}</{tag}>" for each in others)
    return f"<tr><th>{escape(first)}</th>{cells}</tr>"


def _joined(past: Sequence[Phases | None]) -> Iterator[Phases | None]:
    """Several means as one; of full groups only, counted from the newest, so that all stand in their places."""
    for begin in range(len(past) % _TOGETHER, len(past), _TOGETHER):
        known = [each for each in past[begin : begin + _TOGETHER] if each is not None]
        one, two, three = (round(sum(each[p] for each in known) / max(1, len(known)), 1) for p in range(3))
        yield (one, two, three) if known else None


@lru_cache(maxsize=_KEPT)
def _chart(means: tuple[Phases | None, ...], limit: Phases, title: str) -> str:
    """The last hour of a circuit; it is the same until another mean is through."""
    past = tuple(_joined(means))
    most = max((*limit, *(value for each in past if each is not None for value in each), 1.0)) * _ROOM
    panel = Panel(
        x=_LEFT, y=_TOP, width=_WIDE - _LEFT - 12, height=_HIGH - _TOP - _FOOT, begin=0, seconds=HOUR, most=most
    )
    span = MEAN * _TOGETHER
    missing = (None,) * (int(HOUR / span) - len(past))
    shapes: list[Shape] = [*panel.ago(), *panel.scale()]
    for phase, ink in enumerate(PHASE_INKS):
        values = [None if each is None else each[phase] for each in (*missing, *past)]
        shapes += panel.steps(values, span, ink, width=3.0 - phase)
    for amps in dict.fromkeys(limit):
        shapes += panel.steps([amps] * int(HOUR / span), span, Ink.LIMIT, width=1.5, dash=5)
    return on_a_page(Drawing(width=_WIDE, height=_HIGH, title=title, shapes=tuple(shapes)))


def _spot(evse: str) -> tuple[str, int]:
    station, _, number = evse.rpartition("/")
    return station, int(number)
