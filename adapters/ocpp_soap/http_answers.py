"""Answers that the HTTP layer gives on its own: refusals, probes with a browser, stations of another protocol."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import h11

from adapters.ocpp_soap.http_body import decode_content, encode_content
from adapters.ocpp_soap.http_types import HttpRequest, HttpResponse

if TYPE_CHECKING:
    from adapters.ocpp_soap.http_reader import RawRequest

_TEXT = "text/plain; charset=utf-8"
_HTTP = "http://"


def refusal(status: int) -> bytes:
    """Give a whole answer for bytes that are no request, or one too many."""
    phrase = HTTPStatus(status).phrase
    head = f"HTTP/1.1 {status} {phrase}\r\nContent-Type: {_TEXT}\r\nContent-Length: {len(phrase)}\r\nConnection: close"
    return f"{head}\r\n\r\n{phrase}".encode()


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
    headers: dict[str, str] = {}
    for name, value in raw.head.headers:
        headers.setdefault(name.decode("ascii"), value.decode("latin-1"))
    body, coding = decode_content(raw.body, headers.get("content-encoding", ""), max_inflated)
    target = raw.head.target.decode("ascii")
    if target[:7].lower() == _HTTP:  # absolute form, as sent to a proxy
        target = "/" + target[7:].partition("/")[2]
    path, _, query = target.partition("?")
    method = raw.head.method.decode("ascii")
    return HttpRequest(method=method, path=path, query=query, headers=headers, body=body, peer=peer, coding=coding)


def to_bytes(response: HttpResponse, exchange: h11.Connection, coding: str, *, with_body: bool) -> bytes:
    """Write an answer in one piece, with its length; ``coding`` is that of the request."""
    body = encode_content(response.body, coding)
    headers = [("Content-Type", response.content_type), ("Content-Length", str(len(body))), *response.headers.items()]
    if coding:
        headers.append(("Content-Encoding", coding))
    parts = [exchange.send(h11.Response(status_code=response.status, headers=headers))]
    if with_body:
        parts.append(exchange.send(h11.Data(data=body)))
    parts.append(exchange.send(h11.EndOfMessage()))
    return b"".join(part for part in parts if part)
