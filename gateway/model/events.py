"""What adapters report. Times are aware UTC; energies of a transaction are in Wh."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from gateway.model.transactions import ChargingState

if TYPE_CHECKING:
    from datetime import datetime

    from gateway.model.charging import ChargingSchedule, LimitSource
    from gateway.model.device.variable import VariableRef
    from gateway.model.evse import ConnectorStatus, Fault
    from gateway.model.ids import Place
    from gateway.model.limits.reason import LimitReason
    from gateway.model.readings import Sample
    from gateway.model.station import Capability, StationIdentity
    from gateway.model.tokens import Token
    from gateway.model.transactions import StopCause, TriggerReason


@dataclass(frozen=True, slots=True, kw_only=True)
class StationFound:
    """The station answers or calls: after start, again after ``StationLost``, or from elsewhere.

    ``callback`` is where it is to be called, "" if that is not known (any more than before).
    """

    station: str
    at: datetime
    capabilities: frozenset[Capability]
    callback: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvseRestarted:
    """An EVSE that was reset by itself is there again."""

    place: Place
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StationLost:
    """Nothing has been heard from the station for longer than it may be silent."""

    station: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StationBooted:
    """The station has started and says what it is."""

    station: str
    at: datetime
    identity: StationIdentity


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorChanged:
    """A report of a connector (or, with evse 0, of the station): its status and every fault it has now."""

    place: Place
    at: datetime
    status: ConnectorStatus
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BayChanged:
    """A sensor sees whether a vehicle stands in the parking bay of an EVSE, for the first time or otherwise than before."""

    place: Place
    at: datetime
    occupied: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmChanged:
    """A sensor of the box sees something that keeps drivers away from a place (evse 0: the station), or no longer.

    ``fault``: what the place is Faulted for; None: it is Unavailable. ``source``: the variable that tells so, if one does.
    """

    place: Place
    at: datetime
    holder: str
    active: bool
    fault: Fault | None = None
    source: VariableRef | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionBegan:
    """A transaction has started. ``key`` is equal for repeats of the same report.

    A station that runs its own transactions gives a token, and no more is known. Where the box runs them, ``trigger``
    and ``charging_state`` say what has started it, and the token may come later with ``TransactionUpdated``. ``phases``
    is the number of phases that current flows over, if that is known.
    """

    place: Place
    at: datetime
    token: Token | None
    meter_start: float | None
    key: str
    reservation: int | None = None
    trigger: TriggerReason | None = None
    charging_state: ChargingState = ChargingState.EV_CONNECTED
    samples: tuple[Sample, ...] = ()
    phases: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionUpdated:
    """Something has happened in a transaction; ``charging_state`` and ``phases`` None: as before.

    ``cause`` says why the authorization has ended with it, where ``trigger`` does not. ``by_box``: the state of charging is
    what the box has made of it; the station does not tell it, and readings may show another one.

    It comes from a station that tells its state of charging (OCPP 1.6), or from whoever runs the station's transactions.
    """

    place: Place
    at: datetime
    number: int
    trigger: TriggerReason
    charging_state: ChargingState | None = None
    token: Token | None = None
    samples: tuple[Sample, ...] = ()
    reservation: int | None = None
    phases: int | None = None
    cause: StopCause | None = None
    by_box: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Readings of an EVSE (0: the station); ``number`` names the transaction if the station gave one.

    ``key`` is equal for repeats of the same report; "" where that cannot be told. ``asked``: they were taken because
    somebody wants to know now, who then tells them (``TriggerReport``); they are part of no transaction.
    """

    place: Place
    samples: tuple[Sample, ...]
    number: int | None = None
    key: str = ""
    asked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionEnded:
    """A transaction has ended. ``key`` is equal for repeats of the same report.

    ``cause`` is what the station itself says of the reason; OCPP 1.5 says nothing. ``meter_stop`` is None where nothing
    measures the energy.
    """

    station: str
    at: datetime
    number: int | None
    meter_stop: float | None
    key: str
    token: Token | None = None
    samples: tuple[Sample, ...] = ()
    cause: StopCause | None = None
    charging_state: ChargingState = ChargingState.EV_CONNECTED


