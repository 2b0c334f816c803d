"""Which values make events."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.alerts import OFTEN
from gateway.model.device import DataType, timestamp
from gateway.model.monitoring import FRESH, MonitorType, Seen, Trigger, judge
from gateway.model.monitoring.judge import MOST
from tests.gateway.model.monitoring.parts import START, judged_in_turn, monitor

UPPER, LOWER, DELTA = MonitorType.UPPER_THRESHOLD, MonitorType.LOWER_THRESHOLD, MonitorType.DELTA
INTEGER, DECIMAL = DataType.INTEGER, DataType.DECIMAL


def test_a_threshold_is_told_when_it_is_passed_and_when_that_is_over_but_not_on_it() -> None:
    found = judged_in_turn(monitor(UPPER, 10), ["9", "10", "11", "12", "10", "9"], INTEGER)
    assert [(event.value, event.cleared, event.trigger) for event in found] == [
        ("11", False, Trigger.ALERTING),
        ("10", True, Trigger.ALERTING),
    ]


def test_a_lower_threshold_is_the_mirror_image() -> None:
    found = judged_in_turn(monitor(LOWER, 10), ["11", "10", "9", "8", "10"], INTEGER)
    assert [(event.value, event.cleared) for event in found] == [("9", False), ("10", True)]


def test_a_value_around_a_threshold_is_told_once_where_it_has_to_come_back_further() -> None:
    upper, lower = (replace(monitor(type_, 10), hysteresis=2) for type_ in (UPPER, LOWER))
    values = ["9", "11", "9", "11", "8.1", "8", "10.5"]
    assert [(e.value, e.cleared) for e in judged_in_turn(upper, values, DECIMAL)] == [
        ("11", False), ("8", True), ("10.5", False),
    ]  # fmt: skip
    mirrored = [str(20 - float(value)) for value in values]
    assert [e.cleared for e in judged_in_turn(lower, mirrored, DECIMAL)] == [False, True, False]


def test_what_is_no_number_neither_passes_a_threshold_nor_ends_it() -> None:
    found = judged_in_turn(monitor(UPPER, 10), ["", "11", "", "n/a", "12", "9"], DECIMAL)
    assert [(event.value, event.cleared) for event in found] == [("11", False), ("9", True)]


@given(st.lists(st.integers(-50, 50)), st.integers(-50, 50), st.sampled_from([UPPER, LOWER]))
def test_events_of_a_threshold_alternate_and_say_how_it_stands(
    values: list[int], limit: int, type_: MonitorType
) -> None:
    found = judged_in_turn(monitor(type_, limit), map(str, values), INTEGER)
    assert [event.cleared for event in found] == [bool(at % 2) for at in range(len(found))]
    beyond = [value > limit if type_ is UPPER else value < limit for value in values]
    passed = sum(now is not before for before, now in pairwise([False, *beyond]))
    assert len(found) == passed if passed < 2 * OFTEN else 2 * OFTEN - 1 <= len(found) <= passed


def test_a_delta_is_counted_from_the_last_event() -> None:
    found = judged_in_turn(monitor(DELTA, 5), ["100", "105", "106", "101", "111", "100"], INTEGER)
    assert [event.value for event in found] == ["106", "100"]
    assert {event.trigger for event in found} == {Trigger.DELTA}


def test_a_difference_is_that_of_the_numbers_as_they_are_written() -> None:
    assert not judged_in_turn(monitor(DELTA, 0.1), ["0.2", "0.3"], DECIMAL)
    assert judged_in_turn(monitor(DELTA, 0.1), ["0.2", "0.300001"], DECIMAL)


@given(st.lists(st.integers(-50, 50), min_size=1), st.integers(0, 40))
def test_no_value_is_further_from_the_last_told_than_the_delta(values: list[int], size: int) -> None:
    memory, told = FRESH, values[0]
    for number, value in enumerate(values):
        seen = Seen(type=INTEGER, value=str(value), now=START + timedelta(seconds=number))
        memory, finding = judge(monitor(DELTA, size), memory, seen)
        assert (finding is not None) is (abs(value - told) > size)
        told = value if finding else told


def test_what_never_rests_is_told_once_a_second_and_as_it_is_then() -> None:
    memory, told = FRESH, []
    for number in range(6001):
        seen = Seen(type=INTEGER, value=str(number % 2), now=START + timedelta(milliseconds=10 * number))
        memory, finding = judge(monitor(DELTA, 0), memory, seen)
        if finding is not None:
            told.append(finding)
    seconds = 60
    assert seconds <= len(told) <= seconds + MOST
    last = Seen(type=INTEGER, value="7", now=START + timedelta(seconds=seconds))
    memory, finding = judge(monitor(DELTA, 0), memory, last)
    assert finding is None
    assert memory.next is not None
    _, late = judge(monitor(DELTA, 0), memory, replace(last, now=memory.next))
    assert late is not None
    assert late.value == "7"


@pytest.mark.parametrize("type_", [DataType.STRING, DataType.BOOLEAN, DataType.OPTION_LIST, DataType.MEMBER_LIST])
def test_what_is_no_number_is_told_whenever_it_changes(type_: DataType) -> None:
    found = judged_in_turn(monitor(DELTA, 1000), ["a", "a", "b", "", "b"], type_)
    assert [event.value for event in found] == ["b", "", "b"]


def test_a_number_that_was_not_known_has_nothing_to_differ_from() -> None:
    found = judged_in_turn(monitor(DELTA, 5), ["", "100", "", "120"], DECIMAL)
    assert [event.value for event in found] == ["120"]


def test_the_difference_of_times_is_in_seconds() -> None:
    times = [timestamp(START + timedelta(seconds=seconds)) for seconds in (0, 30, 60, 61)]
    found = judged_in_turn(monitor(DELTA, 60), times, DataType.DATE_TIME)
    assert [event.value for event in found] == times[-1:]
