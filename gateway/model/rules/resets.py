"""Resets of the station and of one EVSE: which transactions they end, and what waits for idleness (B11, B12)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.model.changes import ConnectorStatusChanged
from gateway.model.commands import ResetKind
from gateway.model.ids import Place
from gateway.model.rules.connectors import status_of
from gateway.model.rules.context import Applied
from gateway.model.transactions import STOPPED_BY_RESET

if TYPE_CHECKING:
    from datetime import datetime

    from gateway.model.commands import Reset
    from gateway.model.station import StationState
    from gateway.model.transactions import StopCause


def has_to_wait(state: StationState, command: Reset) -> bool:
    """True for a reset that waits for the end of a transaction (B12.FR.01, B12.FR.07)."""
    evse = command.place.evse
    return command.kind is ResetKind.ON_IDLE and any(evse in {0, t.evse} for t in state.transactions)


def waiting(state: StationState, command: Reset) -> Applied:
    """Note that a reset waits."""
    evse = command.place.evse
    if not evse:
        return Applied(state=replace(state, reset=command.kind, reset_due=True))
    return Applied(state=replace(state, evses_due=tuple(sorted({*state.evses_due, evse}))))


def due(state: StationState) -> tuple[int, ...]:
    """The EVSEs (0: the station) whose reset has waited long enough; none while the station is away."""
    if not state.reachable:
        return ()
    if state.reset_due:
        return () if state.transactions else (0,)
    return tuple(evse for evse in state.evses_due if state.transaction_at(evse) is None)


def begun(state: StationState, command: Reset) -> Applied:
    """A reset is about to be asked for: what runs is about to end by it."""
    evse = command.place.evse
    running = _caused(state, evse, None, STOPPED_BY_RESET)
    left = tuple(each for each in state.evses_due if evse not in {0, each})
    if evse:
        return replace(running, state=replace(running.state, evses_due=left))
    # Only a reset that had to wait is a scheduled one (BootReasonEnumType).
    kind = command.kind if state.reset_due else ResetKind.IMMEDIATE
    return replace(running, state=replace(running.state, reset=kind, reset_due=False, evses_due=left))


def refused(state: StationState, command: Reset) -> Applied:
    """The reset is not done."""
    running = _caused(state, command.place.evse, STOPPED_BY_RESET, None)
    if command.place.evse:
        return running
    return replace(running, state=replace(running.state, reset=None, reset_due=False))


def evse_restarted(state: StationState, place: Place, at: datetime) -> Applied:
    """An EVSE has been reset by itself: the CSMS hears how its connectors are."""
    told = tuple(
        ConnectorStatusChanged(
            place=Place(station=state.id, evse=c.evse, connector=c.connector), at=at, status=status_of(state, c)
        )
        for c in state.connectors
        if c.evse == place.evse
    )
    return Applied(state=state, changes=told)


def _caused(state: StationState, evse: int, old: StopCause | None, new: StopCause | None) -> Applied:
    """Note for every running transaction of an EVSE (0: of the station) why it is about to end, or that it is not."""
    changed = tuple(
        replace(t, stop_cause=new) for t in state.transactions if t.stop_cause == old and evse in {0, t.evse}
    )
    for transaction in changed:
        state = state.with_transaction(transaction)
    return Applied(state=state, transactions=changed)
