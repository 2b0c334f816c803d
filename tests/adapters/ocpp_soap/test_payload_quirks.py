"""Bodies as real stations write them: what is meant arrives, what was wrong is noted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from adapters.ocpp1x.fields import Fields, flag, integer, moment, record, records, text, texts
from adapters.ocpp_soap.decode import decode
from adapters.ocpp_soap.schema import Service
from adapters.ocpp_soap.tables import V15
from tests.adapters.ocpp_soap.samples import CP, envelope, read

if TYPE_CHECKING:
    from adapters.ocpp_soap.message import Message


def inbound(body: str) -> Message:
    return decode(V15, Service.CENTRAL_SYSTEM, read(envelope(body)).body)


def answered(body: str) -> Message:
    return decode(V15, Service.CHARGE_POINT, read(envelope(body, service=CP)).body)


def start(content: str) -> Message:
    return inbound(f"<c:startTransactionRequest>{content}</c:startTransactionRequest>")


def status(content: str) -> Message:
    return inbound(f"<c:statusNotificationRequest>{content}</c:statusNotificationRequest>")


def sample(content: str) -> tuple[Fields, Message]:
    """One MeterValue's first value."""
    message = inbound(
        "<c:meterValuesRequest><c:connectorId>1</c:connectorId><c:values>"
        f"<c:timestamp>2024-05-01T12:00:00Z</c:timestamp>{content}</c:values></c:meterValuesRequest>"
    )
    values = records(records(message.fields, "values")[0], "value")
    return (values[0] if values else {}), message


def codes(message: Message) -> set[str]:
    return {deviation.code for deviation in message.deviations}


def test_elements_in_any_order() -> None:
    message = start(
        "<c:timestamp>2024-05-01T12:00:00Z</c:timestamp><c:meterStart>7</c:meterStart>"
        "<c:idTag>ABC</c:idTag><c:connectorId>2</c:connectorId>"
    )
    assert message.fields == {
        "connectorId": 2,
        "idTag": "ABC",
        "meterStart": 7,
        "timestamp": datetime(2024, 5, 1, 12, tzinfo=UTC),
    }
    assert message.deviations == ()


@pytest.mark.parametrize("empty", ["<c:iccid/>", "<c:iccid></c:iccid>", "<c:iccid>  \n</c:iccid>"])
def test_empty_optional_element_is_absent(empty: str) -> None:
    message = inbound(
        "<c:bootNotificationRequest><c:chargePointVendor>V</c:chargePointVendor>"
        f"<c:chargePointModel>M</c:chargePointModel>{empty}</c:bootNotificationRequest>"
    )
    assert message.fields == {"chargePointVendor": "V", "chargePointModel": "M"}


def test_empty_structures_are_absent() -> None:
    message = inbound(
        "<c:stopTransactionRequest><c:transactionId>5</c:transactionId><c:timestamp>2024-05-01T12:00:00Z</c:timestamp>"
        "<c:meterStop>9</c:meterStop><c:transactionData/><c:idTag/></c:stopTransactionRequest>"
    )
    assert set(message.fields) == {"transactionId", "timestamp", "meterStop"}


def test_numbers_left_out_because_they_are_zero() -> None:
    message = start("<c:idTag>ABC</c:idTag><c:timestamp>2024-05-01T12:00:00Z</c:timestamp>")
    assert integer(message.fields, "connectorId") == 0
    assert integer(message.fields, "meterStart") == 0
    assert {(item.code, item.path) for item in message.deviations} == {
        ("defaulted", "connectorId"),
        ("defaulted", "meterStart"),
    }


def test_other_mandatory_elements_that_are_missing_are_noted() -> None:
    message = start("")
    assert {item.path for item in message.deviations if item.code == "missing"} == {"idTag", "timestamp"}


