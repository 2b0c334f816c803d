"""One attempt to bring a file to a URL, by the protocol that the URL names."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from gateway.model.errors import GatewayError
from profiles.common.transfers.locations import ENCRYPTED
from profiles.common.transfers.trust import Trust
from profiles.diagnostics.by_ftp import by_ftp
from profiles.diagnostics.by_http import by_http
from profiles.diagnostics.results import Result

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from yarl import URL

    from gateway.contracts import Northbound
    from profiles.common.transfers.host_keys import HostKeys
    from profiles.diagnostics.files import LogFile

logger = logging.getLogger(__name__)


class Carrier:
    """Uploads as a station; see ``Trust`` for the servers that it believes."""

    def __init__(self, northbound: Northbound) -> None:
        self._trust = Trust(northbound)

    async def carry(self, station: str, url: URL, file: LogFile) -> Result:
        """Upload a file once."""
        if url.scheme == "sftp":
            by_sftp = await asyncio.to_thread(_by_sftp)
            return await by_sftp(url, file, self._trust.host_keys)
        by = by_ftp if url.scheme.startswith("ftp") else by_http
        try:
            tls = await self._trust.tls(station) if url.scheme in ENCRYPTED else None
        except (GatewayError, OSError) as error:  # ssl.SSLError is an OSError
            logger.warning("%s: no TLS for uploads: %s", station, type(error).__name__)
            return Result.FAILURE
        return await by(url, file, tls)


def _by_sftp() -> Callable[[URL, LogFile, HostKeys], Awaitable[Result]]:
    from profiles.diagnostics.by_sftp import by_sftp  # noqa: PLC0415 - loads a library that not every box needs

    return by_sftp
