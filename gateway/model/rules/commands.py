"""What a command leaves in the state: before the station is asked, and after it has answered.

The intent comes first, because the station may report the effect before it answers the command.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.model.commands import (
    CancelReservation,
    ChangeAvailability,
    Command,
    Outcome,
    Reserve,
    Reset,
    StartCharging,
    StopCharging,
    UpdateFirmware,
    UploadLog,
    Verdict,
)
from gateway.model.events import FirmwareStatus, LogStatus
from gateway.model.rules import resets
from gateway.model.rules.connectors import availability_changed
from gateway.model.rules.context import Applied
from gateway.model.rules.reservations import released, reserved, settled, without_lost
from gateway.model.station import FirmwareJob, LogJob, RemoteStart, Reservation
from gateway.model.transactions import STOPPED_BY_MASTER_PASS, STOPPED_DEAUTHORIZED

if TYPE_CHECKING:
    from datetime import datetime

    from gateway.model.station import StationState
    from gateway.model.transactions import StopCause


def without_lapsed_starts(state: StationState, now: datetime) -> Applied:
    """Drop the starts that were asked for and never came."""
    return Applied(state=replace(state, remote_starts=tuple(s for s in state.remote_starts if s.expires_at > now)))


def intend(state: StationState, command: Command, now: datetime) -> Applied:
    """Note what is about to be asked of the station."""
    match command:
        case StartCharging():
            start = RemoteStart(
                id=command.remote_start_id,
                evse=command.place.evse,
                token=command.token,
                expires_at=command.expires_at,
                asked_at=now,
            )
            live = without_lapsed_starts(state, now).state.remote_starts
            return Applied(state=replace(state, remote_starts=(*live, start)))
        case StopCharging():
            return _stop(state, command.transaction, command.cause)
        case Reset():
            return resets.begun(state, command)
        case UpdateFirmware() if _of_the_box(state, command):
            return Applied(state=state)
        case UpdateFirmware():
            before = replace(state.firmware, before=None) if state.firmware else None
            update = FirmwareJob(request_id=command.request_id, status=FirmwareStatus.IDLE, before=before)
            return Applied(state=replace(state, firmware=update))
        case UploadLog():
            former = replace(state.log, before=None) if state.log else None
            upload = LogJob(request_id=command.request_id, status=LogStatus.UPLOADING, before=former)
            return Applied(state=replace(state, log=upload))
        case _:
            return Applied(state=state)


def _of_the_box(state: StationState, command: UpdateFirmware) -> bool:
    """True for the last step of an update that the box itself leads."""
    return state.firmware is not None and state.firmware.by_box and state.firmware.request_id == command.request_id


def _stop(state: StationState, transaction_id: str, cause: StopCause | None) -> Applied:
    transaction = state.transaction(transaction_id)
    if transaction is None:
        return Applied(state=state)
    changed = replace(transaction, stop_cause=cause)
    return Applied(state=state.with_transaction(changed), transactions=(changed,))


def master_stops(state: StationState, evse: int = 0) -> tuple[StopCharging, ...]:
    """What a master pass asks for: that everything on an EVSE (0: on all of them) is stopped (C16.FR.07)."""
    return tuple(
        StopCharging(station=state.id, transaction=each.id, number=each.number, cause=STOPPED_BY_MASTER_PASS)
        for each in state.transactions
        if evse in {0, each.evse}
    )


def settle(state: StationState, command: Command, outcome: Outcome, now: datetime) -> Applied:
    """Note how the station has answered.

    One that was asked and gave no answer may have done it all the same: its next report tells, and then has to be known
    for what it is.
    """
    if outcome.verdict is Verdict.UNANSWERED and isinstance(command, StartCharging | StopCharging | Reset):
        return Applied(state=state)
    if not outcome.accepted:
        return _undone(state, command)
    return settled(_done(state, command, now, later=outcome.verdict is Verdict.SCHEDULED), now)


def _done(state: StationState, command: Command, now: datetime, *, later: bool) -> Applied:
    match command:
        case ChangeAvailability():
            return without_lost(availability_changed(state, command, now, later=later), now)
        case Reserve():
            held = Reservation(
                id=command.reservation,
                evse=command.place.evse,
                token=command.token,
                group=command.group,
                expires_at=command.expires_at,
                among=command.among,
            )
            return reserved(state, held, now)
        case CancelReservation():
            return released(state, command.reservation, now)
        case UpdateFirmware() if state.firmware is not None and not _of_the_box(state, command):
            return Applied(state=replace(state, firmware=replace(state.firmware, before=None)))
        case UploadLog() if state.log is not None:
            return Applied(state=replace(state, log=replace(state.log, before=None)))
        case _:
            return Applied(state=state)


def _undone(state: StationState, command: Command) -> Applied:
    match command:
        case StartCharging():
            left = tuple(s for s in state.remote_starts if s.id != command.remote_start_id)
            return Applied(state=replace(state, remote_starts=left))
        case StopCharging():
            # A station that was told at the start that the token is not good stops by itself, and refuses to stop again.
            kept = command.cause if command.cause == STOPPED_DEAUTHORIZED else None
            return _stop(state, command.transaction, kept)
        case Reset():
            return resets.refused(state, command)
        case UpdateFirmware() if not _of_the_box(state, command):
            return Applied(state=replace(state, firmware=state.firmware.before if state.firmware else None))
        case UploadLog():
            return Applied(state=replace(state, log=state.log.before if state.log else None))
        case _:
            return Applied(state=state)