def test_attributes_with_a_namespace() -> None:
    value, message = sample('<c:value c:measurand="Voltage" c:unit="Volt" context="Sample.Clock">230</c:value>')
    assert value == {"value": "230", "measurand": "Voltage", "unit": "Volt", "context": "Sample.Clock"}
    assert codes(message) == {"attribute-namespace"}


@pytest.mark.parametrize(
    ("unit", "meant", "code"),
    [
        ("Celcius", "Celsius", "enum-spelling"),
        ("KWH", "kWh", "enum-spelling"),
        ("A", "Amp", "enum-spelling"),
        ("V", "Volt", "enum-spelling"),
        ("furlong", "furlong", "enum-unknown"),
    ],
)
def test_enumerations_in_other_words(unit: str, meant: str, code: str) -> None:
    value, message = sample(f'<c:value unit="{unit}">1</c:value>')
    assert value["unit"] == meant
    assert [(item.code, item.path, item.raw) for item in message.deviations] == [(code, "values/value/@unit", unit)]


def test_capitalisation_of_status_and_error_code() -> None:
    message = status(
        "<c:connectorId>1</c:connectorId><c:status>OCCUPIED</c:status><c:errorCode>OvercurrentFailure</c:errorCode>"
    )
    assert text(message.fields, "status") == "Occupied"
    assert text(message.fields, "errorCode") == "OverCurrentFailure"


def test_unknown_elements_are_ignored_and_noted() -> None:
    message = inbound("<c:heartbeatRequest><c:mood>good</c:mood></c:heartbeatRequest>")
    assert message.fields == {}
    assert [(item.code, item.path, item.raw) for item in message.deviations] == [("element-unknown", "mood", "good")]


def test_notes_are_bounded() -> None:
    message = inbound(f"<c:heartbeatRequest>{'<c:mood/>' * 1000}</c:heartbeatRequest>")
    assert len(message.deviations) == 50


def test_text_that_is_too_long_is_kept_and_noted() -> None:
    message = inbound(f"<c:authorizeRequest><c:idTag>{'7' * 25}</c:idTag></c:authorizeRequest>")
    assert message.fields == {"idTag": "7" * 25}
    assert codes(message) == {"text-too-long"}


@pytest.mark.parametrize(
    ("inside", "data"),
    [
        ("&lt;x a=&quot;1&quot;/&gt;", '<x a="1"/>'),
        ('{"at":"12:42:03Z:"', '{"at":"12:42:03Z:"'),
        ("<![CDATA[<!DOCTYPE x>]]>", "<!DOCTYPE x>"),
        (" null ", " null "),
        ("a<b>c</b>d", "a<b>c</b>d"),
    ],
)
def test_vendor_data_is_passed_as_it_is(inside: str, data: str) -> None:
    message = inbound(
        f"<c:dataTransferRequest><c:vendorId>acme</c:vendorId><c:data>{inside}</c:data></c:dataTransferRequest>"
    )
    found = text(message.fields, "data") or ""
    assert found.replace(' xmlns:s="http://www.w3.org/2003/05/soap-envelope"', "").startswith(data[:2])
    if "<b" not in data:
        assert found == data


def test_null_in_words_and_vendor_error_without_vendor() -> None:
    message = status(
        "<c:connectorId>1</c:connectorId><c:status>Faulted</c:status><c:errorCode>OtherError</c:errorCode>"
        "<c:info>null</c:info><c:vendorErrorCode>E7</c:vendorErrorCode>"
    )
    assert "info" not in message.fields
    assert text(message.fields, "vendorErrorCode") == "E7"
    assert codes(message) == {"null-text"}


def test_nil_is_absent() -> None:
    nil = 'xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"'
    message = inbound(
        f"<c:meterValuesRequest><c:connectorId>1</c:connectorId><c:transactionId {nil}/></c:meterValuesRequest>"
    )
    assert message.fields == {"connectorId": 1}


