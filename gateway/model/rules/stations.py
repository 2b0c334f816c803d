"""Boot, firmware and diagnostics of a station."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.model.changes import BootReason, FirmwareProgressed, LogProgressed, SecurityNoticed, StationRestarted
from gateway.model.commands import ResetKind
from gateway.model.events import FirmwareStatus, LogStatus
from gateway.model.rules.context import Applied
from gateway.model.station import Capability

if TYPE_CHECKING:
    from datetime import datetime

    from gateway.model.events import StationBooted
    from gateway.model.station import StationState

UPDATED = "FirmwareUpdated"
"""Security event (Part 2 Appendices, 1)."""

_UPDATING = {
    FirmwareStatus.DOWNLOADED,
    FirmwareStatus.INSTALLING,
    FirmwareStatus.INSTALL_REBOOTING,
    FirmwareStatus.INSTALL_SCHEDULED,
    FirmwareStatus.SIGNATURE_VERIFIED,
}
_BUSY = {FirmwareStatus.DOWNLOADING, FirmwareStatus.DOWNLOAD_PAUSED, *_UPDATING}
_HANDED_ON = {FirmwareStatus.INSTALLING, FirmwareStatus.INSTALL_REBOOTING}
"""Of an update that the box has fetched: the station has been told to install it."""
_FAILED_THERE = {FirmwareStatus.INSTALLATION_FAILED, FirmwareStatus.INSTALL_VERIFICATION_FAILED}
_DONE = {
    FirmwareStatus.INSTALLED,
    FirmwareStatus.INSTALLATION_FAILED,
    FirmwareStatus.INSTALL_VERIFICATION_FAILED,
    FirmwareStatus.INVALID_SIGNATURE,
    FirmwareStatus.DOWNLOAD_FAILED,
}


def booted(state: StationState, event: StationBooted) -> Applied:
    """Take a BootNotification.

    Stations also send one when only their address has changed (OCPP-S 1.6, 7.1): a boot in the middle of a transaction
    that nobody asked for, of a station that is what it was, is not told as a restart.
    """
    if state.identity == event.identity and state.transactions and state.reset is None:
        return Applied(state=state)
    updated = state.identity is not None and state.identity.firmware != event.identity.firmware
    reason = _reason(state, updated=updated)
    changes: list[FirmwareProgressed | SecurityNoticed] = []
    firmware = state.firmware
    if firmware is not None and updated and firmware.status in (_HANDED_ON if firmware.by_box else _UPDATING):
        # It came back with other firmware and never said that it had installed it.
        changes += _told(state, event.at, FirmwareStatus.INSTALLED, firmware.request_id)
        firmware = replace(firmware, status=FirmwareStatus.INSTALLED)
    after = replace(
        state,
        identity=event.identity,
        reset=None,
        reset_due=False,
        evses_due=(),
        remote_starts=(),
        firmware=firmware,
    )
    return Applied(state=after, changes=(StationRestarted(station=state.id, at=event.at, reason=reason), *changes))


def _reason(state: StationState, *, updated: bool) -> BootReason:
    if updated and state.firmware is not None:
        return BootReason.FIRMWARE_UPDATE
    if state.reset is None:
        return BootReason.POWER_UP
    return BootReason.SCHEDULED_RESET if state.reset is ResetKind.ON_IDLE else BootReason.REMOTE_RESET


def firmware_progressed(state: StationState, at: datetime, status: FirmwareStatus, own: int | None = None) -> Applied:
    """The station tells how its firmware update goes. What follows a success is of an update that nobody asked for.

    After a failure a station may try again; what it has said before is no news.

    Args:
        state: Of the station.
        at: When.
        status: What is told.
        own: The requestId, where it is the box that tells of its own part; None for what the station says.
    """
    job = state.firmware
    if own is not None and (job is None or job.request_id != own):
        return Applied(state=state)
    if own is None and job is not None and job.by_box and job.status is not FirmwareStatus.INSTALLED:
        meant = _handed_on(job.status, status)
        if meant is None:
            return Applied(state=state)
        status = meant
    if job is None or (job.status is FirmwareStatus.INSTALLED and status is not FirmwareStatus.INSTALLED):
        unasked = FirmwareProgressed(station=state.id, at=at, status=status, request_id=None)
        return Applied(state=state, changes=(unasked,))
    if job.status is status:
        return Applied(state=state)
    news = _told(state, at, status, job.request_id)
    return Applied(state=replace(state, firmware=replace(job, status=status)), changes=news)


def _told(
    state: StationState, at: datetime, status: FirmwareStatus, request_id: int
) -> tuple[FirmwareProgressed | SecurityNoticed, ...]:
    """A status; a success is a security event (L01.FR.31), which a station with the security extension tells itself."""
    news = FirmwareProgressed(station=state.id, at=at, status=status, request_id=request_id)
    if status is not FirmwareStatus.INSTALLED or Capability.SIGNED_FIRMWARE in state.capabilities:
        return (news,)
    return news, SecurityNoticed(station=state.id, at=at, type=UPDATED)


def _handed_on(now: FirmwareStatus, said: FirmwareStatus) -> FirmwareStatus | None:
    """What a station's word means for an update that the box has fetched; None: nothing.

    It downloads from the box, which the backend need not know; when it cannot, the update has failed.
    """
    if now not in _HANDED_ON and now not in _FAILED_THERE:
        return None
    if said is FirmwareStatus.DOWNLOAD_FAILED:
        return FirmwareStatus.INSTALLATION_FAILED
    return said if said in {*_HANDED_ON, *_FAILED_THERE, FirmwareStatus.INSTALLED} else None


def log_progressed(state: StationState, at: datetime, status: LogStatus) -> Applied:
    """The station tells how its upload of diagnostics goes; as with firmware."""
    job = state.log
    if job is None or (job.status is LogStatus.UPLOADED and status is not LogStatus.UPLOADED):
        unasked = LogProgressed(station=state.id, at=at, status=status, request_id=None)
        return Applied(state=state, changes=(unasked,))
    if job.status is status:
        return Applied(state=state)
    news = LogProgressed(station=state.id, at=at, status=status, request_id=job.request_id)
    return Applied(state=replace(state, log=replace(job, status=status)), changes=(news,))


def firmware_idle(state: StationState) -> bool:
    """True when no firmware update runs (F06.FR.16)."""
    return state.firmware is None or state.firmware.status in _DONE


def firmware_busy(state: StationState) -> bool:
    """True while the station is known to load or install firmware: not while it, or the box, only has an order to."""
    job = state.firmware
    return job is not None and job.status in (_HANDED_ON if job.by_box else _BUSY)


def log_idle(state: StationState) -> bool:
    """True when no upload of diagnostics runs (F06.FR.15)."""
    return state.log is None or state.log.status is not LogStatus.UPLOADING
