"""Serial ports on the event loop: opened and closed in a thread, read and written without blocking."""

from __future__ import annotations

import asyncio
import os
import termios
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import serial
from typing_extensions import override

from adapters.common.wire import Unreachable

_READ = 4096
_BUFFER = 64 * 1024
"""Bytes that may wait to be sent; a station that takes none is no station any more."""

_PSEUDO = "/dev/pts/"


@dataclass(frozen=True, slots=True, kw_only=True)
class SerialSettings:
    """A serial line: device, bits per second, and data bits, parity, stop bits as in ``8E1``."""

    path: str
    baud: int
    format: str = "8N1"


async def open_serial(protocol: asyncio.Protocol, settings: SerialSettings) -> SerialTransport:
    """Open a port for nobody else, and have its bytes go to ``protocol``.

    Raises:
        Unreachable: ``serial-port`` with ``path`` and ``reason``.
    """
    loop = asyncio.get_running_loop()
    opening = loop.run_in_executor(None, _opened, settings)
    try:
        port = await asyncio.shield(opening)
    except asyncio.CancelledError:
        opening.add_done_callback(_close_unused)
        raise
    except (OSError, ValueError, termios.error) as error:
        reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
        raise Unreachable("serial-port", path=settings.path, reason=reason) from error
    return SerialTransport(loop, port, protocol)


def _opened(settings: SerialSettings) -> serial.Serial:
    data, parity, stop = tuple(settings.format)
    if str(Path(settings.path).resolve()).startswith(_PSEUDO):
        data, parity = "8", "N"  # a pseudo-terminal has no wire, and refuses parity
    port = serial.Serial(
        settings.path,
        baudrate=settings.baud,
        bytesize=int(data),
        parity=parity,
        stopbits=int(stop),
        timeout=0,
        exclusive=True,
    )
    os.set_blocking(port.fileno(), False)
    return port


def _close(port: serial.Serial) -> None:
    with suppress(OSError, termios.error):
        port.reset_output_buffer()  # else the system waits for the last bytes to leave
    port.close()


def _close_unused(opening: asyncio.Future[serial.Serial]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()


class SerialTransport(asyncio.Transport):
    """A port as a transport of asyncio; the protocol is told of bytes and of the end."""

    def __init__(self, loop: asyncio.AbstractEventLoop, port: serial.Serial, protocol: asyncio.Protocol) -> None:
        super().__init__({"serial": port.port})
        self._loop = loop
        self._port = port
        self._fd: int = port.fileno()
        self._protocol = protocol
        self._waiting = bytearray()
        self._closed: asyncio.Future[None] | None = None
        protocol.connection_made(self)
        loop.add_reader(self._fd, self._readable)

    @override
    def is_closing(self) -> bool:
        return self._closed is not None

    @override
    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send bytes, now or as soon as the port takes them."""
        if self._closed is not None:
            return
        if not self._waiting:
            self._loop.add_writer(self._fd, self._writable)
        self._waiting += data
        if len(self._waiting) > _BUFFER:
            self._lost(BufferError(f"{len(self._waiting)} bytes wait to be sent"))
            return
        self._writable()

    @override
    def close(self) -> None:
        """Give the port back; what has not been sent is not sent any more."""
        self._lost(None)

    @override
    def abort(self) -> None:
        self._lost(None)

    async def wait_closed(self) -> None:
        """Until the port may be opened again."""
        if self._closed is not None:
            await asyncio.shield(self._closed)

    def _readable(self) -> None:
        try:
            data = os.read(self._fd, _READ)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._lost(error)
            return
        if data:
            self._protocol.data_received(data)
        else:  # ready to be read, and nothing there: the adapter has been pulled out
            self._lost(ConnectionResetError())

    def _writable(self) -> None:
        try:
            count = os.write(self._fd, self._waiting)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._lost(error)
            return
        del self._waiting[:count]
        if not self._waiting:
            self._loop.remove_writer(self._fd)

    def _lost(self, error: Exception | None) -> None:
        if self._closed is not None:
            return
        self._loop.remove_reader(self._fd)
        self._loop.remove_writer(self._fd)
        self._waiting.clear()
        self._closed = self._loop.run_in_executor(None, _close, self._port)
        self._loop.call_soon(self._protocol.connection_lost, error)
