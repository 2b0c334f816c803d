"""When a charging profile limits what, as spans of whole seconds in a window.

A span is a tuple, as a day of stacked profiles has hundreds of them: (begin, end, limit, phases, phase to use), the
times in s from the start of the window, the end not included.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import TYPE_CHECKING

from gateway.model.charging.profile import Kind, Recurrency

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gateway.model.charging.profile import ChargingPeriod, ChargingProfile, RateUnit

Span = tuple[int, int, float, int | None, int | None]
"""(begin, end, limit, phases, phase to use)."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_START = attrgetter("start")
_EVERY = {Recurrency.DAILY: 86_400, Recurrency.WEEKLY: 7 * 86_400}


def seconds(at: datetime) -> int:
    """The whole second that a time is in, since 1970: smart charging counts no parts of seconds."""
    return (at - _EPOCH) // _SECOND


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """From ``begin`` (s since 1970) for ``length`` s. ``since``: from when Relative schedules count (s since 1970)."""

    begin: int
    length: int
    since: int


def spans(
    profile: ChargingProfile,
    window: Window,
    within: tuple[int, int],
    convert: Callable[[ChargingPeriod, RateUnit], float],
) -> list[Span]:
    """Where the profile has a limit in a part of the window, in order; without overlap.

    Args:
        profile: Any profile; its periods in the order of their starts.
        window: What is looked at.
        within: The part of it (s from its start) that is of interest.
        convert: Gives a period's limit in the unit that is wanted.
    """
    low, high = window.begin + within[0], window.begin + within[1]
    if profile.valid_from is not None:
        low = max(low, seconds(profile.valid_from))
    if profile.valid_to is not None:
        high = min(high, seconds(profile.valid_to))
    found: list[Span] = []
    if low < high:
        for begin, end in _runs(profile, window, low, high):
            for start, stop, period in _periods(profile.schedule.periods, begin, low, min(high, end)):
                limit = convert(period, profile.schedule.unit)
                found.append((start - window.begin, stop - window.begin, limit, period.phases, period.phase_to_use))
    return found


def _runs(profile: ChargingProfile, window: Window, low: int, high: int) -> Iterator[tuple[int, int]]:
    """When the schedule runs from its first period on: once, or again and again from its start (K01.FR.13, K01.FR.30).

    A run that is longer than its recurrence ends with the next one.
    """
    schedule = profile.schedule
    begin = window.since if profile.kind is Kind.RELATIVE or schedule.start is None else seconds(schedule.start)
    lasting = schedule.duration
    if profile.kind is not Kind.RECURRING:
        yield begin, high if lasting is None else begin + lasting
        return
    every = _EVERY[profile.recurrency or Recurrency.DAILY]
    lasting = every if lasting is None else min(lasting, every)
    begin += max(0, (low - begin) // every) * every
    while begin < high:
        yield begin, begin + lasting
        begin += every


def _periods(
    periods: Sequence[ChargingPeriod], begin: int, low: int, high: int
) -> Iterator[tuple[int, int, ChargingPeriod]]:
    """The periods of one run from ``low`` to ``high``: none begins past the end of the run (K01.FR.11, K01.FR.12)."""
    number = max(0, bisect_right(periods, low - begin, key=_START) - 1)
    count = len(periods)
    while number < count:
        period = periods[number]
        number += 1
        start = max(low, begin + period.start)
        stop = min(high, begin + periods[number].start) if number < count else high
        if start >= high:
            return
        if start < stop:
            yield start, stop, period
