"""Certification cases of the device model: TC_B_06 to TC_B_15, TC_B_32 to TC_B_39, TC_B_53, TC_P_01, TC_P_03."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateway.model.catalogue import standard

if TYPE_CHECKING:
    from gateway.bench.csms.ledger import Payload
    from tests.e2e.world import World

THRESHOLD = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "OfflineThreshold"}}
OFFLINE = {"component": {"name": "AuthCtrlr"}, "variable": {"name": "LocalAuthorizeOffline"}}
TIMEOUT = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "MessageTimeout", "instance": "Default"}}
NO_COMPONENT = {"component": {"name": "UnknownComponent"}, "variable": {"name": "OfflineThreshold"}}
NO_VARIABLE = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "UnknownVariable"}}

LISTS = {"OptionList", "SequenceList", "MemberList"}

REQUIRED = {
    "AlignedDataCtrlr": "Interval Measurands TxEndedInterval TxEndedMeasurands",
    "AuthCtrlr": "AuthorizeRemoteStart LocalAuthorizeOffline LocalPreAuthorize",
    "ChargingStation": "AvailabilityState Available SupplyPhases",
    "ClockCtrlr": "DateTime TimeSource",
    "Connector": "Available ConnectorType SupplyPhases",
    "DeviceDataCtrlr": "BytesPerMessage[GetReport] BytesPerMessage[GetVariables] BytesPerMessage[SetVariables] "
    "ItemsPerMessage[GetReport] ItemsPerMessage[GetVariables] ItemsPerMessage[SetVariables]",
    "EVSE": "AvailabilityState Available Power SupplyPhases",
    "LocalAuthListCtrlr": "BytesPerMessage Entries ItemsPerMessage",
    "OCPPCommCtrlr": "FileTransferProtocols MessageTimeout[Default] MessageAttemptInterval[TransactionEvent] "
    "MessageAttempts[TransactionEvent] NetworkConfigurationPriority NetworkProfileConnectionAttempts "
    "OfflineThreshold ResetRetries RetryBackOffRandomRange RetryBackOffRepeatTimes RetryBackOffWaitMinimum "
    "UnlockOnEVSideDisconnect WebSocketPingInterval",
    "SampledDataCtrlr": "TxEndedInterval TxEndedMeasurands TxStartedMeasurands TxUpdatedInterval TxUpdatedMeasurands",
    "SecurityCtrlr": "CertificateEntries OrganizationName SecurityProfile",
    "TxCtrlr": "EVConnectionTimeOut StopTxOnEVSideDisconnect StopTxOnInvalidId TxStartPoint TxStopPoint",
}
"""What Part 2 requires of every station for the functional blocks that a bridged one has."""


@pytest.mark.case("TC_B_06_CS", "TC_B_07_CS", "TC_B_09_CS", "TC_B_10_CS", "TC_P_01_CS", "TC_P_03_CS")
@pytest.mark.ocpp("B05.FR.01", "B05.FR.02", "B05.FR.03", "B05.FR.10", "B06.FR.01", "B06.FR.02", "B06.FR.04")
async def test_values_that_are_set_are_read_back_in_their_order(one: World) -> None:
    """TC_B_06, TC_B_07, TC_B_09, TC_B_10, TC_P_03."""
    actual = {"attributeType": "Actual"}
    orders = [{**THRESHOLD, **actual, "attributeValue": "300"}, {**OFFLINE, **actual, "attributeValue": "true"}]
    answer = await one.call("SetVariables", setVariableData=orders)
    accepted = {"attributeStatus": "Accepted", **actual}
    assert answer["setVariableResult"] == [{**accepted, **THRESHOLD}, {**accepted, **OFFLINE}]
    answer = await one.call("GetVariables", getVariableData=[{**THRESHOLD, **actual}, {**OFFLINE, **actual}])
    assert answer["getVariableResult"] == [
        {**accepted, **THRESHOLD, "attributeValue": "300"},
        {**accepted, **OFFLINE, "attributeValue": "true"},
    ]
    vendor = {"vendorId": "org.openchargealliance.octt", "note": [1, {"a": None}]}
    custom = {**THRESHOLD, "attributeValue": "200", "customData": vendor}
    answer = await one.call("SetVariables", setVariableData=[custom], customData=vendor)
    assert answer["setVariableResult"][0]["attributeStatus"] == "Accepted"
    answer = await one.call("GetVariables", getVariableData=[{**THRESHOLD, "customData": vendor}], customData=vendor)
    assert answer["getVariableResult"][0]["attributeValue"] == "200"
    foreign = await one.call("DataTransfer", vendorId="org.openchargealliance.octt", messageId="unused")
    assert foreign["status"] in {"UnknownVendorId", "UnknownMessageId", "Rejected"}  # TC_P_01


@pytest.mark.case("TC_B_32_CS", "TC_B_33_CS", "TC_B_34_CS", "TC_B_35_CS", "TC_B_36_CS", "TC_B_37_CS", "TC_B_39_CS")
@pytest.mark.ocpp("B05.FR.04", "B05.FR.05", "B05.FR.06", "B05.FR.09", "B06.FR.06", "B06.FR.07", "B06.FR.08")
async def test_what_there_is_not_is_named(one: World) -> None:
    """TC_B_32 to TC_B_37, TC_B_39."""
    for asked, status in (
        (NO_COMPONENT, "UnknownComponent"),
        (NO_VARIABLE, "UnknownVariable"),
        ({**THRESHOLD, "attributeType": "Target"}, "NotSupportedAttributeType"),
    ):
        answer = await one.call("GetVariables", getVariableData=[asked])
        result: Payload = answer["getVariableResult"][0]
        assert (result["attributeStatus"], "attributeValue" in result) == (status, False)
        assert asked.items() <= result.items()
        answer = await one.call("SetVariables", setVariableData=[{**asked, "attributeValue": "1"}])
        result = answer["setVariableResult"][0]
        assert result["attributeStatus"] == status
        assert asked.items() <= result.items()
    answer = await one.call("SetVariables", setVariableData=[{**TIMEOUT, "attributeValue": "5"}])
    assert answer["setVariableResult"][0]["attributeStatus"] == "Rejected"
    assert TIMEOUT.items() <= answer["setVariableResult"][0].items()


@pytest.mark.case("TC_B_11_CS")
@pytest.mark.ocpp("B05.FR.07")
async def test_values_of_the_wrong_form_are_rejected(one: World) -> None:
    """TC_B_11."""
    integer, boolean = ("OCPPCommCtrlr", "OfflineThreshold"), ("AuthCtrlr", "AuthorizeRemoteStart")
    for value, of_integer, of_boolean in (
        ("60", "Accepted", "Rejected"),
        ("60.1", "Rejected", "Rejected"),
        ("true", "Rejected", "Accepted"),
        ("2026-01-01T00:00:00Z", "Rejected", "Rejected"),
        ("abc", "Rejected", "Rejected"),
    ):
        assert await one.set_variable(*integer, value) == of_integer
        assert await one.set_variable(*boolean, value) == of_boolean
    assert (await one.get_variable(*integer))["attributeValue"] == "60"
    assert (await one.get_variable(*boolean))["attributeValue"] == "true"


async def report(world: World, number: int, base: str) -> list[Payload]:
    """The items of a base report, whose pages follow one another."""
    since = world.news
    answer = await world.call("GetBaseReport", requestId=number, reportBase=base)
    assert answer == {"status": "Accepted"}
    await world.until(lambda: _pages(world, since, number)[-1:] != [] and not _pages(world, since, number)[-1]["tbc"])
    pages = _pages(world, since, number)
    assert [page["seqNo"] for page in pages] == list(range(len(pages)))
    return [item for page in pages for item in page["reportData"]]


def _pages(world: World, since: int, number: int) -> list[Payload]:
    told = [r.payload for r in world.csms.received[since:] if r.action == "NotifyReport"]
    return [{"tbc": False, **payload} for payload in told if payload["requestId"] == number]


def _name(item: Payload) -> str:
    variable: dict[str, str] = item["variable"]
    return variable["name"] + (f"[{variable['instance']}]" if "instance" in variable else "")


@pytest.mark.case("TC_B_12_CS", "TC_B_13_CS", "TC_B_14_CS", "TC_B_53_CS")
@pytest.mark.ocpp("B07.FR.03", "B07.FR.04", "B07.FR.07", "B07.FR.08", "B07.FR.09", "B07.FR.10")
async def test_base_reports(two_evses: World) -> None:
    """TC_B_12, TC_B_13, TC_B_14, TC_B_53."""
    full = await report(two_evses, 1, "FullInventory")
    for component, names in REQUIRED.items():
        held = {_name(item) for item in full if item["component"]["name"] == component}
        assert set(names.split()) - held == set(), component
    for item in full:
        _assert_sound(item)
    for component, places in (("EVSE", 2), ("Connector", 2)):
        found = [i for i in full if i["component"]["name"] == component and _name(i) == "AvailabilityState"]
        assert len(found) == places
    settings = await report(two_evses, 2, "ConfigurationInventory")
    assert settings
    for item in settings:
        assert {attribute["mutability"] for attribute in item["variableAttribute"]} <= {"ReadWrite", "WriteOnly"}
    writable = [i for i in full if any(a.get("mutability") != "ReadOnly" for a in i["variableAttribute"])]
    assert settings == writable
    summary = await report(two_evses, 3, "SummaryInventory")
    states = [i["component"]["name"] for i in summary if _name(i) == "AvailabilityState"]
    # A connector's state is only told where it is not that of its EVSE.
    assert sorted(states) == ["ChargingStation", "EVSE", "EVSE"]


def _assert_sound(item: Payload) -> None:
    characteristics: dict[str, Any] = item["variableCharacteristics"]
    where = f"{item['component']['name']}.{_name(item)}"
    attribute = item["variableAttribute"][0]
    if attribute.get("mutability") == "WriteOnly":
        assert "value" not in attribute, where
    if characteristics["dataType"] in LISTS:
        allowed = characteristics.get("valuesList", "").split(",")
        assert allowed != [""], where
        assert set(filter(None, attribute.get("value", "").split(","))) <= set(allowed), where
    known = standard(item["component"]["name"], item["variable"]["name"], item["variable"].get("instance"))
    if known is not None:
        assert characteristics["dataType"] == known.type, where
        if where == "EVSE.Power":
            assert characteristics["maxLimit"] > 0
        else:
            assert ("value" in attribute) is (attribute.get("mutability") != "WriteOnly"), where
