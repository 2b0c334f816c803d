"""What stations answer to a call, from proper responses to stack traces."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.ocpp_soap.answer import read_answer
from adapters.ocpp_soap.envelope import SOAP_11, SOAP_12
from adapters.ocpp_soap.http_types import HttpReply
from adapters.ocpp_soap.schema import Service
from adapters.ocpp_soap.tables import V15
from gateway.model.errors import GatewayError
from tests.adapters.ocpp_soap.samples import CP, HEADERS, envelope

if TYPE_CHECKING:
    from adapters.ocpp_soap.message import Message

RESET = V15.operation(Service.CHARGE_POINT, "Reset")
ACCEPTED = "<c:resetResponse><c:status>Accepted</c:status></c:resetResponse>"
FAULT = (
    "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>c:IdentityMismatch</s:Value></s:Subcode>"
    "</s:Code><s:Reason><s:Text>who?</s:Text></s:Reason></s:Fault>"
)


def answer(body: bytes, status: int = 200) -> Message:
    return read_answer(V15, RESET, HttpReply(status=status, body=body))


def refused(body: bytes, status: int = 200) -> GatewayError:
    with pytest.raises(GatewayError) as caught:
        answer(body, status)
    assert caught.value.params["status"] == status
    return caught.value


@pytest.mark.parametrize(
    "body",
    [
        envelope(ACCEPTED, service=CP),
        envelope(ACCEPTED, headers="", service=CP),
        envelope(ACCEPTED, service=CP).replace(b"<s:Header>" + HEADERS.encode() + b"</s:Header>", b""),
        envelope(ACCEPTED, headers="<a:Action>/Reset</a:Action>", service=CP),
        envelope(ACCEPTED.replace("resetResponse", "resetConfirmation"), service=CP),
        envelope(ACCEPTED, soap=SOAP_11, service=CP),
        envelope(ACCEPTED, service=CP).replace(f'xmlns:s="{SOAP_12}"'.encode(), b""),
        f'<resetResponse xmlns="{CP}"><status>accepted</status></resetResponse>'.encode(),
        envelope(ACCEPTED),
    ],
    ids=["plain", "empty header", "no header", "request action", "confirmation", "soap 1.1", "prefix", "bare", "Cs"],
)
def test_responses(body: bytes) -> None:
    assert answer(body).fields == {"status": "Accepted"}


@pytest.mark.parametrize(
    ("fault", "status", "subcode", "reason"),
    [
        (
            FAULT,
            400,
            "IdentityMismatch",
            "who?",
        ),
        ("<s:Fault><faultcode>s:Server</faultcode><faultstring>no</faultstring></s:Fault>", 500, "Server", "no"),
        ("<s:Fault><Code/><reason>broken</reason></s:Fault>", 200, "", "broken"),
        ("<s:Fault/>", 500, "", ""),
    ],
)
def test_faults(fault: str, status: int, subcode: str, reason: str) -> None:
    error = refused(envelope(fault, service=CP), status)
    assert error.code == "station-fault"
    assert (error.params["subcode"], error.params["reason"]) == (subcode, reason)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<html><style>a{}</style><h1>Login</h1><p>please</html>", "Login please"),
        (b"TypeError: undefined\n   at soap.js:1", "TypeError: undefined at soap.js:1"),
        (b"", ""),
        (b"\x00\xff\x01", "\N{REPLACEMENT CHARACTER}"),
        (envelope(""), "/Heartbeat"),
        (envelope("<c:heartbeatResponse/>"), "heartbeatResponse"),
        (envelope("<c:clearCacheResponse/>"), "clearCacheResponse"),
        (envelope("<c:resetRequest/>"), "resetRequest"),
    ],
)
def test_what_is_no_answer(body: bytes, reason: str) -> None:
    error = refused(body)
    assert error.code == "station-answer-foreign"
    assert reason in str(error.params["reason"])


@pytest.mark.parametrize("body", [b"<h1>404</h1>", envelope(ACCEPTED, service=CP)])
def test_http_errors_are_refusals_whatever_the_body_says(body: bytes) -> None:
    assert refused(body, 404).code == "station-refused"


@given(st.binary(max_size=400), st.integers(min_value=200, max_value=599))
def test_any_bytes_give_a_message_or_a_failure_with_a_code(body: bytes, status: int) -> None:
    refused(body, status)
