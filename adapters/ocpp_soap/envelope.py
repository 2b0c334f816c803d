"""Read a SOAP envelope with WS-Addressing, whatever namespaces and prefixes a station uses for them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from adapters.ocpp1x.fields import Deviation
from adapters.ocpp_soap.xml_parse import children, local_name, namespace
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from lxml.etree import _Element

    from adapters.ocpp_soap.xml_parse import Document

SOAP_12: Final = "http://www.w3.org/2003/05/soap-envelope"
SOAP_11: Final = "http://schemas.xmlsoap.org/soap/envelope/"
WSA: Final = "http://www.w3.org/2005/08/addressing"
_VERSION_BY_YEAR = {"2010": "1.2", "2012": "1.5", "2015": "1.6"}
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.]{0,20}:(?://[A-Za-z0-9/._~-]{1,200}|[A-Za-z0-9:._~-]{1,200})")
_MAX_HEADER = 1024
_IDENTITY = "chargeboxidentity"
"""Longest header text that is believed, in characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What an envelope says about a message, and its body element.

    Texts are empty where a header is missing. ``version`` is a guess from the year in the body's namespace ("1.2",
    "1.5", "1.6" or empty); ``operation`` is the local name of the body element.
    """

    soap_namespace: str
    wsa_namespace: str
    body_namespace: str
    operation: str
    body: _Element
    version: str = ""
    identity: str = ""
    message_id: str = ""
    relates_to: str = ""
    from_url: str = ""
    reply_to: str = ""
    to: str = ""
    action: str = ""
    deviations: tuple[Deviation, ...] = ()

    @property
    def is_soap_11(self) -> bool:
        """True for the older envelope, which some stations still send."""
        return self.soap_namespace == SOAP_11

    @property
    def is_fault(self) -> bool:
        """True when the body is a SOAP fault."""
        return self.operation.lower() == "fault"


def read_envelope(document: Document) -> Envelope:
    """Read an envelope.

    Raises:
        GatewayError: ``envelope-malformed`` when there is no Envelope, no Body or nothing in the body.
    """
    root = document.root
    if local_name(root.tag).lower() != "envelope":
        raise GatewayError("envelope-malformed", reason="no Envelope", element=local_name(root.tag)[:80])
    parts = {name.lower(): element for name, element in reversed(children(root))}
    body = _body(parts.get("body"))
    headers, wsa_namespace = _headers(parts.get("header"))
    soap_namespace = namespace(root.tag)
    deviations = list(document.deviations)
    if soap_namespace not in (SOAP_11, SOAP_12):
        deviations.append(Deviation(code="soap-namespace", path="Envelope", raw=soap_namespace[:100]))
        soap_namespace = SOAP_12
    body_namespace = _uri(namespace(body.tag))
    return Envelope(
        soap_namespace=soap_namespace,
        wsa_namespace=_uri(wsa_namespace) or WSA,
        body_namespace=body_namespace,
        operation=local_name(body.tag),
        body=body,
        version=next((version for year, version in _VERSION_BY_YEAR.items() if f"/{year}/" in body_namespace), ""),
        identity=headers.get(_IDENTITY, ""),
        message_id=headers.get("messageid", ""),
        relates_to=headers.get("relatesto", ""),
        from_url=headers.get("from", ""),
        reply_to=headers.get("replyto", ""),
        to=headers.get("to", ""),
        action=headers.get("action", ""),
        deviations=tuple(deviations),
    )


def _uri(text: str) -> str:
    """A namespace that an answer can mirror: a repaired parse lets anything through."""
    return text if _URI.fullmatch(text) else ""


def _body(element: _Element | None) -> _Element:
    if element is None:
        raise GatewayError("envelope-malformed", reason="no Body", element="Envelope")
    inside = next(element.iterchildren("*"), None)
    if inside is None:
        raise GatewayError("envelope-malformed", reason="empty Body", element="Body")
    return inside


def _headers(header: _Element | None) -> tuple[dict[str, str], str]:
    """All headers by lower-case local name (the first wins), and the namespace of the addressing headers."""
    found: dict[str, str] = {}
    wsa_namespace = ""
    if header is None:
        return found, wsa_namespace
    for name, element in children(header):
        text = _text(element)
        if len(text) > _MAX_HEADER:
            # A name that is too long is still a name, and nobody's; any other header is done without.
            text = text[:_MAX_HEADER] if name.lower() == _IDENTITY else ""
        found.setdefault(name.lower(), text)
        if not wsa_namespace and "addressing" in element.tag:
            wsa_namespace = namespace(element.tag)
    return found, wsa_namespace


def _text(element: _Element) -> str:
    """The text of a header: its own, or that of an Address (or only) child; trimmed."""
    text = (element.text or "").strip()
    if not text:
        inner = children(element)
        address = next((child for name, child in inner if name.lower() == "address"), inner[0][1] if inner else None)
        text = (address.text or "").strip() if address is not None else ""
    return text
