"""Envelopes as real stations write them, and the ones we write."""

from __future__ import annotations

import pytest
from lxml import etree

from adapters.ocpp_soap.envelope import SOAP_11, SOAP_12, WSA
from adapters.ocpp_soap.envelope_write import write_fault, write_response
from adapters.ocpp_soap.faults import Fault, FaultCode, fault_for
from adapters.ocpp_soap.xml_parse import parse
from gateway.model.errors import GatewayError
from tests.adapters.ocpp_soap.samples import CP, CS, FROM, HEADERS, STATUS, envelope, read

OLD_WSA = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
NAMES = {"s": SOAP_12, "a": WSA, "o": CS, "f": "urn://Ocpp/2012/02/"}


def _found(xml: bytes, path: str, names: dict[str, str] | None = None) -> str | None:
    return etree.fromstring(xml).findtext(path, namespaces=names or NAMES)


def test_everything_an_envelope_says() -> None:
    found = read(envelope())
    assert found.identity == "SCHRACK-0815"
    assert found.message_id == "urn:uuid:1"
    assert found.from_url == "http://192.168.1.20:8081/"
    assert found.reply_to == f"{WSA}/anonymous"
    assert found.to == "http://10.0.0.1:8080/ocpp"
    assert found.action == "/Heartbeat"
    assert (found.operation, found.body_namespace, found.version) == ("heartbeatRequest", CS, "1.5")
    assert found.deviations == ()


@pytest.mark.parametrize(
    ("sender", "url"),
    [
        ("", ""),
        ("<a:From><a:Address/></a:From>", ""),
        ("<a:From><a:Address>  </a:Address></a:From>", ""),
        ("<a:From><a:Address>http://:8082/</a:Address></a:From>", "http://:8082/"),
        ("<a:From>http://192.168.1.20/</a:From>", "http://192.168.1.20/"),
        ("<a:from><a:address>\nhttp://x/\n</a:address></a:from>", "http://x/"),
        (f"<a:From><a:Address>http://{'x' * 5000}/</a:Address></a:From>", ""),
    ],
    ids=["none", "empty", "blank", "no-host", "as-text", "lower-case", "endless"],
)
def test_from(sender: str, url: str) -> None:
    assert read(envelope(headers=HEADERS.replace(FROM, sender))).from_url == url


@pytest.mark.parametrize("message_id", ["7230", "\n  789456\n", "urn:uuid:x & y"])
def test_message_id_is_echoed_as_it_came(message_id: str) -> None:
    header = f"<a:MessageID>{message_id.replace('&', '&amp;')}</a:MessageID>"
    request = read(envelope(headers=header))
    answer = write_response(request, "HeartbeatResponse", "<o:heartbeatResponse/>", "urn:uuid:2")
    assert _found(answer.body, "s:Header/a:RelatesTo") == message_id.strip()


def test_missing_message_id_still_gets_a_relates_to() -> None:
    answer = write_response(read(envelope(headers="")), "HeartbeatResponse", "<o:heartbeatResponse/>", "urn:uuid:2")
    assert _found(answer.body, "s:Header/a:RelatesTo") == "urn:uuid:2"
    assert _found(answer.body, "s:Header/a:To") == f"{WSA}/anonymous"


def test_old_addressing_namespace_is_mirrored() -> None:
    request = read(envelope(wsa=OLD_WSA))
    assert request.from_url
    answer = write_response(request, "HeartbeatResponse", "<o:heartbeatResponse/>", "urn:uuid:2")
    names = {**NAMES, "a": OLD_WSA}
    assert _found(answer.body, "s:Header/a:Action", names) == "/HeartbeatResponse"
    assert _found(answer.body, "s:Header/a:To", names) == "http://192.168.1.20:8081/"


