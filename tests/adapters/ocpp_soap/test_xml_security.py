"""What an attacker sends instead of a message is refused, quickly."""

from __future__ import annotations

import time

import pytest

from adapters.ocpp_soap.envelope import SOAP_12
from adapters.ocpp_soap.xml_parse import parse
from gateway.model.errors import GatewayError
from tests.adapters.ocpp_soap.samples import envelope

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BOMB = f'<!DOCTYPE x [<!ENTITY l0 "lol">{LAUGHS}]>'
FILE = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
REMOTE = '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">'
PARAMETER = '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:1/p">%p;]>'


@pytest.mark.parametrize("doctype", [BOMB, FILE, REMOTE, PARAMETER, "<!DOCTYPE x>"])
@pytest.mark.parametrize("prefix", ["", '<?xml version="1.0"?>', "<!-- <a> -->", "\n\n"])
@pytest.mark.parametrize("broken", [False, True])
@pytest.mark.parametrize("wide", [False, True])
def test_document_types_are_refused(doctype: str, prefix: str, *, broken: bool, wide: bool) -> None:
    body = "<c:heartbeatRequest>&l9;&e;</c:heartbeatRequest>" + (" & " if broken else "")
    xml = prefix + doctype + envelope(body).decode()
    begun = time.process_time()
    with pytest.raises(GatewayError) as caught:
        parse(xml.encode("utf-16" if wide else "utf-8"))
    assert caught.value.code == "xml-refused"
    assert time.process_time() - begun < 1


def test_undeclared_entities_are_not_expanded() -> None:
    root = parse(envelope("<c:heartbeatRequest>a&e;b</c:heartbeatRequest>")).root
    assert [element.text for element in root.iter("{*}heartbeatRequest")] == ["a&e;b"]


@pytest.mark.parametrize("end", ["", f"<s:Envelope xmlns:s='{SOAP_12}'></s:Envelope>"])
def test_deep_nesting_is_refused(end: str) -> None:
    begun = time.process_time()
    with pytest.raises(GatewayError):
        parse(b"<a>" * 80_000 + end.encode() + b"</a>" * 1000)
    assert time.process_time() - begun < 1


def test_many_attributes_do_not_take_long() -> None:
    attributes = " ".join(f'a{n}=""' for n in range(25_000))
    begun = time.process_time()
    parse(envelope(f"<c:heartbeatRequest {attributes}/>"))
    assert time.process_time() - begun < 2


def test_half_a_message_is_never_repaired() -> None:
    whole = envelope("<c:authorizeRequest><c:idTag>ABCDEF</c:idTag></c:authorizeRequest>")
    for cut in range(1, len(whole)):
        with pytest.raises(GatewayError):
            parse(whole[:cut])
