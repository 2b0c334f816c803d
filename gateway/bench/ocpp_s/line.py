"""The station's line to the central system: one SOAP request at a time over HTTP."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

import aiohttp
from typing_extensions import override

from gateway.bench.ocpp_s import soap
from gateway.bench.ocpp_s.quirks import Quirk
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from types import TracebackType

    from gateway.bench.ocpp_s.config import StationConfig
    from gateway.bench.ocpp_s.memory import Entry
    from gateway.bench.ocpp_s.messages import Fields
    from gateway.bench.ocpp_s.soap import Node, Received
    from gateway.bench.ocpp_s.trace import Tracer


class LineDownError(GatewayError):
    """No answer that can be understood: the request may be sent again."""


class SoapFaultError(GatewayError):
    """The answer is a SOAP fault: the request should not be sent again (OCPP 1.5, section 8.2)."""


class Line:
    """Posts requests and gives their answers.

    Args:
        config: the station's settings.
        tracer: is shown every envelope.
        complain: told what is wrong with the envelopes that come back.
    """

    def __init__(self, config: StationConfig, tracer: Tracer, complain: Callable[[str], None]) -> None:
        self._config = config
        self._tracer = tracer
        self._complain = complain
        self._turn = asyncio.Lock()
        self._inflight: asyncio.Task[Received] | None = None
        self._http: aiohttp.ClientSession | None = None
        self.is_cut = False

    async def __aenter__(self) -> Self:
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(force_close=True),
            timeout=aiohttp.ClientTimeout(total=self._config.answer_timeout),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._http is not None:
            await self._http.close()

    @property
    def http(self) -> aiohttp.ClientSession:
        """The HTTP client, for up- and downloads as well.

        Raises:
            GatewayError: ``line-closed`` outside of the line's context.
        """
        if self._http is None:
            raise GatewayError("line-closed")
        return self._http

    def cut(self) -> None:
        """Cut the line; an answer that is on its way is lost."""
        self.is_cut = True
        if self._inflight is not None:
            self._inflight.cancel()

    def mend(self) -> None:
        """Mend the line."""
        self.is_cut = False

    async def exchange(self, entry: Entry, fields: Fields, callback: str) -> Node:
        """Post one request and give the body of its answer.

        Args:
            entry: the request.
            fields: its content with the transaction id filled in.
            callback: the station's own address, for the From header.

        Raises:
            LineDownError: there was no answer, or none that can be understood.
            SoapFaultError: the answer is a fault.
        """
        async with self._turn:
            if self.is_cut:
                raise LineDownError("line-down", operation=entry.operation)
            self._inflight = asyncio.create_task(self._post(entry, fields, callback))
            try:
                await asyncio.wait({self._inflight})
                if self._inflight.cancelled():
                    raise LineDownError("line-down", operation=entry.operation)
                received = self._inflight.result()
            except asyncio.CancelledError:
                self._inflight.cancel()
                await asyncio.gather(self._inflight, return_exceptions=True)
                raise
            finally:
                self._inflight = None
        if received.is_fault:
            raise SoapFaultError("soap-fault", operation=entry.operation)
        self._check(entry, received)
        return received.body

    async def _post(self, entry: Entry, fields: Fields, callback: str) -> Received:
        quirks = self._config.quirks
        operation = entry.operation
        element = _lower(operation) + "Request"
        headers = soap.Headers(
            action=f"/{operation}",
            message_id=_message_id(entry.message_id, quirks),
            identity=self._config.identity,
            sender=callback,
            reply_to=soap.ANONYMOUS,
            to=self._config.url,
        )
        data = soap.write(element, fields, headers, namespace=self._config.dialect.central_system, quirks=quirks)
        self._tracer("out", element, data)
        body = _chunks(data) if Quirk.CHUNKED in quirks else data
        try:
            async with self.http.post(self._config.url, data=body, headers=_http_headers(operation, quirks)) as answer:
                content = await answer.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise LineDownError("line-down", operation=operation, reason=repr(error)) from error
        try:
            received = soap.read(content)
        except GatewayError as error:
            self._tracer("in", "unreadable", content)
            raise LineDownError("answer-unreadable", operation=operation, status=answer.status) from error
        self._tracer("in", received.body.name, content)
        return received

    def _check(self, entry: Entry, received: Received) -> None:
        operation = entry.operation
        if received.body.name != _lower(operation) + "Response":
            self._complain(f"{operation}: answered by {received.body.name}")
        if received.headers.get("action") != f"/{operation}Response":
            self._complain(f"{operation}: answer with Action {received.headers.get('action')!r}")
        sent = "" if Quirk.NO_MESSAGE_ID in self._config.quirks else _message_id(entry.message_id, self._config.quirks)
        if sent and received.headers.get("relatesto") != sent:
            self._complain(f"{operation}: answer relates to {received.headers.get('relatesto')!r}, not {sent!r}")

    @override
    def __repr__(self) -> str:
        return f"Line({self._config.identity!r}, cut={self.is_cut})"


def _lower(operation: str) -> str:
    return operation[0].lower() + operation[1:]


def _message_id(message_id: str, quirks: frozenset[Quirk]) -> str:
    return str(int(message_id[-6:], 16)) if Quirk.PLAIN_MESSAGE_ID in quirks else message_id


def _http_headers(operation: str, quirks: frozenset[Quirk]) -> dict[str, str]:
    if Quirk.SOAP_11 in quirks:
        return {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"/{operation}"'}
    action = "" if Quirk.NO_ACTION in quirks else f'; action="/{operation}"'
    return {"Content-Type": f"application/soap+xml; charset=utf-8{action}"}


async def _chunks(data: bytes) -> AsyncIterator[bytes]:
    middle = len(data) // 2
    yield data[:middle]
    yield data[middle:]
