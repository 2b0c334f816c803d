"""Which servers are trusted with a file, or believed one (OCPP 2.0.1 Part 2, N01.FR.15, N01.FR.16)."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING

from gateway.model.trust import trust_of
from profiles.common.transfers.host_keys import HostKeys

if TYPE_CHECKING:
    from gateway.contracts import Northbound

FOLDER, KNOWN_HOSTS = "ssh", "known_hosts"
"""In the box's folder of files; OpenSSH's format."""


class Trust:
    """What a station's transfers trust: what its connection to the CSMS trusts, and the system.

    Servers of SFTP have no certificates: the box keeps their keys, see ``HostKeys``.
    """

    def __init__(self, northbound: Northbound) -> None:
        self._northbound = northbound
        self.host_keys = HostKeys(northbound.folder(FOLDER) / KNOWN_HOSTS)

    async def tls(self, station: str) -> ssl.SSLContext:
        """The settings of a TLS client.

        Raises:
            GatewayError: ``vault-failed``.
            OSError: (ssl.SSLError) a certificate cannot be read.
        """
        documents = await self._northbound.vault.documents(station)
        roots = trust_of(documents, self._northbound.installation(station).roots).text
        return await asyncio.to_thread(_context, roots)


def _context(roots: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if roots.strip():
        context.load_verify_locations(cadata=roots)
    return context
