"""Every crooked shape of HTTP that old stations send, through a real socket."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from typing import TYPE_CHECKING

import pytest

from adapters.ocpp_soap.http_types import HttpRequest, HttpResponse
from tests.adapters.ocpp_soap.http_peer import Echo, connected, serving
from tests.adapters.ocpp_soap.samples import envelope

if TYPE_CHECKING:
    from collections.abc import Callable

BODY = envelope()
SIZE = b"%d" % len(BODY)
LINE = b"POST /ocpp HTTP/1.1\r\n"
HOST = b"Host: 127.0.0.1\r\n"
TYPE = b"Content-Type: application/soap+xml; charset=utf-8\r\n"
LENGTH = b"Content-Length: " + SIZE + b"\r\n"
CHUNKED = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (BODY[:100], BODY[100:])) + b"0\r\n\r\n"
RAW = zlib.compressobj(wbits=-15)

SHAPES = {
    "plain": LINE + HOST + TYPE + LENGTH + b"\r\n" + BODY,
    "duplicate content-type": LINE + HOST + TYPE + b"Content-Type: text/xml\r\n" + LENGTH + b"\r\n" + BODY,
    "no host": LINE + TYPE + LENGTH + b"\r\n" + BODY,
    "two hosts": LINE + HOST + HOST + LENGTH + b"\r\n" + BODY,
    "folded header": LINE
    + HOST
    + b"Content-Type: application/soap+xml;\r\n  charset=utf-8\r\n"
    + LENGTH
    + b"\r\n"
    + BODY,
    "bare line feeds": (LINE + HOST + TYPE + LENGTH + b"\r\n").replace(b"\r", b"") + BODY,
    "false content-encoding": LINE + HOST + b"Content-Encoding: deflate\r\n" + LENGTH + b"\r\n" + BODY,
    "blank before colon": LINE + b"Host : x\r\nContent-Length : " + SIZE + b"\r\n\r\n" + BODY,
    "chunked": LINE + HOST + b"Transfer-Encoding: chunked\r\n\r\n" + CHUNKED,
    "chunked and length": LINE + HOST + LENGTH + b"Transfer-Encoding: chunked\r\n\r\n" + CHUNKED,
    "lower-case method": LINE.lower() + HOST + LENGTH + b"\r\n" + BODY,
    "duplicate equal length": LINE + HOST + LENGTH + LENGTH + b"\r\n" + BODY,
    "leading line breaks": b"\r\n\r\n" + LINE + HOST + LENGTH + b"\r\n" + BODY,
    "no length": LINE + HOST + TYPE + b"\r\n" + BODY,
    "blank in path": b"POST /my ocpp HTTP/1.1\r\n" + HOST + LENGTH + b"\r\n" + BODY,
    "http 1.0": b"POST /ocpp HTTP/1.0\r\n" + LENGTH + b"\r\n" + BODY,
    "absolute target": b"POST http://10.0.0.1:8080/ocpp HTTP/1.1\r\n" + HOST + LENGTH + b"\r\n" + BODY,
    "latin-1 header": LINE + HOST + b"User-Agent: Lades\xe4ule\r\n" + LENGTH + b"\r\n" + BODY,
    "odd charset": LINE + HOST + b"Content-Type: text/xml; charset=klingon\r\n" + LENGTH + b"\r\n" + BODY,
    "accept-encoding none": LINE + HOST + b"Accept-Encoding: none\r\n" + LENGTH + b"\r\n" + BODY,
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("step", [1 << 20, 7])
async def test_shape_is_understood(shape: str, step: int) -> None:
    echo = Echo()
    data = SHAPES[shape]
    async with serving(echo) as server, connected(server.port) as peer:
        for start in range(0, len(data), step):
            peer.send(data[start : start + step])
            await peer.writer.drain()
        status, head, body = await peer.answer()
    assert (status, body) == (200, BODY)
    assert b"content-encoding" not in head.lower()
    assert b"chunked" not in head.lower()
    assert len(echo.requests) == 1
    assert echo.requests[0].path == ("/my%20ocpp" if shape == "blank in path" else "/ocpp")
    assert echo.requests[0].peer == "127.0.0.1"


async def test_no_length_and_no_envelope_ends_with_the_stream() -> None:
    async with serving(Echo()) as server, connected(server.port) as peer:
        peer.send(b"POST / HTTP/1.0\r\n\r\n<partial>")
        peer.end()
        assert (await peer.answer())[2] == b"<partial>"
        assert await peer.rest() == b""


async def test_expect_continue() -> None:
    async with serving(Echo()) as server, connected(server.port) as peer:
        peer.send(LINE + HOST + LENGTH + b"Expect: 100-continue\r\n\r\n")
        async with asyncio.timeout(10):
            assert await peer.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        peer.send(BODY)
        assert (await peer.answer())[0] == 200


async def test_keep_alive_with_stray_line_breaks_between_requests() -> None:
    one = LINE + HOST + LENGTH + b"\r\n" + BODY
    async with serving(Echo()) as server, connected(server.port) as peer:
        peer.send(one + b"\r\n" + one)
        assert (await peer.answer())[2] == BODY
        assert (await peer.answer())[2] == BODY
        peer.send(b"\r\n" + SHAPES["chunked"] + b"\r\n\r\n" + one)
        assert (await peer.answer())[2] == BODY
        assert (await peer.answer())[2] == BODY


async def test_half_closed_connection_gets_all_answers_and_is_closed() -> None:
    one = LINE + HOST + LENGTH + b"\r\n" + BODY
    async with serving(Echo()) as server, connected(server.port) as peer:
        peer.send(one + one)
        peer.end()
        assert (await peer.rest()).count(b"HTTP/1.1 200") == 2


async def test_connection_close_is_honoured() -> None:
    async with serving(Echo()) as server, connected(server.port) as peer:
        peer.send(LINE + HOST + LENGTH + b"Connection: close\r\n\r\n" + BODY)
        status, head, _ = await peer.answer()
        assert (status, b"connection: close" in head.lower()) == (200, True)
        assert await peer.rest() == b""


@pytest.mark.parametrize(
    ("coding", "encode", "decode"),
    [
        ("gzip", gzip.compress, gzip.decompress),
        ("x-gzip", gzip.compress, gzip.decompress),
        ("deflate", zlib.compress, zlib.decompress),
        ("deflate", lambda data: RAW.copy().compress(data) + _flushed(data), zlib.decompress),
    ],
    ids=["gzip", "x-gzip", "zlib", "raw"],
)
async def test_answer_is_compressed_as_the_request_was(
    coding: str, encode: Callable[[bytes], bytes], decode: Callable[[bytes], bytes]
) -> None:
    echo = Echo()
    data = encode(BODY)
    async with serving(echo) as server, connected(server.port) as peer:
        peer.send(
            LINE + HOST + b"Content-Encoding: %b\r\nContent-Length: %d\r\n\r\n" % (coding.encode(), len(data)) + data
        )
        _, head, body = await peer.answer()
    assert echo.requests[0].body == BODY
    assert decode(body) == BODY
    assert f"content-encoding: {coding.removeprefix('x-')}".encode() in head.lower()


def _flushed(data: bytes) -> bytes:
    deflater = RAW.copy()
    deflater.compress(data)
    return deflater.flush()


@pytest.mark.parametrize("method", [b"GET", b"HEAD"])
async def test_probe_gets_a_short_text(method: bytes) -> None:
    echo = Echo()
    async with serving(echo) as server, connected(server.port) as peer:
        peer.send(method + b" / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        answer = await peer.rest()
    assert answer.startswith(b"HTTP/1.1 200")
    assert (b"SOAP" in answer) == (method == b"GET")
    assert echo.requests == []


async def test_other_methods_are_refused() -> None:
    async with serving(Echo()) as server, connected(server.port) as peer:
        peer.send(b"DELETE / HTTP/1.1\r\nHost: x\r\n\r\n")
        status, head, _ = await peer.answer()
    assert status == 405
    assert b"allow: get, head, post" in head.lower()


async def test_websocket_station_is_told_and_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    async with serving(Echo()) as server:
        for _ in range(3):
            async with connected(server.port) as peer:
                peer.send(b"GET /ocpp/1 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
                status, _, body = await peer.answer()
                assert status == 400
                assert b"WebSocket" in body
    assert len([record for record in caplog.records if "WebSocket" in record.message]) == 1


async def test_no_answer_means_a_dropped_connection() -> None:
    async def silent(_request: HttpRequest) -> HttpResponse | None:
        return None

    async with serving(silent) as server, connected(server.port) as peer:
        peer.send(SHAPES["plain"])
        assert await peer.rest() == b""


async def test_failing_handler_drops_the_connection_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def broken(_request: HttpRequest) -> HttpResponse | None:
        raise KeyError("x")

    async with serving(broken) as server, connected(server.port) as peer:
        peer.send(SHAPES["plain"])
        assert await peer.rest() == b""
    assert [record.exc_info is not None for record in caplog.records if record.levelname == "ERROR"] == [True]


async def test_handler_goes_on_when_the_station_hangs_up() -> None:
    begun, release, done = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def slow(_request: HttpRequest) -> HttpResponse | None:
        begun.set()
        await release.wait()
        done.set()
        return HttpResponse()

    async with asyncio.timeout(10), serving(slow) as server:
        async with connected(server.port) as peer:
            peer.send(SHAPES["plain"])
            await begun.wait()
        release.set()
        await done.wait()


async def test_close_waits_for_a_running_handler() -> None:
    begun, release = asyncio.Event(), asyncio.Event()

    async def slow(_request: HttpRequest) -> HttpResponse | None:
        begun.set()
        await release.wait()
        return HttpResponse(body=b"done")

    async with asyncio.timeout(10), serving(slow) as server, connected(server.port) as peer:
        peer.send(SHAPES["plain"])
        await begun.wait()
        asyncio.get_running_loop().call_later(0.05, release.set)
        await server.close()
        assert (await peer.answer())[2] == b"done"


async def test_port_is_free_again_after_close() -> None:
    async with serving(Echo()) as server:
        port = server.port
    async with serving(Echo()) as other:
        assert other.port != 0
        with pytest.raises(OSError, match=r"refused|Connect"):
            await asyncio.open_connection("127.0.0.1", port)
    assert other.port == 0
