"""Recurring inspections: when they are due, and what is counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.inspection import Inspection, Interval, Record, Tally, standing

DAY = timedelta(days=1)
START = datetime(2026, 1, 10, 12, tzinfo=UTC)
TIMES = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive
INTERVALS = st.builds(Interval, months=st.integers(1, 600)) | st.builds(Interval, days=st.integers(1, 9000))
SIGHTS = st.lists(st.tuples(st.sampled_from([True, False, None]), st.floats(-10, 1000)), max_size=60)


@pytest.mark.parametrize(
    ("text", "interval"),
    [
        ("6 months", Interval(months=6)),
        ("1 year", Interval(months=12)),
        ("90 days", Interval(days=90)),
        (" 2 Weeks ", Interval(days=14)),
        ("0 days", None),
        ("6", None),
        ("51 years", None),
        ("-1 year", None),
        ("1.5 years", None),
    ],
)
def test_what_people_write(text: str, interval: Interval | None) -> None:
    assert Interval.parse(text) == interval


@pytest.mark.parametrize(
    ("start", "text", "end"),
    [
        ("2026-01-31", "1 month", "2026-02-28"),
        ("2028-02-29", "1 year", "2029-02-28"),
        ("2026-08-31", "6 months", "2027-02-28"),
        ("2026-12-15", "1 month", "2027-01-15"),
        ("2026-01-10", "90 days", "2026-04-10"),
    ],
)
def test_months_end_on_the_same_day_or_the_last(start: str, text: str, end: str) -> None:
    interval = Interval.parse(text)
    assert interval is not None
    assert interval.after(datetime.fromisoformat(start)) == datetime.fromisoformat(end)


@given(start=TIMES, interval=INTERVALS, later=st.timedeltas(timedelta(0), timedelta(days=4000)))
def test_an_interval_ends_after_it_begins_and_a_later_one_not_earlier(
    start: datetime, interval: Interval, later: timedelta
) -> None:
    assert interval.after(start) > start
    assert interval.after(start + later) >= interval.after(start)


@given(last=TIMES, interval=INTERVALS, now=TIMES, later=st.timedeltas(timedelta(0), timedelta(days=9000)))
def test_time_makes_an_inspection_due_soon_then_overdue_and_inspecting_ends_it(
    last: datetime, interval: Interval, now: datetime, later: timedelta
) -> None:
    inspection, record = Inspection(component="RCD", every=interval, soon=DAY), Record(last=last)
    before, after = standing(inspection, record, now), standing(inspection, record, now + later)
    assert before.due is not None
    assert before.overdue is (now >= before.due)
    assert before.soon is (now >= before.due - DAY)
    assert (before.overdue, before.soon) <= (after.overdue, after.soon)
    assert not standing(inspection, record.inspected(now, 0.0), now).overdue


def test_what_was_never_inspected_is_due() -> None:
    assert standing(Inspection(component="RCD", every=Interval(months=6)), Record(), START).overdue


@given(sights=SIGHTS, start=st.builds(Tally, cycles=st.integers(0, 99), seconds=st.floats(0, 1e6), on=st.booleans()))
def test_a_tally_never_falls_and_counts_each_beginning_once(
    sights: list[tuple[bool | None, float]], start: Tally
) -> None:
    tally, now, on, cycles, longest = start, 0.0, start.on, start.cycles, start.seconds
    for seen, passed in sights:
        now += passed
        after = tally.seen(seen, now)
        assert after.cycles >= tally.cycles
        assert after.seconds >= tally.seconds
        longest += max(0.0, passed)
        cycles += bool(seen) and not on
        on = on if seen is None else seen
        tally = after
    assert tally.cycles == cycles
    assert tally.seconds <= longest + 1e-6 + 10 * len(sights)


def test_only_the_time_at_work_counts() -> None:
    tally = Tally()
    for on, now in ((True, 0.0), (True, 10.0), (False, 30.0), (True, 100.0), (None, 105.0), (True, 200.0)):
        tally = tally.seen(on, now)
    assert (tally.cycles, tally.at(210.0).seconds) == (2, 45.0)


@given(cycles=st.integers(1, 1000), done=st.integers(0, 2000), before=st.integers(0, 1000))
def test_a_count_makes_an_inspection_due(cycles: int, done: int, before: int) -> None:
    inspection = Inspection(component="PowerContactor", cycles=cycles)
    record = Record(tally=Tally(cycles=before + done), cycles_before=before)
    found = standing(inspection, record, START)
    assert found.overdue is (done >= cycles)
    assert found.soon is (done >= 0.9 * cycles)
    assert found.cycles == before + cycles
    again = standing(inspection, record.inspected(START, 0.0), START)
    assert (again.overdue, again.cycles) == (False, before + done + cycles)


@given(hours=st.floats(1, 1e5), done=st.floats(0, 2e5))
def test_hours_make_an_inspection_due(hours: float, done: float) -> None:
    inspection = Inspection(component="AirCoolingSystem", hours=hours)
    assert standing(inspection, Record(tally=Tally(seconds=done * 3600)), START).overdue is (
        done * 3600 / 3600 / hours >= 1
    )


def test_what_comes_first_counts() -> None:
    inspection = Inspection(component="PowerContactor", every=Interval(months=12), cycles=10, last=START)
    record = Record(tally=Tally(cycles=10)).known_to(inspection)
    assert standing(inspection, record, START + DAY).overdue


@given(
    last=st.none() | TIMES, cycles=st.integers(0, 10**9), seconds=st.floats(0, 1e9), on=st.booleans(),
    before=st.integers(0, 10**9),
)  # fmt: skip
def test_a_record_is_kept(last: datetime | None, cycles: int, seconds: float, on: bool, before: int) -> None:  # noqa: FBT001
    record = Record(last=last, tally=Tally(cycles=cycles, seconds=round(seconds, 3), on=on), cycles_before=before)
    assert Record.of(record.document()) == record


def test_the_later_date_counts() -> None:
    site = Inspection(component="RCD", every=Interval(months=6), last=START)
    assert Record().known_to(site).last == START
    assert Record(last=START + DAY).known_to(site).last == START + DAY
    assert Record(last=START - DAY, cycles_before=3).known_to(site) == Record(last=START, cycles_before=3)