@pytest.mark.parametrize(
    "header",
    [
        "<c:chargeBoxIdentity>BOX</c:chargeBoxIdentity>",
        "<chargeBoxIdentity>BOX</chargeBoxIdentity>",
        '<x:ChargeBoxIdentity xmlns:x="urn:other" s:mustUnderstand="true"> BOX </x:ChargeBoxIdentity>',
        f'<p:CHARGEBOXIDENTITY xmlns:p="{CP}">BOX</p:CHARGEBOXIDENTITY>',
    ],
)
def test_identity_in_any_namespace_and_capitalisation(header: str) -> None:
    assert read(envelope(headers=header)).identity == "BOX"


def test_no_header_at_all() -> None:
    xml = f'<Envelope xmlns="{SOAP_12}"><Body><heartbeatRequest xmlns="{CS}"/></Body></Envelope>'.encode()
    found = read(xml)
    assert (found.identity, found.operation, found.body_namespace) == ("", "heartbeatRequest", CS)


@pytest.mark.parametrize(
    ("service", "version"),
    [
        (CP, "1.5"),
        ("urn://Ocpp/Cs/2010/08/", "1.2"),
        ("urn://Ocpp/Cs/2010/10/", "1.2"),
        ("urn://Ocpp/Cs/2015/10/", "1.6"),
        ("urn:x", ""),
    ],
)
def test_answer_is_in_the_namespace_of_the_request(service: str, version: str) -> None:
    request = read(envelope(service=service))
    assert request.version == version
    answer = write_response(request, "HeartbeatResponse", "<o:heartbeatResponse/>", "urn:uuid:2")
    assert etree.fromstring(answer.body).find(f".//{{{service}}}heartbeatResponse") is not None


def test_body_without_namespace_is_answered_in_that_of_the_table() -> None:
    request = read(envelope("<heartbeatRequest/>"))
    answer = write_response(request, "HeartbeatResponse", "<o:heartbeatResponse/>", "urn:uuid:2", namespace=CS)
    assert etree.fromstring(answer.body).find(f".//{{{CS}}}heartbeatResponse") is not None


def test_action_does_not_matter() -> None:
    headers = HEADERS.replace("/Heartbeat", "urn://Ocpp/Cs/2012/06/:bootnotification")
    assert read(envelope(headers=headers)).operation == "heartbeatRequest"


def test_soap_11_is_understood_and_mirrored() -> None:
    request = read(envelope(soap=SOAP_11))
    answer = write_response(request, "HeartbeatResponse", "<o:heartbeatResponse/>", "urn:uuid:2")
    assert answer.content_type == "text/xml; charset=utf-8"
    assert etree.fromstring(answer.body).tag == f"{{{SOAP_11}}}Envelope"


def test_unknown_soap_namespace_is_answered_in_soap_12() -> None:
    request = read(envelope(soap="urn:soap"))
    assert request.soap_namespace == SOAP_12
    assert [item.code for item in request.deviations] == ["soap-namespace"]


@pytest.mark.parametrize(
    "mangle",
    [
        lambda xml: b"\xef\xbb\xbf" + xml,
        lambda xml: b"\r\n\n  " + xml,
        lambda xml: xml + b"\x00\x00\n",
        lambda xml: b'<?xml version="1.0" encoding="UTF-8"?>' + xml.replace(b"NoError<", b"NoError<!-- x --><"),
        lambda xml: xml.decode().encode("utf-16"),
        lambda xml: xml.replace(b"</c:status>", b"</c:status><c:info xsi:nil='true'/>"),
        lambda xml: xml.replace(b"</c:status>", b"</c:status><c:info>a & b</c:info>"),
        lambda xml: xml.replace(b"</c:status>", b"</c:status><c:info>a\x01b</c:info>"),
        lambda xml: (
            b'<?xml version="1.0" encoding="UTF-8"?>' + xml.replace(b"</c:status>", b"</c:status><c:info>\xe4</c:info>")
        ),
        lambda xml: xml.replace(b"<s:", b"<SOAP-ENV:").replace(b"</s:", b"</SOAP-ENV:"),
    ],
    ids=["bom", "blank-lines", "nuls", "comment", "utf-16", "xsi", "ampersand", "control", "latin-1", "soap-env"],
)
def test_slightly_broken_xml_is_read(mangle: object) -> None:
    assert callable(mangle)
    found = read(mangle(envelope(STATUS)))
    assert found.body.findtext("{*}errorCode") == "NoError"
    assert found.operation == "statusNotificationRequest"
    assert found.identity == "SCHRACK-0815"


