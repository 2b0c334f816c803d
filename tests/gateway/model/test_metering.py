"""What variables ask of meter values: when they are kept back, without phases, with or without signatures and keys."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from gateway.model.metering import gives_key, quiet, shaped, told, with_keys
from gateway.model.readings import POWER_IMPORT, Context, Reading, Sample, Signature
from gateway.model.transactions import Transaction
from tests.gateway.model.stations import known_station

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.model.device import VariableRef
    from gateway.model.station import StationState

NOON = datetime(2024, 5, 1, 12, 0, tzinfo=UTC)
SIGNED = Signature(data="AAAA", method="", encoding="OCMF", public_key="S0VZ")
BARE = replace(SIGNED, public_key="")


def look(**values: str) -> Callable[[VariableRef], str]:
    """Variables by name, ``SendDuringIdle1`` for the one of EVSE 1."""
    return lambda ref: values.get(f"{ref.component.removesuffix('DataCtrlr')}_{ref.variable}{ref.evse or ''}", "")


def charging(*evses: int) -> StationState:
    running = tuple(
        Transaction(id=f"t{evse}", number=evse, evse=evse, connector=1, started_at=NOON, last_at=NOON, token=None)
        for evse in evses
    )
    return replace(known_station(2), transactions=running)


def sample(*readings: Reading) -> Sample:
    return Sample(at=NOON, readings=readings)


@pytest.mark.ocpp("J01.FR.19", "J01.FR.20")
@pytest.mark.parametrize(
    ("values", "quiet_at"),
    [
        ({}, set()),
        ({"Aligned_SendDuringIdle": "true"}, {0, 1, 2}),
        ({"Aligned_SendDuringIdle1": "true"}, {1}),
        ({"Aligned_SendDuringIdle2": "true"}, set()),
        ({"Aligned_SendDuringIdle": "false", "Aligned_SendDuringIdle1": "true"}, {1}),
    ],
)
def test_clock_aligned_values_are_kept_back_while_the_evse_or_any_charges(
    values: dict[str, str], quiet_at: set[int]
) -> None:
    assert {evse for evse in (0, 1, 2) if quiet(look(**values), charging(1), evse)} == quiet_at
    assert not any(quiet(look(**values), charging(), evse) for evse in (0, 1, 2))


def test_only_what_is_by_the_clock_is_kept_back() -> None:
    clock, periodic = Reading(value=1, context=Context.SAMPLE_CLOCK), Reading(value=2)
    variables = look(Aligned_SendDuringIdle="true")
    assert told([sample(clock), sample(clock, periodic)], variables, charging(2), 1) == (sample(periodic),)
    assert told([sample(clock)], variables, charging(), 1) == (sample(clock),)


def phased(value: float, phase: str | None, unit: str = "Wh") -> Reading:
    return Reading(value=value, unit=unit, phase=phase)


@pytest.mark.parametrize(
    ("registers", "expected"),
    [
        ([phased(1, "L1"), phased(2, "L2"), phased(4, "L3")], [phased(7, None)]),
        ([phased(1, "L1", "kWh"), phased(2, "L2")], [phased(1002, None)]),
        ([phased(1, "L1"), phased(9, None), phased(2, "L2")], [phased(9, None)]),
    ],
)
def test_registers_without_phases(registers: list[Reading], expected: list[Reading]) -> None:
    power = [Reading(value=1, measurand=POWER_IMPORT, unit="W", phase=phase) for phase in ("L1", "L2")]
    whole = look(Sampled_RegisterValuesWithoutPhases="true")
    assert shaped([sample(*registers, *power)], whole) == (sample(*expected, *power),)
    assert shaped([sample(*registers, *power)], look()) == (sample(*registers, *power),)
    assert shaped([sample(*power)], whole) == (sample(*power),)


@pytest.mark.ocpp("J01.FR.21", "J02.FR.21")
def test_signatures_only_where_they_are_switched_on() -> None:
    readings = (Reading(value=1, signed=SIGNED), Reading(value=2, signed=SIGNED, context=Context.SAMPLE_CLOCK))
    for values, signed in (
        ({}, (True, True)),
        ({"Sampled_SignReadings": "true", "Aligned_SignReadings": "true"}, (True, True)),
        ({"Sampled_SignReadings": "false"}, (False, True)),
        ({"Aligned_SignReadings": "false"}, (True, False)),
    ):
        (found,) = shaped([sample(*readings)], look(**values))
        assert tuple(reading.signed is not None for reading in found.readings) == signed


@pytest.mark.parametrize(
    ("policy", "given", "keys"),
    [
        ("", False, ["S0VZ", "", "S0VZ"]),
        ("Never", False, ["", "", ""]),
        ("OncePerTransaction", False, ["S0VZ", "", ""]),
        ("OncePerTransaction", True, ["", "", ""]),
        ("EveryMeterValue", True, ["S0VZ", "T1RI", "S0VZ"]),
    ],
)
def test_the_public_key_comes_as_often_as_it_is_asked_for(policy: str, *, given: bool, keys: list[str]) -> None:
    samples = [sample(Reading(value=1, signed=SIGNED)), sample(Reading(value=2, signed=BARE), Reading(value=3)),
               sample(Reading(value=3, signed=SIGNED))]  # fmt: skip
    variables = look(OCPPCommCtrlr_PublicKeyWithSignedMeterValue=policy)
    found = with_keys(samples, variables, key="T1RI", given=given)
    assert [r.signed.public_key for s in found for r in s.readings if r.signed] == keys
    assert gives_key(found) is any(keys)
