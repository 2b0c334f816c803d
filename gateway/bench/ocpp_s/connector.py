"""A connector of the simulated station and what it shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.bench.car import EvseState

if TYPE_CHECKING:
    from datetime import datetime

    from gateway.bench.car import Evse
    from gateway.bench.ocpp_s.memory import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """An authorization that waits for a car: ConnectionTimeOut ends it (OCPP 1.5, section 9)."""

    token: str
    parent: str
    remote: bool
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """A reservation (OCPP 1.5, section 5.11)."""

    number: int
    token: str
    parent: str
    expiry: datetime

    def admits(self, token: str, parent: str) -> bool:
        """Tell whether the reservation is for that token, or for its parent."""
        if token.casefold() == self.token.casefold():
            return True
        return bool(self.parent) and parent.casefold() == self.parent.casefold()


@dataclass(slots=True, kw_only=True)
class Connector:
    """A connector: its outlet, and what the station knows of it until the next power cycle.

    Args:
        number: from 1.
        evse: the outlet with its meter and car.
        session: the running transaction.
        pending: who may charge once a car is there.
        reservation: who alone may use it.
        finished: its transaction has ended, and the car is still there.
        reported: status and error code of the last StatusNotification.
    """

    number: int
    evse: Evse
    session: Session | None = None
    pending: Pending | None = None
    reservation: Reservation | None = None
    finished: bool = False
    reported: tuple[str, str] = ("", "")

    def status(self, *, operative: bool) -> tuple[str, str]:
        """Give status and error code as StatusNotification of OCPP 1.6 has them (section 4.9)."""
        if self.evse.fault:
            return "Faulted", self.evse.fault
        if self.session is not None:
            return self._charging(), "NoError"
        if not operative:
            return "Unavailable", "NoError"
        if self.evse.car is not None:
            return "Finishing" if self.finished else "Preparing", "NoError"
        return ("Reserved" if self.reservation is not None else "Available"), "NoError"

    def _charging(self) -> str:
        if self.evse.state is EvseState.CHARGING:
            return "Charging"
        return "SuspendedEVSE" if self.evse.max_current <= 0 else "SuspendedEV"

    def refuses(self, token: str, parent: str, *, operative: bool) -> bool:
        """Tell whether that token may not start a transaction here."""
        if self.session is not None or self.evse.fault or not operative:
            return True
        return self.reservation is not None and not self.reservation.admits(token, parent)
