"""What the backend answers to transaction events, and what it asks about transactions (E05, E14, F01 to F04)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from gateway.contracts import Reply
from gateway.model.commands import StartCharging, StopCharging
from gateway.model.evse import ConnectorStatus
from gateway.model.ids import Place
from gateway.model.rules.connectors import status_of
from gateway.model.rules.holding import claims
from gateway.model.station import Capability
from gateway.model.tokens import Authorization, AuthorizationStatus, Token, TokenType
from gateway.model.transactions import STOPPED_BY_BACKEND, STOPPED_DEAUTHORIZED, StopCause
from profiles.common.master_pass import is_master
from profiles.common.replies import ACCEPTED, refused, refused_by
from profiles.common.tokens import token_from

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from gateway.contracts import Backend, Handler, Json, Northbound
    from gateway.model.station import StationState
    from gateway.model.transactions import Transaction
    from profiles.core.authorization import Authorizer

PLUG_IN_MARGIN = timedelta(seconds=30)
"""What a station may take beyond EVConnectionTimeOut to tell of a start."""

_CLOSED = {ConnectorStatus.UNAVAILABLE, ConnectorStatus.FAULTED}


class Transactions:
    """RequestStartTransaction, RequestStopTransaction, GetTransactionStatus, and the answers to TransactionEvent."""

    def __init__(self, northbound: Northbound, backend: Backend, authorizer: Authorizer) -> None:
        self._northbound = northbound
        self._backend = backend
        self._authorizer = authorizer

    def handlers(self) -> Mapping[str, Handler]:
        """The handler of each action."""
        return {
            "RequestStartTransaction": self.request_start,
            "RequestStopTransaction": self.request_stop,
            "GetTransactionStatus": self.transaction_status,
        }

    async def request_start(self, station: str, payload: Json) -> Reply:
        """Have the station start; Accepted means that it will when the cable is in (F01, F02)."""
        if self._backend.pending(station):
            return refused("CSNotAccepted")  # B02.FR.05
        state = self._northbound.station(station)
        token = token_from(payload["idToken"])
        group = token_from(payload["groupIdToken"]) if "groupIdToken" in payload else None
        if is_master(self._northbound.device(station), group):
            return refused("InvalidIdToken", "a master pass starts nothing")  # C16.FR.03
        candidates = [payload["evseId"]] if "evseId" in payload else list(state.evses())
        now = self._northbound.now()
        reasons = {evse: why_not(state, evse, token, group, now) for evse in candidates}
        own = [evse for evse in candidates if any(r.is_for(token, group) for r in claims(state, evse, now)[1])]
        ordered = _plugged_first(state, own) + _plugged_first(state, candidates)
        evse = next((evse for evse in ordered if reasons[evse] is None), None)
        if evse is None:
            return refused(*next((r for r in reasons.values() if r), ("UnknownEvse", "")))
        device = self._northbound.device(station)
        start = StartCharging(
            place=Place(station=station, evse=evse, connector=1),
            token=token,
            group=group,
            remote_start_id=payload["remoteStartId"],
            expires_at=self._northbound.now()
            + timedelta(seconds=device.integer("TxCtrlr", "EVConnectionTimeOut"))
            + PLUG_IN_MARGIN,
        )
        if "chargingProfile" in payload:
            refusal = await self._northbound.start_with(start, payload["chargingProfile"])
            if refusal is not None:
                return refused(*refusal)  # F01.FR.26
        begun = state.transaction_at(evse)
        answer = {"status": "Accepted", **({"transactionId": begun.id} if begun else {})}  # F01.FR.13
        if device.boolean("AuthCtrlr", "AuthorizeRemoteStart") and token.type not in _TRUSTED:
            # F01.FR.01: answered first, authorized then, and only then is the station asked.
            return Reply(payload=answer, then=lambda: self._authorize_then_start(start))
        outcome = await self._northbound.execute(start)
        return Reply(payload=answer) if outcome.accepted else refused_by(outcome)

    async def _authorize_then_start(self, start: StartCharging) -> None:
        found = await self._authorizer.authorize(start.place, start.token, patience=30.0)
        self._northbound.presented(start.place, start.token, found)
        master = is_master(self._northbound.device(start.place.station), found.group)  # C16.FR.03
        if found.accepted and not master and (not found.evses or start.place.evse in found.evses):
            await self._northbound.execute(replace(start, group=start.group or found.group))

    async def request_stop(self, station: str, payload: Json) -> Reply:
        """Have the station stop a running transaction (F03)."""
        if self._backend.pending(station):
            return refused("CSNotAccepted")  # B02.FR.05
        transaction = self._northbound.station(station).transaction(payload["transactionId"])
        if transaction is None:
            return refused("TxNotFound")
        outcome = await self._northbound.execute(_stop(station, transaction, STOPPED_BY_BACKEND))
        return ACCEPTED if outcome.accepted else refused_by(outcome)

    async def transaction_status(self, station: str, payload: Json) -> Reply:
        """Tell whether a transaction runs, and whether messages of it wait (E14)."""
        id_ = payload.get("transactionId")
        answer: Json = {"messagesInQueue": await self._backend.queued(station, id_)}
        if id_ is not None:
            answer["ongoingIndicator"] = self._northbound.station(station).transaction(id_) is not None
        return Reply(payload=answer)

    async def on_response(self, station: str, request: Json, response: Json) -> None:
        """Take the backend's word on the token of a transaction; stop what it does not accept (E05, C15)."""
        sent = request.get("idToken")
        if sent is None:
            return
        token = token_from(sent)
        # A backend that takes the event and says nothing of its token (E02.FR.02 asks for it) does not object.
        authorization = Authorization(status=AuthorizationStatus.ACCEPTED)
        if "idTokenInfo" in response:
            authorization = await self._authorizer.learn(station, token, response["idTokenInfo"])
        id_ = request["transactionInfo"]["transactionId"]
        transaction = self._northbound.station(station).transaction(id_)
        master = is_master(self._northbound.device(station), authorization.group)
        if transaction is not None and (master or not _may_charge(authorization, transaction)):
            authorization = Authorization(status=_refusal(authorization))
            if self._stops_on_invalid(station):
                stop = _stop(station, transaction, STOPPED_DEAUTHORIZED)
                self._northbound.background(self._northbound.execute(stop))
        self._northbound.authorized(station, id_, authorization)

    def _stops_on_invalid(self, station: str) -> bool:
        """Where the box runs the transaction, its session knows how to go on without stopping (E05.FR.02)."""
        if Capability.BOX_SESSIONS in self._northbound.station(station).capabilities:
            return True
        return self._northbound.device(station).boolean("TxCtrlr", "StopTxOnInvalidId")


