"""Readings and samples."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.readings import (
    ENERGY_REGISTER,
    MEASURANDS,
    POWER_IMPORT,
    Context,
    Reading,
    Sample,
    default_unit,
    register,
)
from tests.fakes.clock import START


@pytest.mark.parametrize(
    ("measurand", "unit"),
    [
        ("Energy.Active.Import.Register", "Wh"), ("Energy.Reactive.Net", "varh"), ("Energy.Apparent.Import", "VAh"),
        ("Power.Active.Import", "W"), ("Power.Offered", "W"), ("Power.Reactive.Export", "var"), ("Power.Factor", ""),
        ("Current.Import", "A"), ("Voltage", "V"), ("SoC", "Percent"), ("Frequency", "Hertz"), ("Weather", ""),
    ],
)  # fmt: skip
def test_a_reading_without_a_unit_has_its_measurands(measurand: str, unit: str) -> None:
    assert default_unit(measurand) == unit


def test_every_measurand_but_the_power_factor_has_a_unit() -> None:
    assert {measurand for measurand in MEASURANDS if not default_unit(measurand)} == {"Power.Factor"}


def sample(*readings: Reading) -> Sample:
    return Sample(at=START, readings=readings)


@given(st.floats(-1e9, 1e9), st.sampled_from(["Wh", "kWh"]))
def test_energy_is_in_watt_hours(value: float, unit: str) -> None:
    assert sample(Reading(value=value, unit=unit)).energy() == (value * 1000 if unit == "kWh" else value)


def test_the_whole_outranks_the_phases() -> None:
    phases = [Reading(value=float(n), measurand=POWER_IMPORT, unit="kW", phase=f"L{n}") for n in (1, 2, 3)]
    assert sample(*phases).power() == 6000.0
    assert sample(*phases, Reading(value=5500.0, measurand=POWER_IMPORT, unit="W")).power() == 5500.0


def test_what_is_not_measured_is_not_zero() -> None:
    empty = sample(Reading(value=16.0, measurand="Current.Import", unit="A"))
    assert empty.energy() is None
    assert empty.power() is None


def test_a_register_alone() -> None:
    reading = register(1234.0, START, Context.TRANSACTION_END).readings[0]
    assert (reading.measurand, reading.unit, reading.context) == (ENERGY_REGISTER, "Wh", Context.TRANSACTION_END)


@pytest.mark.parametrize(
    ("currents", "phases"),
    [
        ((16.0, 16.0, 16.0), 3), ((15.8, 0.0, 0.1), 1), ((0.2, 12.0, 12.4), 2), ((32.0, 1.5, 1.5), 1), ((6.0, 5.9, 6.1), 3),
        ((0.3, 0.3, 0.2), None), ((), None),
    ],
)  # fmt: skip
@pytest.mark.parametrize("suffix", ["", "-N"])
def test_the_phases_that_current_flows_over(currents: tuple[float, ...], phases: int | None, suffix: str) -> None:
    readings = [
        Reading(value=value, measurand="Current.Import", unit="A", phase=f"L{number}{suffix}")
        for number, value in enumerate(currents, 1)
    ]
    whole = Reading(value=sum(currents), measurand="Current.Import", unit="A")
    neutral = Reading(value=20.0, measurand="Current.Import", unit="A", phase="N")
    assert sample(whole, neutral, *readings).phases_used() == phases
