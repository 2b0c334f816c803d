"""Read what a station answers to a call: a response, a fault, a login page, a stack trace or nothing.

An answer belongs to its call because it came in the same HTTP exchange; its headers are not looked at.
"""

from __future__ import annotations

import re
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING

from adapters.ocpp_soap.decode import decode
from adapters.ocpp_soap.message import Kind, Message
from adapters.ocpp_soap.schema import Operation, Service, Table
from adapters.ocpp_soap.xml_parse import Document, children, local_name, parse
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from lxml.etree import _Element

    from adapters.ocpp_soap.http_types import HttpReply

_TAGS = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.IGNORECASE | re.DOTALL)
_REASON_LENGTH = 200
_FIRST_ERROR = 300


def read_answer(table: Table, operation: Operation, reply: HttpReply, zone: tzinfo = UTC) -> Message:
    """Read the answer to a call of ``operation``.

    Raises:
        GatewayError: ``station-fault`` (``subcode``, ``reason``), ``station-refused`` (HTTP error),
            ``station-answer-foreign`` (no SOAP, or the answer to something else), each with ``status`` and ``reason``.
    """
    try:
        document = parse(reply.body)
    except GatewayError as error:
        raise _no_answer(reply) from error
    body = _body(document)
    if body is None:
        raise _no_answer(reply)
    if local_name(body.tag).lower() == "fault":
        raise _fault(body, reply.status)
    if reply.status >= _FIRST_ERROR:
        raise _no_answer(reply)
    name = local_name(body.tag)
    try:
        found, kind = table.find(Service.CHARGE_POINT, name)
    except GatewayError as error:
        raise _foreign(reply, name) from error
    if found is not operation or kind is not Kind.RESPONSE:
        raise _foreign(reply, name)
    return decode(table, Service.CHARGE_POINT, body, zone)


def _body(document: Document) -> _Element | None:
    """The child of Body; a station that forgets the whole envelope is understood too."""
    root = document.root
    name = local_name(root.tag).lower()
    if name.endswith(("response", "confirmation", "fault")):
        return root
    for child_name, child in children(root) if name == "envelope" else ():
        if child_name.lower() == "body":
            return next(child.iterchildren("*"), None)
    return None


def _fault(body: _Element, status: int) -> GatewayError:
    """Read a fault of SOAP 1.2, of 1.1, or of a stack that writes its own; everything by local name."""
    texts: dict[str, list[str]] = {}
    for element in body.iter("*"):
        text = (element.text or "").strip()
        if text:
            texts.setdefault(local_name(element.tag).lower(), []).append(text)
    codes = [local_name(text) for name in ("value", "faultcode", "subcode", "code") for text in texts.get(name, ())]
    reasons = [text for name in ("text", "reason", "faultstring", "detail") for text in texts.get(name, ())]
    return GatewayError(
        "station-fault",
        status=status,
        subcode=codes[-1][:_REASON_LENGTH] if codes else "",
        reason=reasons[0][:_REASON_LENGTH] if reasons else "",
    )


def _no_answer(reply: HttpReply) -> GatewayError:
    code = "station-refused" if reply.status >= _FIRST_ERROR else "station-answer-foreign"
    return GatewayError(code, status=reply.status, reason=_plain_text(reply.body))


def _foreign(reply: HttpReply, element: str) -> GatewayError:
    return GatewayError("station-answer-foreign", status=reply.status, reason=element[:_REASON_LENGTH])


def _plain_text(body: bytes) -> str:
    """The first words of a text or HTML page."""
    text = _TAGS.sub(" ", body[:4096].decode("utf-8", "replace"))
    shown = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(shown.split())[:_REASON_LENGTH]
