"""When a Heartbeat is due (OCPP 2.0.1 Part 2, G02). Pure; times are seconds of the event loop."""

from __future__ import annotations


class Heartbeat:
    """The heartbeat timer of one station.

    Args:
        longest: a Heartbeat is due at the latest after this time, however much else was sent (G02.FR.07).
    """

    def __init__(self, longest: float) -> None:
        self._longest = longest
        self._from_boot: float | None = None
        self._variable_then = 0.0
        self._active = 0.0
        self._beaten = 0.0
        self._asked = False

    def configured(self, interval: float, variable: float) -> None:
        """The CSMS has accepted the boot with this interval (B01.FR.04, G02.FR.01).

        Args:
            interval: of the BootNotificationResponse; 0: the variable stays in force.
            variable: HeartbeatInterval at this moment. Once it changes, it counts again.
        """
        self._from_boot = interval if interval > 0 else None
        self._variable_then = variable

    def interval(self, variable: float) -> float:
        """The interval in force, given what HeartbeatInterval says now."""
        if self._from_boot is not None and variable != self._variable_then:
            self._from_boot = None
        return variable if self._from_boot is None else self._from_boot

    def connected(self, now: float) -> None:
        """Start anew on a connection."""
        self._active = self._beaten = now

    def active(self, now: float) -> None:
        """Something was sent: the interval starts over (G02.FR.05)."""
        self._active = now

    def beat(self, now: float) -> None:
        """A Heartbeat is being sent."""
        self._active = self._beaten = now
        self._asked = False

    def ask(self) -> None:
        """Have one sent now."""
        self._asked = True

    @property
    def asked(self) -> bool:
        """True if one was asked for that has not been sent."""
        return self._asked

    def due_at(self, variable: float) -> float:
        """When the next one is due."""
        if self._asked:
            return 0.0
        interval = self.interval(variable)
        latest = self._beaten + self._longest
        return min(self._active + interval, latest) if interval > 0 else latest
