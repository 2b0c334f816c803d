"""What comes and goes all the time is told a few times, and then stays."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from gateway.model.alerts import OFTEN, REST, RESTLESS, Latch
from tests.fakes.clock import START

QUIET = False


def played(steps: list[tuple[bool, float]]) -> tuple[list[bool], Latch, float]:
    """What counts after each look; the latch and the seconds at the end."""
    latch, counted, now = REST, [], 0.0
    for met, after in steps:
        now += after
        latch = latch.fed(met, START + timedelta(seconds=now))
        counted.append(latch.standing)
    return counted, latch, now


def test_a_few_times_it_is_as_it_is_seen() -> None:
    counted, latch, _ = played([(met, 1.0) for met in (False, True, True, False, True, False)])
    assert counted == [False, True, True, False, True, False]
    assert latch.due is None


def test_what_toggles_a_hundred_times_a_second_is_raised_so_often_and_stays() -> None:
    counted, latch, now = played([(number % 2 == 0, 0.01) for number in range(10_000)])
    changes = sum(before is not after for before, after in zip([False, *counted], counted, strict=False))
    assert changes == 2 * OFTEN - 1
    assert latch.standing
    assert latch.restless
    assert latch.due == START + timedelta(seconds=now) + RESTLESS
    assert latch.fed(QUIET, latch.due - timedelta(milliseconds=1)).standing
    over = latch.fed(QUIET, latch.due)
    assert not over.standing
    assert over.due is None


def test_a_clock_that_is_set_back_keeps_nothing_for_longer() -> None:
    _, latch, now = played([(number % 2 == 0, 0.01) for number in range(20)])
    back = START + timedelta(seconds=now) - timedelta(hours=1)
    again = latch.fed(QUIET, back)
    assert not again.standing or again.due == back + RESTLESS


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 90))))
def test_within_any_minute_it_is_raised_no_more_often(steps: list[tuple[bool, float]]) -> None:
    latch, now, raised = REST, 0.0, []
    for met, after in steps:
        now += after
        before, latch = latch, latch.fed(met, START + timedelta(seconds=now))
        if latch.standing and not before.standing:
            raised.append(now)
        assert latch.standing or not met
    minute = RESTLESS.total_seconds()
    for at in range(len(raised) - OFTEN):
        assert raised[at + OFTEN] >= raised[at] + minute
