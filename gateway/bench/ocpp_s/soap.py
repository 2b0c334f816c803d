"""The station's own SOAP: writing and reading envelopes of OCPP.

Fields are plain mappings in the order in which they are written. A value is text, a number, a boolean, a mapping
(a nested element), a list (a repeated element) or None (left out). In a mapping the key ``$`` is the element's own
text and a key that starts with ``@`` is an attribute.

Source: OCPP 1.5, section 8; SOAP 1.2; WS-Addressing 1.0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from lxml import etree

from gateway.bench.ocpp_s.quirks import Quirk
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

    from gateway.bench.ocpp_s.dialects import Dialect

_SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
_SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
_WSA = "http://www.w3.org/2005/08/addressing"
_WSA_2004 = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
ANONYMOUS = f"{_WSA}/anonymous"


@dataclass(frozen=True, slots=True, kw_only=True)
class Headers:
    """WS-Addressing headers and the charge box identity; empty ones are left out."""

    action: str = ""
    message_id: str = ""
    relates_to: str = ""
    identity: str = ""
    sender: str = ""
    reply_to: str = ""
    to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """An element that was received, by local names."""

    name: str
    content: str = ""
    children: tuple[Node, ...] = ()

    def all(self, name: str) -> tuple[Node, ...]:
        """Give the child elements of that name."""
        return tuple(child for child in self.children if child.name == name)

    def child(self, name: str) -> Node:
        """Give the first child element of that name.

        Raises:
            GatewayError: ``soap-element-missing``.
        """
        for child in self.all(name):
            return child
        raise GatewayError("soap-element-missing", element=name)

    def text(self, name: str, default: str | None = None) -> str:
        """Give the text of a child element.

        Raises:
            GatewayError: ``soap-element-missing`` if it is absent or empty and no default is given.
        """
        for child in self.all(name):
            if child.content:
                return child.content
        if default is None:
            raise GatewayError("soap-element-missing", element=name)
        return default

    def number(self, name: str, default: int | None = None) -> int:
        """Give the whole number in a child element.

        Raises:
            GatewayError: ``soap-element-missing`` or ``soap-element-wrong``.
        """
        text = self.text(name, None if default is None else str(default))
        try:
            return int(text)
        except ValueError as error:
            raise GatewayError("soap-element-wrong", element=name, value=text) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """An envelope that was received: headers by lower-case local name, and the body's element."""

    headers: Mapping[str, str]
    body: Node

    @property
    def is_fault(self) -> bool:
        """Whether the body is a SOAP fault."""
        return self.body.name == "Fault"


def write(
    element: str, fields: Mapping[str, object], headers: Headers, *, namespace: str, quirks: AbstractSet[Quirk]
) -> bytes:
    """Write one envelope.

    Args:
        element: local name of the body's element.
        fields: content of that element.
        headers: what the SOAP header holds.
        namespace: the service that the message belongs to.
        quirks: deviations to write with.
    """
    soap = _SOAP_11 if Quirk.SOAP_11 in quirks else _SOAP_12
    wsa = _WSA_2004 if Quirk.OLD_ADDRESSING in quirks else _WSA
    names = {"soap": soap, "wsa": wsa, "ocpp": namespace}
    if Quirk.PREFIX in quirks:
        # The stubs of lxml know no default namespace, which lxml spells None.
        default = cast("str", None)
        names = {"SOAP-ENV": soap, "wsa5": wsa, default: namespace, "chan": "urn:unused"}
    envelope = etree.Element(etree.QName(soap, "Envelope"), nsmap=names)
    header = etree.SubElement(envelope, etree.QName(soap, "Header"))
    _write_headers(header, headers, wsa, namespace, quirks)
    body = etree.SubElement(envelope, etree.QName(soap, "Body"))
    _write_element(body, element, fields, namespace, quirks)
    data = etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")
    return b"\xef\xbb\xbf\r\n" + data if Quirk.BOM in quirks else data


