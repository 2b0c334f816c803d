"""When a contact counts: bouncing and chattering inputs make one change, not hundreds. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

NEVER = float("inf")
OFTEN, RESTLESS = 5, 60.0
"""A contact that becomes active so often within so many seconds tells the backend nothing new each time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """How long a contact has to stay as it is before that counts, s; 0: at once.

    A contact that chatters counts by the time that it spends in each state: one that is active for more than
    ``on`` in ``on + off`` becomes active and stays so, so that a loose wire of a fire contact is no way around it.

    A contact that comes and goes, ``OFTEN`` times within ``RESTLESS``, stays active until it was at rest for that long.

    Attributes:
        on: Before it is active.
        off: Before it is no longer active.
    """

    on: float = 0.02
    off: float = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A contact that is watched; immutable. Times are in s of a clock that only goes forward.

    Attributes:
        hold: The times.
        active: What counts now; None before the first value.
        seen: What was seen last.
        level: How far the contact was on its way when that began, from 0 (at rest) to 1 (active).
        since: When that began.
        risen: When it became active, the last few times.
        came: When it was seen active the last time, counted or not.
    """

    hold: Hold
    active: bool | None = None
    seen: bool | None = None
    level: float = 0.0
    since: float = 0.0
    risen: tuple[float, ...] = ()
    came: float = 0.0

    def feed(self, *, active: bool, at: float) -> Settled:
        """The contact as it was seen at a time."""
        before = self.at(at)  # what was due in the meantime has happened, even if nobody has looked
        if before.seen is None and not active:
            return replace(before, seen=False, active=False, since=at)  # rest at the first look needs no proof
        if active is before.seen:
            return before
        came = at if active else before.came
        return replace(before, seen=active, level=before.reached(at), since=at, came=came).at(at)

    def at(self, now: float) -> Settled:
        """The contact as it counts at a time, when nothing else was seen."""
        if now < self.due:
            return self
        risen = (*self.risen, now)[-OFTEN:] if self.seen else self.risen
        return replace(self, active=self.seen, level=float(bool(self.seen)), since=now, risen=risen)

    @property
    def due(self) -> float:
        """When what was seen last will count; infinite where it does already."""
        if self.seen is None or self.seen is self.active:
            return NEVER
        return self.since + (self.hold.on * (1 - self.level) if self.seen else self._off * self.level)

    @property
    def _off(self) -> float:
        """How long it has to be at rest."""
        often = len(self.risen) == OFTEN and self.risen[-1] < self.risen[0] + RESTLESS
        restless = often and self.since < self.came + RESTLESS
        return max(self.hold.off, RESTLESS) if restless else self.hold.off

    def reached(self, now: float) -> float:
        """How far it is on its way at a time."""
        gone = now - self.since
        if self.seen:
            return min(1.0, self.level + gone / self.hold.on) if self.hold.on else 1.0
        return max(0.0, self.level - gone / self._off) if self._off else 0.0
