"""Waiting, retrying, booting and beating: the rules alone."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.link.backoff import BackOff, BackOffRules
from gateway.link.boot import Boot, Registration
from gateway.link.heartbeat import Heartbeat
from gateway.link.retry import Failure, Retries, RetryRules, wait_after
from gateway.model.changes import BootReason

if TYPE_CHECKING:
    from collections.abc import Callable

RULES = RetryRules(attempts=3, interval=60)


@given(
    minimum=st.integers(0, 600),
    times=st.integers(0, 8),
    span=st.integers(0, 60),
    randoms=st.lists(st.floats(0, 1, exclude_max=True), min_size=12, max_size=12),
)
def test_back_off_doubles_as_often_as_it_may(minimum: int, times: int, span: int, randoms: list[float]) -> None:
    draws = iter(randoms)
    back_off = BackOff(
        lambda: BackOffRules(wait_minimum=minimum, repeat_times=times, random_range=span), lambda: next(draws)
    )
    waits = [back_off.next() for _ in range(12)]
    assert minimum <= waits[0] <= minimum + span
    for before, after in pairwise(waits[: times + 1]):
        assert 2 * before <= after <= 2 * before + span
    assert len(set(waits[times:])) == 1


def test_back_off_starts_over_after_a_connection() -> None:
    back_off = BackOff(lambda: BackOffRules(wait_minimum=10, repeat_times=2, random_range=4), lambda: 0.5)
    assert [back_off.next() for _ in range(5)] == [12, 26, 54, 54, 54]
    back_off.reset()
    assert back_off.next() == 12


@pytest.mark.ocpp("E13.FR.03")
@pytest.mark.parametrize("failure", [Failure.REFUSED, Failure.TIMED_OUT])
def test_transaction_event_is_tried_as_in_the_example_of_e13(failure: Failure) -> None:
    assert [wait_after("TransactionEvent", failure, times, RULES) for times in (1, 2, 3)] == [60, 120, None]


def test_lost_connections_never_use_up_a_transaction_event() -> None:
    assert wait_after("TransactionEvent", Failure.CONNECTION_LOST, 100, RULES) == 0


def test_other_messages_get_one_more_chance_but_none_after_a_refusal() -> None:
    for failure in (Failure.TIMED_OUT, Failure.CONNECTION_LOST):
        assert [wait_after("StatusNotification", failure, times, RULES) for times in (1, 2)] == [0, None]
    assert wait_after("StatusNotification", Failure.REFUSED, 1, RULES) is None


@pytest.mark.ocpp("A04.FR.02")
def test_a_security_event_is_not_given_up_while_nobody_has_confirmed_it() -> None:
    event = "SecurityEventNotification"
    assert [wait_after(event, Failure.TIMED_OUT, times, RULES) for times in (1, 2, 3, 99)] == [60, 120, 180, 180]
    assert wait_after(event, Failure.CONNECTION_LOST, 100, RULES) == 0
    assert wait_after(event, Failure.REFUSED, RULES.attempts, RULES) is None


@given(attempts=st.integers(-1, 0))
def test_senseless_number_of_attempts_means_one(attempts: int) -> None:
    rules = RetryRules(attempts=attempts, interval=60)
    assert wait_after("TransactionEvent", Failure.REFUSED, 1, rules) is None


def test_held_streams_come_back_when_their_time_has_come() -> None:
    retries = Retries()
    assert retries.held(0) == frozenset()
    assert retries.next() is None
    retries.hold("a", 10)
    retries.hold("b", 20)
    assert retries.next() == 10
    assert retries.held(9) == {"a", "b"}
    assert retries.held(10) == {"b"}
    assert retries.next() == 20
    assert retries.held(20) == frozenset()


def test_losses_of_a_row_are_counted_until_it_is_done() -> None:
    retries = Retries()
    for row in (1, 1, 2):
        retries.lost(row)
    assert [retries.losses(row) for row in (1, 2, 3)] == [2, 1, 0]
    retries.done(1)
    assert retries.losses(1) == 0


def test_heartbeat_interval_of_the_boot_holds_until_the_variable_changes() -> None:
    heartbeat = Heartbeat(86_400)
    heartbeat.configured(30, 300)
    assert heartbeat.interval(300) == 30
    assert heartbeat.interval(60) == 60
    assert heartbeat.interval(300) == 300


def test_boot_without_interval_leaves_the_variable_in_force() -> None:
    heartbeat = Heartbeat(86_400)
    heartbeat.configured(0, 300)
    assert heartbeat.interval(300) == 300


@pytest.mark.ocpp("G02.FR.05", "G02.FR.07")
def test_messages_put_heartbeats_off_but_not_for_ever() -> None:
    heartbeat = Heartbeat(86_400)
    heartbeat.connected(0)
    assert heartbeat.due_at(300) == 300
    heartbeat.active(200)
    assert heartbeat.due_at(300) == 500
    heartbeat.active(86_300)
    assert heartbeat.due_at(300) == 86_400
    heartbeat.beat(86_400)
    assert heartbeat.due_at(300) == 86_700
    assert heartbeat.due_at(0) == 2 * 86_400


def _boot() -> Boot:
    return Boot(60, lambda: 0.5)


def test_a_boot_that_is_triggered_while_one_is_under_way_does_not_wait_for_the_interval() -> None:
    boot = _boot()
    boot.sent()
    boot.again(BootReason.TRIGGERED, 1)
    boot.answered(Registration.PENDING, 300, 2)
    assert boot.due(2)
    assert boot.sent() is BootReason.TRIGGERED
    boot.answered(Registration.PENDING, 300, 3)
    assert boot.due_at == 303


def test_first_boot_is_due_at_once_and_waits_for_its_answer() -> None:
    boot = _boot()
    assert boot.due(0)
    assert boot.sent() is BootReason.POWER_UP
    assert not boot.due(1000)
    assert not boot.answers
    boot.answered(Registration.ACCEPTED, 0, 5)
    assert boot.accepted
    assert boot.answers
    assert boot.due_at is None


@pytest.mark.ocpp("B02.FR.07", "B02.FR.08")
@pytest.mark.parametrize(
    "status",
    [Registration.PENDING, pytest.param(Registration.REJECTED, marks=pytest.mark.ocpp("B03.FR.05", "B03.FR.06"))],
)
def test_next_boot_waits_for_the_interval_or_an_own_one(status: Registration) -> None:
    boot = _boot()
    boot.sent()
    boot.answered(status, 10, 100)
    assert boot.due_at == 110
    boot.sent()
    boot.answered(status, 0, 110)
    assert boot.due_at == 200


def test_unanswered_boot_waits_for_the_last_interval() -> None:
    boot = _boot()
    boot.sent()
    boot.failed(0)
    assert boot.due_at == 90
    boot.sent()
    boot.answered(Registration.PENDING, 10, 100)
    boot.sent()
    boot.failed(110)
    assert boot.due_at == 120


@pytest.mark.ocpp("B02.FR.04")
def test_only_a_trigger_shortens_the_interval() -> None:
    boot = _boot()
    boot.sent()
    boot.answered(Registration.PENDING, 10, 0)
    boot.again(BootReason.LOCAL_RESET, 1)
    assert boot.due_at == 10
    boot.again(BootReason.TRIGGERED, 1)
    assert boot.due_at == 1
    assert boot.sent() is BootReason.TRIGGERED
    boot.answered(Registration.PENDING, 10, 2)
    assert boot.sent() is BootReason.LOCAL_RESET


def test_second_boot_during_the_first_is_told_too() -> None:
    boot = _boot()
    boot.sent()
    boot.again(BootReason.WATCHDOG, 1)
    boot.answered(Registration.ACCEPTED, 0, 2)
    assert not boot.accepted
    assert boot.due(2)
    assert boot.sent() is BootReason.WATCHDOG
    boot.answered(Registration.ACCEPTED, 0, 3)
    assert boot.accepted


steps: st.SearchStrategy[Callable[[Boot, float], object]] = st.one_of(
    st.sampled_from(list(BootReason)).map(lambda reason: lambda boot, now: boot.again(reason, now)),
    st.tuples(st.sampled_from(list(Registration)), st.integers(0, 100)).map(
        lambda answer: lambda boot, now: boot.due(now) and (boot.sent(), boot.answered(*answer, now))
    ),
    st.just(lambda boot, now: boot.due(now) and (boot.sent(), boot.failed(now))),
    st.just(lambda boot, now: boot.due(now) and (boot.sent(), boot.connected(now))),
    st.just(lambda boot, now: boot.connected(now)),
)


@given(st.lists(st.tuples(steps, st.integers(0, 50))))
def test_a_station_is_accepted_or_will_ask_again(script: list[tuple[Callable[[Boot, float], object], int]]) -> None:
    boot, now = _boot(), 0.0
    for step, pause in script:
        now += pause
        step(boot, now)
        assert boot.accepted or boot.due_at is not None
        assert not (boot.accepted and boot.pending)
