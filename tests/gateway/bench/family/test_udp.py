"""A simulated station behind UDP, asked by a plain socket."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from tests.gateway.bench.family.support import any_port, sample, served, station

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gateway.bench.family.station import FamilyStation


class Socket(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.heard: asyncio.Queue[str] = asyncio.Queue()

    @override
    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        self.heard.put_nowait(data.decode())


@asynccontextmanager
async def asking(made: FamilyStation) -> AsyncIterator[Any]:
    host, port = str(made.connection["host"]), int(str(made.connection["port"]))
    loop = asyncio.get_running_loop()
    transport, socket = await loop.create_datagram_endpoint(Socket, remote_addr=(host, port))

    async def ask(text: str = "") -> str:
        if text:
            transport.sendto(text.encode())
        async with asyncio.timeout(5):
            return await socket.heard.get()

    try:
        yield ask
    finally:
        transport.close()


async def test_reports_and_commands() -> None:
    async with served(station(sample("udp")), host="127.0.0.2") as made, asking(made) as ask:
        assert json.loads(await ask("report 1")) == {"ID": "1", "Serial": "10002000", "Firmware": "1.2.3"}
        assert await ask("currtime 10000 1\n") == "TCH-OK"
        assert await ask("currtime 99000 1") == "TCH-ERR"
        assert await ask("nonsense") == "TCH-ERR"
        report = json.loads(await ask("report 2"))
        assert (report["ID"], report["Curr user"], report["State"]) == ("2", 10_000, 0)
        assert made.outlet(1).summary()["limit"] == 10.0


async def test_answers_go_to_the_port_of_the_family() -> None:
    loop = asyncio.get_running_loop()
    transport, listening = await loop.create_datagram_endpoint(Socket, local_addr=("127.0.0.1", 0))
    port = int(transport.get_extra_info("sockname")[1])
    async with served(station(any_port(sample("udp"), port)), host="127.0.0.2") as made:
        asker, socket = await loop.create_datagram_endpoint(
            Socket, local_addr=("127.0.0.1", 0), remote_addr=("127.0.0.2", int(str(made.connection["port"])))
        )
        asker.sendto(b"ena 1")
        async with asyncio.timeout(5):
            assert await listening.heard.get() == "TCH-OK"
        assert socket.heard.empty()
        asker.close()
    transport.close()


async def test_a_change_is_pushed_with_a_single_key() -> None:
    async with served(station(sample("udp")), host="127.0.0.2") as made, asking(made) as ask:
        await ask("ena 1")
        await made.plug_in(1)
        pushed = json.loads(await ask())
        assert len(pushed) == 1
        assert "ID" not in pushed


async def test_a_cut_line_is_silent() -> None:
    async with served(station(sample("udp")), host="127.0.0.2") as made, asking(made) as ask:
        await made.link_down()
        lost = asyncio.create_task(ask("report 1"))
        await asyncio.sleep(0)
        await made.link_up()
        assert '"ID":"3"' in await ask("report 3")
        lost.cancel()
        await asyncio.gather(lost, return_exceptions=True)
