"""Bytes to and from a bus, on a TCP connection or a serial device."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, cast

from typing_extensions import override

from adapters.common.serial_port import SerialSettings, SerialTransport, open_serial

if TYPE_CHECKING:
    from collections.abc import Callable

_FAST = 19_200
_LEAST_SILENCE = 0.00175
_SILENT_CHARACTERS = 3.5


def character(settings: SerialSettings) -> float:
    """Seconds that one character takes, with its start, parity and stop bits."""
    bits, parity, stop = tuple(settings.format)
    return (1 + int(bits) + (parity != "N") + int(stop)) / settings.baud


def silence(settings: SerialSettings) -> float:
    """Seconds between two frames (Modbus over Serial Line V1.02, 2.5.1.1): 3.5 characters, fixed above 19200 baud."""
    return _LEAST_SILENCE if settings.baud > _FAST else _SILENT_CHARACTERS * character(settings)


class Channel(asyncio.Protocol):
    """An open way to a bus.

    Attributes:
        buffer: What has come and was not taken out yet.
        listener: Called after every arrival, and when the way has been closed.
        closed: True once nothing can come any more.
    """

    def __init__(self) -> None:
        self.buffer = bytearray()
        self.listener: Callable[[], None] | None = None
        self.closed = False
        self._transport: asyncio.Transport | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    @override
    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if self.listener is not None:
            self.listener()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        if self.listener is not None:
            self.listener()

    def write(self, data: bytes) -> None:
        """Send bytes; a way that breaks under it is closed."""
        if self._transport is not None:
            self._transport.write(data)

    async def drain(self) -> None:
        """Throw away what has come."""
        await asyncio.sleep(0)
        await asyncio.sleep(0)  # what the kernel has is found in one turn of the loop, and read in the next
        self.buffer.clear()

    async def aclose(self) -> None:
        """Close it; it can be opened anew when this returns."""
        self.closed = True
        if self._transport is None:
            return
        self._transport.abort()
        if isinstance(self._transport, SerialTransport):
            await self._transport.wait_closed()


async def open_tcp(host: str, port: int) -> Channel:
    """Connect.

    Raises:
        OSError: Nobody is there.
    """
    transport, channel = await asyncio.get_running_loop().create_connection(Channel, host, port)
    opened: socket.socket = transport.get_extra_info("socket")
    # A station that lost its power says nothing: the kernel finds out.
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return channel


async def open_line(settings: SerialSettings) -> Channel:
    """Open a serial device.

    Raises:
        Unreachable: ``serial-port``: it is not there, or somebody else has it.
    """
    channel = Channel()
    await open_serial(channel, settings)
    return channel
