"""Which security event a failure to connect is (OCPP 2.0.1 Part 2, A00; Appendices, "Security Events")."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from gateway.link.ports import Handlers

_log = logging.getLogger(__name__)

INVALID_MESSAGES = "InvalidMessages"

INVALID_CERTIFICATE = "csms-certificate-invalid"
"""Code of the failure that the CSMS's certificate is."""

_OF_CODE = {
    # The certificate is what a CSMS authenticates itself by: both events are meant.
    INVALID_CERTIFICATE: ("InvalidCsmsCertificate", "CsmsFailedToAuthenticate"),
    "csms-unauthorized": ("FailedToAuthenticateAtCsms",),
    "csms-certificate-refused": ("FailedToAuthenticateAtCsms",),
}
_OF_REASON = {
    # What OpenSSL names the alerts and faults of a handshake by.
    "UNSUPPORTED_PROTOCOL": "InvalidTLSVersion",
    "TLSV1_ALERT_PROTOCOL_VERSION": "InvalidTLSVersion",
    "WRONG_SSL_VERSION": "InvalidTLSVersion",
    "VERSION_TOO_LOW": "InvalidTLSVersion",
    "NO_PROTOCOLS_AVAILABLE": "InvalidTLSVersion",
    "SSLV3_ALERT_HANDSHAKE_FAILURE": "InvalidTLSCipherSuite",
    "NO_CIPHERS_AVAILABLE": "InvalidTLSCipherSuite",
    "NO_SHARED_CIPHER": "InvalidTLSCipherSuite",
    "WRONG_CIPHER_RETURNED": "InvalidTLSCipherSuite",
    "TLSV1_ALERT_INSUFFICIENT_SECURITY": "InvalidTLSCipherSuite",
    "EE_KEY_TOO_SMALL": "InvalidTLSCipherSuite",
}

CERTIFICATE_ALERTS = frozenset(
    {
        "SSLV3_ALERT_BAD_CERTIFICATE",
        "SSLV3_ALERT_CERTIFICATE_EXPIRED",
        "SSLV3_ALERT_CERTIFICATE_REVOKED",
        "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
        "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
        "TLSV13_ALERT_CERTIFICATE_REQUIRED",
        "TLSV1_ALERT_ACCESS_DENIED",
        "TLSV1_ALERT_UNKNOWN_CA",
    }
)
"""Alerts by which a CSMS refuses the charging station certificate, or misses it."""


def events_of(error: GatewayError) -> tuple[str, ...]:
    """The security events that a failure to connect is; none where it is none."""
    if error.code == "csms-tls-failed":
        event = _OF_REASON.get(str(error.params.get("reason", "")))
        return () if event is None else (event,)
    return _OF_CODE.get(error.code, ())


async def notice(handlers: Handlers, station: str, event: str, info: str = "") -> None:
    """Have a security event noted; the link goes on if it cannot be."""
    try:
        await handlers.noticed(station, event, info)
    except GatewayError as error:
        _log.warning("%s: security event %s could not be noted: %s", station, event, error)