@pytest.mark.parametrize(
    ("stamp", "meant", "notes"),
    [
        ("2024-05-01T12:00:00+02:00", datetime(2024, 5, 1, 10, tzinfo=UTC), set()),
        ("2024-05-01T12:00:00.123456789Z[Etc/UTC]", datetime(2024, 5, 1, 12, 0, 0, 123456, UTC), set()),
        ("2024-05-01 12:00:00", datetime(2024, 5, 1, 10, tzinfo=UTC), {"timestamp-no-zone"}),
        ("yesterday", None, {"timestamp-malformed"}),
    ],
)
def test_timestamps(stamp: str, meant: datetime | None, notes: set[str]) -> None:
    xml = envelope(
        "<c:statusNotificationRequest><c:connectorId>1</c:connectorId><c:status>Available</c:status>"
        f"<c:errorCode>NoError</c:errorCode><c:timestamp>{stamp}</c:timestamp></c:statusNotificationRequest>"
    )
    vienna = timezone(timedelta(hours=2))
    message = decode(V15, Service.CENTRAL_SYSTEM, read(xml).body, vienna)
    assert moment(message.fields, "timestamp") == meant
    assert codes(message) == notes


@pytest.mark.parametrize(
    ("raw", "meant", "code"),
    [
        ("NaN", 0, "number-malformed"),
        ("12.7", 12, "number-fraction"),
        ("12,0", 12, "number-fraction"),
        ("+5", 5, ""),
        ("4294967296", 4294967296, "number-range"),
        ("9" * 400, 0, "number-malformed"),
    ],
)
def test_numbers(raw: str, meant: int, code: str) -> None:
    message = start(
        f"<c:idTag>A</c:idTag><c:timestamp>2024-05-01T12:00:00Z</c:timestamp><c:connectorId>1</c:connectorId><c:meterStart>{raw}</c:meterStart>"
    )
    assert integer(message.fields, "meterStart") == meant
    assert code in codes(message) or not code


def test_reading_without_a_value_is_dropped() -> None:
    value, message = sample('<c:value unit="Wh"></c:value>')
    assert value == {}
    assert "missing" in codes(message)


def test_reading_that_is_no_number_is_kept_as_text() -> None:
    value, _ = sample("<c:value>NaN</c:value>")
    assert value == {"value": "NaN"}


def test_configuration_as_tolerant_lists() -> None:
    message = answered(
        "<c:getConfigurationResponse>"
        "<c:configurationKey><c:key>A</c:key><c:readonly>TRUE</c:readonly><c:value>1</c:value></c:configurationKey>"
        "<c:configurationKey><c:key>B</c:key><c:readonly>0</c:readonly><c:value>null</c:value></c:configurationKey>"
        "<c:configurationKey><c:key>C</c:key><c:readonly>perhaps</c:readonly></c:configurationKey>"
        "<c:unknownKey/></c:getConfigurationResponse>"
    )
    keys = records(message.fields, "configurationKey")
    assert [flag(key, "readonly") for key in keys] == [True, False, None]
    assert [text(key, "value") for key in keys] == ["1", None, None]
    assert texts(message.fields, "unknownKey") == []
    assert "boolean-malformed" in codes(message)


def test_lone_unknown_key_is_a_list_of_one() -> None:
    message = answered("<c:getConfigurationResponse><c:unknownKey>X</c:unknownKey></c:getConfigurationResponse>")
    assert texts(message.fields, "unknownKey") == ["X"]


def test_first_of_a_repeated_element_wins() -> None:
    message = inbound("<c:authorizeRequest><c:idTag>A</c:idTag><c:idTag>B</c:idTag></c:authorizeRequest>")
    assert message.fields == {"idTag": "A"}
    assert codes(message) == {"element-repeated"}


def test_structured_answer() -> None:
    message = inbound(
        "<c:authorizeResponse><c:idTagInfo><c:status>ConcurrentTX</c:status></c:idTagInfo></c:authorizeResponse>"
    )
    assert record(message.fields, "idTagInfo") == {"status": "ConcurrentTx"}
