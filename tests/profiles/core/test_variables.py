"""The variables that every station has."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.catalogue import VARIABLES, standard
from gateway.model.device import DataType, DeviceModel, Moment, VariableRef, VariableSpec, live_value
from gateway.model.device.values import refusal
from gateway.model.evse import ConnectorState, ConnectorStatus
from gateway.model.installation import Installation, Outlet
from gateway.model.problems import COMPONENTS as PROBLEMS
from gateway.model.problems import ERROR_CODES, fault_of
from gateway.model.station import Capability, StationIdentity, StationState
from profiles.core.variables import core_variables
from tests.profiles.core.inventory_fakes import NOW, STATE

SPECS = tuple(core_variables(STATE))
DEVICE = DeviceModel.of(SPECS)
CORE = {
    "AlignedDataCtrlr",
    "AuthCtrlr",
    "ChargingStation",
    "ClockCtrlr",
    "DeviceDataCtrlr",
    "OCPPCommCtrlr",
    "SampledDataCtrlr",
    "SecurityCtrlr",
    "TxCtrlr",
}
WRITABLE = [spec for spec in SPECS if spec.writable]


@pytest.mark.ocpp("B07.FR.08")
def test_everything_is_there_that_a_station_must_have() -> None:
    for entry in (entry for entry in VARIABLES if entry.required):
        refs = {
            "EVSE": [VariableRef(component="EVSE", evse=n, variable=entry.variable) for n in (1, 2)],
            "Connector": [
                VariableRef(component="Connector", evse=n, connector=1, variable=entry.variable) for n in (1, 2)
            ],
        }.get(entry.component, [])
        if entry.component in CORE:
            refs = [VariableRef(component=entry.component, variable=entry.variable, variable_instance=entry.instance)]
        assert [ref.label for ref in refs if DEVICE.spec(ref) is None] == []


def test_no_variable_is_defined_twice() -> None:
    assert len({spec.ref for spec in SPECS}) == len(SPECS)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.ref.label)
def test_a_variable_is_as_the_standard_says(spec: VariableSpec) -> None:
    entry = standard(spec.ref.component, spec.ref.variable, spec.ref.variable_instance)
    assert entry is not None
    assert (spec.type, spec.unit) == (entry.type, entry.unit)
    assert set(spec.values) <= set(entry.values) or spec.ref.variable == "NetworkConfigurationPriority"
    assert bool(spec.values) == spec.type.lists
    assert not spec.writable or spec.mutability in entry.mutabilities
    assert not spec.writable or spec.kept


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.ref.label)
def test_its_first_value_is_one_that_it_may_have(spec: VariableSpec) -> None:
    value = live_value(spec, Moment(state=STATE, now=NOW)) if spec.live else spec.default
    assert value == "" or refusal(spec, value) is None


def values_of(spec: VariableSpec) -> st.SearchStrategy[str]:
    """The values that a variable may take."""
    if spec.type is DataType.BOOLEAN:
        return st.sampled_from(["true", "false"])
    if spec.type is DataType.INTEGER:
        low, high = int(spec.min_limit or 0), int(spec.max_limit or 2**31 - 1)
        return st.integers(min_value=low, max_value=high).map(str)
    if spec.type.lists:
        return st.sampled_from(spec.values)
    assert spec.type is DataType.STRING
    return st.text(max_size=spec.max_length)


@given(st.data())
def test_what_is_set_is_what_is_read(data: st.DataObject) -> None:
    spec = data.draw(st.sampled_from(WRITABLE))
    value = data.draw(values_of(spec))
    assert DEVICE.check_set(spec.ref, value).accepted
    assert DEVICE.with_value(spec.ref, value).get(spec.ref).value == value
    assert DeviceModel.of(SPECS, {spec.ref.key: value}).get(spec.ref).value == value


def test_a_transaction_starts_and_stops_as_a_1x_station_has_it() -> None:
    assert DEVICE.members("TxCtrlr", "TxStartPoint") == ("PowerPathClosed",)
    assert DEVICE.members("TxCtrlr", "TxStopPoint") == ("EVConnected", "Authorized")
    assert not DEVICE.check_set(VariableRef(component="TxCtrlr", variable="TxStartPoint"), "PowerPathClosed").accepted


@pytest.mark.parametrize("code", sorted(ERROR_CODES))
def test_every_error_code_of_a_station_has_its_variable_at_the_evse_and_at_the_station(code: str) -> None:
    fault = fault_of(code)
    assert fault is not None
    broken = ConnectorState(evse=1, connector=1, reported=ConnectorStatus.FAULTED, at=NOW, faults=(fault,))
    for evse, state in ((0, replace(STATE, faults=(fault,))), (1, STATE.with_connector(broken))):
        ref = VariableRef(component=fault.component, variable=fault.variable, evse=evse)
        assert DEVICE.at(STATE, NOW).value(ref) == "false"
        assert DEVICE.at(state, NOW).value(ref) == "true"


def test_a_station_level_entry_is_not_an_evse() -> None:
    state = STATE.with_connector(ConnectorState(evse=0, connector=0, reported=ConnectorStatus.AVAILABLE, at=NOW))
    assert {spec.ref for spec in core_variables(state)} == {spec.ref for spec in SPECS}


def test_what_the_station_says_of_itself_is_reported() -> None:
    full = StationIdentity(
        vendor="Schrack", model="i-CHARGE", serial="1", box_serial="2", firmware="1.5", iccid="3", imsi="4",
        meter_type="EEM", meter_serial="5",
    )  # fmt: skip
    device = DeviceModel.of(core_variables(replace(STATE, identity=full)))
    assert device.text("ChargingStation", "VendorName") == "Schrack"
    assert device.text("Controller", "FirmwareVersion") == "1.5"
    assert device.text("FiscalMetering", "SerialNumber") == "5"
    assert device.text("DataLink", "ICCID") == "3"
    silent = DeviceModel.of(core_variables(StationState(id="S")))
    assert silent.spec(VariableRef(component="Controller", variable="FirmwareVersion")) is None


def test_wiring_and_security_come_from_the_site() -> None:
    outlet = Outlet(connector_type="sType2", phases=3, power=22_000)
    device = DeviceModel.of(core_variables(STATE, Installation(security_profile=2, outlets={(1, 1): outlet})))
    assert device.integer("SecurityCtrlr", "SecurityProfile") == 2
    assert device.value(VariableRef(component="Connector", evse=1, connector=1, variable="ConnectorType")) == "sType2"
    power = device.spec(VariableRef(component="EVSE", evse=1, variable="Power"))
    assert power is not None
    assert (power.max_limit, power.unit) == (22_000, "W")
    assert device.value(VariableRef(component="EVSE", evse=1, variable="SupplyPhases")) == "3"
    assert device.value(VariableRef(component="EVSE", evse=2, variable="SupplyPhases")) == ""


@pytest.mark.parametrize(("capability", "protocols"), [(Capability.DIAGNOSTICS, ("FTP",)), (Capability.RESET, ())])
def test_files_only_where_the_station_can_transfer_them(capability: Capability, protocols: tuple[str, ...]) -> None:
    device = DeviceModel.of(core_variables(replace(STATE, capabilities=frozenset({capability}))))
    assert device.members("OCPPCommCtrlr", "FileTransferProtocols") == protocols


def test_there_are_problems_for_the_station_and_for_each_evse() -> None:
    problems = [spec for spec in SPECS if (spec.ref.component, spec.ref.variable) in PROBLEMS]
    assert len(problems) == 3 * len(PROBLEMS)
    assert all(spec.live and not spec.writable for spec in problems)
