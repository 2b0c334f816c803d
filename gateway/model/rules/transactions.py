"""Begin, course and end of transactions that a station runs itself (OCPP 2.0.1 Part 2, E)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.model.changes import ConnectorStatusChanged, Phase, SamplesTaken, TransactionChanged
from gateway.model.events import ConnectorChanged
from gateway.model.evse import ConnectorStatus
from gateway.model.ids import Place
from gateway.model.metering import gives_key
from gateway.model.readings import Context as ReadingContext
from gateway.model.readings import Sample, register
from gateway.model.rules.connectors import connector_changed, status_of
from gateway.model.rules.context import Applied, Context
from gateway.model.rules.reservations import used_by
from gateway.model.rules.steps import latest_energy, new_phases, others_than, pending_start
from gateway.model.station import Capability
from gateway.model.transactions import (
    STOPPED_BY_DRIVER,
    STOPPED_BY_POWER_LOSS,
    STOPPED_UNKNOWN,
    ChargingState,
    StopCause,
    Transaction,
    TriggerReason,
    cause_of_fault,
)

if TYPE_CHECKING:
    from datetime import datetime

    from gateway.model.events import Measured, TransactionBegan, TransactionEnded
    from gateway.model.station import StationState
    from gateway.model.tokens import Token


def began(state: StationState, event: TransactionBegan, context: Context) -> Applied:
    """Take a start. An open transaction on the same EVSE is over: its station lost power before it could tell.

    But not one that started later: then this start is an old one that the station had kept, and its stop is to come.
    """
    at = context.plausible(event.at)
    result = Applied(state=state)
    for left in state.transactions:
        if left.evse == event.place.evse and left.started_at <= at:
            result = result.then(_abandoned(result.state, left, context))
    return result.then(_started(result.state, event, context))


def _started(state: StationState, event: TransactionBegan, context: Context) -> Applied:
    at = context.plausible(event.at)
    start = pending_start(state, event.place.evse, event.token, at) if event.token else None
    # The start's token is the whole one: a station tells the identifier only.
    token = start.token if start else event.token
    reservation = event.reservation
    if reservation is None and event.token is not None:
        reservation = used_by(state, event.place.evse, event.token, at)
    transaction = Transaction(
        id=context.new_id(),
        number=context.new_number(),
        evse=event.place.evse,
        connector=event.place.connector,
        started_at=at,
        last_at=at,
        token=token,
        seq_no=1,
        charging_state=event.charging_state,
        charging_told=event.charging_state is not ChargingState.EV_CONNECTED,
        phases=event.phases,
        meter_start=event.meter_start,
        meter_last=event.meter_start,
        remote_start_id=start.id if start else None,
        reservation=reservation,
        key=event.key,
        key_given=gives_key(event.samples),
    )
    change = TransactionChanged(
        station=state.id,
        phase=Phase.STARTED,
        transaction=transaction,
        seq_no=0,
        at=at,
        trigger=TriggerReason.REMOTE_START if start else event.trigger or TriggerReason.AUTHORIZED,
        offline=context.offline(at),
        samples=event.samples if _chooses(state) else event.samples or _begin(event.meter_start, at),
        token=token,
        with_evse=True,
        charging_state=transaction.charging_state,
        phases=event.phases,
    )
    after = replace(
        state.with_transaction(transaction),
        remote_starts=others_than(state, start) if start else state.remote_starts,
        reservations=tuple(r for r in state.reservations if r.id != reservation),
    )
    # A driver who is authorised and has not plugged in yet occupies nothing.
    waits = event.charging_state is ChargingState.IDLE
    occupied = Applied(state=after) if waits else _occupied(after, event.place, at)
    return Applied(
        state=occupied.state,
        changes=(*occupied.changes, change),
        transactions=(transaction,),
    )


def _begin(meter_start: float | None, at: datetime) -> tuple[Sample, ...]:
    return () if meter_start is None else (register(meter_start, at, ReadingContext.TRANSACTION_BEGIN),)


def _chooses(state: StationState) -> bool:
    """Tell whether the samples of a transaction are those that the variables ask for: where the box runs it."""
    return Capability.BOX_SESSIONS in state.capabilities


def _occupied(state: StationState, place: Place, at: datetime) -> Applied:
    """A transaction runs, so the connector is occupied, whether the station has said so or not."""
    connector = state.connector(place.evse, place.connector)
    if connector is not None and connector.reported not in {ConnectorStatus.AVAILABLE, ConnectorStatus.RESERVED}:
        return Applied(state=state)
    faults = connector.faults if connector is not None else ()
    event = ConnectorChanged(place=place, at=at, status=ConnectorStatus.OCCUPIED, faults=faults)
    return connector_changed(state, event, at)


def measured(state: StationState, event: Measured, context: Context) -> Applied:
    """Take readings: of the transaction that the station names, else of the one that runs on that EVSE.

    What another EVSE or the main meter shows is of no transaction, though its station names one (J02.FR.22).
    """
    transaction = state.transaction_by_number(event.number) if event.number else None
    if transaction is not None and not _is_where(state, transaction, event.place.evse):
        transaction = None
    if transaction is None and event.place.evse:
        transaction = state.transaction_at(event.place.evse)
    if transaction is None or event.asked:
        return outside(state, event, context)
    if event.key and event.key == transaction.sample_key:
        # The station did not see the answer: it has told this before, and tells nothing else until it sees one.
        return Applied(state=state)
    transaction = replace(transaction, sample_key=event.key)
    result = Applied(state=state)
    for sample in event.samples:
        result = result.then(_updated(result.state, transaction, sample, context))
        transaction = result.transactions[-1]
    return replace(result, transactions=result.transactions[-1:])


def _is_where(state: StationState, transaction: Transaction, evse: int) -> bool:
    """Tell whether readings of an EVSE are of a transaction; the only EVSE of a station is all of it."""
    if not evse:
        return len(state.evses()) <= 1 or not transaction.evse
    return transaction.evse in {evse, 0}


def outside(state: StationState, event: Measured, context: Context) -> Applied:
    """Take readings that are of no transaction."""
    samples = tuple(replace(s, at=context.plausible(s.at)) for s in event.samples)
    taken = SamplesTaken(place=event.place, samples=samples, asked=event.asked)
    return Applied(state=state, changes=(taken,) if samples else ())


def _updated(state: StationState, transaction: Transaction, sample: Sample, context: Context) -> Applied:
    at = context.plausible(sample.at, not_before=transaction.started_at)
    # Where the box runs the transaction, or its station tells the state of charging, no readings need be guessed from.
    told = transaction.charging_told or Capability.BOX_SESSIONS in state.capabilities
    charging = transaction.charging_state if told else _charging_state(transaction, sample)
    changed = charging is not transaction.charging_state
    phases = new_phases(transaction, charging, sample.phases_used())
    after = replace(
        transaction,
        seq_no=transaction.seq_no + 1,
        last_at=max(at, transaction.last_at),
        charging_state=charging,
        phases=phases or transaction.phases,
        meter_last=latest_energy(sample, transaction.meter_last),
        key_given=transaction.key_given or gives_key((sample,)),
    )
    clock = any(reading.context is ReadingContext.SAMPLE_CLOCK for reading in sample.readings)
    periodic = TriggerReason.METER_VALUE_CLOCK if clock else TriggerReason.METER_VALUE_PERIODIC
    change = TransactionChanged(
        station=state.id,
        phase=Phase.UPDATED,
        transaction=after,
        seq_no=transaction.seq_no,
        at=at,
        # Where two reasons overlap, the more specific one is given (E02.FR.17).
        trigger=TriggerReason.CHARGING_STATE_CHANGED if changed else periodic,
        offline=context.offline(at),
        samples=(replace(sample, at=at),),
        charging_state=charging if changed else None,
        phases=phases,
    )
    return Applied(state=state.with_transaction(after), changes=(change,), transactions=(after,))


def _charging_state(transaction: Transaction, sample: Sample) -> ChargingState:
    """What the readings show. OCPP 1.5 does not say who suspended, so neither does this (E01.FR.20)."""
    power = sample.power()
    if transaction.charging_state is ChargingState.SUSPENDED_EVSE:
        # The box itself has paused it: energy may be from before, and only what flows now shows otherwise.
        return ChargingState.CHARGING if power else ChargingState.SUSPENDED_EVSE
    if power is not None:
        return ChargingState.CHARGING if power > 0 else ChargingState.EV_CONNECTED
    energy = sample.energy()
    if energy is not None and transaction.meter_last is not None and energy > transaction.meter_last:
        return ChargingState.CHARGING
    return transaction.charging_state


def ended(state: StationState, event: TransactionEnded, context: Context) -> Applied:
    """Take a stop; one for a transaction that the box never saw started is told as a whole (Started and Ended)."""
    transaction = _meant(state, event)
    opened = Applied(state=state)
    if transaction is None:
        opened = _orphan(state, event, context)
        transaction = opened.transactions[-1]
    transaction = replace(transaction, end_key=event.key)
    # The transaction's own token is the whole one: a station tells the identifier only.
    own = transaction.token is not None and transaction.token.same_as(event.token)
    cause = event.cause or transaction.stop_cause or _cause(opened.state, transaction, event)
    at = context.plausible(event.at, not_before=transaction.started_at)
    samples = tuple(
        replace(s, at=context.plausible(s.at, not_before=transaction.started_at)) for s in event.samples if s.readings
    )
    if event.meter_stop is not None:
        end = register(event.meter_stop, at, ReadingContext.TRANSACTION_END)
        samples = samples if _chooses(state) or _told(end, samples) else (*samples, end)
        transaction = replace(transaction, meter_last=event.meter_stop)
    end_of = _finished(
        opened.state,
        transaction,
        cause,
        context,
        at=at,
        samples=samples,
        token=transaction.token if own else event.token,
        charging=event.charging_state,
    )
    return opened.then(end_of)


def _told(own: Sample, samples: tuple[Sample, ...]) -> bool:
    """Tell whether the station's own samples have the one reading of a sample of the box, signed or not."""
    return any(own.readings[0] == replace(reading, signed=None) for sample in samples for reading in sample.readings)


