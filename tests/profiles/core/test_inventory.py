"""B05 and B06: variables, as the CSMS sees them on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.contracts import CallRefused
from gateway.model.device import LEGACY_STATION, Mutability, VariableRef, VariableSpec
from gateway.model.errors import GatewayError
from profiles.core.variables import ITEMS_PER_MESSAGE
from tests.profiles.core.inventory_box import EVSE_STATE, PASSWORD, THRESHOLD, TIMEOUT, Box, echoed, setting

if TYPE_CHECKING:
    from gateway.contracts import Json


@pytest.fixture
def box() -> Box:
    return Box()


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
    box.northbound.hold(setting("Long", "\u20ac" * 4000))
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
    box.northbound.hold(setting("Key", value))
    await box.get(*items)
    await box.set(*[{**item, "attributeValue": value} for item in items])
    wanted = [{"component": item["component"], "variable": item["variable"]} for item in items]
    status, pages = await box.report("GetReport", {"requestId": 1, "componentVariable": wanted})
    assert (status == "Accepted") == bool(pages)
