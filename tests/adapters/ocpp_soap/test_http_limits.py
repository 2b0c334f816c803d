"""One bad peer costs little and never takes the others down."""

from __future__ import annotations

import asyncio
import dataclasses
import gzip
import logging
from contextlib import AsyncExitStack

import pytest

from adapters.ocpp_soap.http_types import HttpLimits, HttpRequest, HttpResponse
from tests.adapters.ocpp_soap.http_peer import QUICK, Echo, connected, serving

HEAD = b"POST / HTTP/1.1\r\nHost: x\r\n"
GOOD = HEAD + b"Content-Length: 3\r\nConnection: close\r\n\r\n<a>"
BIG = b"<" + b"x" * (256 * 1024)


def chunks(body: bytes, size: int) -> bytes:
    parts = (body[start : start + size] for start in range(0, len(body), size))
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (HEAD + b"Content-Length: 300000\r\n\r\n" + BIG, 413),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunks(BIG, 1000), 413),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunks(BIG[:900], 1), 200),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunks(BIG[:200_000], 20), 200),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunks(BIG[:200_000], 1), 400),
        (HEAD + b"\r\n" + BIG, 413),
        (HEAD + b"X: " + b"y" * 40_000 + b"\r\n\r\n", 431),
        (HEAD + b"X: " + b"y" * 400_000, 431),
        (HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        (HEAD + b"Transfer-Encoding: gzip\r\n\r\n", 501),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nnonsense\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00", 400),
        (b"(((\r\n\r\n", 400),
        (b"{}\n\n", 400),
    ],
    ids=[
        "length",
        "chunks",
        "tiny chunks",
        "small chunks",
        "endless tiny chunks",
        "no length",
        "head",
        "endless head",
        "two lengths",
        "coding",
        "chunk",
        "tls",
        "junk",
        "json",
    ],
)
async def test_refusals_are_answered(data: bytes, status: int) -> None:
    async with serving(Echo()) as server, connected(server.port) as peer:
        peer.send(data)
        assert (await peer.answer())[0] == status


async def test_bytes_that_are_no_request_are_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with serving(Echo()) as server:
        for data in (b"(((\r\n\r\n", b")))\r\n\r\n", HEAD + b"Content-Length: 300000\r\n\r\n", b"\x16\x03\x01"):
            async with connected(server.port) as peer:
                peer.send(data)
                await peer.answer()
    told = [record.getMessage().split()[4] for record in caplog.records if "refused" in record.getMessage()]
    assert told == ["http-malformed", "http-too-large"]


async def test_compression_bomb_is_refused() -> None:
    bomb = gzip.compress(b"<" * 20_000_000)
    async with serving(Echo()) as server, connected(server.port) as peer:
        peer.send(HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb) + bomb)
        assert (await peer.answer())[0] == 413


async def test_request_that_does_not_end_is_cut_off() -> None:
    async with serving(Echo(), QUICK) as server, connected(server.port) as peer:
        peer.send(HEAD + b"Content-Length: 10\r\n\r\n<a")
        assert (await peer.answer())[0] == 408
        assert await peer.rest() == b""


async def test_silent_connection_is_closed() -> None:
    async with serving(Echo(), QUICK) as server, connected(server.port) as peer:
        assert await peer.rest() == b""


async def test_idle_kept_alive_connection_is_closed() -> None:
    async with serving(Echo(), QUICK) as server, connected(server.port) as peer:
        peer.send(GOOD.replace(b"Connection: close\r\n", b""))
        assert (await peer.answer())[0] == 200
        assert await peer.rest() == b""


async def test_unframed_request_without_end_is_handled_when_time_is_up() -> None:
    async with serving(Echo(), QUICK) as server, connected(server.port) as peer:
        peer.send(HEAD + b"\r\n<a>")
        assert (await peer.answer())[2] == b"<a>"


async def test_too_many_connections_of_one_peer_are_refused_and_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    limits = dataclasses.replace(HttpLimits(), max_per_peer=3)
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(serving(Echo(), limits))
        held = [await stack.enter_async_context(connected(server.port)) for _ in range(3)]
        for peer in held:
            peer.send(GOOD.replace(b"Connection: close\r\n", b""))
            await peer.answer()
        for _ in range(5):
            async with connected(server.port) as extra:
                assert (await extra.rest()).startswith(b"HTTP/1.1 503")
        held[0].send(GOOD)
        assert (await held[0].rest()).startswith(b"HTTP/1.1 200")
        async with connected(server.port) as peer:
            peer.send(GOOD)
            assert (await peer.answer())[0] == 200
    assert len([record for record in caplog.records if "too many" in record.message]) == 1


async def test_total_of_connections_is_bounded(caplog: pytest.LogCaptureFixture) -> None:
    limits = dataclasses.replace(HttpLimits(), max_connections=1)
    async with serving(Echo(), limits) as server, connected(server.port) as first:
        first.send(GOOD.replace(b"Connection: close\r\n", b""))
        await first.answer()
        for _ in range(5):
            async with connected(server.port) as second:
                assert (await second.rest()).startswith(b"HTTP/1.1 503")
    assert [record.getMessage() for record in caplog.records] == ["too many connections: 1 in all"]


async def test_peer_that_asks_without_reading_holds_no_memory_and_nobody_up() -> None:
    async with serving(Echo(), QUICK) as server, connected(server.port) as greedy:
        greedy.writer.transport.set_write_buffer_limits(high=0)
        greedy.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 100_000)
        async with connected(server.port) as peer:
            peer.send(GOOD)
            assert (await peer.answer())[0] == 200


async def test_pipelined_flood_behind_a_slow_handler_is_cut() -> None:
    release = asyncio.Event()

    async def slow(_request: HttpRequest) -> HttpResponse | None:
        await release.wait()
        return HttpResponse()

    async with serving(slow) as server, connected(server.port) as peer:
        peer.send(GOOD.replace(b"Connection: close\r\n", b"") + b"x" * 2_000_000)
        assert await peer.rest() == b""
        release.set()


async def test_close_cuts_a_handler_that_never_ends() -> None:
    begun = asyncio.Event()

    async def stuck(_request: HttpRequest) -> HttpResponse | None:
        begun.set()
        await asyncio.Event().wait()
        return None

    async with serving(stuck, QUICK) as server, connected(server.port) as peer:
        peer.send(GOOD)
        async with asyncio.timeout(10):
            await begun.wait()
            await server.close()
        assert await peer.rest() == b""
