"""What stations call: from an HTTP request to the answer of its handler, a fault, or no answer at all."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

from adapters.ocpp1x.exchange import Exchange
from adapters.ocpp1x.fields import Deviation
from adapters.ocpp1x.inbound import HANDLERS, RECORDS
from adapters.ocpp1x.networks import plain_address
from adapters.ocpp_soap.decode import decode
from adapters.ocpp_soap.encode import encode
from adapters.ocpp_soap.envelope import SOAP_11, read_envelope
from adapters.ocpp_soap.envelope_write import write_fault, write_response
from adapters.ocpp_soap.faults import Fault, FaultCode, fault_for
from adapters.ocpp_soap.http_types import HttpResponse
from adapters.ocpp_soap.message import Kind
from adapters.ocpp_soap.schema import Service as Side
from adapters.ocpp_soap.tables import V15, table_for
from adapters.ocpp_soap.xml_parse import parse
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from adapters.ocpp1x.networks import Networks
    from adapters.ocpp1x.patience import Patience
    from adapters.ocpp1x.presence import Presence
    from adapters.ocpp_soap.envelope import Envelope
    from adapters.ocpp_soap.envelope_write import Outgoing
    from adapters.ocpp_soap.http_types import HttpRequest
    from adapters.ocpp_soap.identity import Directory
    from adapters.ocpp_soap.message import Message
    from adapters.ocpp_soap.peers import Peer
    from adapters.ocpp_soap.schema import Table
    from gateway.contracts import Southbound

_LOG = logging.getLogger(__name__)
_FORBIDDEN = 403
_REMEMBERED = 256
_RECORD_ELEMENTS = tuple(f"{name}request".lower().encode() for name in RECORDS)


class Service:
    """Answers the requests of all stations.

    Args:
        hub: the box.
        directory: the stations.
        presence: told of every sign of life.
        networks: where stations may call from.
        patience: how long the backend has.
        now: the box's clock, UTC.
        greet: told of each station that has only now been found.
    """

    def __init__(
        self,
        hub: Southbound,
        directory: Directory,
        presence: Presence,
        networks: Networks,
        patience: Patience,
        now: Callable[[], datetime],
        greet: Callable[[Peer], None],
    ) -> None:
        self._hub = hub
        self._directory = directory
        self._presence = presence
        self._networks = networks
        self._patience = patience
        self._now = now
        self._greet = greet
        self._logged: set[tuple[str, str]] = set()

    async def serve(self, request: HttpRequest) -> HttpResponse | None:
        """Answer a request; None if the station must keep its message and send it again."""
        address = plain_address(request.peer)
        if not self._networks.contain(address):
            self._log_once("address outside allowed_networks", address)
            return HttpResponse(status=_FORBIDDEN, content_type="text/plain; charset=utf-8")
        try:
            envelope = read_envelope(parse(request.body))
        except GatewayError as error:
            return self._unreadable(request.body, address, error)
        peer = self._directory.find(envelope.identity, address)
        if peer is None:
            return await self._stranger(envelope, address)
        with peer.exchange():
            peer.locate(address, (envelope.from_url, envelope.reply_to))
            return await self._answer(peer, envelope)

    async def _answer(self, peer: Peer, envelope: Envelope) -> HttpResponse | None:
        if not envelope.identity:
            # One station stack wants its name back though it did not give it.
            envelope = replace(envelope, identity=peer.options.charge_box_identity)
        if peer.options.soap11:
            envelope = replace(envelope, soap_namespace=SOAP_11)
        operation = ""
        try:
            peer.speaks(envelope.version)
            if await self._presence.heard(peer, peer.url(self._networks)):
                self._greet(peer)
            table = _table(peer, envelope)
            message = _request(table, peer, envelope)
            operation = message.operation
            return _http(await self._respond(table, peer, envelope, message))
        except GatewayError as error:
            if error.code == "storage-failed" or operation in RECORDS:
                if not peer.unanswered:
                    peer.unanswered = True
                    _LOG.error("%s gets no answer until its reports can be kept: %s", peer.id, error)
                return None
            self._log_once(f"{operation or envelope.operation[:80]}: {error}", peer.id)
            return self._fault(envelope, fault_for(error), peer)

    async def _respond(self, table: Table, peer: Peer, envelope: Envelope, message: Message) -> Outgoing:
        peer.note((*envelope.deviations, *message.deviations))
        if envelope.version != table.version:
            peer.note((Deviation(code="version-other", path="Body", raw=envelope.body_namespace[:100]),))
        exchange = Exchange(
            peer=peer,
            hub=self._hub,
            fields=message.fields,
            now=self._now(),
            tick=asyncio.get_running_loop().time(),
            patience=self._patience,
        )
        fields = await HANDLERS[message.operation](exchange)
        operation = table.operation(Side.CENTRAL_SYSTEM, message.operation)
        body = encode(operation, Kind.RESPONSE, fields, millis=peer.options.milliseconds)
        if peer.unanswered:
            peer.unanswered = False
            _LOG.info("%s is answered again", peer.id)
        action = f"{message.operation}Response"
        return write_response(envelope, action, body, _message_id(), namespace=table.central_system_namespace)

    def _unreadable(self, body: bytes, address: str, error: GatewayError) -> HttpResponse | None:
        self._log_once(f"unreadable: {error.code}", address)
        if any(element in body.lower() for element in _RECORD_ELEMENTS):
            return None  # the record of a transaction: better sent again than dropped
        return self._fault(None, fault_for(error))

    async def _stranger(self, envelope: Envelope, address: str) -> HttpResponse:
        self._log_once(f"unknown chargeBoxIdentity {envelope.identity[:80]!r}", address)
        await self._hub.refused(envelope.identity, address)
        return self._fault(envelope, Fault(code=FaultCode.IDENTITY_MISMATCH, reason="unknown chargeBoxIdentity"))

    @staticmethod
    def _fault(envelope: Envelope | None, fault: Fault, peer: Peer | None = None) -> HttpResponse:
        if envelope is not None and envelope.version:
            table = table_for(envelope.version)
        else:
            table = peer.version.table if peer else V15
        return _http(write_fault(envelope, fault, _message_id(), table.fault_namespace))

    def _log_once(self, what: str, address: str) -> None:
        if (what, address) not in self._logged and len(self._logged) < _REMEMBERED:
            self._logged.add((what, address))
            _LOG.warning("request of %s refused: %s", address, what)


def _table(peer: Peer, envelope: Envelope) -> Table:
    """The messages to read by: those of the version that the station speaks.

    One that uses the namespace of a version for an operation that this version does not have means the site's version.
    """
    spoken, configured = peer.version.table, table_for(peer.options.version)
    return spoken if spoken.has(Side.CENTRAL_SYSTEM, envelope.operation) else configured


def _request(table: Table, peer: Peer, envelope: Envelope) -> Message:
    message = decode(table, Side.CENTRAL_SYSTEM, envelope.body, peer.zone)
    if message.kind is not Kind.REQUEST:
        raise GatewayError("operation-unknown", element=envelope.operation[:80])
    return message


def _http(outgoing: Outgoing) -> HttpResponse:
    return HttpResponse(status=outgoing.status, body=outgoing.body, content_type=outgoing.content_type)


def _message_id() -> str:
    return f"urn:uuid:{uuid4()}"
