"""Pauses by stopping a transaction from afar, and going on with another one of the same token."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from json import JSONDecodeError, dumps, loads
from typing import TYPE_CHECKING

from gateway.actuation.ways import allows
from gateway.model.commands import ACCEPTED, StartCharging, StopCharging
from gateway.model.evse import ConnectorStatus
from gateway.model.ids import Place
from gateway.model.tokens import Token, TokenType
from gateway.model.transactions import STOPPED_UNKNOWN

if TYPE_CHECKING:
    from gateway.actuation.hands import Fitted, Hands
    from gateway.model.commands import Outcome
    from gateway.model.station import StationState

logger = logging.getLogger(__name__)

_TO_START = timedelta(minutes=1)
"""How long a start is good for; the cable is there already."""


class RemoteWay:
    """RemoteStopTransaction and RemoteStartTransaction.

    The visit goes on only while the cable stays: whoever comes next does not charge with the token of who was before.
    Which token is to go on is kept over a restart of the box.
    """

    def __init__(self, fitted: Fitted, hands: Hands) -> None:
        self._fitted = fitted
        self._hands = hands
        self._name = f"paused-{fitted.evse}"

    async def set(self, current: float) -> Outcome:
        """Stop what runs there, or let it go on."""
        return await (self._resume() if allows(self._fitted, current) else self._pause())

    async def _pause(self) -> Outcome:
        running = self._state.transaction_at(self._fitted.evse)
        if running is None:
            return ACCEPTED
        stop = StopCharging(
            station=self._fitted.station, transaction=running.id, number=running.number, cause=STOPPED_UNKNOWN
        )
        outcome = await self._hands.execute(stop)
        if outcome.accepted and running.token is not None:
            kept = [running.token.value, running.token.type.value, self._hands.now().isoformat()]
            await self._hands.note(self._fitted.station, self._name, dumps(kept))
        return outcome

    async def _resume(self) -> Outcome:
        fitted, now = self._fitted, self._hands.now()
        paused = _paused((await self._hands.notes(fitted.station)).get(self._name, ""))
        if paused is None:
            return ACCEPTED
        token, since = paused
        outcome = ACCEPTED
        if self._still_there(since):
            place = Place(station=fitted.station, evse=fitted.evse, connector=1)
            # The backend has not asked for it: nothing of it is noted, and the transaction begins as any other.
            start = StartCharging(place=place, token=token, remote_start_id=0, expires_at=now + _TO_START)
            outcome = await self._hands.ask(start)
        else:
            logger.info("%s: EVSE %d: the vehicle that was paused has left", fitted.station, fitted.evse)
        if outcome.accepted:
            await self._hands.note(fitted.station, self._name, "")
        return outcome

    def _still_there(self, since: datetime) -> bool:
        """Tell whether the same cable is in it as when it was paused, and nobody charges by now."""
        connector = self._state.connector(self._fitted.evse)
        return (
            connector is not None
            and connector.reported is ConnectorStatus.OCCUPIED
            and connector.at <= since
            and self._state.transaction_at(self._fitted.evse) is None
        )

    @property
    def _state(self) -> StationState:
        return self._hands.station(self._fitted.station)


def _paused(note: str) -> tuple[Token, datetime] | None:
    try:
        value, kind, at = loads(note) if note else ("", "", "")
        return (Token(value=value, type=TokenType(kind)), datetime.fromisoformat(at)) if value else None
    except (JSONDecodeError, ValueError, TypeError):
        return None
