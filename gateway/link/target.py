"""Where the CSMS of a station is, and how the station shows who it is (OCPP 2.0.1 Part 4, 3.1; Part 2, A00)."""

from __future__ import annotations

import ssl
from base64 import b64encode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

from yarl import URL

from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from pathlib import Path

UNSECURED, BASIC, BASIC_TLS = 0, 1, 2
"""Security profiles: none (tests only), basic authentication, basic authentication over TLS (A00)."""

# What RFC 3986 allows in a path segment as it is; everything else is percent-encoded (Part 4, 3.1.1).
_SEGMENT = "!$&'()*+,;=:@-._~"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One station's connection: all that is needed to open it.

    ``user`` "" means the identity (A00.FR.204); ``vendor`` and ``model`` "" mean what the station says of itself.
    """

    identity: str
    url: str
    password: str = field(default="", repr=False)
    user: str = ""
    security_profile: int = BASIC
    vendor: str = ""
    model: str = ""

    @property
    def address(self) -> URL:
        """The connection URL: the endpoint, a slash, the identity."""
        endpoint = URL(self.url)
        path = f"{endpoint.raw_path.rstrip('/')}/{quote(self.identity, safe=_SEGMENT)}"
        return endpoint.with_path(path, encoded=True, keep_query=True)

    @property
    def headers(self) -> dict[str, str]:
        """The HTTP headers of the handshake: basic authentication in UTF-8 (A00.FR.203, A00.FR.205)."""
        if self.security_profile == UNSECURED:
            return {}
        credentials = f"{self.user or self.identity}:{self.password}".encode()
        return {"Authorization": f"Basic {b64encode(credentials).decode('ascii')}"}

    def check(self) -> None:
        """Hold the URL against the security profile.

        Raises:
            GatewayError: ``csms-profile-mismatch``; a password would go in clear text, or TLS is not wanted.
        """
        scheme = URL(self.url).scheme
        if (scheme == "wss") != (self.security_profile == BASIC_TLS) and self.security_profile != UNSECURED:
            raise GatewayError("csms-profile-mismatch", scheme=scheme, security_profile=self.security_profile)


def tls_context(ca_file: Path | None) -> ssl.SSLContext:
    """The TLS settings of every connection: TLS 1.2 or later, certificate and name verified (A00.FR.308, .309, .313).

    One context costs up to 0.8 MB: make it once. Reads the file, so call it before the event loop runs.

    Args:
        ca_file: PEM file with the CSMS's certificate authority; None: the system's.

    Raises:
        GatewayError: ``ca-file-unusable``.
    """
    try:
        context = ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
    except (OSError, ssl.SSLError) as error:
        raise GatewayError("ca-file-unusable", path=str(ca_file), reason=str(error)) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_COMPRESSION
    return context
