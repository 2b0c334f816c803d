"""Envelopes as stations write them."""

from __future__ import annotations

from adapters.ocpp_soap.envelope import SOAP_12, WSA, Envelope, read_envelope
from adapters.ocpp_soap.xml_parse import parse

CS = "urn://Ocpp/Cs/2012/06/"
CP = "urn://Ocpp/Cp/2012/06/"
FROM = "<a:From><a:Address>http://192.168.1.20:8081/</a:Address></a:From>"
HEADERS = (
    "<c:chargeBoxIdentity>SCHRACK-0815</c:chargeBoxIdentity><a:Action>/Heartbeat</a:Action>"
    f"<a:MessageID>urn:uuid:1</a:MessageID>{FROM}"
    f"<a:ReplyTo><a:Address>{WSA}/anonymous</a:Address></a:ReplyTo><a:To>http://10.0.0.1:8080/ocpp</a:To>"
)
STATUS = (
    "<c:statusNotificationRequest><c:connectorId>1</c:connectorId><c:status>Occupied</c:status>"
    "<c:errorCode>NoError</c:errorCode></c:statusNotificationRequest>"
)


def envelope(
    body: str = "<c:heartbeatRequest/>",
    headers: str = HEADERS,
    *,
    soap: str = SOAP_12,
    wsa: str = WSA,
    service: str = CS,
) -> bytes:
    """An envelope with prefixes s (SOAP), a (addressing) and c (service)."""
    return (
        f'<s:Envelope xmlns:s="{soap}" xmlns:a="{wsa}" xmlns:c="{service}">'
        f"<s:Header>{headers}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def read(xml: bytes) -> Envelope:
    """Parse and read."""
    return read_envelope(parse(xml))
