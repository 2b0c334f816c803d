"""One attempt to bring a file to a URL, by the protocol that the URL names."""

from __future__ import annotations

import asyncio
import logging
import ssl
from typing import TYPE_CHECKING

from yarl import URL

from gateway.model import credentials
from gateway.model.errors import GatewayError
from profiles.diagnostics.by_ftp import by_ftp
from profiles.diagnostics.by_http import by_http
from profiles.diagnostics.results import Result

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.contracts import Northbound
    from profiles.diagnostics.files import LogFile

logger = logging.getLogger(__name__)

PROTOCOLS = ("FTP", "FTPS", "HTTP", "HTTPS")
"""What the box itself can do, of FileTransferProtocols (OCPPCommCtrlr)."""


def address(location: str) -> URL | None:
    """The URL in a text; None where it is none."""
    try:
        url = URL(location)
    except ValueError:
        return None
    return url if url.host and url.explicit_port != 0 else None


def can_carry(url: URL) -> bool:
    """Tell whether the box can bring a file there."""
    return url.scheme.upper() in PROTOCOLS


class Carrier:
    """Uploads as a station; it trusts what the station's connection to the CSMS trusts (N01.FR.15), and the system."""

    def __init__(self, northbound: Northbound) -> None:
        self._northbound = northbound

    async def carry(self, station: str, url: URL, file: LogFile) -> Result:
        """Upload a file once."""
        by = by_ftp if url.scheme.startswith("ftp") else by_http
        try:
            tls = await self._tls(station) if url.scheme in {"ftps", "https"} else None
        except (GatewayError, OSError) as error:  # ssl.SSLError is an OSError
            logger.warning("%s: no TLS for uploads: %s", station, type(error).__name__)
            return Result.FAILURE
        return await by(url, file, tls)

    async def _tls(self, station: str) -> ssl.SSLContext:
        documents = await self._northbound.vault.documents(station)
        roots = [text for name, text in documents.items() if name.startswith(credentials.CSMS_ROOT)]
        return await asyncio.to_thread(_context, [self._northbound.installation(station).roots, *roots])


def _context(roots: Iterable[str]) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    for text in filter(None, roots):
        context.load_verify_locations(cadata=text)
    return context