def _meant(state: StationState, event: TransactionEnded) -> Transaction | None:
    """The transaction that a stop means. A number that was never given out (0, -1, none) means the only one open."""
    if event.number is not None and event.number > 0:
        return state.transaction_by_number(event.number)
    fitting = [t for t in state.transactions if event.token is None or event.token.same_as(t.token)]
    candidates = fitting or list(state.transactions)
    return candidates[0] if len(candidates) == 1 else None


def _cause(state: StationState, transaction: Transaction, event: TransactionEnded) -> StopCause:
    """What is known of the reason when the station does not give one."""
    if event.token is not None:
        return STOPPED_BY_DRIVER
    connector = state.connector(transaction.evse, transaction.connector)
    return cause_of_fault(tuple(fault.code for fault in connector.faults)) if connector else STOPPED_UNKNOWN


def _orphan(state: StationState, event: TransactionEnded, context: Context) -> Applied:
    evses = state.evses()
    evse = evses[0] if len(evses) == 1 else 0
    first = min((s.at for s in event.samples), default=event.at)
    at = context.plausible(first)
    begin = next((s.energy() for s in event.samples if s.energy() is not None), None)
    transaction = Transaction(
        id=context.new_id(),
        number=event.number if event.number is not None and event.number > 0 else context.new_number(),
        evse=evse,
        connector=1 if evse else 0,
        started_at=at,
        last_at=at,
        token=event.token,
        seq_no=1,
        meter_start=begin,
        meter_last=begin,
        key=event.key,
        stop_cause=STOPPED_UNKNOWN,
    )
    change = TransactionChanged(
        station=state.id,
        phase=Phase.STARTED,
        transaction=transaction,
        seq_no=0,
        at=at,
        trigger=TriggerReason.AUTHORIZED if event.token else TriggerReason.ABNORMAL_CONDITION,
        offline=True,
        token=event.token,
        with_evse=bool(evse),
        charging_state=transaction.charging_state,
    )
    return Applied(state=state.with_transaction(transaction), changes=(change,), transactions=(transaction,))


