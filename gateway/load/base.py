"""What flows through a metered circuit that no EVSE of ours draws: the difference of the meter and the cars."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateway.load.guess import Rest

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.load.observation import MeterReading
    from gateway.load.policy import Policy
    from gateway.load.site import Node, Phases

STEP = 1.2
"""A from which a difference is no noise."""
CERTAIN = 30.0
"""Seconds for which what was certain at least is kept, as samples of the same time come late or never."""
BUCKET = 10.0
"""Seconds of which only the peak is kept, for long."""
LATE = 8.0
"""Seconds that a reading waits for the measurements of the same moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What the EVSEs below a circuit have drawn at a time, A.

    Attributes:
        measured: Those that tell, as they have told.
        assumed: Those that do not, as they should by now.
        least: All, at least, but those who are about to draw less.
        most: All, at most.
        known: Whether the two first are certain by now.
    """

    measured: Phases
    assumed: Phases
    least: Phases
    most: Phases
    known: bool


@dataclass(slots=True)
class Base:
    """The base load of one metered circuit over time."""

    node: Node
    policy: Policy
    reading: MeterReading | None = None
    rest: Rest = field(default_factory=Rest)
    _open: list[MeterReading] = field(default_factory=list)
    _samples: deque[tuple[float, Phases]] = field(default_factory=deque)
    _peaks: deque[tuple[float, Phases]] = field(default_factory=deque)
    _floors: deque[tuple[float, Phases]] = field(default_factory=deque)
    _floor: Phases | None = None
    _ceiling: Phases | None = None

    def read(self, reading: MeterReading | None, drawn: Callable[[float], Drawn], t: float) -> None:
        """Take the newest reading, and those before it that can be told apart by now."""
        if reading is not None and (self.reading is None or reading.t > self.reading.t):
            self.reading = reading
            self._open.append(reading)
        if self.reading is not None:
            then = drawn(self.reading.t)
            self._floor, self._ceiling = _minus(self.reading.i, then.most), _minus(self.reading.i, then.least)
            self._keep(self.reading.t, self._floor)
        left = []
        for each in self._open:
            then = drawn(each.t)
            if then.known or t - each.t >= LATE:
                rest = _minus(each.i, then.measured)
                self.rest.add(each.t, rest)
                if then.known:
                    self._add(each.t, _minus(rest, then.assumed))
            else:
                left.append(each)
        self._open = left
        while self._samples and self._samples[0][0] < t - max(self.policy.windows) - self.policy.blind:
            self._samples.popleft()

    def _keep(self, t: float, floor: Phases) -> None:
        if not self._floors or t > self._floors[-1][0]:
            self._floors.append((t, floor))
        while self._floors[0][0] < t - CERTAIN:
            self._floors.popleft()

    def _add(self, t: float, i: Phases) -> None:
        self._samples.append((t, i))
        if not self._peaks or t >= self._peaks[-1][0] + BUCKET:
            self._peaks.append((t, i))
        else:
            since, high = self._peaks[-1]
            self._peaks[-1] = (since, (max(high[0], i[0]), max(high[1], i[1]), max(high[2], i[2])))
        while self._peaks[0][0] < t - self.policy.longest - BUCKET:
            self._peaks.popleft()

    def age(self, t: float) -> float:
        """Seconds since the newest reading; inf: there was none."""
        return float("inf") if self.reading is None else t - self.reading.t

    def now(self, t: float) -> Phases:
        """As it is by the newest readings; the worst case where these are too old."""
        if self.age(t) > self.policy.blind or self._floor is None:
            return self._worst()
        if not self._samples:
            return self._floor
        last = self._samples[-1][1]
        before = self._samples[-2][1] if len(self._samples) > 1 else last
        # Noise is taken out, and a step is not.
        now = [a if abs(a - b) > STEP else (a + b) / 2 for a, b in zip(last, before, strict=True)]
        return (max(now[0], self._floor[0]), max(now[1], self._floor[1]), max(now[2], self._floor[2]))

    def worst(self, t: float, trip: Phases) -> Phases:
        """As it is now, or as it may be on phases that carry more than ``trip``: cars that begin may not yet be in it."""
        now = self.now(t)
        if self.reading is None or self._ceiling is None or self.age(t) > self.policy.stale:
            return now
        one, two, three = (
            max(a, b) if i > most else a for a, b, i, most in zip(now, self._ceiling, self.reading.i, trip, strict=True)
        )
        return (one, two, three)

    def high(self, window: float, t: float) -> Phases:
        """As high as it has been for so many seconds; the worst case where nothing recent is known."""
        if self.age(t) > self.policy.blind:
            return self._worst()
        since = t - window
        one, two, three = self.now(t)
        long = window > max(self.policy.windows)
        for at, i in reversed(self._peaks if long else self._samples):
            if at < since - (BUCKET if long else 0.0):
                break
            one, two, three = max(one, i[0]), max(two, i[1]), max(three, i[2])
        for at, i in self._floors:
            if at >= since:
                one, two, three = max(one, i[0]), max(two, i[1]), max(three, i[2])
        return (one, two, three)

    def _worst(self) -> Phases:
        one, two, three = self.node.base_failsafe
        for _, i in self._samples:
            one, two, three = max(one, i[0]), max(two, i[1]), max(three, i[2])
        return (one, two, three)


def _minus(a: Phases, b: Phases) -> Phases:
    return (a[0] - b[0], a[1] - b[1], a[2] - b[2])
