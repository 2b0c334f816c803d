"""The device model: finding variables, setting them, and what the station itself holds."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.device import (
    LEGACY_STATION,
    Attribute,
    DataType,
    DeviceModel,
    Mutability,
    VariableRef,
    VariableSpec,
    VariableStatus,
)
from gateway.model.events import StationVariable

THRESHOLD = VariableRef(component="OCPPCommCtrlr", variable="OfflineThreshold")
TIMEOUT = VariableRef(component="OCPPCommCtrlr", variable="MessageTimeout", variable_instance="Default")
PASSWORD = VariableRef(component="SecurityCtrlr", variable="BasicAuthPassword")
POWER = VariableRef(component="EVSE", evse=1, variable="Power")
CONNECTION = VariableRef(component="TxCtrlr", variable="EVConnectionTimeOut")
SAMPLED = VariableRef(component="SampledDataCtrlr", variable="TxUpdatedMeasurands")
IDENTITY = VariableRef(component="SecurityCtrlr", variable="Identity")

SPECS = (
    VariableSpec(ref=THRESHOLD, type=DataType.INTEGER, default="60", mutability=Mutability.READ_WRITE, min_limit=0),
    VariableSpec(ref=TIMEOUT, type=DataType.INTEGER, default="30", constant=True),
    VariableSpec(ref=PASSWORD, default="hunter2", mutability=Mutability.WRITE_ONLY),
    VariableSpec(ref=POWER, type=DataType.DECIMAL, unit="W"),
    VariableSpec(ref=CONNECTION, type=DataType.INTEGER, default="60", mutability=Mutability.READ_WRITE),
    VariableSpec(ref=SAMPLED, type=DataType.MEMBER_LIST, default="Voltage", values=("Voltage", "SoC")),
    VariableSpec(ref=IDENTITY, default="AT-1", constant=True),
)
DEVICE = DeviceModel.of(SPECS)


def held(key: str, target: VariableRef | None, value: str, *, read_only: bool = False) -> StationVariable:
    """A setting of the station, for a standard variable or for none."""
    component, variable = (target.component, target.variable) if target else (LEGACY_STATION, key)
    return StationVariable(key=key, component=component, variable=variable, value=value, read_only=read_only)


def with_settings(*settings: StationVariable) -> DeviceModel:
    """The device with what the station itself holds."""
    return DeviceModel.of(SPECS, station=settings)


def legacy(key: str) -> VariableRef:
    """The variable of a setting that has no standard variable."""
    return VariableRef(component=LEGACY_STATION, variable=key)


@pytest.mark.parametrize(
    ("ref", "attribute", "status"),
    [
        (VariableRef(component="Nothing", variable="Power"), "Actual", VariableStatus.UNKNOWN_COMPONENT),
        (VariableRef(component="EVSE", variable="Power"), "Actual", VariableStatus.UNKNOWN_COMPONENT),
        (VariableRef(component="EVSE", evse=2, variable="Power"), "Actual", VariableStatus.UNKNOWN_COMPONENT),
        (
            VariableRef(component="EVSE", evse=1, connector=1, variable="Power"),
            "Actual",
            VariableStatus.UNKNOWN_COMPONENT,
        ),
        (VariableRef(component="EVSE", evse=1, variable="Nothing"), "Actual", VariableStatus.UNKNOWN_VARIABLE),
        (
            VariableRef(component="OCPPCommCtrlr", variable="MessageTimeout"),
            "Actual",
            VariableStatus.UNKNOWN_VARIABLE,
        ),
        (THRESHOLD, "Target", VariableStatus.NOT_SUPPORTED_ATTRIBUTE_TYPE),
        (THRESHOLD, "MinSet", VariableStatus.NOT_SUPPORTED_ATTRIBUTE_TYPE),
        (THRESHOLD, "Actual", VariableStatus.ACCEPTED),
    ],
)
@pytest.mark.ocpp("B05.FR.04", "B05.FR.05", "B05.FR.06", "B06.FR.06", "B06.FR.07", "B06.FR.08", "B06.FR.15")
def test_reading_and_setting_agree_on_what_there_is(ref: VariableRef, attribute: str, status: VariableStatus) -> None:
    assert DEVICE.get(ref, attribute).status is status
    assert DEVICE.check_set(ref, "10", attribute).status is status


def test_names_and_instances_have_no_case_and_an_empty_instance_is_none() -> None:
    ref = VariableRef(
        component="ocppcommctrlr", component_instance="", variable="MESSAGETIMEOUT", variable_instance="default"
    )
    assert ref == TIMEOUT
    assert hash(ref) == hash(TIMEOUT)
    assert DEVICE.get(ref).value == "30"


@pytest.mark.ocpp("B05.FR.09")
def test_a_read_only_variable_is_not_set() -> None:
    result = DEVICE.check_set(TIMEOUT, "31")
    assert (result.status, result.reason) == (VariableStatus.REJECTED, "ReadOnly")


@pytest.mark.ocpp("B06.FR.09")
def test_a_write_only_variable_is_not_read() -> None:
    result = DEVICE.get(PASSWORD)
    assert (result.status, result.value, result.reason) == (VariableStatus.REJECTED, None, "WriteOnly")
    assert DEVICE.check_set(PASSWORD, "correct horse battery").accepted


@pytest.mark.ocpp("B06.FR.13")
def test_a_variable_without_a_value_is_empty() -> None:
    result = DEVICE.get(POWER)
    assert (result.status, result.value) == (VariableStatus.ACCEPTED, "")


def test_a_variable_that_needs_a_restart_says_so() -> None:
    spec = VariableSpec(ref=THRESHOLD, mutability=Mutability.READ_WRITE, reboot_required=True)
    result = DeviceModel.of([spec]).check_set(THRESHOLD, "x")
    assert result.status is VariableStatus.REBOOT_REQUIRED
    assert result.accepted


def test_a_new_value_makes_a_new_model() -> None:
    changed = DEVICE.with_value(THRESHOLD, "5")
    assert (changed.value(THRESHOLD), DEVICE.value(THRESHOLD)) == ("5", "60")
    with pytest.raises(KeyError):
        DEVICE.with_value(legacy("nothing"), "1")


def test_stored_values_come_back_unless_they_no_longer_fit() -> None:
    values = {THRESHOLD.key: "120", CONNECTION.key: "soon", "gone[]@0.0/gone[]": "1"}
    device = DeviceModel.of(SPECS, values)
    assert device.value(THRESHOLD) == "120"
    assert device.value(CONNECTION) == "60"


def test_the_later_of_two_specs_counts() -> None:
    device = DeviceModel.of([*SPECS, VariableSpec(ref=THRESHOLD, default="7")])
    assert device.value(THRESHOLD) == "7"


def test_typed_values() -> None:
    device = DEVICE.with_value(SAMPLED, "Voltage,SoC")
    assert device.integer("OCPPCommCtrlr", "MessageTimeout", "Default") == 30
    assert device.members("SampledDataCtrlr", "TxUpdatedMeasurands") == ("Voltage", "SoC")
    assert device.text("SecurityCtrlr", "Identity") == "AT-1"
    assert device.boolean("SecurityCtrlr", "Identity") is False
    with pytest.raises(KeyError):
        device.integer("OCPPCommCtrlr", "Nothing")


def test_a_standard_variable_that_the_station_holds_is_the_stations() -> None:
    device = with_settings(held("ConnectionTimeOut", CONNECTION, " 90", read_only=True))
    assert device.station_key(CONNECTION) == "ConnectionTimeOut"
    assert device.integer("TxCtrlr", "EVConnectionTimeOut") == 90
    assert device.check_set(CONNECTION, "30").reason == "ReadOnly"
    assert DEVICE.station_key(CONNECTION) is None


def test_a_station_makes_its_own_measurands_allowed_and_writable() -> None:
    device = with_settings(held("MeterValuesSampledData", SAMPLED, "Voltage, Temperature"))
    assert device.value(SAMPLED) == "Voltage,Temperature"
    assert device.check_set(SAMPLED, "SoC,Temperature").accepted
    assert not device.check_set(SAMPLED, "Frequency").accepted


def test_a_setting_without_a_standard_variable_is_of_the_legacy_station() -> None:
    device = with_settings(held("BlinkRepeat", None, "3"), held("x" * 60, None, "1", read_only=True))
    assert device.get(legacy("blinkrepeat")).value == "3"
    assert device.station_key(legacy("BlinkRepeat")) == "BlinkRepeat"
    assert device.check_set(legacy("BlinkRepeat"), "anything").accepted
    assert device.station_key(legacy("x" * 50)) == "x" * 60


def test_what_the_box_fixes_stays_and_the_stations_word_is_kept_beside_it() -> None:
    device = with_settings(held("ChargePointId", IDENTITY, "SCHRACK-1", read_only=True))
    assert device.value(IDENTITY) == "AT-1"
    assert device.get(legacy("ChargePointId")).value == "SCHRACK-1"


def test_two_settings_for_one_variable_do_not_hide_each_other() -> None:
    device = with_settings(held("A", CONNECTION, "90"), held("B", CONNECTION, "91"))
    assert device.value(CONNECTION) == "90"
    assert device.value(legacy("B")) == "91"


def test_a_standard_variable_that_only_the_station_has_gets_its_standard_type() -> None:
    ref = VariableRef(component="TxCtrlr", variable="MaxEnergyOnInvalidId")
    device = with_settings(held("MaxEnergyOnInvalidId", ref, "500"))
    assert device.check_set(ref, "abc").reason == "InvalidValue"
    assert device.station_key(ref) == "MaxEnergyOnInvalidId"


def test_a_stations_value_that_makes_no_sense_is_reported_but_not_used() -> None:
    device = with_settings(held("ConnectionTimeOut", CONNECTION, "never"))
    assert device.get(CONNECTION).value == "never"
    assert device.integer("TxCtrlr", "EVConnectionTimeOut") == 60


_NAMES = st.sampled_from(["OCPPCommCtrlr", "evse", "SecurityCtrlr", "TxCtrlr", ""]) | st.text()
_VARIABLES = st.sampled_from(["OfflineThreshold", "Power", "MessageTimeout", "Identity"]) | st.text()
_REFS = st.builds(
    VariableRef,
    component=_NAMES,
    component_instance=st.none() | st.text(),
    evse=st.none() | st.integers(),
    connector=st.none() | st.integers(),
    variable=_VARIABLES,
    variable_instance=st.none() | st.just("Default") | st.text(),
)


@given(_REFS, st.text(), st.sampled_from(Attribute))
def test_any_question_and_any_order_gets_a_status(ref: VariableRef, value: str, attribute: Attribute) -> None:
    got = DEVICE.get(ref, attribute)
    assert (got.value is not None) == (got.status is VariableStatus.ACCEPTED)
    assert DEVICE.check_set(ref, value, attribute).status in VariableStatus


@given(st.lists(st.tuples(st.text(max_size=80), st.none() | st.sampled_from([s.ref for s in SPECS]), st.text())))
def test_any_settings_of_a_station_make_a_model(settings: list[tuple[str, VariableRef | None, str]]) -> None:
    device = with_settings(*(held(*setting) for setting in settings))
    assert {spec.ref.key for spec in SPECS} <= set(device.specs)
    assert set(device.station_keys.values()) <= {key for key, *_ in settings}


def test_setting_that_the_station_never_tells_is_write_only_and_keeps_what_the_box_assumes() -> None:
    unread = replace(held("ConnectionTimeOut", CONNECTION, ""), unread=True)
    device = with_settings(unread, replace(held("BlinkRepeat", None, ""), unread=True))
    assert device.station_key(CONNECTION) == "ConnectionTimeOut"
    assert device.integer("TxCtrlr", "EVConnectionTimeOut") == 60
    assert device.get(CONNECTION).status is VariableStatus.REJECTED
    assert device.check_set(CONNECTION, "90").accepted
    assert not device.check_set(CONNECTION, "soon").accepted
    assert device.check_set(legacy("BlinkRepeat"), "3").accepted
