"""Any valid message survives the way out and in; nothing invalid goes out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.ocpp1x.fields import record, records
from adapters.ocpp_soap.decode import decode
from adapters.ocpp_soap.encode import encode
from adapters.ocpp_soap.envelope_write import Call, write_request, write_response
from adapters.ocpp_soap.message import Kind
from adapters.ocpp_soap.schema import Operation, Service, Table
from adapters.ocpp_soap.tables import TABLES, V15, V16
from gateway.model.errors import GatewayError
from tests.adapters.ocpp_soap.samples import envelope, read
from tests.adapters.ocpp_soap.strategies import fields
from tests.wsdl_oracle import available, validate_body, validate_request, validate_response

if TYPE_CHECKING:
    from adapters.ocpp1x.fields import Value
    from adapters.ocpp_soap.envelope_write import Outgoing

EVERY = [
    (table, service, operation, kind)
    for table in TABLES
    for service in Service
    for operation in table.operations(service)
    for kind in Kind
]


def _send(
    service: Service, operation: Operation, kind: Kind, content: dict[str, Value], table: Table = V15
) -> Outgoing:
    body = encode(operation, kind, content)
    if kind is Kind.RESPONSE:
        request = read(envelope(f"<c:{operation.element(Kind.REQUEST)}/>", service=table.namespace(service)))
        return write_response(request, operation.name + "Response", body, "urn:uuid:2")
    call = Call(
        operation=operation.name,
        identity="SCHRACK & <0815>",
        message_id="urn:uuid:1",
        from_url="http://10.0.0.1:8080/ocpp?a=1&b=2",
        to="http://192.168.1.20:8081/",
        namespace=table.namespace(service),
    )
    return write_request(call, body)


def _name(value: object) -> str:
    return str(getattr(value, "version", "") or getattr(value, "name", value))


@pytest.mark.parametrize(("table", "service", "operation", "kind"), EVERY, ids=_name)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(data=st.data())
def test_round_trip_and_wsdl(
    table: Table, service: Service, operation: Operation, kind: Kind, data: st.DataObject
) -> None:
    content = data.draw(fields(operation.record(kind)))
    sent = _send(service, operation, kind, content, table)
    message = decode(table, service, read(sent.body).body)
    assert message.fields == content
    assert (message.operation, message.kind, message.deviations) == (operation.name, kind, ())
    if available():
        validate_body(sent.body, table.version)


def test_requests_and_responses_carry_the_headers_of_the_binding() -> None:
    reset = V15.operation(Service.CHARGE_POINT, "Reset")
    request = _send(Service.CHARGE_POINT, reset, Kind.REQUEST, {"type": "Soft"})
    validate_request(request.body)
    heartbeat = V15.operation(Service.CENTRAL_SYSTEM, "Heartbeat")
    now: dict[str, Value] = {"currentTime": datetime.now(UTC)}
    validate_response(_send(Service.CENTRAL_SYSTEM, heartbeat, Kind.RESPONSE, now).body, "urn:uuid:1")


def test_milliseconds_can_be_left_out() -> None:
    heartbeat = V15.operation(Service.CENTRAL_SYSTEM, "Heartbeat")
    content: dict[str, Value] = {"currentTime": datetime(2024, 5, 1, 12, 0, 0, 999999, UTC)}
    assert "2024-05-01T12:00:00.999Z" in encode(heartbeat, Kind.RESPONSE, content)
    assert "2024-05-01T12:00:00Z" in encode(heartbeat, Kind.RESPONSE, content, millis=False)


def test_fields_are_written_in_the_order_of_the_wsdl() -> None:
    start = V15.operation(Service.CHARGE_POINT, "RemoteStartTransaction")
    assert encode(start, Kind.REQUEST, {"connectorId": 1, "idTag": "A&B"}) == (
        "<o:remoteStartTransactionRequest><o:idTag>A&amp;B</o:idTag><o:connectorId>1</o:connectorId>"
        "</o:remoteStartTransactionRequest>"
    )


def test_characters_that_xml_cannot_carry_are_dropped() -> None:
    transfer = V15.operation(Service.CHARGE_POINT, "DataTransfer")
    xml = encode(transfer, Kind.REQUEST, {"vendorId": "a\x00b\ud800", "data": "x\x1b\r\ny"})
    assert "<o:vendorId>ab</o:vendorId>" in xml
    assert "<o:data>x&#13;\ny</o:data>" in xml


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("Reset", {}, "field-missing"),
        ("Reset", {"type": "Warm"}, "field-invalid"),
        ("Reset", {"type": "Soft", "evse": 1}, "field-unknown"),
        ("RemoteStartTransaction", {"idTag": "x" * 21}, "field-invalid"),
        ("RemoteStartTransaction", {"idTag": 7}, "field-invalid"),
        ("UnlockConnector", {"connectorId": True}, "field-invalid"),
        ("UnlockConnector", {"connectorId": 2**31}, "field-invalid"),
        ("UpdateFirmware", {"retrieveDate": datetime(2024, 1, 1), "location": "ftp://x/y"}, "field-invalid"),  # noqa: DTZ001 - a naive time is the fault
        ("SendLocalList", {"updateType": "Full", "listVersion": 1, "localAuthorisationList": ["x"]}, "field-invalid"),
        (
            "SendLocalList",
            {"updateType": "Full", "listVersion": 1, "localAuthorisationList": [{"idTagInfo": {"status": "Accepted"}}]},
            "field-missing",
        ),
    ],
)
def test_nothing_invalid_is_sent(name: str, content: dict[str, Value], code: str) -> None:
    with pytest.raises(GatewayError) as caught:
        encode(V15.operation(Service.CHARGE_POINT, name), Kind.REQUEST, content)
    assert caught.value.code == code


LIMIT = V16.operation(Service.CHARGE_POINT, "SetChargingProfile")


def _limit(value: Value) -> dict[str, Value]:
    schedule: Value = {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": value}]}
    profile: Value = {
        "chargingProfileId": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxProfile",
        "chargingProfileKind": "Relative",
        "chargingSchedule": schedule,
    }
    return {"connectorId": 1, "csChargingProfiles": profile}


@pytest.mark.parametrize(("value", "text"), [(16, "16.0"), (0.3, "0.3"), (0.1 + 0.2, "0.3"), (1e5, "100000.0")])
def test_limits_have_one_digit_after_the_point(value: Value, text: str) -> None:
    assert f"<o:limit>{text}</o:limit>" in encode(LIMIT, Kind.REQUEST, _limit(value))


@pytest.mark.parametrize("value", [6.25, True, "16", float("inf"), float("nan"), 1e12])
def test_limit_that_cannot_be_written_is_not_sent(value: Value) -> None:
    with pytest.raises(GatewayError) as caught:
        encode(LIMIT, Kind.REQUEST, _limit(value))
    assert caught.value.code == "field-invalid"


@pytest.mark.parametrize(
    ("text", "value", "codes"),
    [
        ("16", 16.0, []),
        (" 7.5 ", 7.5, []),
        ("7,5", 7.5, ["number-comma"]),
        ("-.5", -0.5, []),
        ("sixteen", None, ["number-malformed", "missing"]),
        ("1e3", None, ["number-malformed", "missing"]),
    ],
)
def test_limits_are_read_as_stations_write_them(text: str, value: float | None, codes: list[str]) -> None:
    period = f"<c:chargingSchedulePeriod><c:startPeriod>0</c:startPeriod><c:limit>{text}</c:limit>"
    body = (
        "<c:getCompositeScheduleResponse><c:status>Accepted</c:status><c:chargingSchedule>"
        f"<c:chargingRateUnit>A</c:chargingRateUnit>{period}</c:chargingSchedulePeriod></c:chargingSchedule>"
        "</c:getCompositeScheduleResponse>"
    )
    xml = envelope(body, service=V16.charge_point_namespace)
    message = decode(V16, Service.CHARGE_POINT, read(xml).body)
    (found,) = records(record(message.fields, "chargingSchedule"), "chargingSchedulePeriod")
    assert found.get("limit") == value
    assert [deviation.code for deviation in message.deviations] == codes
