"""Limits that others than the backend hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from gateway.model.apply import apply
from gateway.model.changes import LimitChanged
from gateway.model.charging import ChargingPeriod, ChargingSchedule, LimitSource, RateUnit
from gateway.model.events import LimitImposed
from gateway.model.ids import Place
from gateway.model.rules.context import Applied, Context
from gateway.model.station import HeldLimit, StationState
from gateway.store.records import state_from_json, state_to_json
from tests.fakes.clock import START

EMPTY = StationState(id="CP-1")
CONTEXT = Context(
    now=START, online_since=None, offline_threshold=timedelta(minutes=1), new_id=lambda: "tx", new_number=lambda: 1
)


def impose(state: StationState, current: float | None, evse: int = 1, **fields: Any) -> Applied:
    event = LimitImposed(
        place=Place(station="CP-1", evse=evse), current=current, **{"at": START, "holder": "grid", **fields}
    )
    return apply(state, event, CONTEXT)


def test_a_limit_comes_changes_and_goes() -> None:
    came = impose(EMPTY, 10.0, source=LimitSource.SYSTEM_OPERATOR)
    first = HeldLimit(holder="grid", evse=1, current=10.0, at=START, source=LimitSource.SYSTEM_OPERATOR)
    assert came.state.limits == (first,)
    changed = impose(came.state, 8.0)
    second = HeldLimit(holder="grid", evse=1, current=8.0, at=START)
    assert changed.changes == (LimitChanged(place=Place(station="CP-1", evse=1), at=START, old=first, new=second),)
    gone = impose(changed.state, None)
    assert gone.state == EMPTY
    assert [(c.old, c.new) for c in gone.changes if isinstance(c, LimitChanged)] == [(second, None)]


def test_each_holder_has_a_limit_at_each_place() -> None:
    state = EMPTY
    for holder, evse in (("grid", 0), ("grid", 1), ("meter", 1)):
        state = impose(state, 10.0, evse, holder=holder).state
    assert [(held.holder, held.evse) for held in state.limits] == [("grid", 0), ("grid", 1), ("meter", 1)]
    assert [(held.holder, held.evse) for held in impose(state, None).state.limits] == [("grid", 0), ("meter", 1)]


def test_the_same_again_changes_nothing() -> None:
    state = impose(EMPTY, 10.0).state
    later = replace(CONTEXT, now=START + timedelta(hours=1))
    event = LimitImposed(place=Place(station="CP-1", evse=1), at=later.now, holder="grid", current=10.0)
    assert apply(state, event, later) == Applied(state=state)
    assert impose(EMPTY, None) == Applied(state=EMPTY)


def schedule(**fields: Any) -> ChargingSchedule:
    periods = (ChargingPeriod(start=0, limit=10.0), ChargingPeriod(start=60, limit=8.0))
    return ChargingSchedule(id=1, unit=RateUnit.AMPERE, periods=periods, **fields)


def test_limits_survive_a_restart() -> None:
    state = impose(EMPTY, 10.0, source=LimitSource.EMS, grid_critical=True).state
    state = impose(state, None, 2, schedule=schedule(duration=90)).state
    assert state_from_json(state_to_json(state)) == state


def test_a_schedule_begins_with_the_second_that_it_is_set_in_and_ends_with_its_duration() -> None:
    late = START + timedelta(milliseconds=700)
    (held,) = impose(EMPTY, None, schedule=schedule(duration=90), at=late).state.limits
    assert held.schedule == schedule(duration=90, start=START)
    assert held.ends_at == START + timedelta(seconds=90)
    (lasting,) = impose(EMPTY, None, schedule=schedule(start=START + timedelta(hours=1))).state.limits
    assert lasting.ends_at is None
    (floor,) = impose(EMPTY, 12.0, schedule=schedule(duration=90)).state.limits
    assert floor.ends_at is None
