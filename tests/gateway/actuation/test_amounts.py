"""A limit as a key, a message or a duty cycle takes it: never more than was asked for, and never between 0 and the minimum."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.actuation.amounts import amount, driven, duty, filled, same
from gateway.config.control import ControlKeys

PER_AMPERE = {"A": 1, "dA": 10, "mA": 1000, "W": 230 * 3}


@pytest.mark.parametrize(
    ("unit", "current", "text"),
    [("A", 13.7, "13"), ("dA", 13.7, "130"), ("mA", 13.0, "13000"), ("W", 13.0, "8970"), ("A", 5.9, "0")],
)
def test_amounts(unit: str, current: float, text: str) -> None:
    assert amount(ControlKeys.model_validate({"key": "k", "unit": unit}), current, 3) == text


def test_a_finer_step_and_another_word_for_a_pause() -> None:
    control = ControlKeys(key="k", step=0.1, off="OFF", minimum=8.0)
    assert amount(control, 13.37, 3) == "13.3"
    assert amount(control, 7.9, 3) == "OFF"


@given(st.floats(0, 100, allow_nan=False), st.sampled_from(sorted(PER_AMPERE)), st.sampled_from([0.1, 0.5, 1.0, 2.0]))
def test_a_station_is_never_told_more_than_was_asked_for(current: float, unit: str, step: float) -> None:
    told = float(amount(ControlKeys.model_validate({"key": "k", "unit": unit, "step": step}), current, 3))
    assert told / PER_AMPERE[unit] <= current + 1e-5
    assert told == 0 or told / PER_AMPERE[unit] >= 6 - step - 1e-9


@pytest.mark.parametrize(
    ("current", "percent"), [(6, 10.0), (16, 26.6), (32, 53.3), (51, 85.0), (60, 88.0), (80, 96.0)]
)
def test_the_duty_cycle_of_the_standard(current: float, percent: float) -> None:
    assert duty(current) == percent


@given(st.floats(6, 80, allow_nan=False))
def test_a_duty_cycle_never_offers_more(current: float) -> None:
    percent = duty(current)
    offered = percent * 0.6 if percent <= 85 else (percent - 64) * 2.5
    assert offered <= current + 1e-5


def test_an_analogue_output() -> None:
    control = ControlKeys(pwm="a/b", full=10.0)
    assert driven(control, 30.0) == 5.0
    assert driven(control, 0.0) == 10.0
    assert driven(ControlKeys(pwm="a/b", pause_duty=0.0), 5.0) == 0.0


def test_placeholders_leave_other_braces_alone() -> None:
    assert filled('{"c":{connector},"a":"{current}"}', "13", 2) == '{"c":2,"a":"13"}'


def test_numbers_may_be_written_otherwise() -> None:
    assert same("13.0", "13")
    assert same(" Off", "off")
    assert not same("16", "13")