@dataclass(frozen=True, slots=True, kw_only=True)
class StationVariable:
    """A setting that the station itself holds: its own key, and what it means in the OCPP 2.0.1 device model.

    ``component`` and ``variable`` name the standard variable that it is, or ``LegacyStation`` and the key. ``evse`` 0:
    of the station as a whole. ``unread``: the station can be told a value and cannot tell one (OCPP 1.2); ``value``
    means nothing then.
    """

    key: str
    component: str
    variable: str
    value: str
    read_only: bool
    variable_instance: str | None = None
    evse: int = 0
    unread: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VariablesReported:
    """The settings that the station holds now; ``complete`` says that it has no others."""

    station: str
    at: datetime
    variables: tuple[StationVariable, ...]
    complete: bool = False


class FirmwareStatus(StrEnum):
    """FirmwareStatusEnumType (OCPP 2.0.1 Part 2, 3.36), as far as it is used."""

    DOWNLOADED = "Downloaded"
    DOWNLOAD_FAILED = "DownloadFailed"
    DOWNLOADING = "Downloading"
    DOWNLOAD_PAUSED = "DownloadPaused"
    DOWNLOAD_SCHEDULED = "DownloadScheduled"  # the box says so of a station that it has told to wait
    INSTALLATION_FAILED = "InstallationFailed"
    INSTALLED = "Installed"
    INSTALLING = "Installing"
    INSTALL_REBOOTING = "InstallRebooting"
    INSTALL_SCHEDULED = "InstallScheduled"
    INSTALL_VERIFICATION_FAILED = "InstallVerificationFailed"
    INVALID_SIGNATURE = "InvalidSignature"
    SIGNATURE_VERIFIED = "SignatureVerified"
    IDLE = "Idle"


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmwareOrdered:
    """The backend wants new firmware on the station, and the box fetches it first; it takes the place of any other."""

    station: str
    at: datetime
    request_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmwareProgress:
    """How a firmware update stands.

    ``request_id`` None: the station says so. Otherwise it is the box's own part of this update; of any other update it
    is no news.
    """

    station: str
    at: datetime
    status: FirmwareStatus
    request_id: int | None = None


class LogStatus(StrEnum):
    """The part of UploadLogStatusEnumType that a 1.x station reports (OCPP 2.0.1 Part 2, 3.95)."""

    BAD_MESSAGE = "BadMessage"
    NOT_SUPPORTED_OPERATION = "NotSupportedOperation"
    PERMISSION_DENIED = "PermissionDenied"
    UPLOADED = "Uploaded"
    UPLOAD_FAILURE = "UploadFailure"
    UPLOADING = "Uploading"
    IDLE = "Idle"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogProgress:
    """How an upload of diagnostics stands."""

    station: str
    at: datetime
    status: LogStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationLapsed:
    """A reservation has ended unused: its time is over (``expired``), or it cannot be kept."""

    station: str
    at: datetime
    reservation: int
    expired: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationUsed:
    """A driver has shown a token that a reservation is for, and may charge as soon as the cable is in (H03.FR.09)."""

    station: str
    at: datetime
    reservation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityReported:
    """The station reports a security event; ``type`` as OCPP names it (Part 2, appendix 1, "Security Events")."""

    station: str
    at: datetime
    type: str
    info: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitImposed:
    """Somebody other than the backend limits an EVSE (evse 0: all of the station together), or does so no more.

    ``holder`` names who does; each holder has one limit at a place. ``source`` is what the backend is told (never CSO);
    None is nobody's: no car is there, or it takes no more, and the backend hears of that by its transaction.
    ``current`` (A per phase) holds all the time, ``schedule`` over time, from now on unless it has a start; of both the
    lower counts. With neither there is no limit any more. ``reason`` is what people are told.
    """

    place: Place
    at: datetime
    holder: str
    current: float | None
    schedule: ChargingSchedule | None = None
    source: LimitSource | None = None
    grid_critical: bool = False
    reason: LimitReason | None = None


Event = (
    StationFound
    | StationLost
    | StationBooted
    | EvseRestarted
    | ConnectorChanged
    | BayChanged
    | AlarmChanged
    | TransactionBegan
    | Measured
    | TransactionUpdated
    | TransactionEnded
    | VariablesReported
    | FirmwareOrdered
    | FirmwareProgress
    | LogProgress
    | ReservationLapsed
    | ReservationUsed
    | SecurityReported
    | LimitImposed
)


def station_of(event: Event) -> str:
    """The station that an event is of."""
    return event.station if hasattr(event, "station") else event.place.station
