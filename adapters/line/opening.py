"""Opens the line of a site's ``connection``: a serial port, or one behind TCP."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from adapters.common.serial_port import SerialSettings, open_serial
from adapters.common.wire import Unreachable

if TYPE_CHECKING:
    from gateway.config.fields import HostPort

PATIENCE_S = 5.0
"""Seconds for a TCP connection."""


class Opening(Protocol):
    """A line that can be opened."""

    async def open(self, protocol: asyncio.Protocol) -> asyncio.Transport:
        """Open it, and have its bytes go to ``protocol``.

        Raises:
            Unreachable: it cannot be.
        """


class SerialOpening:
    """A serial port."""

    def __init__(self, settings: SerialSettings) -> None:
        self._settings = settings

    async def open(self, protocol: asyncio.Protocol) -> asyncio.Transport:
        """As ``Opening``."""
        return await open_serial(protocol, self._settings)


class TcpOpening:
    """A serial line behind TCP."""

    def __init__(self, address: HostPort) -> None:
        self._address = address

    async def open(self, protocol: asyncio.Protocol) -> asyncio.Transport:
        """As ``Opening``."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(PATIENCE_S):
                transport, _ = await loop.create_connection(lambda: protocol, self._address.host, self._address.port)
        except (OSError, UnicodeError) as error:  # a time-out is an OSError; the latter: no name of a host
            reason = str(error) or type(error).__name__
            raise Unreachable("no-connection", where=str(self._address), reason=reason) from error
        return transport