@pytest.mark.parametrize(
    "xml",
    [
        b"",
        b"   ",
        b"hello",
        b"<html><body>login</body></html>",
        b"<a",
        envelope()[:-30],
        b"<Envelope/>",
        b"<Envelope><Body/></Envelope>",
        b"\xff\xfe\x00",
    ],
)
def test_what_is_no_envelope_is_refused(xml: bytes) -> None:
    with pytest.raises(GatewayError) as caught:
        read(xml)
    assert caught.value.code in ("xml-malformed", "envelope-malformed")
    assert fault_for(caught.value).code is FaultCode.PROTOCOL_ERROR


@pytest.mark.parametrize(
    ("code", "role", "status"),
    [
        (FaultCode.SECURITY_ERROR, "s:Sender", 400),
        (FaultCode.IDENTITY_MISMATCH, "s:Sender", 400),
        (FaultCode.PROTOCOL_ERROR, "s:Sender", 400),
        (FaultCode.INTERNAL_ERROR, "s:Receiver", 500),
        (FaultCode.NOT_SUPPORTED, "s:Receiver", 500),
    ],
)
def test_fault(code: FaultCode, role: str, status: int) -> None:
    sent = write_fault(read(envelope()), Fault(code=code, reason="a < b"), "urn:uuid:2", "urn://Ocpp/2012/02/")
    assert sent.status == status
    assert _found(sent.body, "s:Body/s:Fault/s:Code/s:Value") == role
    assert _found(sent.body, "s:Body/s:Fault/s:Code/s:Subcode/s:Value") == f"o:{code.value}"
    assert _found(sent.body, "s:Body/s:Fault/s:Reason/s:Text") == "a < b"
    assert _found(sent.body, "s:Header/a:RelatesTo") == "urn:uuid:1"
    assert etree.fromstring(sent.body).nsmap["o"] == "urn://Ocpp/2012/02/"


def test_fault_in_soap_11() -> None:
    fault = Fault(code=FaultCode.PROTOCOL_ERROR, reason="no")
    sent = write_fault(read(envelope(soap=SOAP_11)), fault, "urn:uuid:2", CS)
    assert (sent.status, sent.content_type) == (500, "text/xml; charset=utf-8")
    assert _found(sent.body, "s:Body/s:Fault/faultcode", {"s": SOAP_11}) == "o:ProtocolError"


def test_fault_for_bytes_that_are_no_envelope() -> None:
    sent = write_fault(None, Fault(code=FaultCode.PROTOCOL_ERROR, reason="no"), "urn:uuid:2", CS)
    assert _found(sent.body, "s:Body/s:Fault/s:Code/s:Value") == "s:Sender"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (GatewayError("operation-unknown", element="x"), FaultCode.NOT_SUPPORTED),
        (GatewayError("xml-refused"), FaultCode.SECURITY_ERROR),
        (GatewayError("disk-full", path="/secret"), FaultCode.INTERNAL_ERROR),
    ],
)
def test_failures_become_faults_that_tell_no_secrets(error: GatewayError, code: FaultCode) -> None:
    fault = fault_for(error)
    assert fault.code is code
    assert "/secret" not in fault.reason


def test_identity_is_escaped() -> None:
    request = read(envelope(headers="<c:chargeBoxIdentity>A&lt;/B&amp;</c:chargeBoxIdentity>"))
    answer = write_response(request, "HeartbeatResponse", "<o:heartbeatResponse/>", "urn:uuid:2")
    assert parse(answer.body).deviations == ()
    assert _found(answer.body, "s:Header/o:chargeBoxIdentity") == "A</B&"
