"""Reset, availability, unlocking and cache (OCPP 2.0.1 Part 2, B11, B12, C11, F05, G03, G04)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.contracts import Reply
from gateway.model.commands import (
    ChangeAvailability,
    ClearTokens,
    Reset,
    ResetKind,
    Unlock,
    Verdict,
)
from gateway.model.ids import Place
from gateway.model.rules.stations import firmware_busy
from gateway.model.station import Capability
from gateway.model.transactions import TriggerReason
from profiles.common.replies import ACCEPTED, refused, refused_by

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.contracts import Backend, Handler, Json, Northbound
    from gateway.model.station import StationState


class Control:
    """Commands that act on the station as a whole or on a connector."""

    def __init__(self, northbound: Northbound, backend: Backend) -> None:
        self._northbound = northbound
        self._backend = backend

    def handlers(self) -> Mapping[str, Handler]:
        """The handler of each action."""
        return {
            "Reset": self.reset,
            "ChangeAvailability": self.change_availability,
            "UnlockConnector": self.unlock_connector,
            "ClearCache": self.clear_cache,
        }

    async def reset(self, station: str, payload: Json) -> Reply:
        """Restart the station, or one EVSE where that can be (B11.FR.08, B11.FR.09)."""
        state, evse = self._northbound.station(station), payload.get("evseId", 0)
        if evse and not state.resets_evses:
            return refused("UnsupportedRequest", "a single EVSE cannot be reset")
        if evse and evse not in state.evses():
            return refused("UnknownEvse")
        if firmware_busy(state):
            return refused("FwUpdateInProgress")
        kind = ResetKind(payload["type"])
        outcome = await self._northbound.execute(Reset(place=Place(station=station, evse=evse), kind=kind))
        if outcome.verdict is Verdict.SCHEDULED:
            return Reply(payload={"status": "Scheduled"})
        return ACCEPTED if outcome.accepted else refused_by(outcome)

    async def change_availability(self, station: str, payload: Json) -> Reply:
        """Make the station, an EVSE or a connector operative or not (G03, G04)."""
        evse = payload.get("evse", {})
        place = Place(station=station, evse=evse.get("id", 0), connector=evse.get("connectorId", 0))
        state = self._northbound.station(station)
        operative = payload["operationalStatus"] == "Operative"
        if place.evse and place.evse not in state.evses():
            return refused("UnknownEvse")
        if place.connector and state.connector(place.evse, place.connector) is None:
            return refused("UnknownConnectorId")
        if _is_so(state, place, operative=operative):
            return ACCEPTED  # G03.FR.03, G04.FR.04
        outcome = await self._northbound.execute(ChangeAvailability(place=place, operative=operative))
        if not outcome.accepted:
            return refused_by(outcome)
        # Some stations say Accepted, and wait for the end of the transaction all the same (G03.FR.05, G04.FR.06).
        busy = any(place.evse in {0, transaction.evse} for transaction in state.transactions)
        later = outcome.verdict is Verdict.SCHEDULED or (busy and not operative)
        return Reply(payload={"status": "Scheduled"}) if later else ACCEPTED

    async def unlock_connector(self, station: str, payload: Json) -> Reply:
        """Unlock a connector, but never under a transaction that somebody is authorised in (F05.FR.02)."""
        place = Place(station=station, evse=payload["evseId"], connector=payload["connectorId"])
        state = self._northbound.station(station)
        if state.connector(place.evse, place.connector) is None:
            return Reply(payload={"status": "UnknownConnector"})
        if _authorized(state, place.evse):
            return Reply(payload={"status": "OngoingAuthorizedTransaction"})
        outcome = await self._northbound.execute(Unlock(place=place))
        if not outcome.accepted:
            return refused_by(outcome, status="UnlockFailed")
        running = state.transaction_at(place.evse)
        if running is None:
            return Reply(payload={"status": "Unlocked"})
        # E02.FR.17: it happens in a transaction, that of a car that nobody is authorised for.
        return Reply(
            payload={"status": "Unlocked"},
            then=lambda: self._northbound.retell(station, running.id, (), TriggerReason.UNLOCK_COMMAND),
        )

    async def clear_cache(self, station: str, _payload: Json) -> Reply:
        """Empty the box's cache and the station's own (C11)."""
        if not self._northbound.device(station).boolean("AuthCacheCtrlr", "Enabled"):
            return refused("NotEnabled")
        if Capability.CLEAR_CACHE in self._northbound.station(station).capabilities:
            outcome = await self._northbound.execute(ClearTokens(station=station))
            if not outcome.accepted:
                return refused_by(outcome)
        await self._northbound.tokens.forget(station)
        return ACCEPTED


def _authorized(state: StationState, evse: int) -> bool:
    """Tell whether an authorized transaction runs on an EVSE.

    A 1.x station would stop whatever runs. Where the box runs the transactions, one goes on without an authorization
    until the car leaves: then the cable is what its driver wants.
    """
    running = state.transaction_at(evse)
    if running is None or Capability.BOX_SESSIONS not in state.capabilities:
        return running is not None
    return running.token is not None and running.stop_cause is None


def _is_so(state: StationState, place: Place, *, operative: bool) -> bool:
    """True where what is asked for was set already."""
    if place.evse == 0:
        return state.operative is operative
    affected = [c for c in state.connectors if c.evse == place.evse and place.connector in {0, c.connector}]
    return all(c.operative is operative for c in affected)
