"""A car at the plug: it follows what it is offered, in its own time."""

from __future__ import annotations

from collections import deque
from math import inf
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

    from gateway.bench.plant.visit import Visit

_FASTEST, _SLOWEST = 0.5, 4.5  # s until a car follows a changed offer; IEC 61851-1 allows 5 s for less current
_JITTER = 0.3
_FALL = 20.0  # A per s by which it lowers its current
_FULL = 0.5  # Wh that are no longer taken
_TRICKLE = 0.15  # share of its cap that a tapering car still takes at the end
_TAPER_STEP = 5.0
_AGAIN_LENGTH = 600.0
_AGAIN_CURRENT = 10.0
_JOULES = 3600.0  # per Wh


class Vehicle:
    """A car that is plugged in.

    Args:
        visit: What is laid down about it.
        phases: Phases that it uses here.
        voltage: V from phase to neutral.
        rng: For its reactions.
        now: When it is plugged in.
    """

    def __init__(self, visit: Visit, *, phases: int, voltage: float, rng: Random, now: float) -> None:
        self.visit = visit
        self.phases = phases
        self.current = 0.0
        """A per phase that it draws."""
        self.stored = 0.0
        """Wh in its battery since it came."""
        self.drawn = 0.0
        """Wh that it took since it came, for whatever."""
        self.charging = 0.0
        """Seconds for which it drew current."""
        self.lost = False
        """Whether it takes nothing before it is plugged anew."""
        self.due = inf
        """When ``advance`` has something to do."""
        self._power = voltage * phases
        self._rng = rng
        self._notices: deque[tuple[float, float]] = deque()
        self._follows = 0.0
        self._idle_since = now
        self._starts = inf
        self._since = now

    @property
    def full(self) -> bool:
        """Whether its battery takes no more."""
        return self.visit.energy - self.stored <= _FULL

    def offered(self, when: float, current: float) -> None:
        """Note another offer, A per phase; 0 is none."""
        reaction = self.visit.reaction * self._rng.uniform(1 - _JITTER, 1 + _JITTER)
        seen = when + min(_SLOWEST, max(_FASTEST, reaction))
        if self._notices:
            seen = max(seen, self._notices[-1][0])
        self._notices.append((seen, current))
        self.due = min(self.due, seen)

    def settle(self, now: float) -> None:
        """Book the energy up to now."""
        span = now - self._since
        self._since = now
        if self.current > 0:
            energy = self.current * self._power * span / _JOULES
            self.drawn += energy
            self.stored = min(self.stored + energy, self.visit.energy)
            self.charging += span

    def advance(self, now: float) -> None:
        """Do what is due; to be called once a second while something is."""
        self.settle(now)
        while self._notices and self._notices[0][0] <= now:
            self._notice(*self._notices.popleft())
        aim = self._aim(now)
        if aim > self.current:
            self.current = min(aim, self.current + self.visit.ramp)
        else:
            self.current = max(aim, self.current - _FALL)
        self.due = min(self._notices[0][0] if self._notices else inf, self._next(now, aim))

    def _notice(self, when: float, current: float) -> None:
        if current > 0 >= self._follows:
            paused = when - self._idle_since
            dozing = paused > self.visit.dozes_after
            self.lost |= dozing and self.visit.wakes_in == inf
            self._starts = inf if self.lost else when + self.visit.start + (self.visit.wakes_in if dozing else 0.0)
        elif current <= 0 < self._follows and self._starts <= when:
            self._idle_since = when
        self._follows = current

    def _aim(self, now: float) -> float:
        visit = self.visit
        if self._follows <= 0 or now < self._starts:
            return 0.0
        if self.full:
            return min(self._follows, _AGAIN_CURRENT) if visit.again <= now < visit.again + _AGAIN_LENGTH else 0.0
        left = visit.energy - self.stored
        taper = max(_TRICKLE, left / visit.taper) if left < visit.taper else 1.0
        return min(self._follows, visit.cap * taper)

    def _next(self, now: float, aim: float) -> float:
        visit = self.visit
        if aim != self.current:
            return now
        if self._follows <= 0:
            return inf
        if now < self._starts:
            return self._starts
        if self.full:
            return next((each for each in (visit.again, visit.again + _AGAIN_LENGTH) if now < each), inf)
        left = visit.energy - self.stored
        if left < visit.taper:
            return now + _TAPER_STEP
        return now + (left - visit.taper) * _JOULES / (self.current * self._power)