_TRUSTED = {TokenType.CENTRAL, TokenType.NO_AUTHORIZATION}
"""Types that are never asked about (C05.FR.01)."""


def _stop(station: str, transaction: Transaction, cause: StopCause) -> StopCharging:
    return StopCharging(station=station, transaction=transaction.id, number=transaction.number, cause=cause)


def _may_charge(authorization: Authorization, transaction: Transaction) -> bool:
    """True where the token may charge, and on this EVSE (C01.FR.21)."""
    return authorization.accepted and (not authorization.evses or transaction.evse in authorization.evses)


def _refusal(authorization: Authorization) -> AuthorizationStatus:
    return AuthorizationStatus.NOT_AT_THIS_LOCATION if authorization.accepted else authorization.status


def _plugged_first(state: StationState, evses: list[int]) -> list[int]:
    """An EVSE with a cable in it is the one that its driver means (F01.FR.20)."""

    def free(evse: int) -> bool:
        connector = state.connector(evse)
        return connector is None or status_of(state, connector) is not ConnectorStatus.OCCUPIED

    return sorted(evses, key=lambda evse: (free(evse), evse))


def why_not(state: StationState, evse: int, token: Token, group: Token | None, now: datetime) -> tuple[str, str] | None:
    """Why no transaction can be started on an EVSE: reason code and details; None if one can (F01.FR.21 to F01.FR.24)."""
    connector = state.connector(evse)
    if connector is None:
        return "UnknownEvse", ""
    status = status_of(state, connector)
    if status in _CLOSED:
        return "Unspecified", f"the EVSE is {status.value}"
    running = state.transaction_at(evse)
    # One that the box has begun with the cable alone still waits for its token (F01.FR.13).
    if running is not None and not (Capability.BOX_SESSIONS in state.capabilities and running.token is None):
        return "TxStarted", ""
    kept, usable = claims(state, evse, now)
    if not kept or any(reservation.is_for(token, group) for reservation in usable):
        return None
    return "Unspecified", "the EVSE is reserved for another token"
