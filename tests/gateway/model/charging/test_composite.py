"""Composite schedules: worked cases, and any stack of profiles against a second-by-second evaluation."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.model.charging import (
    ChargingPeriod,
    ChargingProfile,
    ChargingSchedule,
    Circuit,
    Kind,
    Purpose,
    Question,
    RateUnit,
    Recurrency,
    Slice,
    composite,
    least,
)
from tests.gateway.model.charging.brute import NOON, least_at, limit_at, moments, profiles, stacks

A, W = RateUnit.AMPERE, RateUnit.WATT


def profile(*periods: tuple[int, float], **fields: Any) -> ChargingProfile:
    """A profile with periods (start, limit); absolute from noon unless told otherwise."""
    kind = fields.pop("kind", Kind.ABSOLUTE)
    start = fields.pop("start", None if kind is Kind.RELATIVE else NOON)
    schedule = ChargingSchedule(
        id=1, unit=fields.pop("unit", A), start=start, duration=fields.pop("duration", None),
        periods=tuple(ChargingPeriod(start=at, limit=limit, phases=fields.get("phases")) for at, limit in periods),
    )  # fmt: skip
    fields.pop("phases", None)
    fields = {"id": 1, "stack_level": 0, "purpose": Purpose.TX_DEFAULT, **fields}
    return ChargingProfile(kind=kind, schedules=(schedule,), **fields)


def steps(profiles: list[ChargingProfile], **asked: Any) -> list[tuple[int, float | None]]:
    """(start, limit) of the composite schedule of 400 s from noon, or as asked."""
    question = Question(**{"start": NOON, "duration": 400, **asked})
    return [(each.start, each.limit) for each in composite(profiles, question)]


def after(**duration: float) -> datetime:
    return NOON + timedelta(**duration)


def test_without_profiles_there_is_no_limit() -> None:
    assert steps([]) == [(0, None)]


def test_an_empty_window_has_no_slices() -> None:
    assert steps([profile((0, 6.0))], duration=0) == []
    assert steps([profile((0, 6.0))], duration=-5) == []


def test_the_highest_stack_level_that_has_a_period_leads() -> None:
    low = profile((0, 6.0), (100, 8.0), (200, 10.0), duration=400)
    high = profile((0, 7.0), (100, 9.0), duration=150, stack_level=1)
    assert steps([low, high], duration=350) == [(0, 7.0), (100, 9.0), (150, 8.0), (200, 10.0)]


def test_the_profile_of_the_transaction_comes_first_and_the_lowest_purpose_counts() -> None:
    station = profile((0, 10.0), duration=86_400, purpose=Purpose.STATION_MAX)
    default = profile((0, 6.0), (60, 10.0), (120, 8.0), (180, 15.0), (260, 8.0), duration=300)
    own = profile((0, 8.0), (50, 11.0), (140, 16.0), (200, 6.0), (240, 12.0), duration=260, purpose=Purpose.TX)
    expected = [(0, 8.0), (50, 10.0), (200, 6.0), (240, 10.0), (260, 8.0), (300, 10.0)]
    assert steps([station, default, own]) == expected


def test_a_transaction_profile_of_a_low_level_still_overrules_the_default() -> None:
    assert steps([profile((0, 6.0), stack_level=9), profile((0, 16.0), purpose=Purpose.TX)]) == [(0, 16.0)]


def test_daily_recurrence_goes_on_and_falls_back_between_runs() -> None:
    night = profile((0, 8.0), duration=3600, kind=Kind.RECURRING, recurrency=Recurrency.DAILY, start=after(days=-40))
    assert steps([night], duration=2 * 86_400) == [(0, 8.0), (3600, None), (86_400, 8.0), (90_000, None)]


def test_weekly_recurrence_is_of_the_same_day_of_the_week() -> None:
    one = profile((0, 8.0), duration=60, kind=Kind.RECURRING, recurrency=Recurrency.WEEKLY, start=after(days=-7))
    assert steps([one], duration=8 * 86_400) == [(0, 8.0), (60, None), (7 * 86_400, 8.0), (7 * 86_400 + 60, None)]


def test_nothing_recurs_before_its_first_start() -> None:
    later = profile((0, 8.0), kind=Kind.RECURRING, recurrency=Recurrency.DAILY, start=after(seconds=100))
    assert steps([later]) == [(0, None), (100, 8.0)]


def test_a_run_longer_than_its_recurrence_ends_with_the_next() -> None:
    long = profile((0, 8.0), (90_000, 6.0), duration=100_000, kind=Kind.RECURRING, recurrency=Recurrency.DAILY)
    assert steps([long], duration=3 * 86_400) == [(0, 8.0)]


def test_a_recurrence_in_local_time_with_an_offset_keeps_its_utc_hour() -> None:
    # Days have 24 hours in UTC: what summer time does to clocks changes nothing here.
    start = datetime.fromisoformat("2024-03-30T17:00:00+01:00")
    evening = profile((0, 6.0), duration=60, kind=Kind.RECURRING, recurrency=Recurrency.DAILY, start=start)
    assert steps([evening], start=NOON.replace(hour=15, minute=59, second=0), duration=180) == [
        (0, None), (60, 6.0), (120, None),
    ]  # fmt: skip


def test_relative_counts_from_when_the_evse_was_ready() -> None:
    one = profile((0, 6.0), (100, 16.0), kind=Kind.RELATIVE, purpose=Purpose.TX)
    assert steps([one], since=after(seconds=-60)) == [(0, 6.0), (40, 16.0)]


def test_relative_without_a_transaction_begins_with_the_window() -> None:
    assert steps([profile((0, 6.0), (100, 16.0), kind=Kind.RELATIVE)]) == [(0, 6.0), (100, 16.0)]


def test_validity_cuts_out_of_the_schedule_without_moving_it() -> None:
    one = profile((0, 6.0), (100, 8.0), valid_from=after(seconds=50), valid_to=after(seconds=150))
    assert steps([one]) == [(0, None), (50, 6.0), (100, 8.0), (150, None)]


def test_periods_past_the_duration_are_not_executed() -> None:
    assert steps([profile((0, 6.0), (60, 8.0), (100, 10.0), duration=100)]) == [(0, 6.0), (60, 8.0), (100, None)]


def test_a_schedule_begins_at_its_start() -> None:
    assert steps([profile((0, 6.0), start=after(seconds=60))]) == [(0, None), (60, 6.0)]


def test_power_becomes_current_by_the_phases_of_the_period() -> None:
    assert steps([profile((0, 11_040.0), unit=W)]) == [(0, 16.0)]
    assert steps([profile((0, 3680.0), unit=W, phases=1)]) == [(0, 16.0)]


def test_where_fewer_phases_are_wired_each_gets_no_more_than_its_part_of_the_power() -> None:
    for phases in (None, 3):
        meant = [profile((0, 11_040.0), unit=W, phases=phases)]
        assert steps(meant, circuit=Circuit(phases=1)) == [(0, 16.0)]
        assert steps(meant, circuit=Circuit(phases=1), unit=W) == [(0, 3680.0)]
    assert steps([profile((0, 3680.0), unit=W, phases=1)], circuit=Circuit(phases=1)) == [(0, 16.0)]


def test_current_becomes_power() -> None:
    assert steps([profile((0, 16.0))], unit=W) == [(0, 11_040.0)]
    assert steps([profile((0, 16.0), phases=1)], unit=W) == [(0, 3680.0)]


def test_the_fewest_phases_of_all_that_apply_are_given() -> None:
    question = Question(start=NOON, duration=10)
    both = [profile((0, 16.0), phases=1), profile((0, 20.0), phases=3, purpose=Purpose.STATION_MAX)]
    assert composite(both, question) == (Slice(start=0, limit=16.0, phases=1),)


def test_local_limits_bound_all() -> None:
    assert steps([profile((0, 6.0), (100, 32.0))], bounds=(25.0, 20.0)) == [(0, 6.0), (100, 20.0)]
    assert steps([], bounds=(16.0,), unit=W, circuit=Circuit(phases=1)) == [(0, 3680.0)]


@given(
    stack=stacks(),
    start=moments(),
    duration=st.integers(1, 500),
    since=st.none() | moments(),
    unit=st.sampled_from(RateUnit),
    phases=st.integers(1, 3),
    bounds=st.lists(st.sampled_from([6.0, 10.0, 63.0]), max_size=2),
    others=st.lists(profiles(), max_size=2),
)
def test_any_stack_is_as_it_is_second_by_second(
    stack: list[ChargingProfile],
    start: datetime,
    duration: int,
    since: datetime | None,
    unit: RateUnit,
    phases: int,
    bounds: list[float],
    others: list[ChargingProfile],
) -> None:
    question = Question(
        start=start, duration=duration, unit=unit, circuit=Circuit(phases=phases), since=since, bounds=tuple(bounds),
        others=tuple(others),
    )  # fmt: skip

    slices = composite(stack, question)

    assert slices[0].start == 0
    starts = [each.start for each in slices]
    assert starts == sorted(set(starts))
    expected: list[tuple[int, float | None, int | None]] = []
    for second in range(duration):
        found = limit_at(stack, question, start + timedelta(seconds=second))
        if not expected or expected[-1][1:] != found:
            expected.append((second, *found))
    assert [(each.start, each.limit, each.phases) for each in slices] == expected


@given(stack=stacks(), start=moments(), since=st.none() | moments(), phases=st.integers(1, 3))
def test_the_least_rate_is_that_of_the_profile_that_shows(
    stack: list[ChargingProfile], start: datetime, since: datetime | None, phases: int
) -> None:
    question = Question(start=start, duration=60, since=since, circuit=Circuit(phases=phases))
    assert least(stack, question) == least_at(stack, question, start)


@given(stack=stacks(), start=moments(), days=st.integers(1, 9))
def test_long_windows_are_as_they_are_at_any_second(stack: list[ChargingProfile], start: datetime, days: int) -> None:
    question = Question(start=start, duration=days * 86_400)
    slices = composite(stack, question)
    for number, each in enumerate(slices):
        end = slices[number + 1].start if number + 1 < len(slices) else question.duration
        for second in (each.start, (each.start + end) // 2, end - 1):
            assert (each.limit, each.phases) == limit_at(stack, question, start + timedelta(seconds=second))


@given(stack=stacks(), start=moments(), duration=st.integers(1, 90_000))
def test_no_merged_schedule_is_ever_passed(stack: list[ChargingProfile], start: datetime, duration: int) -> None:
    question = Question(start=start, duration=duration)
    everything = composite(stack, question)
    maxima = composite([p for p in stack if p.purpose is Purpose.STATION_MAX], question)
    for each in everything:
        (highest,) = [m for m in maxima if m.start <= each.start][-1:]
        if highest.limit is not None:
            assert each.limit is not None
            assert each.limit <= highest.limit
