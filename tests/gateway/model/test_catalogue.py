"""The standard components and variables, and the older component names."""

from __future__ import annotations

import pytest

from gateway.model.catalogue import COMPONENTS, FOUNDING_NAMES, VARIABLES, Mapped, resolve_component, standard
from gateway.model.device import DataType, Mutability
from gateway.model.problems import COMPONENTS as PROBLEMS


@pytest.mark.parametrize(
    ("name", "component"),
    [
        ("ChargingStation", "ChargingStation"),
        ("chargingstation", "ChargingStation"),
        ("ChargePoint", "ChargingStation"),
        ("AccessSensor", "CaseAccessSensor"),
        ("RadioLink", "DataLink"),
        ("WiredLink", "DataLink"),
        ("EVSE", "EVSE"),
        ("OCPPCommCtrlr", "OCPPCommCtrlr"),
        ("Selftester", None),
        ("NoSuchThing", None),
        ("", None),
    ],
)
def test_both_names_of_a_component_are_known(name: str, component: str | None) -> None:
    assert resolve_component(name) == component


def test_every_older_name_leads_to_a_standard_component_or_says_that_there_is_none() -> None:
    assert len(FOUNDING_NAMES) == 58
    for name in FOUNDING_NAMES:
        assert (name.component is None) == (name.mapped is Mapped.NONE)
        assert name.component is None or name.component in COMPONENTS
        assert name.component is None or resolve_component(name.name) == name.component


def test_a_variable_has_its_type_and_unit() -> None:
    entry = standard("ocppcommctrlr", "HEARTBEATINTERVAL")
    assert entry is not None
    assert (entry.type, entry.unit) == (DataType.INTEGER, "s")
    assert entry.mutabilities == frozenset({Mutability.READ_WRITE})


def test_instances() -> None:
    assert standard("OCPPCommCtrlr", "MessageTimeout", "Default") is not None
    assert standard("OCPPCommCtrlr", "MessageTimeout") is None
    per_phase = standard("ElectricalFeed", "ACVoltage", "L1")
    assert per_phase is not None
    assert per_phase.unit == "V"


def test_a_variable_that_any_component_may_have() -> None:
    entry = standard("PowerContactor", "Problem")
    assert entry is not None
    assert entry.type is DataType.BOOLEAN
    assert standard("PowerContactor", "NoSuchVariable") is None


def test_every_problem_that_a_station_reports_is_standard() -> None:
    for component, variable in PROBLEMS:
        assert component in COMPONENTS
        assert standard(component, variable) is not None


def test_the_table_is_sound() -> None:
    names = [(entry.component.casefold(), entry.variable.casefold(), entry.instance.casefold()) for entry in VARIABLES]
    assert len(names) == len(set(names))
    for entry in VARIABLES:
        assert entry.component == "*" or entry.component in COMPONENTS
        assert len(entry.unit) <= 16
        assert len(entry.values) == len(set(entry.values))
