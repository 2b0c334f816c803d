"""B07 and B08: reports, as the CSMS sees them on the wire."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.contracts import CallRefused
from gateway.model.device import LEGACY_STATION, Mutability, VariableRef, VariableSpec
from gateway.model.events import StationVariable
from gateway.model.station import StationState
from profiles.common.paging import PAGE_BYTES
from profiles.core.variables import ITEMS_PER_MESSAGE
from tests.profiles.core.inventory_box import EVSE_STATE, Box, named, setting
from tests.profiles.core.inventory_fakes import STATE, STATION

if TYPE_CHECKING:
    from gateway.contracts import Json


@pytest.fixture
def box() -> Box:
    return Box()


# --- GetBaseReport --------------------------------------------------------------------------------------------------


@pytest.mark.ocpp("B07.FR.01", "B07.FR.03", "B07.FR.04", "B07.FR.08", "B07.FR.10", "B07.FR.11", "B07.FR.12")
async def test_the_full_inventory_comes_in_pages_after_the_answer(box: Box) -> None:
    box.northbound.settings = tuple(setting(f"Key{number}", "v" * 200) for number in range(100))
    status, pages = await box.report("GetBaseReport", {"requestId": 42, "reportBase": "FullInventory"})
    assert status == "Accepted"
    assert len(pages) > 2
    assert [page["seqNo"] for page in pages] == list(range(len(pages)))
    assert [page["tbc"] for page in pages] == [True] * (len(pages) - 1) + [False]
    assert {(page["requestId"], page["generatedAt"]) for page in pages} == {(42, "2024-05-01T12:00:00.000Z")}
    assert max(len(orjson.dumps(page)) for page in pages) <= PAGE_BYTES
    items = [item for page in pages for item in page["reportData"]]
    assert len(items) == len(box.northbound.model.specs)
    assert (LEGACY_STATION, "Key99") in named(pages)  # read from the station for this report
    assert all(item["variableAttribute"][0]["type"] == "Actual" for item in items)
    assert all(message.requested for message in box.backend.posted)


@pytest.mark.ocpp("B07.FR.07", "B07.FR.12")
async def test_the_configuration_inventory_has_what_the_operator_sets(box: Box) -> None:
    status, pages = await box.report("GetBaseReport", {"requestId": 1, "reportBase": "ConfigurationInventory"})
    assert status == "Accepted"
    assert ("OCPPCommCtrlr", "OfflineThreshold") in named(pages)
    items = [item for page in pages for item in page["reportData"]]
    assert {item["variableAttribute"][0]["mutability"] for item in items} == {"ReadWrite"}
    assert all(item["variableAttribute"][0]["persistent"] for item in items)
    assert all("dataType" in item["variableCharacteristics"] for item in items)


@pytest.mark.ocpp("B07.FR.09")
async def test_the_summary_has_the_availability(box: Box) -> None:
    _, pages = await box.report("GetBaseReport", {"requestId": 1, "reportBase": "SummaryInventory"})
    assert named(pages) == {("ChargingStation", "AvailabilityState"), ("EVSE", "AvailabilityState")}


@pytest.mark.ocpp("B07.FR.13", "B08.FR.16")
@pytest.mark.parametrize(
    ("action", "payload"),
    [("GetBaseReport", {"requestId": 1, "reportBase": "FullInventory"}), ("GetReport", {"requestId": 1})],
)
async def test_no_report_before_the_station_has_said_what_it_is(box: Box, action: str, payload: Json) -> None:
    box.northbound.state = StationState(id=STATION)
    reply = await box.call(action, payload)
    assert (reply.payload["status"], reply.then) == ("Rejected", None)
    reply = await box.call(action, payload, station="another")
    assert (reply.payload["status"], reply.then) == ("Rejected", None)


@pytest.mark.ocpp("B07.FR.03")
async def test_a_report_leaves_out_the_value_of_a_write_only_variable(box: Box) -> None:
    ref = VariableRef(component="SecurityCtrlr", variable="BasicAuthPassword")
    box.add(VariableSpec(ref=ref, default="hunter2", mutability=Mutability.WRITE_ONLY, max_length=40))
    _, pages = await box.report("GetBaseReport", {"requestId": 1, "reportBase": "FullInventory"})
    assert ("SecurityCtrlr", "BasicAuthPassword") in named(pages)
    assert "hunter2" not in str(pages)


async def test_characteristics_tell_limits_units_and_values(box: Box) -> None:
    wanted = [
        {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}},
        {"component": {"name": "TxCtrlr"}, "variable": {"name": "TxStopPoint"}},
        {"component": {"name": "SecurityCtrlr"}, "variable": {"name": "Identity"}},
    ]
    _, (page,) = await box.report("GetReport", {"requestId": 1, "componentVariable": wanted})
    found = {item["variable"]["name"]: item["variableCharacteristics"] for item in page["reportData"]}
    assert found["HeartbeatInterval"] == {
        "dataType": "integer", "unit": "s", "minLimit": 1, "maxLimit": 86_400, "supportsMonitoring": False,
    }  # fmt: skip
    assert found["TxStopPoint"]["valuesList"] == "EVConnected,Authorized"
    assert found["Identity"]["maxLimit"] == 48


# --- GetReport ------------------------------------------------------------------------------------------------------


@pytest.mark.ocpp("B08.FR.01", "B08.FR.03", "B08.FR.04", "B08.FR.11", "B08.FR.12", "B08.FR.14")
async def test_a_report_of_one_variable(box: Box) -> None:
    status, pages = await box.report("GetReport", {"requestId": 7, "componentVariable": [EVSE_STATE]})
    assert status == "Accepted"
    assert [(page["requestId"], page["seqNo"], page["tbc"]) for page in pages] == [(7, 0, False)]
    (item,) = pages[0]["reportData"]
    assert item["component"] == EVSE_STATE["component"]
    assert item["variable"] == EVSE_STATE["variable"]
    assert item["variableAttribute"] == [
        {"type": "Actual", "value": "Available", "mutability": "ReadOnly", "persistent": False, "constant": False}
    ]
    assert item["variableCharacteristics"] == {
        "dataType": "OptionList",
        "valuesList": "Available,Occupied,Reserved,Unavailable,Faulted",
        "supportsMonitoring": False,
    }


@pytest.mark.ocpp("B08.FR.05", "B08.FR.15")
async def test_criteria_and_variables_limit_each_other(box: Box) -> None:
    request = {"requestId": 7, "componentVariable": [EVSE_STATE], "componentCriteria": ["Problem"]}
    assert await box.report("GetReport", request) == ("EmptyResultSet", [])
    status, pages = await box.report("GetReport", {**request, "componentCriteria": ["Available"]})
    assert (status, named(pages)) == ("Accepted", {("EVSE", "AvailabilityState")})


@pytest.mark.ocpp("B08.FR.22")
async def test_a_component_of_an_evse_is_meant_at_every_connector(box: Box) -> None:
    wanted = {"component": {"name": "Connector", "evse": {"id": 2}}, "variable": {"name": "ConnectorType"}}
    _, (page,) = await box.report("GetReport", {"requestId": 7, "componentVariable": [wanted]})
    assert [item["component"] for item in page["reportData"]] == [
        {"name": "Connector", "evse": {"id": 2, "connectorId": 1}}
    ]


@pytest.mark.ocpp("B08.FR.21")
async def test_every_instance_of_a_variable(box: Box) -> None:
    wanted = {"component": {"name": "DeviceDataCtrlr"}, "variable": {"name": "ItemsPerMessage"}}
    _, (page,) = await box.report("GetReport", {"requestId": 7, "componentVariable": [wanted]})
    instances = {item["variable"]["instance"] for item in page["reportData"]}
    assert instances == {"GetReport", "GetVariables", "SetVariables"}


@pytest.mark.ocpp("B08.FR.17", "B08.FR.18")
@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ([EVSE_STATE] * (ITEMS_PER_MESSAGE + 1), "OccurrenceConstraintViolation"),
        ([{**EVSE_STATE, "customData": {"vendorId": "test", "padding": "x" * 70_000}}], "FormatViolation"),
    ],
)
async def test_a_request_for_a_report_may_not_be_too_big(box: Box, wanted: list[Json], code: str) -> None:
    with pytest.raises(CallRefused) as caught:
        await box.call("GetReport", {"requestId": 1, "componentVariable": wanted})
    assert caught.value.code == code


async def test_a_report_that_the_refresh_has_emptied_is_still_sent(box: Box) -> None:
    box.northbound.hold(setting("Gone", "1"))
    wanted = {"component": {"name": LEGACY_STATION}, "variable": {"name": "Gone"}}
    status, pages = await box.report("GetReport", {"requestId": 7, "componentVariable": [wanted]})
    assert status == "Accepted"
    assert [(page["tbc"], "reportData" in page) for page in pages] == [(False, False)]


# --- any station ----------------------------------------------------------------------------------------------------


@given(values=st.lists(st.text(max_size=3000), max_size=40))
@settings(max_examples=20)
async def test_a_report_has_every_setting_of_the_station_whatever_it_is(values: list[str]) -> None:
    box = Box()
    box.northbound.settings = tuple(setting(f"Key{number}", value) for number, value in enumerate(values))
    _, pages = await box.report("GetBaseReport", {"requestId": 1, "reportBase": "FullInventory"})
    assert named(pages) >= {(LEGACY_STATION, f"Key{number}") for number in range(len(values))}
    single = 6 * 2500 + 1000  # one variable may be longer than a page
    assert all(len(orjson.dumps(page)) <= max(PAGE_BYTES, single) for page in pages)


async def test_a_list_of_any_length_fits_the_field(box: Box) -> None:
    own = StationVariable(
        key="MeterValuesSampledData",
        component="SampledDataCtrlr",
        variable="TxUpdatedMeasurands",
        value=",".join(f"Vendor.Measurand.{number}" for number in range(100)),
        read_only=False,
    )
    box.northbound.settings = (own,)
    _, pages = await box.report("GetBaseReport", {"requestId": 1, "reportBase": "FullInventory"})
    assert ("SampledDataCtrlr", "TxUpdatedMeasurands") in named(pages)


async def test_a_station_known_from_its_connectors_alone_can_be_reported(box: Box) -> None:
    box.northbound.state = replace(STATE, identity=None)
    status, _ = await box.report("GetBaseReport", {"requestId": 1, "reportBase": "FullInventory"})
    assert status == "Accepted"
