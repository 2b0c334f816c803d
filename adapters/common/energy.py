"""The energy register of an EVSE: its own meter's, an added meter's, or power over time. It never goes back.

Where the meter starts anew (a station that only counts the session, a meter that was changed), what it had counted is
kept as a base; both survive a restart of the box as a note.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

_BACKLASH = 1.0
"""Wh that a register may fall by rounding without having started anew."""

_LONGEST = 60.0
"""Seconds over which power is integrated at most: what flowed in a longer silence is not known."""


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
        at: When power was last integrated (s of a steady clock); None: never.
    """

    base: float = 0.0
    last: float = 0.0
    at: float | None = None

    @property
    def total(self) -> float:
        """Imported energy in Wh."""
        return self.base + self.last

    def shown(self, wh: float, *, restarts: bool) -> Register:
        """The meter shows a value; ``restarts``: it begins at 0 with every session."""
        if wh >= self.last - _BACKLASH or wh < 0:
            return replace(self, last=max(wh, self.last))
        if restarts:
            return replace(self, base=self.base + self.last, last=wh)
        # Another meter, or one that was reset: the total goes on from where it stood.
        return replace(self, base=self.total - wh, last=wh)

    def flowed(self, watts: float, now: float) -> Register:
        """Power flows; what it makes since the last time is added."""
        if self.at is None:
            return replace(self, at=now)
        seconds = min(max(0.0, now - self.at), _LONGEST)
        return replace(self, last=self.last + max(0.0, watts) * seconds / 3600.0, at=now)

    def as_text(self) -> str:
        """What is noted."""
        return f"{self.base:.3f}/{self.last:.3f}"

    @classmethod
    def from_text(cls, text: str) -> Register:
        """What was noted; "" where nothing was."""
        base, _, last = text.partition("/")
        return cls(base=float(base or 0), last=float(last or 0))