def _abandoned(state: StationState, transaction: Transaction, context: Context) -> Applied:
    """End a transaction that its station has forgotten, with what was last known of it."""
    samples: tuple[Sample, ...] = ()
    if transaction.meter_last is not None:
        samples = (register(transaction.meter_last, transaction.last_at, ReadingContext.TRANSACTION_END),)
    cause = transaction.stop_cause or STOPPED_BY_POWER_LOSS
    return _finished(state, transaction, cause, context, at=transaction.last_at, samples=samples, token=None)


def _finished(
    state: StationState,
    transaction: Transaction,
    cause: StopCause,
    context: Context,
    *,
    at: datetime,
    samples: tuple[Sample, ...],
    token: Token | None,
    charging: ChargingState = ChargingState.EV_CONNECTED,
) -> Applied:
    if transaction.meter_start is not None and not _chooses(state):
        begin = register(transaction.meter_start, transaction.started_at, ReadingContext.TRANSACTION_BEGIN)
        samples = samples if _told(begin, samples) else (begin, *samples)
    after = replace(
        transaction,
        seq_no=transaction.seq_no + 1,
        last_at=at,
        ended_at=at,
        charging_state=charging,
        stop_cause=cause,
    )
    change = TransactionChanged(
        station=state.id,
        phase=Phase.ENDED,
        transaction=after,
        seq_no=transaction.seq_no,
        at=at,
        trigger=cause.trigger,
        offline=context.offline(at),
        samples=samples,
        token=token,
        charging_state=after.charging_state if transaction.charging_state is not after.charging_state else None,
        reason=cause.reason,
    )
    return Applied(state=state.with_transaction(after), changes=(change,), transactions=(after,))


