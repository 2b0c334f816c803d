"""Which EVSEs the reservations of a station need: one that is named, or any one of several (OCPP 2.0.1 Part 2, H01).

As many EVSEs stay free as there are reservations, each for one that it may have (H01.FR.07, H01.FR.09): an EVSE is needed
where without it one reservation more would go without.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.model.evse import ConnectorStatus
from gateway.model.station import Capability

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from gateway.model.evse import ConnectorState
    from gateway.model.station import Reservation, StationState

_FREE = {ConnectorStatus.AVAILABLE, ConnectorStatus.RESERVED}


def targets(state: StationState, reservation: Reservation) -> frozenset[int]:
    """The EVSEs that a reservation may be used at."""
    if reservation.evse:
        return frozenset({reservation.evse})
    every = frozenset(evse for evse in state.evses() if evse)
    return every & frozenset(reservation.among) if reservation.among else every


def free(state: StationState) -> frozenset[int]:
    """The EVSEs that nobody is at; those of a station that is not reached count as they were last seen."""
    statuses = {
        connector.evse: replace(connector, operative=connector.operative and state.operative, held=False).status
        for connector in state.connectors
        if connector.evse
    }
    busy = {transaction.evse for transaction in state.transactions}
    return frozenset(evse for evse, status in statuses.items() if status in _FREE and evse not in busy)


def served(wanted: Iterable[frozenset[int]], evses: frozenset[int]) -> int:
    """How many can have an EVSE of their own at best.

    Args:
        wanted: What each would take.
        evses: What there is.
    """
    given: dict[int, frozenset[int]] = {}

    def give(wish: frozenset[int], tried: set[int]) -> bool:
        for evse in sorted(wish & evses - tried):
            tried.add(evse)
            if evse not in given or give(given[evse], tried):
                given[evse] = wish
                return True
        return False

    return sum(give(wish, set()) for wish in wanted)


def fits(state: StationState, reservation: Reservation, spoken: frozenset[int] = frozenset()) -> bool:
    """Tell whether there is an EVSE for one reservation more; one with the same id makes room for it (H01.FR.02).

    Args:
        state: of the station.
        reservation: that is to be made.
        spoken: EVSEs where a driver is authorised who has yet to plug in: the state does not know of that.
    """
    others = [targets(state, r) for r in state.reservations if r.id != reservation.id]
    left = free(state) - spoken
    return served([*others, targets(state, reservation)], left) > served(others, left)


def needed(
    state: StationState, evse: int, reservations: Iterable[Reservation], spoken: frozenset[int] = frozenset()
) -> bool:
    """Tell whether an EVSE has to be kept for reservations, though somebody's cable may be in it; else as ``fits``."""
    wanted = [targets(state, reservation) for reservation in reservations]
    left = free(state) - spoken
    return served(wanted, left | {evse}) > served(wanted, left - {evse})


def claims(
    state: StationState, evse: int, now: datetime, spoken: frozenset[int] = frozenset()
) -> tuple[bool, tuple[Reservation, ...]]:
    """Whether an EVSE is kept from those who have not reserved it, and what can be used there; else as ``fits``."""
    live = tuple(r for r in state.reservations if r.expires_at > now)
    usable = tuple(
        r
        for r in live
        if evse in targets(state, r) and not needed(state, evse, [other for other in live if other is not r], spoken)
    )
    return bool(live) and needed(state, evse, live, spoken), usable


def _only_plugged(state: StationState, connector: ConnectorState) -> bool:
    """True where there is a cable, and nobody has been authorised."""
    running = state.transaction_at(connector.evse)
    return connector.reported is ConnectorStatus.OCCUPIED and (running is None or running.token is None)


def with_reserved(state: StationState, at: datetime) -> StationState:
    """The state with all connectors shown as reserved that are, and no others (H01.FR.20, H01.FR.23, H01.FR.24).

    A station with transactions of its own says so itself.
    """
    if Capability.BOX_SESSIONS not in state.capabilities:
        return state
    kept = {evse for evse in state.evses() if state.reservations and needed(state, evse, state.reservations)}
    for connector in state.connectors:
        if connector.held and not (connector.evse in kept and _only_plugged(state, connector)):
            state = state.with_connector(replace(connector, held=False))
        if connector.reported in _FREE:
            wanted = ConnectorStatus.RESERVED if connector.evse in kept else ConnectorStatus.AVAILABLE
            if connector.reported is not wanted:
                state = state.with_connector(replace(connector, reported=wanted, at=at))
    return state
