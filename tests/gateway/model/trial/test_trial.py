"""What a technician's test makes of readings."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.readings import CURRENT_IMPORT, POWER_IMPORT, Reading
from gateway.model.sensing import Judged, Quality
from gateway.model.trial import Check, Verdict, judge_limit, judge_meter, judge_sensor, overall

PHASES = ("L1", "L2", "L3")


def readings(
    currents: tuple[float, ...] = (16, 16, 16), shifts: tuple[float, ...] = (0, 0, 0), volts: float = 230, total: float | None = None
) -> list[Reading]:  # fmt: skip
    """What a meter tells whose currents are so many degrees away from their voltages."""
    found = []
    watts = [volts * amps * math.cos(math.radians(shift)) for amps, shift in zip(currents, shifts, strict=True)]
    for phase, amps, power in zip(PHASES, currents, watts, strict=True):
        found += [
            Reading(value=amps, measurand=CURRENT_IMPORT, unit="A", phase=phase),
            Reading(value=volts, measurand="Voltage", unit="V", phase=f"{phase}-N"),
            Reading(value=power / 1000, measurand=POWER_IMPORT, unit="kW", phase=phase),
        ]
    whole = sum(watts) if total is None else total
    return [*found, Reading(value=whole, measurand=POWER_IMPORT, unit="W")]


def failed(checks: tuple[Check, ...]) -> set[str]:
    return {check.name for check in checks if check.verdict is Verdict.FAILED}


def test_a_meter_that_is_wired_well() -> None:
    checks = judge_meter(readings(), 3, 16)
    assert overall(checks) is Verdict.PASSED
    assert [check.name for check in checks if check.verdict is Verdict.PASSED] == [
        "charging", "direction", "current", "voltage", "phases", "order", "sum",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("found", "wrong"),
    [
        (readings(shifts=(0, 180, 0)), {"direction"}),
        (readings(shifts=(120, -120, 0)), {"direction", "order"}),
        (readings(currents=(40, 16, 16)), {"current"}),
        (readings(volts=400), {"voltage"}),
        (readings(total=5000), {"sum"}),
    ],
)
def test_a_meter_that_is_wired_wrongly(found: list[Reading], wrong: set[str]) -> None:
    assert failed(judge_meter(found, 3, 16)) == wrong


def test_current_in_a_phase_that_is_not_wired() -> None:
    assert failed(judge_meter(readings(currents=(10, 10, 0)), 1, 16)) == {"phases"}


def test_export_while_charging() -> None:
    export = Reading(value=3000, measurand="Power.Active.Export", unit="W")
    assert failed(judge_meter([export], None, None)) == {"direction"}


@pytest.mark.parametrize("found", [[], readings(currents=(0, 0.2, 0))])
def test_without_a_charge_nothing_is_judged(found: list[Reading]) -> None:
    assert overall(judge_meter(found, 3, 16)) is Verdict.UNCLEAR


@given(
    currents=st.tuples(*[st.floats(1, 32)] * 3), shifts=st.tuples(*[st.floats(-40, 40)] * 3), volts=st.floats(208, 252)
)
def test_no_good_meter_is_blamed(currents: tuple[float, ...], shifts: tuple[float, ...], volts: float) -> None:
    assert failed(judge_meter(readings(currents, shifts, volts), 3, 32)) == set()


@given(currents=st.tuples(*[st.floats(1, 32)] * 3), turned=st.integers(0, 2))
def test_a_turned_transformer_is_always_found(currents: tuple[float, ...], turned: int) -> None:
    shifts = tuple(180.0 if number == turned else 0.0 for number in range(3))
    assert "direction" in failed(judge_meter(readings(currents, shifts), 3, 32))


@pytest.mark.parametrize(
    ("before", "lowered", "restored", "verdict"),
    [
        (16.0, 6.1, 15.9, Verdict.PASSED),
        (16.0, 9.0, 16.0, Verdict.FAILED),
        (16.0, 6.0, 6.0, Verdict.PASSED),
        (6.0, 6.0, 6.0, Verdict.UNCLEAR),
        (None, None, None, Verdict.UNCLEAR),
    ],
)
def test_a_limit(before: float | None, lowered: float | None, restored: float | None, verdict: Verdict) -> None:
    assert overall(judge_limit(before, lowered, restored, 6.0)) is verdict


def test_a_sensor() -> None:
    good, broken = Judged(21.5), Judged(None, Quality.BROKEN)
    assert overall(judge_sensor([Judged(None, Quality.WAITING), good], -40, 120)) is Verdict.PASSED
    assert overall(judge_sensor([good, broken, good])) is Verdict.FAILED
    assert overall(judge_sensor([])) is Verdict.FAILED
    assert failed(judge_sensor([Judged(130.0)], -40, 120)) == {"plausible"}
