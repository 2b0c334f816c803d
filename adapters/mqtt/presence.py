"""Whether a station behind a broker lives. Pure; times are seconds of a steady clock.

A broker hands out the last words of the dead: a retained message is no sign of life by itself. It counts where the
station has a last will, for then the broker would have said that it is gone; and once, for a station that was not yet
found to be dead.
"""

from __future__ import annotations


class Presence:
    """Signs of life of one station.

    Args:
        stale_s: Seconds of silence after which it is lost.
        will: Whether the station has a last will.
    """

    def __init__(self, stale_s: float, *, will: bool) -> None:
        self._stale_s = stale_s
        self._will = will
        self._at: float | None = None
        self._offline = False
        self._ghost = False

    def heard(self, now: float, *, retained: bool, offline: bool = False) -> None:
        """A message has come; ``offline``: it is the station's last will."""
        if offline:
            self._offline = True
        elif not retained:
            self._at, self._offline, self._ghost = now, False, False
        elif self._will or not self._ghost:
            self._at = now if self._at is None or self._will else self._at

    def online(self, now: float, *, retained: bool) -> None:
        """A message on the topic of the last will that says something else."""
        self._offline = False
        self.heard(now, retained=retained)

    def lost(self, now: float) -> str | None:
        """Code of why the station is lost; None while it lives."""
        if self._offline:
            return "station-offline"
        if self._at is None:
            return "station-silent"
        if now - self._at > self._stale_s:
            self._at, self._ghost = None, True
            return "station-silent"
        return None
