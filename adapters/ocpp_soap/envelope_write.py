"""Write envelopes that every known station accepts: all headers that any of them asks for, and nothing optional.

Responses carry Action, MessageID, RelatesTo, To and the identity, because each is demanded by some station stack, and
no mustUnderstand, because two stacks refuse it. Requests carry all six addressing headers for the same reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.ocpp_soap.encode import PREFIX
from adapters.ocpp_soap.envelope import SOAP_11, SOAP_12, WSA, Envelope
from adapters.ocpp_soap.xml_text import escape, escape_attribute

if TYPE_CHECKING:
    from adapters.ocpp_soap.faults import Fault

_SENDER_FAULT_STATUS = 400
_RECEIVER_FAULT_STATUS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """An envelope ready to be posted or answered."""

    body: bytes
    content_type: str
    status: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Addressing of a request to a station.

    ``to`` is the station's URL, ``from_url`` ours; ``message_id`` is unique ("urn:uuid:...").
    """

    operation: str
    identity: str
    message_id: str
    from_url: str
    to: str
    namespace: str
    """Service namespace of the body (the station's)."""


def anonymous(wsa_namespace: str) -> str:
    """The address for "answer in the same HTTP exchange" of a WS-Addressing version."""
    role = "/anonymous" if wsa_namespace == WSA else "/role/anonymous"
    return wsa_namespace + role


def write_response(request: Envelope, action: str, body: str, message_id: str, *, namespace: str = "") -> Outgoing:
    """Write the answer to a request, in the request's own SOAP, addressing and service namespaces.

    Args:
        request: what is answered.
        action: operation and kind, as "HeartbeatResponse".
        body: the encoded body element.
        message_id: a fresh unique URI.
        namespace: service namespace for a request whose body has none.
    """
    headers = _response_headers(request, f"/{action}", message_id)
    return _outgoing(request, request.body_namespace or namespace, headers, body)


def write_fault(request: Envelope | None, fault: Fault, message_id: str, namespace: str) -> Outgoing:
    """Write a fault.

    Args:
        request: what it answers; None when not even an envelope could be read.
        fault: code and reason.
        message_id: a fresh unique URI.
        namespace: of the sub-code (from the version's table).

    Returns:
        The envelope, with HTTP status 400 for a Sender fault and 500 for a Receiver fault; always 500 with SOAP 1.1
        (SOAP 1.2 part 2, 7.5.2.2; SOAP 1.1, 6.2).
    """
    wsa = request.wsa_namespace if request else WSA
    fault_action = f"{wsa}/soap/fault" if wsa == WSA else f"{wsa}/fault"
    headers = _response_headers(request, fault_action, message_id)
    reason = escape(fault.reason)
    code = f"{PREFIX}:{fault.code.value}"
    if request is not None and request.is_soap_11:
        status = _RECEIVER_FAULT_STATUS
        body = f"<s:Fault><faultcode>{code}</faultcode><faultstring>{reason}</faultstring></s:Fault>"
    else:
        role, status = (
            ("Sender", _SENDER_FAULT_STATUS) if fault.code.by_sender else ("Receiver", _RECEIVER_FAULT_STATUS)
        )
        subcode = f"<s:Subcode><s:Value>{code}</s:Value></s:Subcode>"
        text = f'<s:Reason><s:Text xml:lang="en">{reason}</s:Text></s:Reason>'
        body = f"<s:Fault><s:Code><s:Value>s:{role}</s:Value>{subcode}</s:Code>{text}</s:Fault>"
    return _outgoing(request, namespace, headers, body, status=status)


def write_request(call: Call, body: str) -> Outgoing:
    """Write a request to a station: SOAP 1.2, bare action, all addressing headers."""
    reply_to = anonymous(WSA)
    headers = (
        f"<{PREFIX}:chargeBoxIdentity>{escape(call.identity)}</{PREFIX}:chargeBoxIdentity>"
        f"<a:Action>/{call.operation}</a:Action><a:MessageID>{escape(call.message_id)}</a:MessageID>"
        f"<a:From><a:Address>{escape(call.from_url)}</a:Address></a:From>"
        f"<a:ReplyTo><a:Address>{reply_to}</a:Address></a:ReplyTo><a:To>{escape(call.to)}</a:To>"
    )
    return Outgoing(
        body=_envelope(SOAP_12, WSA, call.namespace, headers, body),
        content_type=f'application/soap+xml; charset=utf-8; action="/{call.operation}"',
    )


def _response_headers(request: Envelope | None, action: str, message_id: str) -> str:
    wsa = request.wsa_namespace if request else WSA
    to = request.from_url if request and request.from_url else anonymous(wsa)
    # Some stations insist on RelatesTo though they sent no MessageID: any value will do then.
    relates_to = request.message_id if request and request.message_id else message_id
    identity = request.identity if request else ""
    return (
        (f"<{PREFIX}:chargeBoxIdentity>{escape(identity)}</{PREFIX}:chargeBoxIdentity>" if identity else "")
        + f"<a:Action>{action}</a:Action><a:MessageID>{escape(message_id)}</a:MessageID>"
        f"<a:RelatesTo>{escape(relates_to)}</a:RelatesTo><a:To>{escape(to)}</a:To>"
    )


def _outgoing(request: Envelope | None, namespace: str, headers: str, body: str, *, status: int = 200) -> Outgoing:
    soap = request.soap_namespace if request else SOAP_12
    wsa = request.wsa_namespace if request else WSA
    media_type = "text/xml" if soap == SOAP_11 else "application/soap+xml"
    content = _envelope(soap, wsa, namespace, headers, body)
    return Outgoing(body=content, content_type=f"{media_type}; charset=utf-8", status=status)


def _envelope(soap: str, wsa: str, service: str, headers: str, body: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<s:Envelope xmlns:s="{soap}" xmlns:a="{escape_attribute(wsa)}" xmlns:{PREFIX}="{escape_attribute(service)}">'
        f"<s:Header>{headers}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    ).encode()
