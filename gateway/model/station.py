"""The state of a station: everything that has to survive a restart of the box, but its transactions' history."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from gateway.model.charging import ChargingSchedule, LimitSource
from gateway.model.commands import ResetKind
from gateway.model.events import FirmwareStatus, LogStatus
from gateway.model.evse import ConnectorState, Fault
from gateway.model.limits.reason import LimitReason
from gateway.model.tokens import Token
from gateway.model.transactions import Transaction

CLOCK_ERROR = timedelta(minutes=5)
"""How wrong a station's clock may be."""


class Capability(StrEnum):
    """What a station can do by itself; what it cannot is done by the box or refused."""

    REMOTE_START = "remote-start"
    REMOTE_STOP = "remote-stop"
    RESET = "reset"
    UNLOCK = "unlock"
    CHANGE_AVAILABILITY = "change-availability"
    CLEAR_CACHE = "clear-cache"
    CONFIGURATION_READ = "configuration-read"
    CONFIGURATION_WRITE = "configuration-write"
    DATA_TRANSFER = "data-transfer"
    LOCAL_LIST = "local-list"
    RESERVATION = "reservation"
    FIRMWARE_UPDATE = "firmware-update"
    SIGNED_FIRMWARE = "signed-firmware"  # it verifies firmware itself
    DIAGNOSTICS = "diagnostics"
    SMART_CHARGING = "smart-charging"
    ON_OFF = "on-off"  # not all of its EVSEs take a limit in A: some can only be let charge or not
    TRIGGER = "trigger"
    PLUG_AND_CHARGE = "plug-and-charge"  # it has ISO 15118, and OCA's extension of OCPP 1.6 for it
    BOX_SESSIONS = "box-sessions"  # it has no transactions of its own: the box runs them


