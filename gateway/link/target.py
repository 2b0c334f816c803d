"""Where the CSMS of a station is, and how the station shows who it is (OCPP 2.0.1 Part 4, 3.1; Part 2, A00)."""

from __future__ import annotations

import ssl
from base64 import b64encode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

from yarl import URL

from gateway.link.peer_name import NamedPeer
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from pathlib import Path

UNSECURED, BASIC, BASIC_TLS, CLIENT_CERTIFICATE = 0, 1, 2, 3
"""Security profiles: none (tests only), basic authentication, the same over TLS, TLS with a client certificate (A00)."""

CIPHERS = (
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384"
    ":ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:AES128-GCM-SHA256:AES256-GCM-SHA384:@SECLEVEL=2"
)
"""Cipher suites of TLS 1.2, the better ones first: those of A00.FR.319 and .422, and none with CBC, SHA-1 or less.

The last two are without forward secrecy; a CSMS with an RSA certificate may offer nothing else (A00.FR.318).
TLS 1.3 has its own suites, all of which are good. Level 2 asks for keys of 112 bits of security, that is 2048 bits of RSA or
224 of a curve, and for no signature with SHA-1 (A00.FR.501-504).
"""

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
        if self.security_profile not in {BASIC, BASIC_TLS}:
            return {}
        credentials = f"{self.user or self.identity}:{self.password}".encode()
        return {"Authorization": f"Basic {b64encode(credentials).decode('ascii')}"}

    def check(self) -> None:
        """Hold the URL against the security profile.

        Raises:
            GatewayError: ``csms-profile-mismatch``; a password would go in clear text, or TLS is not wanted.
        """
        scheme = URL(self.url).scheme
        if (scheme == "wss") != (self.security_profile >= BASIC_TLS) and self.security_profile != UNSECURED:
            raise GatewayError("csms-profile-mismatch", scheme=scheme, security_profile=self.security_profile)


def tls_context(
    ca_file: Path | None,
    *,
    roots: str = "",
    alone: bool = False,
    wildcards: bool = False,
    client: tuple[Path, Path | None] | None = None,
) -> ssl.SSLContext:
    """The TLS settings of a connection: TLS 1.2 or later, certificate and name verified (A00.FR.308, .309, .313).

    One context costs up to 0.8 MB: share it where the arguments are the same. Reads files: never on the event loop.

    Args:
        ca_file: PEM file with the CSMS's certificate authority; None: the system's.
        roots: More authorities that are trusted, PEM.
        alone: Only ``roots`` are trusted, each of them as it is, whoever has signed it (M05.FR.10).
        wildcards: A name with an asterisk in the CSMS's certificate will do (AllowCSMSTLSWildcards).
        client: For security profile 3: PEM file with the certificate and its chain, and the one with the private key
            (None: the same).

    Raises:
        GatewayError: ``ca-file-unusable`` or ``certificate-unusable``.
    """
    try:
        if alone:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            # A root that another root has signed ends the path, although it is none in the sense of X.509.
            context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        else:
            context = ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
        if roots:
            context.load_verify_locations(cadata=roots)
    except (OSError, ssl.SSLError) as error:
        raise GatewayError("ca-file-unusable", path=str(ca_file), reason=str(error)) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_COMPRESSION
    context.set_ciphers(CIPHERS)
    if not wildcards:
        context.sslobject_class = NamedPeer
    if client is not None:
        certificate, key = client
        try:
            # A key with a passphrase would be asked for on the terminal.
            context.load_cert_chain(certificate, key, password=lambda: b"")
        except (OSError, ssl.SSLError) as error:
            raise GatewayError("certificate-unusable", path=str(certificate), reason=str(error)) from error
    return context
