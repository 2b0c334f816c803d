"""Whatever comes in: either h11 accepts what goes out, or it is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.ocpp_soap.http_head import read_head
from adapters.ocpp_soap.http_normalise import Head, normalise_request, normalise_response
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Callable

PIECES = st.sampled_from(
    [
        *(b"POST", b"get", b" ", b"/", b"/a b", b"HTTP/1.1", b"HTTP/1.0", b"http/3", b"\r\n", b"\n", b"\r", b"\t"),
        *(
            b":",
            b" : ",
            b"Host",
            b"host: x",
            b"Content-Length: 5",
            b"content-length",
            b"5",
            b"-1",
            b"gzip",
            b"identity",
        ),
        *(b"Transfer-Encoding: chunked", b"Expect: 100-continue", b"\x00", b"\xe4", b",", b"\x0b", b"204"),
        *(b"HTTP/1.1 200 OK", b"Connection: close"),
    ]
)
HEADS = st.one_of(st.binary(max_size=300), st.lists(PIECES, max_size=30).map(b"".join)).map(
    lambda head: head + b"\r\n\r\n"
)


def _outcome(normalise: Callable[[bytes], Head], raw: bytes) -> Head | GatewayError:
    try:
        return normalise(raw)
    except GatewayError as refused:
        return refused


@given(HEADS)
def test_h11_accepts_every_straightened_request(raw: bytes) -> None:
    head = _outcome(normalise_request, raw)
    if isinstance(head, GatewayError):
        assert head.code == "http-malformed"
        assert head.params["status"] in (400, 501)
        return
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=1 << 20)
    connection.receive_data(head.data)
    request = connection.next_event()
    assert isinstance(request, h11.Request)
    assert normalise_request(head.data) == head
    read = read_head(head.data)
    assert (read.method.encode(), read.target.encode()) == (request.method, request.target)
    assert read.headers == _first_of_each(request)
    assert read.keep_alive is (connection._cstate.keep_alive)
    assert read.expects_continue is connection.they_are_waiting_for_100_continue


def _first_of_each(request: h11.Request) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in request.headers:
        headers.setdefault(name.decode(), value.decode("latin-1"))
    return headers


@given(HEADS)
def test_h11_accepts_every_straightened_answer(raw: bytes) -> None:
    head = _outcome(normalise_response, raw)
    if isinstance(head, GatewayError):
        assert head.code == "http-malformed"
        return
    connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=1 << 20)
    connection.send(h11.Request(method="POST", target="/", headers=[("Host", "x")]))
    connection.send(h11.EndOfMessage())
    connection.receive_data(head.data)
    assert isinstance(connection.next_event(), h11.Response | h11.InformationalResponse)
    assert normalise_response(head.data) == head


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        (b"post /ocpp HTTP/1.1", b"POST /ocpp HTTP/1.1"),
        (b"\r\n\r\nPOST /ocpp HTTP/1.0", b"POST /ocpp HTTP/1.0"),
        (b"POST /my central system HTTP/1.1", b"POST /my%20central%20system HTTP/1.1"),
        (b"POST\t/x  HTTP/1.2", b"POST /x HTTP/1.1"),
        (b"POST /\xfcber http/1.1", b"POST /%FCber HTTP/1.1"),
        (b"POST /x", b"POST /x HTTP/1.0"),
        (b"POST HTTP/1.1", b"POST / HTTP/1.1"),
    ],
)
def test_request_lines(raw: bytes, line: bytes) -> None:
    assert normalise_request(raw + b"\r\n\r\n").data.startswith(line + b"\r\n")


@pytest.mark.parametrize(
    ("header", "straight"),
    [
        (b"X-A : b", b"X-A: b"),
        (b"X-A: b\n  c\n\td", b"X-A: b c d"),
        (b"X-A:b\x00c", b"X-A: b c"),
        (b"Host: a\nHost: b", b"Host: a"),
        (b"Host:\nHost: b", b"Host: b"),
        (b"X-A: b", b"Host: unspecified"),
        (b"Content-Length: 5\nContent-Length: 5", b"Content-Length: 5"),
        (b"Content-Length: 5, 5", b"Content-Length: 5"),
        (b"Transfer-Encoding: identity, Chunked\nContent-Length: 7", b"Transfer-Encoding: chunked"),
        (b"no header\nX-A: b", b"X-A: b"),
    ],
)
def test_headers(header: bytes, straight: bytes) -> None:
    lines = normalise_request(b"POST / HTTP/1.1\n" + header + b"\n\n").data.split(b"\r\n")
    assert straight in lines
    assert len([line for line in lines if line.startswith(straight.partition(b":")[0])]) == 1


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (b"Content-Length: 5\nContent-Length: 6", 400),
        (b"Content-Length: -1", 400),
        (b"Content-Length: 5x", 400),
        (b"Content-Length: 99999999999999999999", 400),
        (b"Transfer-Encoding: gzip, chunked", 501),
    ],
)
def test_ambiguous_framing_is_refused(header: bytes, status: int) -> None:
    with pytest.raises(GatewayError) as caught:
        normalise_request(b"POST / HTTP/1.1\n" + header + b"\n\n")
    assert caught.value.params["status"] == status
