"""The name in the CSMS's certificate: the very name, and no pattern (OCPP 2.0.1 Part 2, A00.FR.309; errata 2025-09, 2.62)."""

from __future__ import annotations

import ssl
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Mapping

WILDCARD = "the certificate has the name only with a wildcard"


class NamedPeer(ssl.SSLObject):
    """A TLS connection to a peer whose certificate names it in full; all other checks are the library's own."""

    @override
    def do_handshake(self) -> None:
        super().do_handshake()
        if self.server_hostname and by_wildcard(self.getpeercert() or {}, self.server_hostname):
            error = ssl.SSLCertVerificationError(ssl.SSL_ERROR_SSL, WILDCARD)
            error.verify_message = WILDCARD
            raise error


def by_wildcard(certificate: Mapping[str, Any], host: str) -> bool:
    """Tell whether a certificate fits a name by a pattern only.

    Args:
        certificate: As ``ssl.SSLObject.getpeercert`` gives it; the library has found that it fits.
        host: The name that was called.
    """
    try:
        ip_address(host)
    except ValueError:
        names = [name for kind, name in certificate.get("subjectAltName", ()) if kind == "DNS"]
        if not names:  # then, and only then, it is the common name (RFC 6125, 6.4.4)
            names = [value for part in certificate.get("subject", ()) for kind, value in part if kind == "commonName"]
        return host.casefold().rstrip(".") not in {name.casefold() for name in names}
    return False
