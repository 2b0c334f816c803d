"""The box's clock: it never jumps with the system's, and follows the backend's time."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime, timedelta

logger = logging.getLogger(__name__)

TOLERANCE = timedelta(seconds=2)
"""A difference to the backend's clock below this is the network's."""

EARLIEST, LATEST = datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
"""No OCPP 2.0.1 backend was there before; later times come of backends that send the greatest time there is."""


class Clock:
    """UTC that advances with the monotonic clock from the system's time at the start.

    A cabinet's box may start without a battery-backed clock and without NTP: TimeSource is Heartbeat (B01.FR.06) unless
    the backend knows better.
    """

    def __init__(self) -> None:
        self._base = datetime.now(UTC)
        self._start = time.monotonic()
        self._refused = False

    def now(self) -> datetime:
        """The time now, UTC."""
        return self._base + timedelta(seconds=time.monotonic() - self._start)

    def system(self) -> datetime:
        """The time that the box's own clock shows, UTC: a clock with a battery, or one that NTP keeps right."""
        return datetime.now(UTC)

    def synchronise(self, reference: datetime) -> timedelta:
        """Follow the backend's clock where it differs by more than the network explains; by how much it was set.

        A time that cannot be is not taken: nothing that the box computes with it would hold.
        """
        if not EARLIEST <= reference < LATEST:
            if not self._refused:
                self._refused = True
                logger.warning("the backend's time %s cannot be, and is not taken", reference)
            return timedelta(0)
        self._refused = False
        difference = reference - self.now()
        if abs(difference) <= TOLERANCE:
            return timedelta(0)
        logger.warning("clock set by the backend, by %.1f s", difference.total_seconds())
        self._base += difference
        return difference
