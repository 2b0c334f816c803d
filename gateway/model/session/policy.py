"""What steers the sessions of an EVSE: when a transaction starts and stops, and who may charge (Part 2, 2.6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.model.station import Reservation
    from gateway.model.tokens import Token

    Setting = Callable[[str, str], str]
    """``setting(component, variable)`` is the value of a variable, "" if it has none."""

_CONTROLLER = "TxCtrlr"


class TxPoint(StrEnum):
    """The start and stop points that the box offers (Part 2, 2.6.6); it sees no signed data."""

    PARKING_BAY_OCCUPANCY = "ParkingBayOccupancy"  # only where something sees the bay
    EV_CONNECTED = "EVConnected"
    AUTHORIZED = "Authorized"
    POWER_PATH_CLOSED = "PowerPathClosed"
    ENERGY_TRANSFER = "EnergyTransfer"


_DEFAULT_START = frozenset({TxPoint.POWER_PATH_CLOSED})
_DEFAULT_STOP = frozenset({TxPoint.EV_CONNECTED, TxPoint.AUTHORIZED})


def tx_points(value: str) -> frozenset[TxPoint]:
    """The points in a comma separated list; what the box does not offer is left out."""
    offered = {point.value: point for point in TxPoint}
    return frozenset(offered[part] for part in (part.strip() for part in value.split(",")) if part in offered)


class AuthorizationMode(StrEnum):
    """Who may charge at an EVSE."""

    FREE_VEND = "free-vend"  # whoever plugs in
    TOKEN_READER = "token-reader"  # noqa: S105 no secret: who presents an accepted token, or is started by the backend
    CENTRAL = "central"  # only whom the backend starts


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The rules that hold at an EVSE now; they may change from one input to the next.

    Attributes:
        mode: Who may charge.
        start_points: A transaction begins at whichever comes first. None at all counts as PowerPathClosed.
        stop_points: It ends when any of them is no longer so. None at all counts as EVConnected, as nothing would ever
            end it otherwise.
        ev_connection_timeout: How long a driver has to plug in once authorised.
        stop_on_ev_side_disconnect: Unplugging ends the authorization (E09); otherwise it holds until the cable is back
            (E10), as far as the stop points let it.
        stop_on_invalid_id: A token that the backend does not accept ends the authorization; otherwise no energy flows
            any more (E05.FR.02).
        attached_cable: The cable is the station's own: who unplugs and stays away loses the authorization after
            ``ev_connection_timeout`` (E10.FR.02).
        authorizes: Tokens are asked about; otherwise whoever plugs in may charge (AuthCtrlr.Enabled).
        energy_on_invalid_id: Energy in Wh that still flows to a token that is not accepted any more, where it does not
            end the authorization (E05.FR.03).
        masters: There is a master pass, which stops all: whoever presents a token may have it (C16).
        kept: Reservations keep the EVSE from everybody else.
        reservations: Those that can be used here.
        unlocks: The cable is locked in the station, and the box can have the lock opened.
        unlock_on_ev_side_disconnect: Who unplugs at the car gets the cable at once (E09.FR.02); otherwise with the
            token of the transaction (E09.FR.03).
        evse: The EVSE's number, for tokens that are good at some EVSEs only (C01.FR.21); 0: all are taken.
    """

    mode: AuthorizationMode = AuthorizationMode.TOKEN_READER
    start_points: frozenset[TxPoint] = _DEFAULT_START
    stop_points: frozenset[TxPoint] = _DEFAULT_STOP
    ev_connection_timeout: timedelta = timedelta(seconds=60)
    stop_on_ev_side_disconnect: bool = True
    stop_on_invalid_id: bool = True
    attached_cable: bool = False
    authorizes: bool = True
    energy_on_invalid_id: float = 0.0
    masters: bool = False
    kept: bool = False
    reservations: tuple[Reservation, ...] = ()
    unlocks: bool = False
    unlock_on_ev_side_disconnect: bool = True
    evse: int = 0

    @classmethod
    def of(
        cls,
        setting: Setting,
        *,
        mode: AuthorizationMode,
        attached_cable: bool = False,
        unlocks: bool = False,
        evse: int = 0,
    ) -> Policy:
        """The policy that a station's variables make; a variable without a value leaves the default."""
        timeout = setting(_CONTROLLER, "EVConnectionTimeOut")
        return cls(
            mode=mode,
            start_points=tx_points(setting(_CONTROLLER, "TxStartPoint")) or _DEFAULT_START,
            stop_points=tx_points(setting(_CONTROLLER, "TxStopPoint")) or _DEFAULT_STOP,
            ev_connection_timeout=timedelta(seconds=int(timeout)) if timeout else cls().ev_connection_timeout,
            stop_on_ev_side_disconnect=setting(_CONTROLLER, "StopTxOnEVSideDisconnect") != "false",
            stop_on_invalid_id=setting(_CONTROLLER, "StopTxOnInvalidId") != "false",
            attached_cable=attached_cable,
            authorizes=setting("AuthCtrlr", "Enabled") != "false",
            energy_on_invalid_id=float(setting(_CONTROLLER, "MaxEnergyOnInvalidId") or 0),
            unlocks=unlocks and not attached_cable,
            unlock_on_ev_side_disconnect=setting("OCPPCommCtrlr", "UnlockOnEVSideDisconnect") != "false",
            masters=bool(setting("AuthCtrlr", "MasterPassGroupId")),
            evse=evse,
        )

    def reservation_of(self, token: Token, group: Token | None) -> int | None:
        """The reservation that a token uses here: its own before its group's; None if there is none."""
        fitting = [r for r in self.reservations if r.is_for(token, group)]
        fitting.sort(key=lambda r: (not r.token.same_as(token), not r.evse))
        return fitting[0].id if fitting else None

    def admits(self, token: Token, group: Token | None) -> bool:
        """Tell whether reservations let a token charge here (H03)."""
        return not self.kept or self.reservation_of(token, group) is not None

    @property
    def vends(self) -> bool:
        """True where plugging in is all that it takes."""
        return not self.kept and (self.mode is AuthorizationMode.FREE_VEND or not self.authorizes)

    @property
    def starts(self) -> frozenset[TxPoint]:
        """The start points that hold."""
        return self.start_points or _DEFAULT_START

    @property
    def stops(self) -> frozenset[TxPoint]:
        """The stop points that hold."""
        return self.stop_points or frozenset({TxPoint.EV_CONNECTED})

    @property
    def ends_with_authorization(self) -> bool:
        """True where a transaction ends with its authorization (PowerPathClosed has Authorized in it)."""
        return not self.stops.isdisjoint({TxPoint.AUTHORIZED, TxPoint.POWER_PATH_CLOSED})

    @property
    def outlasts_unplugging(self) -> bool:
        """True where a transaction goes on without a car (E10), if its car is still in the bay where that alone ends it."""
        return not self.stop_on_ev_side_disconnect and self.stops <= {
            TxPoint.AUTHORIZED,
            TxPoint.PARKING_BAY_OCCUPANCY,
        }
