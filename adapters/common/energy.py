"""The energy register of an EVSE: its own meter's, an added meter's, or power over time. It never goes back, or jumps.

Where the meter starts anew (a station that only counts the session, a meter that was changed), what it had counted is
kept as a base; both survive a restart of the box as a note. A value that cannot follow from the one before has to come
twice: a torn or garbled reading does not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum

_BACKLASH = 1.0
"""Wh that a register may fall by rounding without having started anew."""

_LONGEST = 60.0
"""Seconds over which power is integrated at most: what flowed in a longer silence is not known."""

_MOST = 400_000.0
"""W that an EVSE has at most."""

_PULSE = 1000.0
"""Wh that a register may step by: some count in kWh."""


class Source(StrEnum):
    """Where energy comes from."""

    STATION = "station"
    METER = "meter"
    INTEGRATED = "integrated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """A register in Wh that only grows.

    Attributes:
        base: What was counted before the meter started anew.
        last: What the meter showed last.
        read_at: When it was read last (s of a steady clock); None: not since the box has started.
        at: When it moved last, or power was last integrated; None: not since the box has started.
        doubted: A value that the meter has shown since, and that does not follow from ``last``.
    """

    base: float = 0.0
    last: float = 0.0
    read_at: float | None = None
    at: float | None = None
    doubted: float | None = None

    @property
    def total(self) -> float:
        """Imported energy in Wh."""
        return self.base + self.last

    def shown(self, wh: float, now: float, *, restarts: bool) -> Register:
        """The meter shows a value.

        Args:
            wh: The value.
            now: When it was read; the same reading told twice is one.
            restarts: It begins at 0 with every session.
        """
        if self.read_at is not None and now <= self.read_at:
            return self
        if wh < 0 or not math.isfinite(wh):
            return replace(self, read_at=now)
        if self._follows(wh, now) or (self.doubted is not None and _near(self.doubted, wh)):
            return self._taken(wh, now, restarts=restarts)
        return replace(self, read_at=now, doubted=wh)

    def _follows(self, wh: float, now: float) -> bool:
        """Tell whether a value can come after the last.

        Some registers only move at the end of a session: what counts is how long this one has stood still.
        """
        if wh < self.last - _BACKLASH:
            return False
        return self.at is None or wh - self.last <= _PULSE + _MOST * (now - self.at) / 3600.0

    def _taken(self, wh: float, now: float, *, restarts: bool) -> Register:
        if abs(wh - self.last) <= _BACKLASH:
            moved_at = self.at if wh <= self.last else now
            return replace(self, last=max(wh, self.last), read_at=now, at=moved_at, doubted=None)
        if wh > self.last:
            return replace(self, last=wh, read_at=now, at=now, doubted=None)
        # Another meter, or one that was reset, goes on from where the total stood; a new session adds what it shows.
        base = self.total if restarts else self.total - wh
        return replace(self, base=base, last=wh, read_at=now, at=now, doubted=None)

    def at_least(self, wh: float) -> Register:
        """The register, where it is known from elsewhere that it stood at ``wh`` already."""
        return self if self.total >= wh else replace(self, last=self.last + wh - self.total)

    def moved(self, wh: float, now: float) -> Register:
        """Another meter shows its first value: the total goes on from where it stood."""
        return Register(base=self.total - wh, last=wh, read_at=now)

    def flowed(self, watts: float, now: float) -> Register:
        """Power flows; what it makes since the last time is added."""
        if self.at is None:
            return replace(self, at=now)
        seconds = min(max(0.0, now - self.at), _LONGEST)
        return replace(self, last=self.last + max(0.0, watts) * seconds / 3600.0, at=max(now, self.at))

    def as_text(self) -> str:
        """What is noted."""
        return f"{self.base:.3f}/{self.last:.3f}"

    @classmethod
    def from_text(cls, text: str) -> Register:
        """What was noted; "" where nothing was."""
        base, _, last = text.partition("/")
        return cls(base=float(base or 0), last=float(last or 0))


def _near(doubted: float, wh: float) -> bool:
    return doubted - _BACKLASH <= wh <= doubted + _PULSE
