"""Any byte string in gets an answer or a fault: never an exception, never a hang."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from adapters.ocpp_soap.decode import decode
from adapters.ocpp_soap.encode import encode
from adapters.ocpp_soap.envelope import read_envelope
from adapters.ocpp_soap.envelope_write import Outgoing, write_fault, write_response
from adapters.ocpp_soap.faults import fault_for
from adapters.ocpp_soap.http_types import HttpRequest, HttpResponse
from adapters.ocpp_soap.message import Kind
from adapters.ocpp_soap.schema import Service
from adapters.ocpp_soap.tables import V15
from adapters.ocpp_soap.xml_parse import parse
from gateway.model.errors import GatewayError
from tests.adapters.ocpp_soap.http_peer import QUICK, connected, serving
from tests.adapters.ocpp_soap.samples import STATUS, envelope

WHOLE = envelope(STATUS)
METER = envelope(
    "<c:meterValuesRequest><c:connectorId>1</c:connectorId><c:values><c:timestamp>2024-05-01T12:00:00Z</c:timestamp>"
    '<c:value c:unit="Wh" measurand="Voltage">1</c:value></c:values></c:meterValuesRequest>'
)
HEAD = b"POST /ocpp HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
PIECES = st.sampled_from(
    [
        *(b"<", b">", b"/", b"&", b"&#0;", b"&#xD800;", b"]]>", b"<![CDATA[", b"<!--", b"<?xml encoding='x'?>"),
        *(b"<!DOCTYPE x>", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"xmlns=''", b"s:Envelope", b"</s:Envelope>"),
        *(b"c:", b"{", b"}", b"\xf0\x9f", b"<a:From>", b"xmlns:c='urn://Ocpp/Cs/2012/06/'", b"NaN"),
        *(b"99999999999999999999", b"9999-12-31T23:59:59-14:00"),
    ]
)


def respond(data: bytes) -> Outgoing:
    """The whole pipeline, as an inbound call goes through it."""
    envelope_read = None
    try:
        envelope_read = read_envelope(parse(data))
        message = decode(V15, Service.CENTRAL_SYSTEM, envelope_read.body)
        operation = V15.operation(Service.CENTRAL_SYSTEM, message.operation)
        content = {"currentTime": datetime.now(UTC)} if operation.name == "Heartbeat" else {}
        body = encode(operation, Kind.RESPONSE, {**content})
        return write_response(envelope_read, operation.name + "Response", body, "urn:uuid:2", namespace="urn:x")
    except GatewayError as error:
        return write_fault(envelope_read, fault_for(error), "urn:uuid:2", V15.fault_namespace)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A good message with a few bytes replaced, removed or put in."""
    data = bytearray(draw(st.sampled_from([WHOLE, METER])))
    for _ in range(draw(st.integers(min_value=0, max_value=6))):
        start = draw(st.integers(min_value=0, max_value=len(data)))
        length = draw(st.integers(min_value=0, max_value=20))
        data[start : start + length] = draw(st.one_of(st.binary(max_size=8), PIECES))
    return bytes(data)


JUNK = st.one_of(st.binary(max_size=300), st.lists(PIECES, max_size=20).map(b"".join), mutated())


@settings(max_examples=600, deadline=None)
@given(JUNK)
@example(WHOLE.replace(b"<c:connectorId>", b"<c:connectorId>&&#0#xD800;"))
@example(WHOLE.replace(b"<c:connectorId>", b"<c:connectorId>&&#x&#0;D800;"))
@example(WHOLE.replace(b"<c:connectorId>", b"<c:connectorId>&&#xD8&#0;00;"))
def test_any_bytes_get_a_well_formed_answer(data: bytes) -> None:
    sent = respond(data)
    assert sent.status in (200, 400, 500)
    answered = read_envelope(parse(sent.body))
    assert answered.is_fault == (sent.status != 200)
    assert answered.deviations == ()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.one_of(
        JUNK.map(lambda body: HEAD % len(body) + body),
        st.binary(max_size=200).map(lambda junk: HEAD % len(WHOLE) + junk),
        st.binary(max_size=200),
        mutated().map(lambda body: b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + body),
    ),
    st.booleans(),
)
async def test_any_bytes_on_a_connection_end_in_time(data: bytes, ends: bool) -> None:  # noqa: FBT001 - Hypothesis passes by position
    async def handler(request: HttpRequest) -> HttpResponse | None:
        sent = respond(request.body)
        return HttpResponse(status=sent.status, body=sent.body, content_type=sent.content_type)

    async with asyncio.timeout(10), serving(handler, QUICK) as server:
        async with connected(server.port) as peer:
            peer.send(data)
            if ends:
                peer.end()
            answer = await peer.rest()
            assert answer == b"" or answer.startswith(b"HTTP/1.1 ")
        async with connected(server.port) as peer:
            peer.send(HEAD % len(WHOLE) + WHOLE)
            assert (await peer.answer())[0] == 200
