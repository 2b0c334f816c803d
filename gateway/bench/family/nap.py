"""Stations that sleep while no vehicle is there: what wakes them is lost."""

from __future__ import annotations

_AFTER = 120.0
"""Seconds of silence after which a station sleeps."""


class Nap:
    """Counts the requests that a sleeping station loses.

    Args:
        losses: Requests that are lost each time; 0: it never sleeps.
    """

    def __init__(self, losses: int) -> None:
        self._losses = losses
        self._left = losses
        self._heard = 0.0

    def loses(self, now: float, *, plugged: bool) -> bool:
        """A request has come at a time (s); True where it only wakes the station."""
        if now - self._heard > _AFTER:
            self._left = self._losses
        self._heard = now
        if plugged or not self._left:
            self._left = 0
            return False
        self._left -= 1
        return True
