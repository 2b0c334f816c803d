"""Reservations of EVSEs: made, used, run out, or taken away (OCPP 2.0.1 Part 2, H)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.model.changes import ReservationEnded
from gateway.model.evse import Closure, ConnectorStatus
from gateway.model.rules.connectors import differences
from gateway.model.rules.context import Applied
from gateway.model.rules.holding import targets, with_reserved

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
    after = with_reserved(after, at)
    return Applied(state=after, changes=differences(state, after, at))


def released(state: StationState, reservation: int, at: datetime) -> Applied:
    """A reservation is over, and its EVSE free again (H02.FR.02, H04.FR.02)."""
    after = with_reserved(_without(state, reservation, at), at)
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
        wanted = targets(applied.state, reservation)
        if wanted and all(_is_down(applied.state, evse) for evse in wanted):
            applied = applied.then(lapsed(applied.state, reservation.id, at, expired=False))
    return applied


def used_by(state: StationState, evse: int, token: Token, at: datetime) -> int | None:
    """The reservation that a start uses although its station does not say so (H03.FR.09)."""
    fitting = [r for r in state.reservations if r.token.same_as(token) and at <= r.expires_at]
    fitting = [r for r in fitting if evse in targets(state, r)]
    return min(fitting, key=lambda r: len(targets(state, r))).id if fitting else None


def settled(applied: Applied, at: datetime) -> Applied:
    """Show what is reserved by now, where a step has begun or used up a reservation, or taken an EVSE away from one."""
    after = with_reserved(applied.state, at)
    if after is applied.state:
        return applied
    return applied.then(Applied(state=after, changes=differences(applied.state, after, at)))


def _is_down(state: StationState, evse: int) -> bool:
    here = [c if state.operative else replace(c, operative=False) for c in state.connectors if c.evse == evse]
    # What is closed only until the CSMS has accepted the station stays reserved (B01.FR.13).
    connectors = [replace(c, closures=tuple(each for each in c.closures if each is not Closure.BOOT)) for c in here]
    return bool(connectors) and all(connector.status in _DOWN for connector in connectors)


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
