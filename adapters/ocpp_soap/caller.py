"""Calls to a station: one at a time, and never while the station waits for an answer of ours.

Old stations often have one thread for both directions. Calling one whose own request is open would leave both sides
waiting for each other.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import uuid4

from adapters.ocpp_soap.answer import read_answer
from adapters.ocpp_soap.callback import named_host
from adapters.ocpp_soap.encode import encode
from adapters.ocpp_soap.envelope_write import Call, write_request
from adapters.ocpp_soap.http_client import post
from adapters.ocpp_soap.message import Kind
from adapters.ocpp_soap.schema import Service as Side
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from adapters.ocpp1x.fields import Fields
    from adapters.ocpp1x.networks import Networks
    from adapters.ocpp1x.patience import Patience
    from adapters.ocpp1x.presence import Presence
    from adapters.ocpp_soap.peers import Peer

_LOG = logging.getLogger(__name__)
_NOT_THERE = {"station-unreachable", "station-timeout"}


class Caller:
    """Sends a request to a station and reads the answer. Nothing is sent twice.

    Args:
        own_url: gives our URL as seen from a host.
        presence: told that a station has answered.
        networks: where a station may be.
        patience: how long to wait, for its own requests and for its answer.
    """

    def __init__(
        self,
        own_url: Callable[[str], Awaitable[str]],
        presence: Presence,
        networks: Networks,
        patience: Patience,
    ) -> None:
        self._own_url = own_url
        self._presence = presence
        self._networks = networks
        self._patience = patience

    async def call(self, peer: Peer, operation: str, fields: Fields) -> Fields:
        """Call an operation of a station; gives the fields of its answer.

        Raises:
            GatewayError: ``callback-unknown``, ``station-busy``, ``field-invalid``, what `post` raises when no answer
                came, and what `read_answer` raises for an answer that is none.
        """
        table = peer.version.table
        described = table.operation(Side.CHARGE_POINT, operation)
        body = encode(described, Kind.REQUEST, fields, millis=peer.options.milliseconds)
        async with peer.calling:
            try:
                async with asyncio.timeout(self._patience.exchange):
                    await peer.all_answered()
            except TimeoutError as error:
                raise GatewayError("station-busy", station=peer.id, seconds=self._patience.exchange) from error
            # Not before: a request that was open meanwhile may have told a new address.
            url = peer.url(self._networks)
            if not url:
                raise GatewayError("callback-unknown", station=peer.id)
            request = write_request(
                Call(
                    operation=operation,
                    identity=peer.options.charge_box_identity,
                    message_id=f"urn:uuid:{uuid4()}",
                    from_url=await self._own_url(urlsplit(url).hostname or ""),
                    to=url,
                    namespace=table.charge_point_namespace,
                ),
                body,
            )
            headers = {"Content-Type": request.content_type, "SOAPAction": f'"/{operation}"'}
            try:
                reply = await post(url, request.body, headers, timeout=self._patience.call)
            except GatewayError as error:
                if error.code in _NOT_THERE:
                    self._try_elsewhere(peer)
                raise
        await self._answered(peer)
        message = read_answer(table, described, reply, peer.zone)
        peer.note(message.deviations)
        return message.fields

    async def _answered(self, peer: Peer) -> None:
        try:
            await self._presence.heard(peer, peer.url(self._networks))
        except GatewayError as error:
            _LOG.warning("%s answers, which could not be noted: %s", peer.id, error)

    @staticmethod
    def _try_elsewhere(peer: Peer) -> None:
        """Take the other of the two addresses next time: the station's word, or where it calls from."""
        if named_host(peer.claims) not in ("", peer.address):
            peer.by_address = not peer.by_address
