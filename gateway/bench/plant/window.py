"""A part of a scenario, as a scenario of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from gateway.bench.plant.scenario import Scenario, Span
    from gateway.bench.plant.visit import Visit

_Value = TypeVar("_Value")


def window(scenario: Scenario, begin: float, end: float) -> Scenario:
    """Cut out what happens between two times, s; cars that are there at the beginning come just then."""
    return replace(
        scenario,
        seconds=end - begin,
        visits=tuple(_moved(each, begin) for each in scenario.visits if each.arrival < end and each.departure > begin),
        base={name: _series(series, begin) for name, series in scenario.base.items()},
        limits={name: _series(series, begin) for name, series in scenario.limits.items()},
        meters_lost={name: _spans(spans, begin) for name, spans in scenario.meters_lost.items()},
        stations_lost={name: _spans(spans, begin) for name, spans in scenario.stations_lost.items()},
        faults={name: _spans(spans, begin) for name, spans in scenario.faults.items()},
    )


def _moved(visit: Visit, begin: float) -> Visit:
    return replace(
        visit,
        arrival=max(0.0, visit.arrival - begin),
        departure=visit.departure - begin,
        again=visit.again - begin,
    )


def _series(series: tuple[tuple[float, _Value], ...], begin: float) -> tuple[tuple[float, _Value], ...]:
    before = [value for t, value in series if t <= begin]
    return (*((0.0, value) for value in before[-1:]), *((t - begin, value) for t, value in series if t > begin))


def _spans(spans: tuple[Span, ...], begin: float) -> tuple[Span, ...]:
    return tuple((max(0.0, since - begin), until - begin) for since, until in spans if until > begin)
