"""When cars come, how long they stay, and how much they take: by what a place is for."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from gateway.bench.plant.visit import HOUR, MINUTE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from gateway.bench.plant.scenario import Span

_DAY = 86_400.0
_WEEKEND = 5
_SUNDAY = 6  # a run begins on the Sunday before its Monday
_KWH = 1000.0
_PUBLIC_HOURS = (7.0, 22.0)
_COMES = 0.9  # share of evenings, or of working days, on which a car comes
_NEXT = 5 * MINUTE  # before a place is taken again


class Habit(StrEnum):
    """What a place is for."""

    HOME = "home"
    WORK = "work"
    PUBLIC = "public"


def stays(rng: Random, seconds: float, habit: Habit) -> Iterator[tuple[Span, float]]:
    """Arrivals and departures at one EVSE, s from the midnight before a Sunday, with the Wh that each car takes.

    Args:
        rng: Draws.
        seconds: How long.
        habit: What the place is for.
    """
    free = 0.0
    for day in range(int(seconds // _DAY) + 1):
        weekend = (day + _SUNDAY) % 7 >= _WEEKEND
        for (arrival, departure), energy in _day(rng, habit, weekend=weekend):
            begins = max(day * _DAY + arrival, free)
            ends = day * _DAY + departure
            if begins < seconds and ends > begins + 10 * MINUTE:
                free = ends + _NEXT
                yield (begins, ends), energy


def _day(rng: Random, kind: Habit, *, weekend: bool) -> Iterator[tuple[Span, float]]:
    if kind is Habit.HOME:
        if rng.random() < _COMES:
            arrival = rng.gauss(14.0 if weekend else 17.8, 2.5 if weekend else 1.4)
            yield _hours(arrival, rng.gauss(31.2, 1.0)), rng.uniform(6, 45) * _KWH
    elif kind is Habit.WORK:
        if not weekend and rng.random() < _COMES:
            arrival = rng.gauss(8.0, 0.8)
            yield _hours(arrival, arrival + rng.uniform(6.5, 9.5)), rng.uniform(6, 35) * _KWH
    else:
        at = _PUBLIC_HOURS[0] + rng.expovariate(1 / 2.0)
        while at < _PUBLIC_HOURS[1]:
            stay = rng.uniform(0.5, 3.5)
            yield _hours(at, at + stay), rng.uniform(4, 40) * _KWH
            at += stay + rng.expovariate(1 / 1.5)


def _hours(begin: float, end: float) -> Span:
    return (begin * HOUR, end * HOUR)
