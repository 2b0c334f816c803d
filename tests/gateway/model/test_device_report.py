"""Which variables belong in which report."""

from __future__ import annotations

import pytest

from gateway.model.device import (
    Criterion,
    DataType,
    DeviceModel,
    Mutability,
    Pattern,
    ReportBase,
    ReportItem,
    VariableRef,
    VariableSpec,
    inventory,
    report,
)


def flag(
    component: str, variable: str, value: str = "", *, instance: str = "", evse: int = 0, connector: int = 0
) -> VariableSpec:
    """A variable with a value, anywhere in the station."""
    ref = VariableRef(
        component=component, variable=variable, variable_instance=instance, evse=evse, connector=connector
    )
    return VariableSpec(ref=ref, type=DataType.STRING, default=value)


def writable(component: str, variable: str, mutability: Mutability, value: str = "") -> VariableSpec:
    """A variable that the CSMS may set."""
    return VariableSpec(ref=VariableRef(component=component, variable=variable), default=value, mutability=mutability)


DEVICE = DeviceModel.of(
    [
        flag("ChargingStation", "AvailabilityState", "Available"),
        flag("ChargingStation", "Problem", "true"),
        flag("EVSE", "AvailabilityState", "Occupied", evse=1),
        flag("EVSE", "AvailabilityState", "Available", evse=2),
        flag("Connector", "AvailabilityState", "Occupied", evse=1, connector=1),
        flag("Connector", "AvailabilityState", "Available", evse=1, connector=2),
        flag("Connector", "AvailabilityState", "Available", evse=2, connector=1),
        flag("TokenReader", "Problem", "false"),
        flag("OverCurrentProtection", "Tripped", "true", evse=2),
        flag("AirCoolingSystem", "Active", "false"),
        flag("Heater", "Active", "true"),
        flag("SmartChargingCtrlr", "Available", "false"),
        flag("TariffCostCtrlr", "Available", "false", instance="Tariff"),
        flag("TariffCostCtrlr", "Available", "true", instance="Cost"),
        flag("DeviceDataCtrlr", "ItemsPerMessage", "5", instance="GetReport"),
        flag("DeviceDataCtrlr", "ItemsPerMessage", "6", instance="GetVariables"),
        flag("DeviceDataCtrlr", "ReportingValueSize", "2500"),
        writable("AuthCacheCtrlr", "Enabled", Mutability.READ_WRITE, "true"),
        writable("AuthCtrlr", "Enabled", Mutability.READ_WRITE, "false"),
        writable("SecurityCtrlr", "BasicAuthPassword", Mutability.WRITE_ONLY, "hunter2"),
    ],
)


def labels(items: tuple[ReportItem, ...]) -> set[str]:
    """The addresses in a report."""
    return {item.spec.ref.label for item in items}


def components(items: tuple[ReportItem, ...]) -> set[str]:
    """The components in a report."""
    return {item.spec.ref.component for item in items}


@pytest.mark.ocpp("B07.FR.08")
def test_the_full_inventory_has_every_variable() -> None:
    assert {item.spec for item in inventory(DEVICE, ReportBase.FULL)} == set(DEVICE.specs.values())


@pytest.mark.ocpp("B07.FR.07")
def test_the_configuration_inventory_has_what_can_be_set() -> None:
    assert labels(inventory(DEVICE, ReportBase.CONFIGURATION)) == {
        "AuthCacheCtrlr.Enabled",
        "AuthCtrlr.Enabled",
        "SecurityCtrlr.BasicAuthPassword",
    }


@pytest.mark.ocpp("B07.FR.03")
@pytest.mark.parametrize("base", [ReportBase.FULL, ReportBase.CONFIGURATION])
def test_no_report_has_the_value_of_a_write_only_variable(base: ReportBase) -> None:
    secret = [item for item in inventory(DEVICE, base) if item.spec.ref.variable == "BasicAuthPassword"]
    assert [item.value for item in secret] == [None]


@pytest.mark.ocpp("B07.FR.09")
def test_the_summary_has_availability_and_what_is_wrong() -> None:
    assert labels(inventory(DEVICE, ReportBase.SUMMARY)) == {
        "ChargingStation.AvailabilityState",
        "ChargingStation.Problem",
        "EVSE#1.AvailabilityState",
        "EVSE#2.AvailabilityState",
        "Connector#1#2.AvailabilityState",  # the others are as their EVSE
        "OverCurrentProtection#2.Tripped",
    }


