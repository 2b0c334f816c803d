"""Weekly plans by the clock on the wall, in nights in which clocks are set as in all others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.load.plan import Slot, limit_at, next_change, standing

VIENNA = ZoneInfo("Europe/Vienna")
ZONES = ("Europe/Vienna", "Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC")
ALL = frozenset(range(7))


def slot(start: str, end: str, days: frozenset[int] = ALL, amps: float = 16.0) -> Slot:
    first, last = ((int(each[:2]) * 60 + int(each[3:])) for each in (start, end))
    return Slot(days=days, start=first, end=last, limit=(amps, amps, amps))


def local(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIENNA, fold=fold)


@pytest.mark.parametrize(
    ("moment", "amps"),
    [
        ("2026-11-23T16:59", None),
        ("2026-11-23T17:00", 16.0),
        ("2026-11-23T18:30", 10.0),
        ("2026-11-23T19:59", 16.0),
        ("2026-11-23T20:00", None),
        ("2026-11-28T18:30", 10.0),  # Saturday: only the second one
        ("2026-11-28T17:30", None),
    ],
)
def test_the_lowest_that_holds_counts(moment: str, amps: float | None) -> None:
    slots = (slot("17:00", "20:00", frozenset(range(5))), slot("18:00", "19:00", amps=10.0))
    assert limit_at(slots, local(moment), VIENNA) == (None if amps is None else (amps, amps, amps))


def test_over_midnight_it_belongs_to_the_day_on_which_it_began() -> None:
    friday = (slot("22:00", "06:00", frozenset({4})),)
    held = [standing(friday, local(each), VIENNA) == (0,) for each in (
        "2026-11-27T05:00", "2026-11-27T22:00", "2026-11-28T05:59", "2026-11-28T06:00", "2026-11-28T22:00",
    )]  # fmt: skip
    assert held == [False, True, True, False, False]


def test_the_next_change_may_be_days_away_and_there_may_be_none() -> None:
    monday = (slot("07:00", "08:00", frozenset({0})),)
    assert next_change(monday, local("2026-11-23T07:30"), VIENNA) == local("2026-11-23T08:00")
    assert next_change(monday, local("2026-11-23T08:00"), VIENNA) == local("2026-11-30T07:00")
    assert next_change((), local("2026-11-23T08:00"), VIENNA) is None
    assert next_change((slot("00:00", "24:00"),), local("2026-11-23T08:00"), VIENNA) is None


def test_two_that_follow_each_other_change_where_they_meet() -> None:
    slots = (slot("06:00", "12:00"), slot("12:00", "18:00"))
    assert next_change(slots, local("2026-11-23T08:00"), VIENNA) == local("2026-11-23T12:00")


def test_what_begins_in_the_missing_hour_begins_right_after_it() -> None:
    night = (slot("02:30", "04:00"),)
    change = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)  # 02:00 becomes 03:00
    assert next_change(night, local("2026-03-29T01:30"), VIENNA) == change
    assert standing(night, change - timedelta(seconds=1), VIENNA) == ()
    assert standing(night, change, VIENNA) == (0,)


def test_the_hour_that_comes_twice_counts_twice() -> None:
    night = (slot("02:15", "02:45"),)
    times = []
    now = local("2026-10-25T01:00")
    for _ in range(4):
        following = next_change(night, now, VIENNA)
        assert following is not None
        now = following
        times.append(now)
    assert times == [datetime(2026, 10, 25, hour, minute, tzinfo=UTC) for hour in (0, 1) for minute in (15, 45)]


def test_a_day_of_23_hours_is_one_day() -> None:
    day = (slot("00:00", "24:00", frozenset({6})),)
    begin = next_change(day, local("2026-03-28T12:00"), VIENNA)
    assert begin == local("2026-03-29T00:00")
    assert next_change(day, begin, VIENNA) == begin + timedelta(hours=23)


SLOTS = st.lists(
    st.builds(
        Slot,
        days=st.frozensets(st.integers(0, 6), min_size=1),
        start=st.integers(0, 1439),
        end=st.integers(1, 1440),
        limit=st.just((16.0, 16.0, 16.0)),
    ).filter(lambda each: each.start != each.end),
    max_size=4,
)
# Around the nights in which clocks are set, in Europe, America and on an island that sets them by half an hour.
MOMENTS = st.one_of(
    st.datetimes(datetime(2026, 3, 1), datetime(2026, 4, 10)),  # noqa: DTZ001 - made aware below
    st.datetimes(datetime(2026, 9, 25), datetime(2026, 11, 10)),  # noqa: DTZ001
)


@given(slots=SLOTS, moment=MOMENTS, name=st.sampled_from(ZONES), within=st.floats(0, 1))
def test_nothing_changes_before_the_next_change_and_then_it_does(
    slots: list[Slot], moment: datetime, name: str, within: float
) -> None:
    zone, now = ZoneInfo(name), moment.replace(tzinfo=UTC)
    following = next_change(slots, now, zone)
    end = following or now + timedelta(days=8)
    held = standing(slots, now, zone)
    assert end > now
    between = now + (end - now) * within
    assert between == end or standing(slots, between, zone) == held
    assert standing(slots, end - timedelta(microseconds=1), zone) == held
    if following is not None:
        assert standing(slots, following, zone) != held
