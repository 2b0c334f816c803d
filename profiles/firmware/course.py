"""The course of an update that the box leads (OCPP 2.0.1 Part 2, L01, L02): what is to be done next. Pure.

How far an update is, its status tells, which is durable together with the message about it. So a box that starts again
goes on where it was, and tells nothing twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto
from typing import TYPE_CHECKING

from gateway.model.events import FirmwareStatus

if TYPE_CHECKING:
    from datetime import datetime

    from gateway.model.station import StationState
    from profiles.firmware.order import Order

PATIENCE = timedelta(hours=2)
"""A station that has not installed anything this long after it was told to will not do so."""

_WAITS = {FirmwareStatus.IDLE, FirmwareStatus.DOWNLOAD_SCHEDULED}
_LOADS = {FirmwareStatus.DOWNLOADING, FirmwareStatus.DOWNLOAD_PAUSED}
_READY = {FirmwareStatus.DOWNLOADED, FirmwareStatus.SIGNATURE_VERIFIED, FirmwareStatus.INSTALL_SCHEDULED}
_THERE = {FirmwareStatus.INSTALLING, FirmwareStatus.INSTALL_REBOOTING}


class Step(Enum):
    """What to do."""

    WAIT = auto()
    FETCH = auto()
    VERIFY = auto()
    HAND_OVER = auto()
    GIVE_UP = auto()
    END = auto()


@dataclass(frozen=True, slots=True)
class Next:
    """A step, and the status that is told before it; None: none."""

    step: Step
    status: FirmwareStatus | None = None


def next_step(order: Order, state: StationState, now: datetime) -> Next:
    """What comes next in an update."""
    job = state.firmware
    if job is None or not job.by_box or job.request_id != order.request_id:
        return Next(Step.END)
    if job.status in _WAITS:
        if now < order.retrieve_at:
            return Next(Step.WAIT, FirmwareStatus.DOWNLOAD_SCHEDULED)
        return Next(Step.FETCH, FirmwareStatus.DOWNLOADING)
    if job.status in _LOADS:
        return Next(Step.FETCH, FirmwareStatus.DOWNLOADING)
    if job.status is FirmwareStatus.DOWNLOADED and order.signed:
        return Next(Step.VERIFY)
    if job.status in _READY:
        if _too_early(order, now) or state.transactions or not state.reachable:
            return Next(Step.WAIT, FirmwareStatus.INSTALL_SCHEDULED)
        return Next(Step.HAND_OVER)
    if job.status in _THERE:
        return _at_the_station(order, state, now)
    return Next(Step.END)


def waits_for_transactions(order: Order, state: StationState, now: datetime) -> bool:
    """True while nothing but transactions keep the firmware from being installed (L01.FR.06, L02.FR.03)."""
    job = state.firmware
    if job is None or job.request_id != order.request_id or job.status not in _READY or _too_early(order, now):
        return False
    unverified = order.signed and job.status is FirmwareStatus.DOWNLOADED
    return bool(state.transactions) and not unverified


def _too_early(order: Order, now: datetime) -> bool:
    return order.install_at is not None and now < order.install_at


def _at_the_station(order: Order, state: StationState, now: datetime) -> Next:
    if order.asked_at is not None and now - order.asked_at >= PATIENCE:
        return Next(Step.GIVE_UP, FirmwareStatus.INSTALLATION_FAILED)
    if order.taken or not state.reachable:
        return Next(Step.WAIT)
    return Next(Step.HAND_OVER)
