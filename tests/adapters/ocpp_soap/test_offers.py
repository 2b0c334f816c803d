"""A file that the box lets a station fetch: whole, only there, only for so long."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession

from adapters.ocpp_soap.http_server import HttpServer
from adapters.ocpp_soap.http_types import HttpLimits
from gateway.contracts import Offer
from tests.adapters.ocpp_soap.http_peer import Echo, connected
from tests.adapters.ocpp_soap.rig import STATION, Rig, running

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "q1w2e3r4t5z6u7i8o9p0aA"
CONTENT = bytes(range(256)) * 8192
LARGE = 1 << 26
HEARTBEAT = "<c:heartbeatRequest/>"


@pytest.fixture
async def offer(tmp_path: Path) -> Offer:
    file = tmp_path / "fw 2.0.bin"
    await asyncio.to_thread(file.write_bytes, CONTENT)
    return Offer(file=file, secret=SECRET)


async def fetched(url: str, method: str = "GET") -> tuple[int, bytes]:
    """Status and content."""
    async with asyncio.timeout(10), ClientSession() as http, http.request(method, url) as answer:
        return answer.status, await answer.read()


async def offered(rig: Rig, offer: Offer) -> str:
    """The URL for the station, which has been heard."""
    await rig.ask(HEARTBEAT)
    return await rig.adapter.offer(STATION, offer)


async def test_a_station_fetches_the_whole_file_at_its_url(offer: Offer) -> None:
    async with running() as rig:
        url = await offered(rig, offer)
        assert url == f"{rig.url}/firmware/{SECRET}/fw%202.0.bin"
        assert await fetched(url) == (200, CONTENT)
        assert await fetched(url, "HEAD") == (200, b"")
        await rig.ask(HEARTBEAT)


async def test_an_old_client_that_ends_its_side_gets_all_of_it(offer: Offer) -> None:
    async with running() as rig:
        path = (await offered(rig, offer)).partition(":")[2].partition("/")[2].partition("/")[2].partition("/")[2]
        reader, writer = await asyncio.open_connection(*rig.adapter.address)
        writer.write(f"get /{path}\n\n".encode())
        writer.write_eof()
        async with asyncio.timeout(10):
            head, _, content = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
        assert head.startswith(b"HTTP/1.1 200 ")
        assert content == CONTENT


async def test_there_is_nothing_else_to_fetch_and_nothing_afterwards(offer: Offer) -> None:
    async with running() as rig:
        url = await offered(rig, offer)
        for wrong in (url.replace(SECRET, SECRET[:-1]), f"{url}/x", url.replace(SECRET, "..")):
            assert (await fetched(wrong))[1] != CONTENT
        assert await rig.adapter.offer(STATION, None) == ""
        assert (await fetched(url))[1] != CONTENT


async def test_a_file_that_is_gone_is_not_found(offer: Offer) -> None:
    async with running() as rig:
        url = await offered(rig, offer)
        await asyncio.to_thread(offer.file.unlink)
        assert (await fetched(url))[0] == 404


async def test_a_file_that_shrinks_on_its_way_is_cut_off(offer: Offer) -> None:
    async with running() as rig:
        url = await offered(rig, offer)
        reader, writer = await asyncio.open_connection(*rig.adapter.address, limit=1024)
        writer.write(b"GET /" + url.partition("/ocpp")[2].join(("ocpp", "")).encode() + b" HTTP/1.0\r\n\r\n")
        async with asyncio.timeout(10):
            await reader.readuntil(b"\r\n\r\n")
            await asyncio.to_thread(offer.file.write_bytes, b"")
            rest = await reader.read()
        writer.close()
        assert len(rest) < len(CONTENT)


async def test_who_may_not_call_may_not_fetch(offer: Offer) -> None:
    async with running(networks=("10.0.0.0/8",)) as rig:
        await rig.adapter.offer(STATION, offer)
        assert (await fetched(f"{rig.url}/firmware/{SECRET}/x"))[1] != CONTENT


async def test_where_a_station_is_not_known_there_is_no_url(offer: Offer) -> None:
    async with running() as rig:
        assert await rig.adapter.offer(STATION, offer) == ""
        assert await rig.adapter.offer("OTHER", offer) == ""


async def test_a_box_that_ends_does_not_wait_for_a_slow_station(tmp_path: Path) -> None:
    file = tmp_path / "large.bin"
    await asyncio.to_thread(file.touch)
    await asyncio.to_thread(os.truncate, file, LARGE)
    limits = HttpLimits(close_grace=0.1, linger=0.1)
    async with HttpServer(Echo(), limits, lambda _request: file) as server:
        await server.start("127.0.0.1", 0)
        async with connected(server.port) as peer:
            peer.send(b"GET / HTTP/1.1\r\n\r\n")
            async with asyncio.timeout(10):
                await peer.reader.readuntil(b"\r\n\r\n")
                await server.close()
            assert len(await peer.rest()) < LARGE
