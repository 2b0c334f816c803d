"""The boot life cycle of a station (OCPP 2.0.1 Part 2, B01-B03): what may be sent, and when to boot again. Pure.

Times are seconds of the event loop.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from gateway.model.changes import BootReason

if TYPE_CHECKING:
    from collections.abc import Callable


class Registration(StrEnum):
    """RegistrationStatusEnumType (Part 2)."""

    ACCEPTED = "Accepted"
    PENDING = "Pending"
    REJECTED = "Rejected"


class Boot:
    """The registration of one station at its CSMS. It outlives connections, not the process.

    Args:
        own_wait: shortest wait where the CSMS gives none; the longest is twice that.
        random: uniform in [0, 1).
    """

    def __init__(self, own_wait: float, random: Callable[[], float]) -> None:
        self._own_wait = own_wait
        self._random = random
        self._reason = BootReason.POWER_UP
        self._triggered = False
        self._due: float | None = 0.0
        self._in_flight = False
        self._interval = 0.0
        self._booting = True
        self.registration: Registration | None = None
        """The CSMS's last word; None before its first."""

    @property
    def accepted(self) -> bool:
        """True while every message may be sent: accepted, and not booted since (B01.FR.08)."""
        return self.registration is Registration.ACCEPTED and not self._booting

    @property
    def pending(self) -> bool:
        """True while only what the CSMS has asked for may be sent (B02.FR.02)."""
        return self.registration is Registration.PENDING

    @property
    def answers(self) -> bool:
        """True if CALLs of the CSMS are carried out; else each is a SecurityError (B03.FR.08)."""
        return self.registration in {Registration.ACCEPTED, Registration.PENDING}

    @property
    def due_at(self) -> float | None:
        """When a BootNotification has to be sent; None: not at all, or it is on its way."""
        return None if self._in_flight else self._due

    def due(self, now: float) -> bool:
        """True if a BootNotification has to be sent now."""
        due_at = self.due_at
        return due_at is not None and due_at <= now

    def again(self, reason: BootReason, now: float) -> None:
        """The station has booted, or the CSMS has triggered a BootNotification.

        A CSMS that has said Pending or Rejected is not asked again before its interval has passed, unless it triggers
        that itself (B02.FR.04, B03.FR.02).
        """
        if reason is BootReason.TRIGGERED:
            self._triggered = True
            self._due = now
            return
        self._reason = reason
        if self.registration in {None, Registration.ACCEPTED}:
            # Between a boot and its acceptance nothing else may be sent (B01.FR.08).
            self._booting = True
            if self._due is None:
                self._due = now

    def sent(self) -> BootReason:
        """A BootNotification goes out now, with this reason."""
        self._in_flight = True
        self._due = None
        reason = BootReason.TRIGGERED if self._triggered else self._reason
        self._triggered = False
        return reason

    def answered(self, status: Registration, interval: float, now: float) -> None:
        """The CSMS has answered; ``interval`` 0: it leaves the wait to the station."""
        self._in_flight = False
        self.registration = status
        self._interval = interval
        if status is not Registration.ACCEPTED:
            if not self._triggered:
                self._due = now + self._wait()
        elif self._due is None:
            self._booting = False
        # else: the station has booted once more meanwhile, and that has to be told too.

    def failed(self, now: float) -> None:
        """No usable answer came: ask again after the last interval, or an own wait (B01-B03, error handling)."""
        self._in_flight = False
        if self._due is None:
            self._due = now + self._wait()

    def connected(self, now: float) -> None:
        """A connection has been made. A BootNotification that was lost with the old one is due again."""
        if self._in_flight:
            self._in_flight = False
            self._due = now if self._due is None else self._due

    def elsewhere(self, now: float) -> None:
        """Another CSMS, perhaps: it is told of the station before anything else (B10.FR.10)."""
        self.registration = None
        self._interval = 0.0
        self._booting = True
        self._in_flight = False
        self._due = now

    def _wait(self) -> float:
        if self._interval > 0 and self.registration is not Registration.ACCEPTED:
            return self._interval
        # Spread, so that the stations of many boxes do not come back all at once.
        return self._own_wait * (1 + self._random())
