"""Answers that the HTTP layer gives on its own: refusals, probes with a browser, stations of another protocol."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from adapters.ocpp_soap.http_body import decode_content, encode_content
from adapters.ocpp_soap.http_types import HttpRequest, HttpResponse

if TYPE_CHECKING:
    from adapters.ocpp_soap.http_reader import RawRequest

_TEXT = "text/plain; charset=utf-8"
_HTTP = "http://"
_PHRASES = {status.value: status.phrase for status in HTTPStatus}


def refusal(status: int) -> bytes:
    """Give a whole answer for bytes that are no request, or one too many."""
    phrase = _PHRASES.get(status, "Refused")
    return to_bytes(HttpResponse(status=status, content_type=_TEXT, body=phrase.encode()), "", keep_alive=False)


def is_websocket(request: HttpRequest) -> bool:
    """Tell whether a JSON station took this port for a WebSocket."""
    return request.headers.get("upgrade", "").lower() == "websocket"


def own_answer(request: HttpRequest) -> HttpResponse | None:
    """Answer what is no SOAP call; None for a POST."""
    if is_websocket(request):
        text = "This port speaks OCPP over SOAP, not over WebSocket. Set the station to SOAP or use another port.\n"
        return HttpResponse(status=400, content_type=_TEXT, body=text.encode())
    if request.method in ("GET", "HEAD"):
        return HttpResponse(content_type=_TEXT, body=b"OCPP central system (SOAP): post requests here.\n")
    if request.method != "POST":
        return HttpResponse(status=405, content_type=_TEXT, body=b"POST only.\n", headers={"Allow": "GET, HEAD, POST"})
    return None


def to_request(raw: RawRequest, peer: str, max_inflated: int) -> HttpRequest:
    """Turn a request as read into what a handler gets.

    Raises:
        GatewayError: ``http-too-large`` when the body inflates beyond ``max_inflated`` bytes.
    """
    headers = raw.head.headers
    body, coding = decode_content(raw.body, headers.get("content-encoding", ""), max_inflated)
    target = raw.head.target
    if target[:7].lower() == _HTTP:  # absolute form, as sent to a proxy
        target = "/" + target[7:].partition("/")[2]
    path, _, query = target.partition("?")
    return HttpRequest(
        method=raw.head.method, path=path, query=query, headers=headers, body=body, peer=peer, coding=coding
    )


def file_head(size: int) -> bytes:
    """What goes before the content of a file."""
    lines = (
        "HTTP/1.1 200 OK",
        "Content-Type: application/octet-stream",
        f"Content-Length: {size}",
        "Connection: close",
    )
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def to_bytes(response: HttpResponse, coding: str, *, keep_alive: bool, with_body: bool = True) -> bytes:
    """Write an answer in one piece, with its length and never chunked.

    Args:
        response: what to answer; its texts are our own, not the peer's.
        coding: content coding of the request.
        keep_alive: whether the connection stays open.
        with_body: False in answer to HEAD.
    """
    body = encode_content(response.body, coding)
    lines = [
        f"HTTP/1.1 {response.status} {_PHRASES.get(response.status, '')}",
        f"Content-Type: {response.content_type}",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in response.headers.items()),
    ]
    if coding:
        lines.append(f"Content-Encoding: {coding}")
    if not keep_alive:
        lines.append("Connection: close")
    head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
    return head + body if with_body else head
