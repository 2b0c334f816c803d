"""Which password, or which certificate, a station has at its backend."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.config.site import Backend, Site, Station, StationKeys

# OCPP 2.0.1 part 2, A00.FR.205, with the upper limit of the 2025-09 errata.
SHORTEST, LONGEST = 16, 64

WITH_PASSWORD = frozenset({1, 2})
"""The security profiles that ask for a password."""
CLIENT_CERTIFICATE = 3
"""The one that asks for a certificate."""


def password_source(backend: Backend, station: StationKeys) -> Path | str | None:
    """The file with the password, or the password itself; the station's own goes before the backend's."""
    for holder in (station, backend):
        if holder.password_file is not None:
            return holder.password_file
        if holder.password is not None:
            return holder.password.get_secret_value()
    return None


def certificate_files(backend: Backend, station: StationKeys) -> tuple[Path, Path] | None:
    """The files of certificate and private key; the station's own go before the backend's. None: not both are named."""
    for holder in (station, backend):
        if holder.certificate_file is not None and holder.key_file is not None:
            return holder.certificate_file, holder.key_file
    return None


def read_password(site: Site, station: Station) -> str | None:
    """The password of a station; None where security profile 0 or 3 asks for none.

    Raises:
        GatewayError: `password-missing`, `password-empty` or `file-unreadable`.
    """
    if site.backend.security_profile not in WITH_PASSWORD:
        return None
    source = password_source(site.backend, station)
    if source is None:
        raise GatewayError("password-missing", identity=station.identity)
    if isinstance(source, str):
        return source
    try:
        password = source.read_text("utf-8").strip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise GatewayError("file-unreadable", key="password_file", value=str(source)) from error
    if not password:
        raise GatewayError("password-empty", value=str(source))
    return password
