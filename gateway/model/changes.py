"""What has changed in the model: the hub's word to the OCPP profiles."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from gateway.model.device.variable import VariableRef
    from gateway.model.events import FirmwareStatus, LogStatus
    from gateway.model.evse import ConnectorStatus, Fault
    from gateway.model.ids import Place
    from gateway.model.readings import Sample
    from gateway.model.station import HeldLimit
    from gateway.model.tokens import Token
    from gateway.model.transactions import ChargingState, StoppedReason, Transaction, TriggerReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What a change follows from: what a variable tells, or (``over``) that it tells so no more."""

    variable: VariableRef
    over: bool = False


class BootReason(StrEnum):
    """BootReasonEnumType (OCPP 2.0.1 Part 2, 3.6)."""

    APPLICATION_RESET = "ApplicationReset"
    FIRMWARE_UPDATE = "FirmwareUpdate"
    LOCAL_RESET = "LocalReset"
    POWER_UP = "PowerUp"
    REMOTE_RESET = "RemoteReset"
    SCHEDULED_RESET = "ScheduledReset"
    TRIGGERED = "Triggered"
    UNKNOWN = "Unknown"
    WATCHDOG = "Watchdog"


@dataclass(frozen=True, slots=True, kw_only=True)
class StationRestarted:
    """The station has booted; the backend has to be told with this reason."""

    station: str
    at: datetime
    reason: BootReason


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorStatusChanged:
    """A connector has a new status."""

    place: Place
    at: datetime
    status: ConnectorStatus
    cause: Cause | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultChanged:
    """A fault has come or gone."""

    place: Place
    at: datetime
    fault: Fault
    active: bool
    cause: Cause | None = None


class Phase(StrEnum):
    """TransactionEventEnumType (OCPP 2.0.1 Part 2, 3.90)."""

    STARTED = "Started"
    UPDATED = "Updated"
    ENDED = "Ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionChanged:
    """One step of a transaction, ready to be told.

    ``transaction`` is its state after the step. ``token`` and ``evse`` (with ``connector``) are set only where the step
    has to carry them (E03.FR.01, E07.FR.02, E01.FR.16). ``with_ids`` says that the ids of a remote start or a reservation
    have come after the start. ``charging_state`` is set where it changed, and at the start; ``phases``, the number of
    phases in use, where it is known and has changed (E02.FR.18, E02.FR.19).
    """

    station: str
    phase: Phase
    transaction: Transaction
    seq_no: int
    at: datetime
    trigger: TriggerReason
    offline: bool
    samples: tuple[Sample, ...] = ()
    token: Token | None = None
    with_evse: bool = False
    with_ids: bool = False
    charging_state: ChargingState | None = None
    phases: int | None = None
    reason: StoppedReason | None = None
    requested: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplesTaken:
    """Readings outside any transaction; ``asked``: whoever has asked for them tells them, and nobody else does."""

    place: Place
    samples: tuple[Sample, ...]
    asked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmwareProgressed:
    """A firmware update goes on; ``request_id`` None: one that the backend has not asked for."""

    station: str
    at: datetime
    status: FirmwareStatus
    request_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogProgressed:
    """An upload of diagnostics goes on; ``request_id`` None: one that the backend has not asked for."""

    station: str
    at: datetime
    status: LogStatus
    request_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationEnded:
    """A reservation has ended without being used or cancelled."""

    station: str
    at: datetime
    reservation: int
    expired: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityNoticed:
    """A security event that the backend is to hear of (SecurityEventNotification, A04)."""

    station: str
    at: datetime
    type: str
    info: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitChanged:
    """A limit that is not the backend's has come (``old`` None), changed, or gone (``new`` None)."""

    place: Place
    at: datetime
    old: HeldLimit | None
    new: HeldLimit | None


Change = (
    StationRestarted
    | ConnectorStatusChanged
    | FaultChanged
    | TransactionChanged
    | SamplesTaken
    | FirmwareProgressed
    | LogProgressed
    | ReservationEnded
    | SecurityNoticed
    | LimitChanged
)
