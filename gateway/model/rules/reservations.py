"""Reservations of EVSEs: made, used, run out, or taken away (OCPP 2.0.1 Part 2, H)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.model.changes import ReservationEnded
from gateway.model.evse import ConnectorStatus
from gateway.model.rules.connectors import differences
from gateway.model.rules.context import Applied

if TYPE_CHECKING:
    from datetime import datetime

    from gateway.model.station import Reservation, StationState
    from gateway.model.tokens import Token

_DOWN = {ConnectorStatus.UNAVAILABLE, ConnectorStatus.FAULTED}


def reserved(state: StationState, reservation: Reservation, at: datetime) -> Applied:
    """The station holds a reservation; one with the same id is replaced (H01.FR.02)."""
    without = _without(state, reservation.id, at)
    after = _marked(
        replace(without, reservations=(*without.reservations, reservation)),
        reservation.evse,
        ConnectorStatus.AVAILABLE,
        ConnectorStatus.RESERVED,
        at,
    )
    return Applied(state=after, changes=differences(state, after, at))


def released(state: StationState, reservation: int, at: datetime) -> Applied:
    """A reservation is over, and its EVSE free again (H02.FR.02, H04.FR.02)."""
    after = _without(state, reservation, at)
    return Applied(state=after, changes=differences(state, after, at))


def lapsed(state: StationState, reservation: int, at: datetime, *, expired: bool) -> Applied:
    """A reservation has ended, and the backend does not know; one that is not held (any more) changes nothing."""
    if all(r.id != reservation for r in state.reservations):
        return Applied(state=state)
    over = released(state, reservation, at)
    end = ReservationEnded(station=state.id, at=at, reservation=reservation, expired=expired)
    return replace(over, changes=(end, *over.changes))


def without_lost(applied: Applied, at: datetime) -> Applied:
    """Take away the reservations of EVSEs that can no longer be used (H01.FR.16, H01.FR.17).

    A station that is merely out of reach still holds its reservations.
    """
    for reservation in applied.state.reservations:
        if _is_down(applied.state, reservation.evse):
            applied = applied.then(lapsed(applied.state, reservation.id, at, expired=False))
    return applied


def used_by(state: StationState, evse: int, token: Token, at: datetime) -> int | None:
    """The reservation that a start uses although its station does not say so (H03.FR.09)."""
    fitting = (r for r in state.reservations if r.evse in {0, evse} and r.token.same_as(token) and at <= r.expires_at)
    return next((r.id for r in fitting), None)


def _is_down(state: StationState, evse: int) -> bool:
    connectors = [c if state.operative else replace(c, operative=False) for c in state.connectors if c.evse == evse]
    return bool(evse and connectors) and all(connector.status in _DOWN for connector in connectors)


def _without(state: StationState, reservation: int, at: datetime) -> StationState:
    over = next((r for r in state.reservations if r.id == reservation), None)
    if over is None:
        return state
    left = tuple(r for r in state.reservations if r is not over)
    after = replace(state, reservations=left)
    if any(r.evse == over.evse for r in left):
        return after
    return _marked(after, over.evse, ConnectorStatus.RESERVED, ConnectorStatus.AVAILABLE, at)


def _marked(state: StationState, evse: int, old: ConnectorStatus, new: ConnectorStatus, at: datetime) -> StationState:
    """All connectors of an EVSE follow its reservation, whether their station says so or not (H01.FR.23, H04.FR.03)."""
    for connector in state.connectors:
        if connector.evse == evse and connector.reported is old:
            state = state.with_connector(replace(connector, reported=new, at=at))
    return state
