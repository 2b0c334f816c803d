"""A station behind UDP, of the kind of KEBA."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from typing_extensions import override

from adapters.udp.pool import UdpConnection, UdpPool
from gateway.family.family import UdpFamily

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from adapters.udp.wire import UdpWire

DONE = b"TCH-OK :done\n"
REPORT1 = b'{"ID":"1","Product":"KC-P30","Firmware":"P30 v 3.10"}'
REPORT2 = b'{"ID": "2","State": 3,"Plug": 7,"Curr user":16000,"Max curr ": 16000}'


def family(**link: object) -> UdpFamily:
    """A family; ``link`` changes its table of this name."""
    return UdpFamily.model_validate({
        "schema": 1,
        "kind": "udp-json",
        "meta": {"id": "udp", "vendor": "V", "models": ["M"], "completeness": 1, "sources": ["a test"]},
        "link": {"remote_port": 7090, "timeout_ms": 150, "retries": 1, "encoding": "cp437", **link},
        "commands": {
            "report1": {"tx": "report 1", "match": {"ID": "1"}},
            "report2": {"tx": "report 2", "match": {"ID": "2"}},
            "report100": {"tx": "report 100", "match": {"ID": "100"}},
            "about": {"tx": "i", "rx": "Firmware"},
            "ena": {"tx": "ena {on:d}", "rx": "TCH-OK", "settle_s": 0.3},
            "curr": {"tx": "curr {ma:d}", "rx": "TCH-OK"},
            "display": {"tx": "display {text}"},
        },
        "points": {
            "firmware": {"from": "report1", "ptr": "/Firmware"},
            "state": {"from": "report2", "ptr": "/State", "push": True},
            "cable": {"from": "report2", "ptr": "/Plug", "push": True, "map": {"3": "station", "7": "ev locked"}},
            "max_current": {"from": "report2", "ptr": "/Max curr", "push": True, "scale": 0.001, "unit": "A"},
            "limit": {"from": "report2", "ptr": "/Curr user", "scale": 0.001, "unit": "A"},
            "rfid": {"from": "report100", "ptr": "/RFID tag", "optional": True},
            "about": {"from": "about"},
            "done": {"from": "curr"},
        },
    })  # fmt: skip


class Station(asyncio.DatagramProtocol):
    """Answers from a table to whoever has asked last."""

    def __init__(self, answers: Mapping[bytes, bytes | Callable[[], bytes]]) -> None:
        self.answers = dict(answers)
        self.heard: list[bytes] = []
        self.times: list[float] = []
        self.asked = asyncio.Event()
        self.port = 0
        self._transport: asyncio.DatagramTransport | None = None
        self._sender: tuple[str, int] = ("", 0)
        self._closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def say(self, data: bytes) -> None:
        """Send something, asked or not."""
        if self._transport is not None and data:
            self._transport.sendto(data, self._sender)

    async def wait_for(self, count: int) -> None:
        """Until so many requests have come."""
        async with asyncio.timeout(5):
            while len(self.heard) < count:
                self.asked.clear()
                await self.asked.wait()

    @override
    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._sender = addr
        self.heard.append(data)
        self.times.append(asyncio.get_running_loop().time())
        self.asked.set()
        answer = self.answers.get(data, b"")
        self.say(answer if isinstance(answer, bytes) else answer())

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._closed.set_result(None)

    @asynccontextmanager
    async def serving(self, host: str = "127.0.0.1") -> AsyncIterator[int]:
        """Be reached; gives the port."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(host, self.port))
        self.port = self._transport.get_extra_info("sockname")[1]
        try:
            yield self.port
        finally:
            self._transport.close()
            await self._closed


@asynccontextmanager
async def reached(station: Station, **link: object) -> AsyncIterator[UdpWire]:
    """The wire to a station."""
    pool = UdpPool("127.0.0.1")
    async with station.serving() as port:
        wire = pool.wire(UdpConnection(host="127.0.0.1", port=port), family(**link), 1)
        await wire.connect()
        try:
            yield wire
        finally:
            await pool.aclose()
