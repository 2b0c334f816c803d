"""The socket that the answers of all stations come to."""

from __future__ import annotations

import asyncio
import logging
import socket
from typing import TYPE_CHECKING

from typing_extensions import override

from adapters.common.complaints import Complaints
from adapters.common.wire import Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)

Address = tuple[str, int]


class UdpEndpoint(asyncio.DatagramProtocol):
    """One port of the box. A station is known by the address that it sends from.

    Where only one station has an IP address, what comes from there is its own, whatever port it sends from.
    """

    def __init__(self, host: str, port: int) -> None:
        self._local = (host, port)
        self._opening = asyncio.Lock()
        self._transport: asyncio.DatagramTransport | None = None
        self._closed: asyncio.Future[None] | None = None
        self._stations: dict[Address, Callable[[bytes], None]] = {}
        self._complaints = Complaints(logger, f"UDP port {port}")

    async def join(self, host: str, port: int, hear: Callable[[bytes], None]) -> Address:
        """Have the datagrams of a station go to ``hear``; gives the address to send to.

        Raises:
            Unreachable: the port is taken by another program, or there is no such host.
        """
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, port, family=socket.AF_INET, type=socket.SOCK_DGRAM)
        except (OSError, UnicodeError) as error:  # the latter: no name of a host
            raise Unreachable("no-connection", where=host, reason=str(error)) from error
        async with self._opening:
            if self._transport is None:
                await self._open()
        address = (str(found[0][4][0]), port)
        self._stations[address] = hear
        return address

    async def leave(self, address: Address) -> None:
        """Hear no more of a station; the port is given back with the last one."""
        self._stations.pop(address, None)
        if not self._stations:
            await self.aclose()

    def send(self, data: bytes, address: Address) -> None:
        """Send a datagram.

        Raises:
            Unreachable: the port is not open.
        """
        if self._transport is None:
            raise Unreachable("connection-lost", where=address[0])
        self._transport.sendto(data, address)

    async def aclose(self) -> None:
        """Give the port back."""
        self._stations.clear()
        transport, self._transport = self._transport, None
        if transport is not None and self._closed is not None:
            transport.close()
            await self._closed

    async def _open(self) -> None:
        loop = asyncio.get_running_loop()
        self._closed = loop.create_future()
        try:
            self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=self._local)
        except OSError as error:
            raise Unreachable("udp-port", port=self._local[1], reason=error.strerror or str(error)) from error

    @override
    def datagram_received(self, data: bytes, addr: Address) -> None:
        hear = self._stations.get((addr[0], addr[1]))
        if hear is None:
            same = [each for (host, _), each in self._stations.items() if host == addr[0]]
            hear = same[0] if len(same) == 1 else None
        if hear is None:
            self._complaints.once(f"stranger {addr[0]}", "a datagram of %s, where no station is", addr[0])
            return
        hear(data)

    @override
    def error_received(self, exc: Exception) -> None:
        logger.debug("UDP port %s: %s", self._local[1], exc)  # the request that it was for gets no answer

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if self._closed is not None and not self._closed.done():
            self._closed.set_result(None)
