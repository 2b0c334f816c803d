"""What a station asks: from a frame to the answer of its handler, a CALLERROR, or no answer at all."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from adapters.ocpp1x.exchange import Exchange
from adapters.ocpp1x.fields import Deviation
from adapters.ocpp1x.inbound import HANDLERS, RECORDS
from adapters.ocpp_json.frames import ErrorCode, encode_error, encode_result
from adapters.ocpp_json.mending import mend
from adapters.ocpp_json.payload import to_fields, to_json
from adapters.ocpp_json.schemas import Direction
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from adapters.ocpp1x.fields import Fields
    from adapters.ocpp1x.presence import Presence
    from adapters.ocpp_json.frames import Call
    from adapters.ocpp_json.patience import Patience
    from adapters.ocpp_json.peers import Peer
    from adapters.ocpp_json.schemas import Schemas
    from gateway.contracts import Json, Southbound

_LOG = logging.getLogger(__name__)
_NEVER_REFUSED = RECORDS | {"BootNotification", "StatusNotification", "Heartbeat"}
"""What is wrong with these is noted and left out: a station that is refused drops the report, or never starts."""
_TOLERATED = {"enum", "maxLength", "format", "pattern", "maximum", "minimum", "multipleOf", "additionalProperties"}
_CODES = {
    "type": ErrorCode.TYPE_CONSTRAINT_VIOLATION,
    "required": ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION,
    "minItems": ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION,
    "maxItems": ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION,
}


class Service:
    """Answers the requests of all stations.

    Args:
        hub: the box.
        schemas: of the payloads.
        presence: told of every sign of life.
        patience: how long the backend has.
    """

    def __init__(self, hub: Southbound, schemas: Schemas, presence: Presence, patience: Patience) -> None:
        self._hub = hub
        self._schemas = schemas
        self._presence = presence
        self._patience = patience

    async def answer(self, peer: Peer, call: Call) -> bytes | None:
        """The answer to a request; None if the station must keep its message and send it again."""
        if call.action not in HANDLERS:
            peer.note((Deviation(code="action-unknown", path=call.action[:80]),))
            return encode_error(call.id, ErrorCode.NOT_IMPLEMENTED, "no such action")
        payload, notes = mend(self._schemas.schema(call.action, Direction.REQUEST), call.payload)
        broken = self._schemas.violation(call.action, Direction.REQUEST, payload)
        if broken is not None:
            notes = (*notes, Deviation(code=f"payload-{broken[1]}", path=f"{call.action}/{broken[0]}"))
        peer.note(notes)
        if broken is not None and broken[1] not in _TOLERATED and call.action not in _NEVER_REFUSED:
            code = _CODES.get(broken[1], ErrorCode.PROPERTY_CONSTRAINT_VIOLATION)
            return encode_error(call.id, code, f"{broken[0]}: {broken[1]}")
        fields, times = to_fields(payload, peer.zone)
        peer.note(times)
        try:
            await self._presence.heard(peer)
            answer = await self._handle(peer, call.action, fields)
        except GatewayError as error:
            if error.code == "storage-failed" or call.action in RECORDS:
                if not peer.unanswered:
                    peer.unanswered = True
                    _LOG.error("%s gets no answer until its reports can be kept: %s", peer.id, error)
                return None
            peer.note((Deviation(code=error.code, path=call.action),))
            return encode_error(call.id, ErrorCode.INTERNAL_ERROR, "internal error")
        if peer.unanswered:
            peer.unanswered = False
            _LOG.info("%s is answered again", peer.id)
        return encode_result(call.id, answer)

    async def _handle(self, peer: Peer, action: str, fields: Fields) -> Json:
        exchange = Exchange(
            peer=peer,
            hub=self._hub,
            fields=fields,
            now=self._hub.now(),
            tick=asyncio.get_running_loop().time(),
            patience=self._patience,
        )
        return to_json(await HANDLERS[action](exchange), millis=peer.options.milliseconds)
