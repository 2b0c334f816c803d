"""Steps of a running transaction: a token, a state of charging; and the remote starts that a token answers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.model.changes import Phase, TransactionChanged
from gateway.model.metering import gives_key
from gateway.model.rules.context import Applied, Context
from gateway.model.rules.reservations import used_by
from gateway.model.transactions import (
    STOPPED_BY_DRIVER,
    STOPPED_BY_TIMEOUT,
    STOPPED_DEAUTHORIZED,
    ChargingState,
    StopCause,
    TriggerReason,
)

if TYPE_CHECKING:
    from datetime import datetime

    from gateway.model.events import TransactionUpdated
    from gateway.model.readings import Sample
    from gateway.model.station import RemoteStart, StationState
    from gateway.model.tokens import Token
    from gateway.model.transactions import Transaction

_ENDED = {
    TriggerReason.STOP_AUTHORIZED: STOPPED_BY_DRIVER,
    TriggerReason.DEAUTHORIZED: STOPPED_DEAUTHORIZED,
    TriggerReason.EV_CONNECT_TIMEOUT: STOPPED_BY_TIMEOUT,
}
"""Triggers of a step that ends the authorization and not the transaction. A remote stop is noted before it is asked for."""


def updated(state: StationState, event: TransactionUpdated, context: Context) -> Applied:
    """Take a step of a transaction: a token, a state of charging, or both.

    A token that comes after the start may be one that a remote start waits for; the transaction then gets its id.
    """
    before = state.transaction_by_number(event.number)
    if before is None:
        return Applied(state=state)
    at = context.plausible(event.at, not_before=before.started_at)
    # The token that ends the authorization may be another of the same group, and starts nothing (E07.FR.02).
    token = None if event.trigger is TriggerReason.STOP_AUTHORIZED else event.token
    start = pending_start(state, before.evse, token, at) if token is not None else None
    reservation = before.reservation if event.reservation is None else event.reservation
    if token is not None and reservation is None:
        reservation = used_by(state, before.evse, token, at)
    charging = event.charging_state or before.charging_state
    meter_last = before.meter_last
    for sample in event.samples:
        meter_last = latest_energy(sample, meter_last)
    phases = new_phases(before, charging, event.phases)
    after = replace(
        before,
        seq_no=before.seq_no + 1,
        last_at=max(at, before.last_at),
        token=token or before.token,
        charging_state=charging,
        charging_told=before.charging_told or (event.charging_state is not None and not event.by_box),
        phases=phases or before.phases,
        meter_last=meter_last,
        remote_start_id=start.id if start else before.remote_start_id,
        reservation=reservation,
        key_given=before.key_given or gives_key(event.samples),
        stop_cause=_stop_cause(before, event),
    )
    change = TransactionChanged(
        station=state.id,
        phase=Phase.UPDATED,
        transaction=after,
        seq_no=before.seq_no,
        at=at,
        trigger=TriggerReason.REMOTE_START if start else event.trigger,
        offline=context.offline(at),
        samples=event.samples,
        token=event.token,
        # The cable is in by now (E01.FR.16).
        with_evse=before.charging_state is ChargingState.IDLE and charging is not ChargingState.IDLE,
        with_ids=start is not None or reservation != before.reservation,
        charging_state=charging if charging is not before.charging_state else None,
        phases=phases,
    )
    kept = replace(
        state.with_transaction(after),
        remote_starts=others_than(state, start) if start else state.remote_starts,
        reservations=tuple(r for r in state.reservations if reservation is None or r.id != reservation),
    )
    return Applied(state=kept, changes=(change,), transactions=(after,))


def _stop_cause(before: Transaction, event: TransactionUpdated) -> StopCause | None:
    """Why the transaction is about to end: kept, so that a restart of the box does not take its token for good again."""
    cause = event.cause or _ENDED.get(event.trigger)
    if cause is not None:
        return before.stop_cause or cause
    return None if event.token is not None else before.stop_cause


def pending_start(state: StationState, evse: int, token: Token, at: datetime) -> RemoteStart | None:
    """The accepted remote start that this is: same EVSE and token, else same token; never one asked for later.

    The latest, where several are: it has taken the place of the others.
    """
    same = [
        start
        for start in reversed(state.remote_starts)
        if start.token.same_as(token) and start.expires_at >= at >= start.earliest
    ]
    return next((start for start in same if start.evse == evse), None) or next(iter(same), None)


def others_than(state: StationState, used: RemoteStart) -> tuple[RemoteStart, ...]:
    """The remote starts that still wait when one has been used: not those whose place it has taken."""
    return tuple(s for s in state.remote_starts if s.evse != used.evse or not s.token.same_as(used.token))


def new_phases(transaction: Transaction, charging: ChargingState, phases: int | None) -> int | None:
    """The number of phases in use, where it is to be told: energy flows, and it is another than before."""
    return phases if charging is ChargingState.CHARGING and phases != transaction.phases else None


def latest_energy(sample: Sample, before: float | None) -> float | None:
    """The import register in Wh after a sample, if one of them has it."""
    energy = sample.energy()
    return before if energy is None else energy