@pytest.mark.parametrize(
    ("criterion", "inside", "outside"),
    [
        pytest.param(Criterion.ACTIVE, {"Heater", "EVSE"}, {"AirCoolingSystem"}, marks=pytest.mark.ocpp("B08.FR.07")),
        pytest.param(
            Criterion.AVAILABLE,
            {"TariffCostCtrlr", "EVSE", "Heater"},
            {"SmartChargingCtrlr"},
            marks=pytest.mark.ocpp("B08.FR.08"),
        ),
        pytest.param(
            Criterion.ENABLED, {"AuthCacheCtrlr", "Heater"}, {"AuthCtrlr"}, marks=pytest.mark.ocpp("B08.FR.09")
        ),
        pytest.param(
            Criterion.PROBLEM,
            {"ChargingStation"},
            {"TokenReader", "Heater", "OverCurrentProtection"},
            marks=pytest.mark.ocpp("B08.FR.10"),
        ),
    ],
)
def test_a_criterion_chooses_components(criterion: Criterion, inside: set[str], outside: set[str]) -> None:
    items = report(DEVICE, {criterion}, [])
    assert components(items) >= inside
    assert not components(items) & outside
    kept = [spec.ref.label for spec in DEVICE.specs.values() if spec.ref.component in inside]
    assert labels(items) >= set(kept)  # with all that they have


@pytest.mark.ocpp("B08.FR.13")
def test_of_several_criteria_one_is_enough() -> None:
    both = report(DEVICE, {Criterion.PROBLEM, Criterion.ENABLED}, [])
    assert labels(both) == labels(report(DEVICE, {Criterion.PROBLEM}, [])) | labels(
        report(DEVICE, {Criterion.ENABLED}, [])
    )


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        pytest.param(
            Pattern(component="devicedatactrlr"),
            {
                "DeviceDataCtrlr.ItemsPerMessage[GetReport]",
                "DeviceDataCtrlr.ItemsPerMessage[GetVariables]",
                "DeviceDataCtrlr.ReportingValueSize",
            },
            marks=pytest.mark.ocpp("B08.FR.20"),
            id="every-variable",
        ),
        pytest.param(
            Pattern(component="DeviceDataCtrlr", variable="ItemsPerMessage"),
            {"DeviceDataCtrlr.ItemsPerMessage[GetReport]", "DeviceDataCtrlr.ItemsPerMessage[GetVariables]"},
            marks=pytest.mark.ocpp("B08.FR.21"),
            id="every-instance",
        ),
        pytest.param(
            Pattern(component="DeviceDataCtrlr", variable="ItemsPerMessage", variable_instance="GetReport"),
            {"DeviceDataCtrlr.ItemsPerMessage[GetReport]"},
            marks=pytest.mark.ocpp("B08.FR.11"),
            id="one-instance",
        ),
        pytest.param(
            Pattern(component="Connector", evse=1),
            {"Connector#1#1.AvailabilityState", "Connector#1#2.AvailabilityState"},
            marks=pytest.mark.ocpp("B08.FR.22"),
            id="every-connector",
        ),
        pytest.param(
            Pattern(component="EVSE", variable="AvailabilityState"),
            {"EVSE#1.AvailabilityState", "EVSE#2.AvailabilityState"},
            marks=pytest.mark.ocpp("B08.FR.23"),
            id="every-evse",
        ),
        pytest.param(Pattern(component="EVSE", evse=3), set(), id="none"),
        pytest.param(
            Pattern(component="Connector", evse=1, connector=2), {"Connector#1#2.AvailabilityState"}, id="one"
        ),
    ],
)
def test_a_pattern_means_all_that_it_leaves_open(pattern: Pattern, expected: set[str]) -> None:
    assert labels(report(DEVICE, (), [pattern])) == expected


@pytest.mark.ocpp("B08.FR.24", "B08.FR.25")
def test_component_instances() -> None:
    spots = [VariableRef(component="Fan", component_instance=name, variable="Active") for name in ("left", "right")]
    device = DeviceModel.of(
        [VariableSpec(ref=ref) for ref in (*spots, VariableRef(component="Fan", variable="Active"))]
    )
    everywhere = {"Fan[left].Active", "Fan[right].Active", "Fan.Active"}
    assert labels(report(device, (), [Pattern(component="Fan")])) == everywhere
    assert labels(report(device, (), [Pattern(component="fan", component_instance="LEFT")])) == {"Fan[left].Active"}


@pytest.mark.ocpp("B08.FR.05")
def test_criteria_and_patterns_limit_each_other() -> None:
    pattern = Pattern(component="EVSE", evse=1, variable="AvailabilityState")
    assert labels(report(DEVICE, {Criterion.AVAILABLE}, [pattern])) == {"EVSE#1.AvailabilityState"}
    assert report(DEVICE, {Criterion.PROBLEM}, [pattern]) == ()


def test_without_criteria_and_patterns_everything_is_reported() -> None:
    assert labels(report(DEVICE, (), [])) == labels(inventory(DEVICE, ReportBase.FULL))
