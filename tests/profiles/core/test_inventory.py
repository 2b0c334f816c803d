"""B05 to B08: variables and reports, as the CSMS sees them on the wire."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.contracts import CallRefused
from gateway.model.device import LEGACY_STATION, DeviceModel, Mutability, VariableRef, VariableSpec
from gateway.model.errors import GatewayError
from gateway.model.events import StationVariable
from gateway.model.station import StationState
from profiles.common.paging import PAGE_BYTES
from profiles.core.inventory import Inventory
from profiles.core.variables import ITEMS_PER_MESSAGE, core_variables
from tests.profiles.core.inventory_fakes import STATE, STATION, FakeBackend, FakeNorthbound, valid

if TYPE_CHECKING:
    from gateway.contracts import Json, Reply

THRESHOLD = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "OfflineThreshold"}}
TIMEOUT = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "MessageTimeout", "instance": "Default"}}
PASSWORD = {"component": {"name": "SecurityCtrlr"}, "variable": {"name": "BasicAuthPassword"}}
EVSE_STATE = {"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "AvailabilityState"}}


class Box:
    """An inventory between a fake box and a fake way to the CSMS."""

    def __init__(self) -> None:
        self.northbound = FakeNorthbound()
        self.backend = FakeBackend()
        self.inventory = Inventory(self.northbound, self.backend)  # type: ignore[arg-type] # the part that is used

    async def call(self, action: str, payload: Json, station: str = STATION) -> Reply:
        """Call a handler with a valid request; the answer is valid too."""
        reply = await self.inventory.handlers()[action](station, valid(f"{action}Request", payload))
        valid(f"{action}Response", reply.payload)
        return reply

    async def get(self, *items: Json) -> list[Json]:
        """The results of GetVariables."""
        reply = await self.call("GetVariables", {"getVariableData": list(items)})
        return list(reply.payload["getVariableResult"])

    async def set(self, *items: Json) -> list[Json]:
        """The results of SetVariables."""
        reply = await self.call("SetVariables", {"setVariableData": list(items)})
        return list(reply.payload["setVariableResult"])

    async def report(self, action: str, payload: Json) -> tuple[str, list[Json]]:
        """The status of a request for a report, and the NotifyReport payloads that follow it."""
        reply = await self.call(action, payload)
        assert not self.backend.posted  # nothing goes out before the answer
        if reply.then:
            await reply.then()
        return reply.payload["status"], [message.payload for message in self.backend.posted]

    def add(self, *specs: VariableSpec) -> None:
        """Give the station more variables."""
        self.northbound.model = DeviceModel.of((*core_variables(STATE), *specs))


@pytest.fixture
def box() -> Box:
    return Box()


def named(pages: list[Json]) -> set[tuple[str, str]]:
    """Component and variable names in a report."""
    items = [item for page in pages for item in page.get("reportData", [])]
    return {(item["component"]["name"], item["variable"]["name"]) for item in items}


def setting(key: str, value: str) -> StationVariable:
    """A setting of the station without a standard variable."""
    return StationVariable(key=key, component=LEGACY_STATION, variable=key, value=value, read_only=False)


def echoed(result: Json) -> Json:
    """The address in a result."""
    return {"component": result["component"], "variable": result["variable"]}


# --- GetVariables ---------------------------------------------------------------------------------------------------


@pytest.mark.ocpp("B06.FR.01", "B06.FR.02", "B06.FR.04", "B06.FR.10", "B06.FR.11", "B06.FR.14")
async def test_each_question_gets_its_value(box: Box) -> None:
    results = await box.get(THRESHOLD, TIMEOUT, EVSE_STATE)
    assert [echoed(result) for result in results] == [THRESHOLD, TIMEOUT, EVSE_STATE]
    assert [result["attributeValue"] for result in results] == ["60", "30", "Available"]
    assert {(result["attributeStatus"], result["attributeType"]) for result in results} == {("Accepted", "Actual")}


@pytest.mark.ocpp("B06.FR.03", "B06.FR.06", "B06.FR.07", "B06.FR.08", "B06.FR.15")
async def test_a_question_without_an_answer_gets_its_status_and_no_value(box: Box) -> None:
    results = await box.get(
        {"component": {"name": "Nothing"}, "variable": {"name": "x"}},
        {"component": {"name": "EVSE", "evse": {"id": 9}}, "variable": {"name": "AvailabilityState"}},
        {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "Nothing"}},
        {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "MessageTimeout", "instance": ""}},
        {**THRESHOLD, "attributeType": "Target"},
    )
    assert [result["attributeStatus"] for result in results] == [
        "UnknownComponent",
        "UnknownComponent",
        "UnknownVariable",
        "UnknownVariable",
        "NotSupportedAttributeType",
    ]
    assert not any("attributeValue" in result for result in results)
    assert results[-1]["attributeType"] == "Target"


@pytest.mark.ocpp("B06.FR.09")
async def test_a_write_only_variable_is_rejected(box: Box) -> None:
    ref = VariableRef(component="SecurityCtrlr", variable="BasicAuthPassword")
    box.add(VariableSpec(ref=ref, default="hunter2", mutability=Mutability.WRITE_ONLY))
    (result,) = await box.get(PASSWORD)
    assert (result["attributeStatus"], result["attributeStatusInfo"]) == ("Rejected", {"reasonCode": "WriteOnly"})
    assert "hunter2" not in str(result)


@pytest.mark.ocpp("B06.FR.13")
async def test_a_variable_without_a_value_is_an_empty_string(box: Box) -> None:
    (result,) = await box.get({"component": {"name": "ChargingStation"}, "variable": {"name": "SupplyPhases"}})
    assert (result["attributeStatus"], result["attributeValue"]) == ("Accepted", "")


async def test_a_value_that_is_too_long_for_the_field_is_cut(box: Box) -> None:
    box.northbound.model = box.northbound.model.with_station_variables([setting("Long", "\u20ac" * 4000)])
    (result,) = await box.get({"component": {"name": LEGACY_STATION}, "variable": {"name": "Long"}})
    assert result["attributeValue"] == "\u20ac" * 2500


@pytest.mark.ocpp("B06.FR.16")
async def test_too_many_questions_are_refused(box: Box) -> None:
    await box.get(*[THRESHOLD] * ITEMS_PER_MESSAGE)
    with pytest.raises(CallRefused) as caught:
        await box.get(*[THRESHOLD] * (ITEMS_PER_MESSAGE + 1))
    assert caught.value.code == "OccurrenceConstraintViolation"


@pytest.mark.ocpp("B06.FR.17")
async def test_a_question_of_too_many_bytes_is_refused(box: Box) -> None:
    padded = {**THRESHOLD, "customData": {"vendorId": "test", "padding": "x" * 70_000}}
    with pytest.raises(CallRefused) as caught:
        await box.get(padded)
    assert caught.value.code == "FormatViolation"


# --- SetVariables ---------------------------------------------------------------------------------------------------


@pytest.mark.ocpp("B05.FR.01", "B05.FR.02", "B05.FR.10", "B05.FR.12")
async def test_what_is_set_is_read_back(box: Box) -> None:
    retries = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "RetryBackOffRepeatTimes"}}
    results = await box.set({**THRESHOLD, "attributeValue": "300"}, {**retries, "attributeValue": "3"})
    assert [echoed(result) for result in results] == [THRESHOLD, retries]
    assert {(result["attributeStatus"], result["attributeType"]) for result in results} == {("Accepted", "Actual")}
    assert [result["attributeValue"] for result in await box.get(THRESHOLD, retries)] == ["300", "3"]


@pytest.mark.parametrize(
    ("item", "status", "reason"),
    [
        pytest.param(
            {"component": {"name": "Nothing"}, "variable": {"name": "x"}, "attributeValue": "1"},
            "UnknownComponent",
            "NotFound",
            marks=pytest.mark.ocpp("B05.FR.04"),
        ),
        pytest.param(
            {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "x"}, "attributeValue": "1"},
            "UnknownVariable",
            "NotFound",
            marks=pytest.mark.ocpp("B05.FR.05"),
        ),
        pytest.param(
            {**THRESHOLD, "attributeValue": "1", "attributeType": "MaxSet"},
            "NotSupportedAttributeType",
            "UnsupportedParam",
            marks=pytest.mark.ocpp("B05.FR.03", "B05.FR.06"),
        ),
        pytest.param(
            {**THRESHOLD, "attributeValue": "60.1"}, "Rejected", "InvalidValue", marks=pytest.mark.ocpp("B05.FR.07")
        ),
        pytest.param(
            {**THRESHOLD, "attributeValue": "-1"}, "Rejected", "ValueOutOfRange", marks=pytest.mark.ocpp("B05.FR.08")
        ),
        pytest.param({**TIMEOUT, "attributeValue": "31"}, "Rejected", "ReadOnly", marks=pytest.mark.ocpp("B05.FR.09")),
    ],
)
async def test_what_cannot_be_set_says_why(box: Box, item: Json, status: str, reason: str) -> None:
    before = box.northbound.model
    (result,) = await box.set(item)
    assert (result["attributeStatus"], result["attributeStatusInfo"]["reasonCode"]) == (status, reason)
    assert result["attributeType"] == item.get("attributeType", "Actual")
    assert box.northbound.model is before


async def test_a_repeated_order_is_not_carried_out(box: Box) -> None:
    results = await box.set(
        {**THRESHOLD, "attributeValue": "300"}, {**THRESHOLD, "attributeType": "Actual", "attributeValue": "400"}
    )
    assert [result["attributeStatus"] for result in results] == ["Accepted", "Rejected"]
    assert (await box.get(THRESHOLD))[0]["attributeValue"] == "300"


@pytest.mark.ocpp("B05.FR.09")
async def test_a_value_that_cannot_be_stored_is_rejected(box: Box) -> None:
    box.northbound.failure = GatewayError("storage-failed")
    (result,) = await box.set({**THRESHOLD, "attributeValue": "300"})
    assert result["attributeStatus"] == "Rejected"
    assert result["attributeStatusInfo"] == {"reasonCode": "InternalError", "additionalInfo": "storage-failed"}


async def test_too_many_orders_are_refused_and_none_is_carried_out(box: Box) -> None:
    with pytest.raises(CallRefused) as caught:
        await box.set(*[{**THRESHOLD, "attributeValue": "300"}] * (ITEMS_PER_MESSAGE + 1))
    assert caught.value.code == "OccurrenceConstraintViolation"
    assert (await box.get(THRESHOLD))[0]["attributeValue"] == "60"


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
    box.northbound.model = box.northbound.model.with_station_variables([setting("Gone", "1")])
    wanted = {"component": {"name": LEGACY_STATION}, "variable": {"name": "Gone"}}
    status, pages = await box.report("GetReport", {"requestId": 7, "componentVariable": [wanted]})
    assert status == "Accepted"
    assert [(page["tbc"], "reportData" in page) for page in pages] == [(False, False)]


# --- anything -------------------------------------------------------------------------------------------------------

_TEXT = st.text(max_size=50)
_NUMBER = st.integers(min_value=-(2**31), max_value=2**31 - 1)
_COMPONENTS = st.fixed_dictionaries(
    {"name": st.sampled_from(["EVSE", "OCPPCommCtrlr", "TxCtrlr", LEGACY_STATION]) | _TEXT},
    optional={
        "instance": _TEXT,
        "evse": st.fixed_dictionaries({"id": _NUMBER}, optional={"connectorId": _NUMBER}),
    },
)
_NAMES = st.sampled_from(["OfflineThreshold", "AvailabilityState", "Key", "EVConnectionTimeOut"]) | _TEXT
_VARIABLES = st.fixed_dictionaries({"name": _NAMES}, optional={"instance": _TEXT})
_ITEMS = st.fixed_dictionaries(
    {"component": _COMPONENTS, "variable": _VARIABLES},
    optional={"attributeType": st.sampled_from(["Actual", "Target", "MinSet", "MaxSet"])},
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(items=st.lists(_ITEMS, min_size=1, max_size=5), value=st.text(max_size=100))
async def test_any_request_gets_a_valid_answer(items: list[dict[str, Any]], value: str) -> None:
    box = Box()
    box.northbound.model = box.northbound.model.with_station_variables([setting("Key", value)])
    await box.get(*items)
    await box.set(*[{**item, "attributeValue": value} for item in items])
    wanted = [{"component": item["component"], "variable": item["variable"]} for item in items]
    status, pages = await box.report("GetReport", {"requestId": 1, "componentVariable": wanted})
    assert (status == "Accepted") == bool(pages)


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
