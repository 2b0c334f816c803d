"""Datagrams, as a simulated station answers them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from typing_extensions import override

from gateway.bench.family.endpoint import Endpoint
from gateway.bench.family.pages import document, pushed, text_of
from gateway.family.pointer import put
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.bench.family.outlet import Outlet
    from gateway.family.family import UdpFamily

_REFUSED = "TCH-ERR"


class UdpEndpoint(Endpoint, asyncio.DatagramProtocol):
    """One socket. Answers go to the sender, at the port that the family says, or at its own.

    Args:
        family: Of the station.
        outlet: Its connector.
        host: Address to listen on.
        port: Port to listen on; 0: any free one.
    """

    def __init__(self, family: UdpFamily, outlet: Outlet, host: str, port: int) -> None:
        self._family = family
        self._outlet = outlet
        self._host = host
        self._port = port
        self._is_cut = False
        self._partner: tuple[str, int] | None = None
        self._told: dict[str, str] = {}
        self._transport: asyncio.DatagramTransport | None = None

    @property
    @override
    def connection(self) -> Mapping[str, object]:
        return {"host": self._host, "port": self._port}

    @override
    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(self._host, self._port))
        self._transport = transport
        self._port = int(transport.get_extra_info("sockname")[1])

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    @override
    def error_received(self, exc: Exception) -> None:
        """Nobody listens there any more: as with a real station, nothing follows from it."""

    @override
    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if self._is_cut or not self._outlet.heard():
            return
        self._partner = (addr[0], self._family.link.bind_port or addr[1])
        self._told |= dict(pushed(self._family.points, self._outlet))
        self._send(self._answer(data.decode(self._family.link.encoding, "replace").strip("\r\n\0 ")))

    def _answer(self, text: str) -> str:
        for name, command in self._family.commands.items():
            args = command.tx.match(text)
            if args is None:
                continue
            try:
                self._outlet.send(name, args)
            except GatewayError:
                return _REFUSED
            page = document(self._family.points, self._outlet, name)
            for key, value in command.match.items():
                page = put(page, key if key.startswith("/") else f"/{key}", value)
            return command.rx if page is None else text_of(page)
        return _REFUSED

    async def push(self) -> None:
        """Tell what has changed, as far as the station tells it unasked."""
        if self._partner is None or self._is_cut:
            return
        for name, text in pushed(self._family.points, self._outlet):
            if self._told.get(name) != text:
                self._told[name] = text
                self._send(text)

    def _send(self, text: str) -> None:
        if self._transport is not None and self._partner is not None:
            self._transport.sendto(text.encode(self._family.link.encoding, "replace"), self._partner)

    @override
    async def cut(self) -> None:
        self._is_cut = True

    @override
    async def mend(self) -> None:
        self._is_cut = False

    @override
    async def aclose(self) -> None:
        if self._transport is not None:
            self._transport.close()
