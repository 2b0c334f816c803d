"""The station's own SOAP service, which the central system calls."""

from __future__ import annotations

import logging
import socket
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from aiohttp import web

from gateway.bench.listening import deafen
from gateway.bench.ocpp_s import soap
from gateway.bench.ocpp_s.quirks import Quirk
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from gateway.bench.ocpp_s.config import StationConfig
    from gateway.bench.ocpp_s.messages import Fields
    from gateway.bench.ocpp_s.soap import Node, Received
    from gateway.bench.ocpp_s.trace import Tracer

_LOG = logging.getLogger(__name__)
_MEDIA_TYPE = "application/soap+xml"
_BAD_REQUEST = 400
_SERVER_ERROR = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a command is answered by, and what happens once the answer is out."""

    fields: Fields = field(default_factory=dict)
    effect: Callable[[], None] | None = None


class Service:
    """Listens for commands.

    Args:
        config: the station's settings.
        dispatch: carries out a command by its operation; raises GatewayError ``operation-unknown`` or
            ``soap-element-...``.
        reachable: whether anyone can reach the station now.
        tracer: is shown every envelope.
        complain: told what is wrong with the envelopes that come in.
    """

    def __init__(
        self,
        config: StationConfig,
        dispatch: Callable[[str, Node], Reply],
        reachable: Callable[[], bool],
        tracer: Tracer,
        complain: Callable[[str], None],
    ) -> None:
        self._config = config
        self._dispatch = dispatch
        self._reachable = reachable
        self._tracer = tracer
        self._complain = complain
        self._runner: web.AppRunner | None = None
        self._listener: socket.socket | None = None
        self.url = ""

    async def __aenter__(self) -> Self:
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        host, port = self._config.callback_host, self._config.callback_port
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, port), family=family)
        await web.SockSite(self._runner, self._listener).start()
        host, port = self._runner.addresses[0][:2]
        self.url = self._config.callback_url or f"http://{host}:{port}/"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._runner is None:
            return
        if self._listener is not None:
            await deafen([self._listener])
        await self._runner.cleanup()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        data = await request.read()
        if not self._reachable():
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        try:
            received = soap.read(data)
        except GatewayError as error:
            return self._fault("Sender", "ProtocolError", str(error), "")
        self._tracer("in", received.body.name, data)
        problem = self._problem(received)
        message_id = received.headers.get("messageid", "")
        if problem is not None:
            self._complain(f"{received.body.name}: {problem[1]}")
            return self._fault("Sender", problem[0], problem[1], message_id)
        operation = received.body.name.removesuffix("Request")
        operation = operation[:1].upper() + operation[1:]
        try:
            reply = self._dispatch(operation, received.body)
        except GatewayError as error:
            self._complain(f"{received.body.name}: {error}")
            if error.code == "operation-unknown":
                return self._fault("Receiver", "NotSupported", str(error), message_id)
            return self._fault("Sender", "ProtocolError", str(error), message_id)
        return await self._answer(request, operation, reply, message_id)

    def _problem(self, received: Received) -> tuple[str, str] | None:
        """Check the headers as strict SOAP stacks do; give sub-code and text of the first thing that is wrong."""
        headers = received.headers
        identity = headers.get("chargeboxidentity", "")
        if identity.casefold() != self._config.identity.casefold():
            return "IdentityMismatch", f"chargeBoxIdentity is {identity!r}"
        for name in ("action", "messageid", "to", "replyto", "from"):
            if not headers.get(name):
                return "ProtocolError", f"header {name} is missing"
        action = "/" + received.body.name.removesuffix("Request")
        if headers["action"].casefold() != action.casefold():
            return "ProtocolError", f"Action is {headers['action']!r}"
        return None

    async def _answer(self, request: web.Request, operation: str, reply: Reply, message_id: str) -> web.StreamResponse:
        element = operation[0].lower() + operation[1:] + "Response"
        headers = soap.Headers(action=f"/{operation}Response", relates_to=message_id, to=soap.ANONYMOUS)
        if Quirk.NO_RESPONSE_HEADER in self._config.quirks:
            headers = soap.Headers()
        data = soap.write(
            element,
            reply.fields,
            headers,
            namespace=self._config.dialect.charge_point,
            quirks=self._config.quirks - {Quirk.OMIT_ZERO},
        )
        self._tracer("out", element, data)
        soap_11 = Quirk.SOAP_11 in self._config.quirks
        response = web.Response(body=data, content_type="text/xml" if soap_11 else _MEDIA_TYPE, charset="utf-8")
        try:
            await response.prepare(request)
            await response.write_eof()
        except ConnectionError:
            _LOG.debug("the caller of %s went away before its answer", operation)
        if reply.effect is not None:
            reply.effect()
        return response

    def _fault(self, code: str, subcode: str, reason: str, message_id: str) -> web.Response:
        headers = soap.Headers(
            action="http://www.w3.org/2005/08/addressing/soap/fault",
            message_id=f"urn:uuid:{uuid.uuid4()}",
            relates_to=message_id,
        )
        data = soap.write_fault(code, subcode, reason, headers, dialect=self._config.dialect)
        self._tracer("out", "Fault", data)
        status = _BAD_REQUEST if code == "Sender" else _SERVER_ERROR
        return web.Response(body=data, status=status, content_type=_MEDIA_TYPE, charset="utf-8")