def write_fault(code: str, subcode: str, reason: str, headers: Headers, *, dialect: Dialect) -> bytes:
    """Write a SOAP 1.2 fault (OCPP 1.5, section 8.2).

    Args:
        code: ``Sender`` or ``Receiver``.
        subcode: ``SecurityError``, ``IdentityMismatch``, ``ProtocolError``, ``InternalError`` or ``NotSupported``.
        reason: English text.
        headers: what the SOAP header holds.
        dialect: whose namespaces it has.
    """
    envelope = etree.Element(
        etree.QName(_SOAP_12, "Envelope"), nsmap={"soap": _SOAP_12, "wsa": _WSA, "o": dialect.faults}
    )
    header = etree.SubElement(envelope, etree.QName(_SOAP_12, "Header"))
    _write_headers(header, headers, _WSA, dialect.charge_point, frozenset())
    fault = etree.SubElement(etree.SubElement(envelope, etree.QName(_SOAP_12, "Body")), etree.QName(_SOAP_12, "Fault"))
    outer = etree.SubElement(fault, etree.QName(_SOAP_12, "Code"))
    etree.SubElement(outer, etree.QName(_SOAP_12, "Value")).text = f"soap:{code}"
    inner = etree.SubElement(outer, etree.QName(_SOAP_12, "Subcode"))
    etree.SubElement(inner, etree.QName(_SOAP_12, "Value")).text = f"o:{subcode}"
    text = etree.SubElement(etree.SubElement(fault, etree.QName(_SOAP_12, "Reason")), etree.QName(_SOAP_12, "Text"))
    text.set("{http://www.w3.org/XML/1998/namespace}lang", "en")
    text.text = reason
    return etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")


def read(data: bytes) -> Received:
    """Read one envelope, by local names, in any order of elements.

    Raises:
        GatewayError: ``soap-unreadable`` if it is not a SOAP envelope.
    """
    if b"<!DOCTYPE" in data:
        raise GatewayError("soap-unreadable", reason="a document type is not accepted")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise GatewayError("soap-unreadable", reason=str(error)) from error
    envelope = _read_element(root)
    bodies = [child for body in envelope.all("Body") for child in body.children]
    if envelope.name != "Envelope" or not bodies:
        raise GatewayError("soap-unreadable", reason="not a SOAP envelope with a body")
    headers = {
        child.name.lower(): child.text("Address", child.content)
        for header in envelope.all("Header")
        for child in header.children
    }
    return Received(headers=headers, body=bodies[0])


def _write_headers(
    header: etree._Element, headers: Headers, wsa: str, namespace: str, quirks: AbstractSet[Quirk]
) -> None:
    if headers.identity:
        name = "ChargeBoxIDENTITY" if Quirk.HEADER_CASE in quirks else etree.QName(namespace, "chargeBoxIdentity")
        etree.SubElement(header, name).text = headers.identity
    if Quirk.NO_ACTION in quirks:
        headers = Headers(
            message_id=headers.message_id,
            relates_to=headers.relates_to,
            sender=headers.sender,
            reply_to=headers.reply_to,
            to=headers.to,
        )
    for name, text in (
        ("Action", headers.action),
        ("MessageID", "" if Quirk.NO_MESSAGE_ID in quirks else headers.message_id),
        ("RelatesTo", headers.relates_to),
        ("To", headers.to),
    ):
        if text:
            etree.SubElement(header, etree.QName(wsa, name)).text = text
    if headers.reply_to:
        reply_to = etree.SubElement(header, etree.QName(wsa, "ReplyTo"))
        etree.SubElement(reply_to, etree.QName(wsa, "Address")).text = headers.reply_to
    if headers.sender and Quirk.NO_FROM not in quirks:
        sender = etree.SubElement(header, etree.QName(wsa, "From"))
        if Quirk.TEXT_FROM in quirks:
            sender.text = headers.sender
        else:
            address = etree.SubElement(sender, etree.QName(wsa, "Address"))
            address.text = None if Quirk.EMPTY_FROM in quirks else headers.sender


def _write_element(
    parent: etree._Element, name: str, value: object, namespace: str, quirks: AbstractSet[Quirk]
) -> None:
    if value is None or (Quirk.OMIT_ZERO in quirks and value == 0 and not isinstance(value, bool)):
        return
    if isinstance(value, list):
        for item in value:
            _write_element(parent, name, item, namespace, quirks)
        return
    element = etree.SubElement(parent, etree.QName(namespace, name))
    if not isinstance(value, dict):
        element.text = _as_text(value)
        return
    keys = sorted(value) if Quirk.ELEMENT_ORDER in quirks else list(value)
    for key in keys:
        if key == "$":
            element.text = _as_text(value[key])
        elif key.startswith("@"):
            attribute = etree.QName(namespace, key[1:]) if Quirk.QUALIFIED_ATTRIBUTES in quirks else key[1:]
            element.set(attribute, _as_text(value[key]))
        else:
            _write_element(element, key, value[key], namespace, quirks)


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _read_element(element: etree._Element) -> Node:
    return Node(
        name=etree.QName(element).localname,
        content=(element.text or "").strip(),
        children=tuple(_read_element(child) for child in element.iterchildren("*")),
    )
