"""A minimal central system for tests, with SOAP of its own."""

from __future__ import annotations

import asyncio
import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import aiohttp
from aiohttp import web
from lxml import etree

from gateway.bench.ocpp_s.dialects import V15, Dialect

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

_ANSWERS = {
    "bootNotification": "<o:status>Accepted</o:status><o:currentTime>2026-01-01T00:00:00Z</o:currentTime>"
    "<o:heartbeatInterval>900</o:heartbeatInterval>",
    "heartbeat": "<o:currentTime>2026-01-01T00:00:00Z</o:currentTime>",
    "authorize": "<o:idTagInfo><o:status>Accepted</o:status></o:idTagInfo>",
    "dataTransfer": "<o:status>Accepted</o:status><o:data>pong</o:data>",
}


@dataclass(frozen=True)
class Seen:
    """A request that came in."""

    operation: str
    xml: bytes
    texts: dict[str, str]
    headers: dict[str, str]
    http: dict[str, str]


@dataclass
class Central:
    """Answers a station and calls it.

    ``answers`` overrides the payload of an operation's answers, ``drop`` counts answers to lose by operation,
    ``fault`` holds operations that are answered by a SOAP fault.
    """

    answers: dict[str, str] = field(default_factory=dict)
    drop: dict[str, int] = field(default_factory=dict)
    fault: set[str] = field(default_factory=set)
    seen: list[Seen] = field(default_factory=list)
    url: str = ""
    transactions: int = 0
    dialect: Dialect = V15
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def __aenter__(self) -> Self:
        application = web.Application()
        application.router.add_post("/{path:.*}", self._serve)
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/cs"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    def of(self, operation: str) -> list[Seen]:
        return [item for item in self.seen if item.operation == operation]

    def last(self, operation: str) -> Seen:
        return self.of(operation)[-1]

    def order(self, *without: str) -> list[str]:
        return [item.operation for item in self.seen if item.operation not in without]

    async def until(self, predicate: Callable[[], bool], seconds: float = 10.0) -> None:
        async with asyncio.timeout(seconds):
            while not predicate():
                await self._news.wait()
                self._news.clear()

    async def until_seen(self, operation: str, count: int = 1) -> Seen:
        await self.until(lambda: len(self.of(operation)) >= count)
        return self.of(operation)[count - 1]

    async def call(
        self, url: str, operation: str, payload: str = "", identity: str = "CP-1", head: str = ""
    ) -> etree._Element:
        """Call the station and give the root of its answer."""
        name = operation[0].lower() + operation[1:] + "Request"
        head = head or (
            f"<c:chargeBoxIdentity>{identity}</c:chargeBoxIdentity><a:Action>/{operation}</a:Action>"
            "<a:MessageID>urn:uuid:1</a:MessageID><a:From><a:Address>http://127.0.0.1/</a:Address></a:From>"
            "<a:ReplyTo><a:Address>http://www.w3.org/2005/08/addressing/anonymous</a:Address></a:ReplyTo>"
            f"<a:To>{url}</a:To>"
        )
        text = (
            f'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:c="{self.dialect.charge_point}" '
            f'xmlns:a="http://www.w3.org/2005/08/addressing"><s:Header>{head}</s:Header>'
            f"<s:Body><c:{name}>{payload}</c:{name}></s:Body></s:Envelope>"
        )
        headers = {"Content-Type": f'application/soap+xml; charset=utf-8; action="/{operation}"'}
        async with aiohttp.ClientSession() as http, http.post(url, data=text.encode(), headers=headers) as answer:
            data = await answer.read()
        await self._validate(data)
        return etree.fromstring(data)

    async def status(self, url: str, operation: str, payload: str = "") -> str:
        """Call the station and give the ``status`` of its answer."""
        root = await self.call(url, operation, payload)
        return texts(root).get("status", "")

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        data = await request.read()
        root = etree.fromstring(data.removeprefix(b"\xef\xbb\xbf").lstrip())
        body = next(item for item in root.iterchildren("*") if local(item) == "Body")[0]
        header = next(item for item in root.iterchildren("*") if local(item) == "Header")
        operation = local(body).removesuffix("Request")
        headers = {local(item): "".join(map(str, item.itertext())).strip() for item in header}
        seen = Seen(operation, data, texts(body), headers, dict(request.headers))
        if "2003/05" in str(root.tag):
            await self._validate(data)
        self.seen.append(seen)
        self._news.set()
        if self.drop.get(operation, 0) > 0:
            self.drop[operation] -= 1
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if operation in self.fault:
            return web.Response(body=_FAULT, status=500, content_type="application/soap+xml")
        return web.Response(
            body=self._answer(operation, headers.get("MessageID", "")).encode(), content_type="application/soap+xml"
        )

    async def _validate(self, data: bytes) -> None:
        """Check an envelope against the published schemas where they are at hand."""
        if "STATIONLIFT_WSDL_DIR" not in os.environ or b"Fault>" in data:
            return
        from tests import wsdl_oracle  # noqa: PLC0415 - it needs the directory at import

        await asyncio.to_thread(wsdl_oracle.validate_body, data, version=self.dialect.version)

    def _answer(self, operation: str, message_id: str) -> str:
        payload = self.answers.get(operation, _ANSWERS.get(operation, ""))
        payload = payload.replace("heartbeatInterval>", f"{self.dialect.interval}>")
        if operation == "startTransaction" and not payload:
            self.transactions += 1
            payload = (
                f"<o:transactionId>{self.transactions}</o:transactionId>"
                "<o:idTagInfo><o:status>Accepted</o:status></o:idTagInfo>"
            )
        action = operation[0].upper() + operation[1:]
        return (
            '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
            f'xmlns:a="http://www.w3.org/2005/08/addressing" xmlns:o="{self.dialect.central_system}">'
            f"<s:Header><a:Action>/{action}Response</a:Action><a:RelatesTo>{message_id}</a:RelatesTo></s:Header>"
            f"<s:Body><o:{operation}Response>{payload}</o:{operation}Response></s:Body></s:Envelope>"
        )


_FAULT = (
    b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><s:Fault><s:Code>'
    b"<s:Value>s:Receiver</s:Value></s:Code><s:Reason><s:Text>no</s:Text></s:Reason></s:Fault></s:Body></s:Envelope>"
)


def local(element: etree._Element) -> str:
    return re.sub(r"^{.*}", "", str(element.tag))


def texts(element: etree._Element) -> dict[str, str]:
    """Give the text of every leaf by local name; the first one wins."""
    found: dict[str, str] = {}
    for item in element.iter("*"):
        if len(item) == 0:
            found.setdefault(local(item), item.text or "")
    return found