def triggered(
    state: StationState,
    id_: str,
    samples: tuple[Sample, ...],
    context: Context,
    trigger: TriggerReason = TriggerReason.TRIGGER,
) -> Applied:
    """Tell a running transaction as it is now: because the backend asks (F06.FR.07), or for another reason."""
    transaction = state.transaction(id_)
    if transaction is None:
        return Applied(state=state)
    after = replace(transaction, seq_no=transaction.seq_no + 1)
    change = TransactionChanged(
        station=state.id,
        phase=Phase.UPDATED,
        transaction=after,
        seq_no=transaction.seq_no,
        at=max(context.now, transaction.started_at),
        trigger=trigger,
        offline=context.online_since is None and trigger is not TriggerReason.TRIGGER,
        # The last sample of the EVSE may be from before.
        samples=tuple(s for s in samples if s.at >= transaction.started_at),
        charging_state=transaction.charging_state,
        requested=trigger is TriggerReason.TRIGGER,
    )
    return Applied(state=state.with_transaction(after), changes=(change,), transactions=(after,))


def status_changes(state: StationState, at: datetime) -> tuple[ConnectorStatusChanged, ...]:
    """The status of every connector, as after a boot (B01.FR.05) or a long time offline (B04.FR.01)."""
    return tuple(
        ConnectorStatusChanged(
            place=Place(station=state.id, evse=c.evse, connector=c.connector), at=at, status=status_of(state, c)
        )
        for c in state.connectors
    )
