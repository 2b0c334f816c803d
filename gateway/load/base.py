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

LATE = 3.0
"""Seconds that a reading waits for the measurements of the same moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What the EVSEs below a circuit have drawn at a time, A.

    Attributes:
        measured: Those that tell, as they have told.
        assumed: Those that do not, as they should by now.
        most: All, at most.
        complete: All measurements of that time are there.
        steady: None of those that do not tell is about to follow another setpoint.
    """

    measured: Phases
    assumed: Phases
    most: Phases
    complete: bool
    steady: bool


@dataclass(slots=True)
class Base:
    """The base load of one metered circuit over time."""

    node: Node
    policy: Policy
    reading: MeterReading | None = None
    rest: Rest = field(default_factory=Rest)
    _open: list[MeterReading] = field(default_factory=list)
    _samples: deque[tuple[float, Phases]] = field(default_factory=deque)
    _floor: Phases | None = None

    def read(self, reading: MeterReading | None, drawn: Callable[[float], Drawn], t: float) -> None:
        """Take the newest reading, and those before it that can be told apart by now."""
        if reading is not None and (self.reading is None or reading.t > self.reading.t):
            self.reading = reading
            self._open.append(reading)
        if self.reading is not None:
            self._floor = _minus(self.reading.i, drawn(self.reading.t).most)
        left = []
        for each in self._open:
            then = drawn(each.t)
            if then.complete or t - each.t >= LATE:
                rest = _minus(each.i, then.measured)
                self.rest.add(each.t, rest)
                if then.steady:
                    self._samples.append((each.t, _minus(rest, then.assumed)))
            else:
                left.append(each)
        self._open = left
        while self._samples and self._samples[0][0] < t - self.policy.calm - self.policy.blind:
            self._samples.popleft()

    def age(self, t: float) -> float:
        """Seconds since the newest reading; inf: there was none."""
        return float("inf") if self.reading is None else t - self.reading.t

    def now(self, t: float) -> Phases:
        """As it is by the newest readings; the worst case where these are too old."""
        if self.age(t) > self.policy.blind or self._floor is None:
            return self._worst(t)
        if not self._samples:
            return self._floor
        recent = [i for _, i in list(self._samples)[-2:]]
        mean = [sum(each) / len(recent) for each in zip(*recent, strict=True)]
        return tuple(max(a, b) for a, b in zip(mean, self._floor, strict=True))

    def high(self, window: float, t: float) -> Phases:
        """As high as it has been for so many seconds; the worst case where nothing recent is known."""
        if self.age(t) > self.policy.blind:
            return self._worst(t)
        since = t - window
        recent = [self.now(t)]
        for at, i in reversed(self._samples):
            if at < since:
                break
            recent.append(i)
        return tuple(max(each) for each in zip(*recent, strict=True))

    def _worst(self, t: float) -> Phases:
        del t
        known = [i for _, i in self._samples]
        return tuple(max(each) for each in zip(self.node.base_failsafe, *known, strict=True))


def _minus(a: Phases, b: Phases) -> Phases:
    return (a[0] - b[0], a[1] - b[1], a[2] - b[2])
