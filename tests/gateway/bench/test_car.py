"""Physics of the simulated car and EVSE."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.bench.car import (
    Car,
    Evse,
    EvseState,
    advance,
    close_contactor,
    fail,
    open_contactor,
    pause,
    plug_in,
    plug_out,
)

CARS = st.builds(
    Car,
    max_current=st.floats(0, 63),
    phases=st.integers(1, 3),
    room=st.floats(0, 100_000),
    paused=st.booleans(),
)
EVSES = st.builds(
    Evse,
    max_current=st.floats(0, 80),
    phases=st.integers(1, 3),
    voltage=st.floats(200, 260),
    register=st.floats(0, 1e7),
    closed=st.booleans(),
    fault=st.sampled_from(["", "GroundFailure"]),
    car=st.none() | CARS,
)
SECONDS = st.floats(-10, 100_000)


@given(EVSES, SECONDS)
def test_register_never_decreases_and_no_energy_comes_from_nowhere(evse: Evse, seconds: float) -> None:
    after = advance(evse, seconds)
    gained = after.register - evse.register
    assert gained >= 0
    assert gained <= max(0.0, evse.power * seconds / 3600) + 1e-6
    if evse.car is not None:
        assert after.car is not None
        assert after.car.room >= 0
        assert gained == pytest.approx(evse.car.room - after.car.room, abs=1e-6)


@given(EVSES, st.floats(0, 5000), st.floats(0, 5000))
def test_time_in_two_parts_is_time_in_one(evse: Evse, first: float, second: float) -> None:
    once = advance(evse, first + second)
    twice = advance(advance(evse, first), second)
    assert twice.register == pytest.approx(once.register, abs=1e-3)


@given(EVSES, SECONDS)
def test_nothing_flows_unless_charging(evse: Evse, seconds: float) -> None:
    if evse.state is not EvseState.CHARGING:
        assert advance(evse, seconds).register == evse.register


def test_states_of_a_session() -> None:
    evse = Evse(max_current=16, phases=3)
    assert evse.state is EvseState.IDLE
    evse = plug_in(evse, Car(max_current=32, phases=1, room=1000))
    assert evse.state is EvseState.PLUGGED
    evse = close_contactor(evse)
    assert evse.state is EvseState.CHARGING
    assert evse.power == 16 * 230
    assert pause(evse, paused=True).state is EvseState.PAUSED
    assert pause(pause(evse, paused=True), paused=False).state is EvseState.CHARGING
    assert fail(evse, "GroundFailure").state is EvseState.FAULTED
    assert fail(fail(evse, "GroundFailure"), "").state is EvseState.PLUGGED
    assert open_contactor(evse).state is EvseState.PLUGGED
    assert plug_out(evse).state is EvseState.IDLE


def test_full_battery_takes_no_more() -> None:
    evse = close_contactor(plug_in(Evse(), Car(room=500)))
    evse = advance(evse, 3600)
    assert evse.register == pytest.approx(500)
    assert evse.state is EvseState.PAUSED


def test_contactor_does_not_close_without_a_car() -> None:
    assert not close_contactor(Evse()).closed
    assert close_contactor(replace(Evse(), car=Car())).closed
