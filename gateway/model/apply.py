"""One event applied to the state of its station."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.model import events
from gateway.model.changes import SecurityNoticed
from gateway.model.rules import connectors, limits, reservations, resets, stations, steps, transactions
from gateway.model.rules.context import Applied
from gateway.model.station import FirmwareJob

if TYPE_CHECKING:
    from gateway.model.rules.context import Context
    from gateway.model.station import StationState


def apply(state: StationState, event: events.Event, context: Context) -> Applied:
    """The state after an event, and what has changed by it. Pure; times are made plausible against the box's clock."""
    return reservations.settled(_applied(state, event, context), context.now)


def _applied(state: StationState, event: events.Event, context: Context) -> Applied:
    match event:
        case events.StationFound():
            known = replace(state, capabilities=event.capabilities, callback=event.callback or state.callback)
            return connectors.reachability_changed(known, context.now, reachable=True)
        case events.StationLost():
            return connectors.reachability_changed(state, context.now, reachable=False)
        case events.StationBooted() | events.EvseRestarted():
            return _of_start(state, event, context)
        case events.ConnectorChanged() | events.BayChanged() | events.AlarmChanged():
            return _of_place(state, event, context)
        case events.TransactionBegan() | events.TransactionUpdated() | events.Measured() | events.TransactionEnded():
            return _of_transaction(state, event, context)
        case events.FirmwareOrdered() | events.FirmwareProgress():
            return _of_firmware(state, event, context)
        case events.LogProgress():
            return stations.log_progressed(state, context.plausible(event.at), event.status)
        case events.ReservationLapsed() | events.ReservationUsed():
            return _of_reservation(state, event)
        case events.LimitImposed():
            return limits.imposed(state, event, context.plausible(event.at))
        case events.SecurityReported():
            noticed = SecurityNoticed(
                station=state.id, at=context.plausible(event.at), type=event.type, info=event.info
            )
            return Applied(state=state, changes=(noticed,))
        case events.VariablesReported():
            # Settings are kept in the device model, beside the state.
            return Applied(state=state)


def _of_start(state: StationState, event: events.StationBooted | events.EvseRestarted, context: Context) -> Applied:
    match event:
        case events.StationBooted():
            return stations.booted(state, event)
        case events.EvseRestarted():
            return resets.evse_restarted(state, event.place, context.plausible(event.at))


def _of_reservation(state: StationState, event: events.ReservationLapsed | events.ReservationUsed) -> Applied:
    if isinstance(event, events.ReservationUsed):
        return reservations.released(state, event.reservation, event.at)
    return reservations.lapsed(state, event.reservation, event.at, expired=event.expired)


def _of_place(
    state: StationState, event: events.ConnectorChanged | events.BayChanged | events.AlarmChanged, context: Context
) -> Applied:
    if isinstance(event, events.BayChanged):
        return connectors.bay_changed(state, event)
    at = context.plausible(event.at)
    if isinstance(event, events.AlarmChanged):
        return connectors.alarm_changed(state, event, at)
    return reservations.without_lost(connectors.connector_changed(state, event, at), at)


def _of_firmware(
    state: StationState, event: events.FirmwareOrdered | events.FirmwareProgress, context: Context
) -> Applied:
    if isinstance(event, events.FirmwareOrdered):
        job = FirmwareJob(request_id=event.request_id, status=events.FirmwareStatus.IDLE, by_box=True)
        return Applied(state=replace(state, firmware=job))
    return stations.firmware_progressed(state, context.plausible(event.at), event.status, event.request_id)


def _of_transaction(
    state: StationState,
    event: events.TransactionBegan | events.TransactionUpdated | events.Measured | events.TransactionEnded,
    context: Context,
) -> Applied:
    match event:
        case events.TransactionBegan():
            return transactions.began(state, event, context)
        case events.Measured():
            return transactions.measured(state, event, context)
        case events.TransactionUpdated():
            return steps.updated(state, event, context)
        case events.TransactionEnded():
            return transactions.ended(state, event, context)
