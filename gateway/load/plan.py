"""Weekly plans by the clock of the site: what holds at a moment, and when that changes next. Pure.

A plan follows the clock on the wall: in the night in which clocks are set back, the hour that comes twice counts twice;
in the one in which they are set forward, what begins in the hour that is missing begins right after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date, tzinfo

    from gateway.load.site import Phases

_DAY = timedelta(days=1)
_WEEK = 7
_AHEAD = 9
"""Days to look ahead: a week, the rest of today, and one more as a day may begin with a slot of the day before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A time of the week.

    Attributes:
        days: On which it begins, 0 is Monday.
        start: Minutes after midnight, 0 to 1439.
        end: Minutes after midnight, 1 to 1440; not later than ``start``: on the next day.
        limit: A per phase while it lasts.
    """

    days: frozenset[int]
    start: int
    end: int
    limit: Phases

    def on(self, local: datetime) -> bool:
        """Tell whether the clock shows a time within it."""
        day, now = local.weekday(), local.hour * 60 + local.minute
        if self.start < self.end:
            return day in self.days and self.start <= now < self.end
        return (day in self.days and now >= self.start) or ((day - 1) % _WEEK in self.days and now < self.end)


def standing(slots: Sequence[Slot], when: datetime, zone: tzinfo) -> tuple[int, ...]:
    """Places of the slots that hold at a moment.

    Args:
        slots: All.
        when: A moment, aware.
        zone: Of the site.
    """
    local = when.astimezone(zone)
    return tuple(place for place, each in enumerate(slots) if each.on(local))


def limit_at(slots: Sequence[Slot], when: datetime, zone: tzinfo) -> Phases | None:
    """The lowest limit on each phase of the slots that hold; None: no slot does."""
    return lowest(slots[place].limit for place in standing(slots, when, zone))


def next_change(slots: Sequence[Slot], when: datetime, zone: tzinfo) -> datetime | None:
    """When other slots hold than at a moment, in UTC; None: never."""
    now = standing(slots, when, zone)
    today = when.astimezone(zone).date()
    for moment in sorted(set(_moments(slots, today, zone))):
        if moment > when and standing(slots, moment, zone) != now:
            return moment
    return None


def lowest(limits: Iterable[Phases]) -> Phases | None:
    """The lowest on each phase; None of none."""
    several = list(limits)
    if not several:
        return None
    return (min(each[0] for each in several), min(each[1] for each in several), min(each[2] for each in several))


def _moments(slots: Sequence[Slot], today: date, zone: tzinfo) -> Iterator[datetime]:
    """Every moment of the coming days at which something may begin or end."""
    edges = {0, *(each.start for each in slots), *(each.end for each in slots)}
    for ahead in range(-1, _AHEAD + 1):
        day = datetime.combine(today, datetime.min.time()) + ahead * _DAY
        for minute in edges:
            wall = (day + timedelta(minutes=minute)).replace(tzinfo=zone)
            yield wall.astimezone(UTC)
            yield wall.replace(fold=1).astimezone(UTC)
        changed = _clock_change(day.replace(tzinfo=zone), zone)
        if changed is not None:
            yield changed


def _clock_change(midnight: datetime, zone: tzinfo) -> datetime | None:
    """The moment of a day at which its clocks are set; None: they are not."""
    low = midnight.astimezone(UTC)
    high = low + _DAY
    before = low.astimezone(zone).utcoffset()
    if high.astimezone(zone).utcoffset() == before:
        return None
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        low, high = (middle, high) if middle.astimezone(zone).utcoffset() == before else (low, middle)
    return high.replace(microsecond=0)
