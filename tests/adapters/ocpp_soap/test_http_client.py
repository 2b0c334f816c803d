"""Posting to stations, whatever they answer."""

from __future__ import annotations

import asyncio
import ssl
import zlib
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import pytest
import trustme

from adapters.ocpp_soap.http_client import post
from adapters.ocpp_soap.http_server import HttpServer
from adapters.ocpp_soap.http_types import HttpLimits, HttpReply
from gateway.model.errors import GatewayError
from tests.adapters.ocpp_soap.http_peer import Echo, serving
from tests.adapters.ocpp_soap.samples import envelope

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

BODY = envelope()
OK = b"HTTP/1.1 200 OK\r\n"
LENGTH = b"Content-Length: %d\r\n" % len(BODY)
TYPE = {"Content-Type": "application/soap+xml"}


@asynccontextmanager
async def station(answer: bytes, *, hang: bool = False) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that answers anything with given bytes, and closes unless it hangs."""
    heard: list[bytes] = []
    over = asyncio.Event()
    served = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"</s:Envelope>"))
        writer.write(answer)
        if hang:
            await over.wait()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
        served.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        try:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/cp?x=1", heard
        finally:
            over.set()
            async with asyncio.timeout(10):
                await served.wait()


async def call(answer: bytes, *, hang: bool = False, timeout: float = 10) -> HttpReply:  # noqa: ASYNC109 - passed on
    async with station(answer, hang=hang) as (url, _):
        return await post(url, BODY, TYPE, timeout=timeout)


@pytest.mark.parametrize("hang", [False, True])
@pytest.mark.parametrize(
    "answer",
    [
        OK + LENGTH + b"\r\n" + BODY,
        OK + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY),
        OK + b"\r\n" + BODY,
        b"HTTP/1.0 200\r\n\r\n" + BODY,
        (OK + LENGTH).replace(b"\r", b"") + b"\n" + BODY,
        OK + b"Content-Encoding: deflate\r\n" + LENGTH + b"\r\n" + BODY,
        OK + b"Content-Length : %d\r\n\r\n" % len(BODY) + BODY,
        b"HTTP/1.1 100 Continue\r\n\r\n" + OK + LENGTH + b"\r\n" + BODY,
        b"\r\n" + OK + LENGTH + b"Server: Lades\xe4ule\r\n folded\r\n\r\n" + BODY,
    ],
    ids=["length", "chunked", "no length", "1.0", "lf", "false coding", "colon", "continue", "odd headers"],
)
async def test_answers_are_understood(answer: bytes, *, hang: bool) -> None:
    assert await call(answer, hang=hang) == HttpReply(status=200, body=BODY)


async def test_compressed_answer() -> None:
    packed = zlib.compress(BODY)
    answer = OK + b"Content-Encoding: deflate\r\nContent-Length: %d\r\n\r\n" % len(packed) + packed
    assert (await call(answer)).body == BODY


async def test_length_that_promises_too_much_does_not_spoil_a_whole_envelope() -> None:
    assert (await call(OK + b"Content-Length: 9999\r\n\r\n" + BODY)).body == BODY


async def test_redirects_and_errors_are_just_answers() -> None:
    answer = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 2\r\n\r\nno"
    assert await call(answer) == HttpReply(status=302, body=b"no")


async def test_what_is_sent() -> None:
    async with station(OK + LENGTH + b"\r\n" + BODY) as (url, heard):
        await post(url, BODY, {**TYPE, "SOAPAction": '"/Reset"'}, timeout=10)
    head, _, body = heard[0].partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == b"POST /cp?x=1 HTTP/1.1"
    assert lines[1].startswith(b"Host: 127.0.0.1:")
    assert {b"Connection: close", LENGTH.strip(), b'SOAPAction: "/Reset"'} <= set(lines)
    assert body == BODY


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"", "station-answer-malformed"),
        (b"SSH-2.0\r\n\r\n", "station-answer-malformed"),
        (b"hello", "station-answer-malformed"),
        (OK + b"Content-Length: 10\r\n\r\n<half", "station-answer-malformed"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\nzzz\r\n", "station-answer-malformed"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 1000, "station-answer-malformed"),
        (OK + b"X: " + b"x" * 70_000, "http-too-large"),
        (OK + b"\r\n" + b"x" * 300_000, "http-too-large"),
    ],
)
async def test_what_cannot_be_understood(answer: bytes, code: str) -> None:
    with pytest.raises(GatewayError) as caught:
        await call(answer)
    assert caught.value.code == code


async def test_a_station_that_never_comes_to_its_answer_is_left_at_once() -> None:
    with pytest.raises(GatewayError) as caught:
        await call(b"HTTP/1.1 100 Continue\r\n\r\n" * 20, hang=True)
    assert caught.value.code == "station-answer-malformed"


@pytest.mark.parametrize("answer", [b"", OK + b"Content-Length: 10\r\n\r\n<half", OK + b"\r\n<half"])
async def test_silence_ends_in_time(answer: bytes) -> None:
    with pytest.raises(GatewayError) as caught:
        await call(answer, hang=True, timeout=0.1)
    assert caught.value.code == "station-timeout"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://x/",
        "https://127.0.0.1/",
        "http:///x",
        "http://[x/",
        "http://x:99999/",
        "http://x/\r\ny",
        "http://x/ y",
        "http://x/\xe4",
    ],
)
async def test_unusable_addresses(url: str) -> None:
    with pytest.raises(GatewayError) as caught:
        await post(url, BODY, TYPE, timeout=1)
    assert caught.value.code == "station-url-unusable"


@pytest.mark.parametrize("host", ["127.0.0.1", "x" * 70 + ".invalid"])
async def test_unreachable_station(host: str) -> None:
    async with HttpServer(Echo()) as server:
        await server.start("127.0.0.1", 0)
        port = server.port
    with pytest.raises(GatewayError) as caught:
        await post(f"http://{host}:{port}/", BODY, TYPE, timeout=10)
    assert caught.value.code == "station-unreachable"


async def test_client_and_server_understand_each_other() -> None:
    async with serving(Echo()) as server:
        reply = await post(f"http://127.0.0.1:{server.port}", BODY, TYPE, timeout=10)
    assert reply == HttpReply(status=200, body=BODY)


async def test_https_with_a_given_context() -> None:
    authority = trustme.CA()
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(theirs)
    ours = ssl.create_default_context()
    authority.configure_trust(ours)
    async with HttpServer(Echo(), HttpLimits()) as server:
        await server.start("127.0.0.1", 0, context=theirs)
        url = f"https://127.0.0.1:{server.port}/"
        assert (await post(url, BODY, TYPE, timeout=10, context=ours)).body == BODY
        with pytest.raises(GatewayError) as caught:
            await post(url, BODY, TYPE, timeout=10, context=ssl.create_default_context())
        assert caught.value.code == "station-unreachable"
