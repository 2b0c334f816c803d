"""One attempt to fetch a file from a URL, by the protocol that the URL names."""

from __future__ import annotations

import asyncio
import ftplib
import logging
from typing import TYPE_CHECKING

from aiohttp import ClientError

from gateway.model.errors import GatewayError
from profiles.common.transfers.locations import ENCRYPTED, address
from profiles.common.transfers.trust import Trust
from profiles.firmware.by_ftp import by_ftp
from profiles.firmware.by_http import by_http

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from yarl import URL

    from gateway.contracts import Northbound
    from profiles.common.transfers.host_keys import HostKeys

logger = logging.getLogger(__name__)


class Fetcher:
    """Fetches as a station; see ``Trust`` for the servers that it believes."""

    def __init__(self, northbound: Northbound) -> None:
        self._trust = Trust(northbound)

    async def fetch(self, station: str, location: str, target: Path) -> bool:
        """Fetch a file once; False where it is not there, for whatever reason. The URL goes into no log."""
        url = address(location)
        if url is None:
            return False
        try:
            return await self._fetch(station, url, target)
        except (GatewayError, ClientError, ftplib.Error, OSError, EOFError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
            logger.warning("%s: firmware could not be fetched: %s", station, reason)
            return False

    async def _fetch(self, station: str, url: URL, target: Path) -> bool:
        if url.scheme == "sftp":
            by_sftp = await asyncio.to_thread(_by_sftp)
            return await by_sftp(url, target, self._trust.host_keys)
        tls = await self._trust.tls(station) if url.scheme in ENCRYPTED else None
        return await (by_ftp if url.scheme.startswith("ftp") else by_http)(url, target, tls)


def _by_sftp() -> Callable[[URL, Path, HostKeys], Awaitable[bool]]:
    from profiles.firmware.by_sftp import by_sftp  # noqa: PLC0415 - loads a library that not every box needs

    return by_sftp