@dataclass(frozen=True, slots=True, kw_only=True)
class StationIdentity:
    """What a station says that it is; "" where it does not say."""

    vendor: str
    model: str
    serial: str = ""
    box_serial: str = ""
    firmware: str = ""
    iccid: str = ""
    imsi: str = ""
    meter_type: str = ""
    meter_serial: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteStart:
    """A start that the station has accepted and not yet begun. ``evse`` 0: any."""

    id: int
    evse: int
    token: Token
    expires_at: datetime
    asked_at: datetime | None = None

    @property
    def earliest(self) -> datetime:
        """The earliest time that a station whose clock is nearly right can give to its start."""
        return self.asked_at - CLOCK_ERROR if self.asked_at else datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """A reservation that the station, or the box for it, holds. ``evse`` 0: any of ``among``, or (empty) any at all."""

    id: int
    evse: int
    token: Token
    group: Token | None
    expires_at: datetime
    among: tuple[int, ...] = ()

    def is_for(self, token: Token, group: Token | None) -> bool:
        """Tell whether a token of a group (None: of none, as far as is known) may use it (H03)."""
        return self.token.same_as(token) or (self.group is not None and self.group.same_as(group))


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmwareJob:
    """The firmware update that the backend has asked for, and how it stands.

    ``before`` is the one that it replaces, until the station has agreed to it. ``by_box``: the box fetches the file and
    hands it to the station, so the station's own download is not the update's.
    """

    request_id: int
    status: FirmwareStatus
    before: FirmwareJob | None = None
    by_box: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LogJob:
    """The upload of diagnostics that the backend has asked for, and how it stands.

    ``before`` is the one that it replaces, until the station has agreed to it.
    """

    request_id: int
    status: LogStatus
    before: LogJob | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldLimit:
    """A limit that somebody other than the backend holds. ``evse`` 0: for all EVSEs together.

    ``current`` (A per phase) holds all the time, ``schedule`` (which has a start) over time; of both the lower counts.
    ``source`` None: nobody limits it, as no car is there or it takes no more. ``reason`` is what people are told.
    """

    holder: str
    evse: int
    current: float | None
    at: datetime
    source: LimitSource | None = None
    grid_critical: bool = False
    schedule: ChargingSchedule | None = None
    reason: LimitReason | None = None

    @property
    def ends_at(self) -> datetime | None:
        """When it limits nothing any more; None: it has no end of its own."""
        this = self.schedule
        if self.current is not None or this is None or this.duration is None:
            return None
        return (this.start or self.at).replace(microsecond=0) + timedelta(seconds=this.duration)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkingBay:
    """The parking bay of an EVSE where a sensor sees it; ``occupied``: a vehicle stands in it."""

    evse: int
    occupied: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StationState:
    """A station as the box knows it.

    ``transactions`` are the open ones; the store keeps the ended. ``reset`` is a reset that has been accepted and is
    not yet seen; ``reset_due`` says that it waits for the last transaction to end, ``evses_due`` are the EVSEs whose own
    reset waits so. ``callback`` is where the adapter calls it.
    """

    id: str
    identity: StationIdentity | None = None
    capabilities: frozenset[Capability] = frozenset()
    reachable: bool = False
    callback: str = ""
    operative: bool = True
    connectors: tuple[ConnectorState, ...] = ()
    transactions: tuple[Transaction, ...] = ()
    remote_starts: tuple[RemoteStart, ...] = ()
    reservations: tuple[Reservation, ...] = ()
    reset: ResetKind | None = None
    reset_due: bool = False
    evses_due: tuple[int, ...] = ()
    firmware: FirmwareJob | None = None
    log: LogJob | None = None
    faults: tuple[Fault, ...] = ()
    limits: tuple[HeldLimit, ...] = ()
    bays: tuple[ParkingBay, ...] = ()

    @property
    def limitable(self) -> bool:
        """True where any of its EVSEs can be held down, or at least be let charge or not."""
        return not self.capabilities.isdisjoint({Capability.SMART_CHARGING, Capability.ON_OFF})

    @property
    def resets_evses(self) -> bool:
        """True where one EVSE can be reset by itself: the box runs it, and begins anew (B11.FR.10)."""
        return {Capability.BOX_SESSIONS, Capability.RESET} <= self.capabilities

    def connector(self, evse: int, connector: int = 1) -> ConnectorState | None:
        """The connector, if the station has it."""
        return next((c for c in self.connectors if c.evse == evse and c.connector == connector), None)

    def bay(self, evse: int) -> bool | None:
        """True while a vehicle stands in the parking bay of an EVSE; None where nothing sees it."""
        return next((bay.occupied for bay in self.bays if bay.evse == evse), None)

    def evses(self) -> tuple[int, ...]:
        """The ids of the station's EVSEs, ascending."""
        return tuple(sorted({c.evse for c in self.connectors}))

    def transaction(self, id_: str) -> Transaction | None:
        """The open transaction with this id."""
        return next((t for t in self.transactions if t.id == id_), None)

    def transaction_by_number(self, number: int) -> Transaction | None:
        """The open transaction that the station knows by this number."""
        return next((t for t in self.transactions if t.number == number), None)

    def transaction_at(self, evse: int) -> Transaction | None:
        """The open transaction on an EVSE: the latest, where a station still has to report the end of an earlier one."""
        return max((t for t in self.transactions if t.evse == evse), key=lambda t: t.started_at, default=None)

    def with_connector(self, changed: ConnectorState) -> StationState:
        """The state with one connector replaced or added."""
        others = [c for c in self.connectors if (c.evse, c.connector) != (changed.evse, changed.connector)]
        return replace(self, connectors=tuple(sorted([*others, changed], key=lambda c: (c.evse, c.connector))))

    def with_transaction(self, changed: Transaction) -> StationState:
        """The state with one open transaction replaced, added, or (when it has ended) taken out."""
        others = tuple(t for t in self.transactions if t.id != changed.id)
        return replace(self, transactions=others if changed.ended_at else (*others, changed))
