"""Whether something stands: what comes and goes all the time is told a few times, and then stays. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

OFTEN = 5
RESTLESS = timedelta(minutes=1)
"""What has come so often within so long is over only when it was quiet for that long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Latch:
    """Something that stands or does not; immutable.

    Attributes:
        standing: What counts.
        risen: When it has come, the last few times.
        came: When it has come the last time, told or not.
        quiet: Since when it would be over, were it not restless.
    """

    standing: bool = False
    risen: tuple[datetime, ...] = ()
    came: datetime | None = None
    quiet: datetime | None = None

    def fed(self, met: bool, now: datetime) -> Latch:  # noqa: FBT001 - a value, not a switch
        """The latch after a look at a time."""
        if met:
            if not self.standing:
                return Latch(standing=True, risen=(*self.risen, now)[-OFTEN:], came=now)
            return self if self.quiet is None else replace(self, quiet=None, came=now)
        if not self.standing:
            return self
        since = now if self.quiet is None or self.quiet > now else self.quiet  # the clock may be set back
        waits = self.restless and self.came is not None and self.came <= since < self.came + RESTLESS
        if waits and now < since + RESTLESS:
            return self if since == self.quiet else replace(self, quiet=since)
        return replace(self, standing=False, quiet=None)

    @property
    def due(self) -> datetime | None:
        """When it is over, if it stays quiet; None if only a change of what is seen can end it."""
        return None if self.quiet is None else self.quiet + RESTLESS

    @property
    def restless(self) -> bool:
        """True where it has come too often to be told again each time."""
        return self.standing and len(self.risen) == OFTEN and self.risen[-1] < self.risen[0] + RESTLESS


REST = Latch()
