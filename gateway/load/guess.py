"""What a car draws whose station does not tell: the circuit's meter shows how it follows its setpoints.

A car with one phase hangs on the EVSE's L1, one with two on L1 and L2. So there are four things that it can be, from not
drawing at all to three phases, and each change of its setpoint speaks for some of them. Other loads that change at the
same time mostly do so on all phases alike; that speaks for nothing.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.load.site import Evse, Phases

BEFORE, AFTER = 6.0, 5.0
"""Seconds over which it is averaged before and after a change."""
FOLLOWED, STARTED = 9.0, 26.0
"""Seconds after which a car has followed a change; after which it has begun to draw."""
NOISE, COMMON = 1.0, 4.0
"""A by which one phase alone, and all phases together, change by themselves."""
STRONG = 5.0
"""A from which a change of a setpoint is worth being looked at."""
OUTLIER = 6.0
"""What one phase speaks at most: a load that switches just then is no proof."""
CLEAR = 8.0
"""By how much one guess has to be better than the next."""
ALIKE = 20.0
"""The same for all phases: no single change comes to as much, and who is believed to load all alike tilts nothing."""
ASLEEP = 24.0
"""The same for not drawing at all: who is taken to be asleep is not asked again for a while."""
PHASES = 3
FADES = 0.8
"""What older changes count, with each new one."""


@dataclass(slots=True)
class Guess:
    """One EVSE that is not measured.

    Attributes:
        used: Phases of the supply that the car loads; None: not known.
    """

    evse: Evse
    used: tuple[int, ...] | None = None
    _costs: list[float] = field(default_factory=lambda: [0.0] * 4)
    _open: tuple[float, float, float, Phases] | None = None

    def forget(self) -> None:
        """Another car."""
        self.used, self._costs, self._open = None, [0.0] * 4, None

    def spoil(self) -> None:
        """Another car that nobody measures changes at the same time."""
        self._open = None

    def change(self, before: float, after: float, t: float, rest: Rest) -> None:
        """The setpoint goes from one current to another, A per phase."""
        self._open = None
        start = rest.mean(t - BEFORE, t)
        if abs(after - before) >= STRONG and start is not None:
            self._open = (t + (STARTED if before <= 0 else FOLLOWED), before, after, start)

    def look(self, t: float, rest: Rest) -> None:
        """See whether a change can be judged by now."""
        if self._open is None or t < self._open[0] + 1.0:
            return
        due, before, after, start = self._open
        end = rest.mean(due - AFTER, t)
        self._open = None
        if end is None:
            return
        wires = self.evse.phases
        seen = [end[p] - start[p] for p in wires]
        free = [end[p] - start[p] for p in range(3) if p not in wires]
        for count in range(len(wires) + 1):
            cost = min(_cost(seen, free, count, step) for step in _steps(before, after))
            self._costs[count] = self._costs[count] * FADES + cost
        self.used = self._judge()

    def _judge(self) -> tuple[int, ...] | None:
        """What fits so much better than all else that it is taken to be true.

        Drawing over all three phases is not easily told from not drawing while another load comes or goes. It is taken for
        the former then: either loads all phases alike, and nobody is asked less often for it.
        """
        wires, costs = self.evse.phases, self._costs
        best = min(range(len(costs)), key=costs.__getitem__)
        rest = sorted(cost for count, cost in enumerate(costs) if count != best)
        if rest[0] - costs[best] > self._margin(best):
            return wires[:best]
        if len(wires) == PHASES and min(costs[1:-1]) - min(costs[0], costs[-1]) > ALIKE:
            return wires
        return None

    def _margin(self, count: int) -> float:
        """By how much a number of phases has to fit better than any other."""
        if not count:
            return ASLEEP
        return ALIKE if count == len(self.evse.phases) > 1 else CLEAR


def _steps(before: float, after: float) -> tuple[float, ...]:
    """What the car may have followed of a change: all of it, or as much as it takes."""
    return tuple({min(after, cap) - min(before, cap) for cap in (10.0, 13.0, 16.0, 20.0, 32.0, 80.0)})


def _cost(seen: list[float], free: list[float], count: int, step: float) -> float:
    """How badly a change on so many phases fits; what all phases have in common is taken out as far as it is likely."""
    errors = [each - (step if number < count else 0.0) for number, each in enumerate(seen)] + free
    weight = len(errors) + (NOISE / COMMON) ** 2
    common = sum(errors) / weight
    return sum(min(OUTLIER, ((each - common) / NOISE) ** 2) for each in errors) + (common / COMMON) ** 2


@dataclass(slots=True)
class Rest:
    """What a meter shows but the measured cars do not: other loads, and cars that nobody measures. A per phase."""

    _samples: deque[tuple[float, Phases]] = field(default_factory=deque)

    def add(self, t: float, i: Phases) -> None:
        """Take a sample of a moment; they come in order."""
        self._samples.append((t, i))
        while self._samples[0][0] < t - STARTED - BEFORE - AFTER:
            self._samples.popleft()

    def mean(self, since: float, until: float) -> Phases | None:
        """The mean of some time; None: nothing is known of it."""
        found = [i for t, i in self._samples if since <= t <= until]
        if not found:
            return None
        return (
            sum(i[0] for i in found) / len(found),
            sum(i[1] for i in found) / len(found),
            sum(i[2] for i in found) / len(found),
        )
