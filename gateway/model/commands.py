"""What the backend or the box asks of a station, and how the station answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from gateway.model.evse import Closure
    from gateway.model.ids import Place
    from gateway.model.tokens import Authorization, Token
    from gateway.model.transactions import StopCause


class Verdict(StrEnum):
    """How a command ended. A refusal is a verdict, never an exception."""

    ACCEPTED = "accepted"
    SCHEDULED = "scheduled"
    REBOOT_REQUIRED = "reboot-required"
    REJECTED = "rejected"
    FAULTED = "faulted"
    OCCUPIED = "occupied"
    UNAVAILABLE = "unavailable"
    UNKNOWN = "unknown"  # what the command names is not known: vendor, variable, transaction
    UNKNOWN_MESSAGE = "unknown-message"
    UNSUPPORTED = "unsupported"
    VERSION_MISMATCH = "version-mismatch"
    UNREACHABLE = "unreachable"
    UNANSWERED = "unanswered"  # it was asked; what it made of that is not known


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The answer to a command; ``reason`` is for the log and statusInfo, ``data`` is what the station returned."""

    verdict: Verdict
    reason: str = ""
    data: str | None = None

    @property
    def accepted(self) -> bool:
        """True where the station does, or will do, what was asked."""
        return self.verdict in {Verdict.ACCEPTED, Verdict.SCHEDULED, Verdict.REBOOT_REQUIRED}


ACCEPTED = Outcome(verdict=Verdict.ACCEPTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class StartCharging:
    """Start a transaction at ``place`` (evse 0: any). ``expires_at``: when an unused start lapses.

    ``group`` is the token's, if the backend has told it.
    """

    place: Place
    token: Token
    remote_start_id: int
    expires_at: datetime
    group: Token | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PresentToken:
    """Take a token that a driver gives at an EVSE elsewhere than at a reader; Accepted where it starts or ends a session."""

    place: Place
    token: Token


@dataclass(frozen=True, slots=True, kw_only=True)
class StopCharging:
    """Stop a running transaction; ``number`` is how 1.x stations know it."""

    station: str
    transaction: str
    number: int
    cause: StopCause


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlock:
    """Unlock the retention lock of a connector."""

    place: Place


class ResetKind(StrEnum):
    """ResetEnumType (OCPP 2.0.1 Part 2, 3.75)."""

    IMMEDIATE = "Immediate"
    ON_IDLE = "OnIdle"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset:
    """Restart the station (evse 0) or one EVSE."""

    place: Place
    kind: ResetKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAvailability:
    """Make a connector, an EVSE or the station operative or not.

    ``closure``: it is for a reason of the box's own; what the CSMS has set stays beside it.
    """

    place: Place
    operative: bool
    closure: Closure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearTokens:
    """Empty the station's own authorization cache."""

    station: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadVariables:
    """Have the adapter report the station's own settings as ``VariablesReported``.

    ``keys``: only these; of a single one the outcome's ``data`` is the value, None where the station does not tell it.
    """

    station: str
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SetVariable:
    """Change a setting that the station itself holds; ``key`` is the station's own name for it."""

    station: str
    key: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve:
    """Reserve an EVSE for a token; evse 0: any of ``among``, or (empty) any at all."""

    place: Place
    reservation: int
    token: Token
    group: Token | None
    expires_at: datetime
    among: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelReservation:
    """Drop a reservation."""

    station: str
    reservation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalListEntry:
    """A token and what is known of it; ``authorization`` None removes it."""

    token: Token
    authorization: Authorization | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SendLocalList:
    """Replace (``full``) or change the station's own list of tokens."""

    station: str
    version: int
    full: bool
    entries: tuple[LocalListEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadLocalListVersion:
    """Ask for the version of the station's own list; the outcome's ``data`` is the number."""

    station: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateFirmware:
    """Have the station fetch and install firmware from ``location`` (URL) at ``at``.

    ``install_at``, ``certificate`` (PEM) and ``signature`` (Base64) are for a station that verifies signed firmware.
    """

    station: str
    request_id: int
    location: str
    at: datetime
    install_at: datetime | None = None
    certificate: str = ""
    signature: str = ""
    retries: int | None = None
    retry_interval: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadLog:
    """Have the station upload its diagnostics to ``location`` (URL); ``data`` of the outcome is the file name."""

    station: str
    request_id: int
    location: str
    start: datetime | None = None
    stop: datetime | None = None
    retries: int | None = None
    retry_interval: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorRequest:
    """A vendor's own request; ``data`` of the outcome is the answer."""

    station: str
    vendor: str
    message: str | None = None
    data: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLimit:
    """Let an EVSE (evse 0: each) draw no more than ``current``, in A per phase; 0 pauses, None takes the limit back."""

    place: Place
    current: float | None


class Report(StrEnum):
    """What a station can be asked to tell again (TriggerMessage)."""

    BOOT = "boot"
    STATUS = "status"
    METER_VALUES = "meter-values"
    FIRMWARE = "firmware"
    LOG = "log"


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerReport:
    """Have the station tell something again; the report comes as an event of its own."""

    place: Place
    report: Report


Command = (
    StartCharging
    | PresentToken
    | StopCharging
    | Unlock
    | Reset
    | ChangeAvailability
    | ClearTokens
    | ReadVariables
    | SetVariable
    | Reserve
    | CancelReservation
    | SendLocalList
    | ReadLocalListVersion
    | UpdateFirmware
    | UploadLog
    | VendorRequest
    | SetLimit
    | TriggerReport
)


def station_of(command: Command) -> str:
    """The station that a command is for."""
    return command.station if hasattr(command, "station") else command.place.station
