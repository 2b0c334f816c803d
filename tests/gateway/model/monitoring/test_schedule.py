"""When periodic monitors are due."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gateway.model.device import DataType
from gateway.model.monitoring import FRESH, MonitorType, Seen, Trigger, judge
from gateway.model.monitoring.schedule import first_due, next_due
from tests.gateway.model.monitoring.parts import START, monitor

PERIODIC, ALIGNED = MonitorType.PERIODIC, MonitorType.PERIODIC_CLOCK_ALIGNED
INTERVALS = st.integers(1, 100_000).map(lambda seconds: timedelta(seconds=seconds))
TIMES = st.integers(0, 10**6).map(lambda seconds: START + timedelta(seconds=seconds))


def events(type_: MonitorType, interval: float, times: list[datetime]) -> list[datetime]:
    """When a monitor that is looked at then tells something."""
    memory, found = FRESH, []
    for now in times:
        memory, finding = judge(monitor(type_, interval), memory, Seen(type=DataType.INTEGER, value="1", now=now))
        if finding is not None:
            assert finding.trigger is Trigger.PERIODIC
            found.append(finding.at)
    return found


def after(*seconds: float) -> list[datetime]:
    """Times after the start."""
    return [START + timedelta(seconds=each) for each in seconds]


def test_a_period_counts_from_when_the_monitor_was_set() -> None:
    assert events(PERIODIC, 60, after(0, 59, 60, 61, 119, 120)) == after(60, 120)


def test_a_late_look_does_not_shift_the_period() -> None:
    assert events(PERIODIC, 60, after(0, 75, 119, 120)) == after(75, 120)


def test_what_was_missed_is_not_made_up_for() -> None:
    assert events(PERIODIC, 60, after(0, 601, 602, 659, 660)) == after(601, 660)


def test_a_clock_that_is_set_back_starts_the_period_anew() -> None:
    assert events(PERIODIC, 60, after(0, -3600, -3541, -3540)) == after(-3540)


def test_aligned_means_the_quarters_of_the_hour() -> None:
    assert first_due(ALIGNED, timedelta(minutes=15), START) == START.replace(minute=15, second=0)
    quarters = [START.replace(minute=minute, second=0) for minute in (15, 30, 45)]
    assert events(ALIGNED, 900, [START, *quarters]) == quarters


@given(INTERVALS, TIMES)
def test_the_first_time_is_within_one_interval_and_aligned_with_every_other(interval: timedelta, now: datetime) -> None:
    assert first_due(PERIODIC, interval, now) - now == interval
    due = first_due(ALIGNED, interval, now)
    assert timedelta() < due - now <= interval
    assert first_due(ALIGNED, interval, due) == due + interval


@given(st.sampled_from([PERIODIC, ALIGNED]), INTERVALS, TIMES, st.integers(0, 10**6))
def test_the_next_time_is_after_now_and_on_the_grid(
    type_: MonitorType, interval: timedelta, start: datetime, late: int
) -> None:
    due = first_due(type_, interval, start)
    now = due + timedelta(seconds=late)
    following = next_due(type_, interval, due, now)
    assert timedelta() < following - now <= interval
    assert (following - due) % interval == timedelta()
