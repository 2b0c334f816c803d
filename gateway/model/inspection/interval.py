"""How long it is from one inspection to the next, as people say it: 6 months, 90 days, 1 year."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime, timedelta

_FORM = re.compile(r"\s*([1-9][0-9]{0,3})\s*(day|week|month|year)s?\s*", re.ASCII)
_DAYS = {"day": 1, "week": 7}
_MONTHS = {"month": 1, "year": 12}
_LONGEST_YEARS = 50
_MONTHS_A_YEAR, _DAYS_A_YEAR = 12, 366
_LAST_YEAR = 9999


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Months of the calendar, or days; one of them is 0."""

    months: int = 0
    days: int = 0

    @classmethod
    def parse(cls, text: str) -> Interval | None:
        """What ``6 months`` means; None for what is no interval, or longer than 50 years."""
        found = _FORM.fullmatch(text.lower())
        if found is None:
            return None
        number, unit = int(found[1]), found[2]
        interval = cls(months=number * _MONTHS.get(unit, 0), days=number * _DAYS.get(unit, 0))
        long = interval.months / _MONTHS_A_YEAR + interval.days / _DAYS_A_YEAR > _LONGEST_YEARS
        return None if long else interval

    def after(self, start: datetime) -> datetime:
        """The end of an interval that begins at ``start``: on the same day of the month, or the month's last."""
        months = start.year * _MONTHS_A_YEAR + start.month - 1 + self.months
        year, month = months // _MONTHS_A_YEAR, months % _MONTHS_A_YEAR + 1
        if year >= _LAST_YEAR:
            return datetime.max.replace(tzinfo=start.tzinfo)
        day = min(start.day, monthrange(year, month)[1])
        return start.replace(year=year, month=month, day=day) + timedelta(days=self.days)
