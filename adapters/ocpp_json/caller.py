"""Calls to a station: one at a time, and never while the station waits for an answer of ours.

OCPP-J would let calls of both sides cross. Old stations often have one thread for both all the same.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from adapters.ocpp1x.fields import Deviation
from adapters.ocpp_json.frames import Error
from adapters.ocpp_json.mending import mend
from adapters.ocpp_json.payload import to_fields, to_json
from adapters.ocpp_json.schemas import Direction
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from adapters.ocpp1x.fields import Fields
    from adapters.ocpp1x.presence import Presence
    from adapters.ocpp_json.patience import Patience
    from adapters.ocpp_json.peers import Peer
    from adapters.ocpp_json.schemas import Schemas

_LOG = logging.getLogger(__name__)


class Caller:
    """Sends a request to a station and reads the answer. Nothing is sent twice.

    Args:
        schemas: of the payloads.
        presence: told that a station has answered.
        patience: how long to wait, for its own requests and for its answer.
    """

    def __init__(self, schemas: Schemas, presence: Presence, patience: Patience) -> None:
        self._schemas = schemas
        self._presence = presence
        self._patience = patience

    async def call(self, peer: Peer, operation: str, fields: Fields) -> Fields:
        """Call an operation of a station; gives the fields of its answer.

        Raises:
            GatewayError: ``station-unreachable``, ``station-busy`` (not asked); ``station-timeout`` (no answer);
                ``station-fault`` with ``subcode`` and ``reason`` (a CALLERROR).
        """
        payload = to_json(fields, millis=peer.options.milliseconds)
        async with peer.calling:
            try:
                async with asyncio.timeout(self._patience.exchange):
                    await peer.all_answered()
            except TimeoutError as error:
                raise GatewayError("station-busy", station=peer.id, seconds=self._patience.exchange) from error
            if peer.connection is None:
                raise GatewayError("station-unreachable", reason="it is not connected")
            answer = await peer.connection.call(operation, payload, self._patience.call)
        await self._answered(peer)
        if isinstance(answer, Error):
            raise GatewayError("station-fault", subcode=answer.code[:80], reason=answer.description[:200])
        mended, notes = mend(self._schemas.schema(operation, Direction.RESPONSE), answer.payload)
        broken = self._schemas.violation(operation, Direction.RESPONSE, mended)
        if broken is not None:
            notes = (*notes, Deviation(code=f"answer-{broken[1]}", path=f"{operation}/{broken[0]}"))
        found, times = to_fields(mended, peer.zone)
        peer.note((*notes, *times))
        return found

    async def _answered(self, peer: Peer) -> None:
        try:
            await self._presence.heard(peer)
        except GatewayError as error:
            _LOG.warning("%s answers, which could not be noted: %s", peer.id, error)
