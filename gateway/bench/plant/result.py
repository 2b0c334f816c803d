"""The figures of a run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.bench.plant.scenario import Scenario
    from gateway.bench.plant.visit import Visit

MINUTE_BINS = 300.0  # s over which what a car could have alone is averaged


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a controller made of a scenario. Times in s, energies in Wh.

    Attributes:
        scenario: What it had to do with.
        energy: Session -> Wh delivered.
        lost: Sessions whose car fell asleep for good.
        over: Seconds above a limit, of all circuits.
        late: Those beyond the tenth second after a step outside the controller's reach.
        late_strict: Those beyond the tenth second of an overload whatever happens meanwhile.
        longest: Longest overload.
        worst: Highest load in multiples of the limit.
        heat: Highest share of a trip budget used at once; a fuse cools down between overloads.
        budget: The same with nothing forgotten.
        unequal: Seconds in which an imbalance rule was broken beyond the tenth.
        unequal_any: Seconds in which it was broken.
        writes: Setpoints written.
        charging: Hours that cars drew current, of all EVSEs.
        writes_worst: Setpoints per charging hour of the EVSE that got most.
        illegal: Setpoints between 0 and the minimum, or above what is allowed.
        idle: Seconds, over all cars, of waiting though the minimum was free.
        idle_cars: Sessions that waited so.
        waited: Longest wait of any car.
        starved: Longest wait while others had enough above their minimum.
        starved_car: Whose.
        late_at: When and where overloads became late, by the strict count.
        step_time: Seconds of processor time that the controller needed for a step.
    """

    scenario: Scenario
    energy: Mapping[str, float] = field(default_factory=dict)
    lost: frozenset[str] = frozenset()
    over: float = 0.0
    late: float = 0.0
    late_strict: float = 0.0
    longest: float = 0.0
    worst: float = 0.0
    heat: float = 0.0
    budget: float = 0.0
    unequal: float = 0.0
    unequal_any: float = 0.0
    writes: int = 0
    charging: float = 0.0
    writes_worst: float = 0.0
    illegal: int = 0
    idle: float = 0.0
    idle_cars: int = 0
    waited: float = 0.0
    starved: float = 0.0
    starved_car: str = ""
    late_at: tuple[tuple[float, str], ...] = ()
    step_time: float = 0.0

    @property
    def delivered(self) -> float:
        """Wh of all cars."""
        return sum(self.energy.values())

    @property
    def writes_per_hour(self) -> float:
        """Setpoints per EVSE and charging hour."""
        return self.writes / self.charging if self.charging else float(self.writes)

    def shares(self) -> Mapping[str, float]:
        """Session -> what it got of what it could have had alone; those that could have had next to nothing not."""
        could = alone(self.scenario)
        return {name: self.energy.get(name, 0.0) / most for name, most in could.items() if most > MUCH}


MUCH = 500.0
"""Wh that a car must be able to get alone to count among the least served."""


def alone(scenario: Scenario) -> Mapping[str, float]:
    """Session -> Wh that the car could have had without any other: its request, or less where time or a fuse is short."""
    grid = Grid(scenario)
    return {visit.id: grid.alone(visit) for visit in scenario.visits}


class Grid:
    """What circuits leave to EVSEs in each span of five minutes, on average.

    Args:
        scenario: What happens.
        width: Length of a span, s.
    """

    def __init__(self, scenario: Scenario, width: float = MINUTE_BINS) -> None:
        self.scenario = scenario
        self.width = width
        self.bins = int(-(-scenario.seconds // width))
        site = scenario.site
        self.free: dict[str, list[list[float]]] = {}
        """Circuit -> phase -> span -> A."""
        base = {name: [self._mean(series, phase) for phase in range(3)] for name, series in scenario.base.items()}
        for node in site.nodes:
            below = [name for name in base if node.id in site.path(name)]
            limits = scenario.limits.get(node.id, ())
            series = ((0.0, node.limit), *((t, node.limit if to is None else to) for t, to in limits))
            self.free[node.id] = [
                [
                    max(0.0, limit - sum(base[name][phase][place] for name in below))
                    for place, limit in enumerate(self._mean(series, phase))
                ]
                for phase in range(3)
            ]

    def presence(self, visit: Visit) -> list[tuple[int, float]]:
        """Spans in which a car is there, and the share of each."""
        begin = visit.arrival + visit.permitted_after
        end = min(visit.departure, self.scenario.seconds)
        found = []
        for place in range(int(begin // self.width), min(self.bins, int(end // self.width) + 1)):
            share = (min(end, (place + 1) * self.width) - max(begin, place * self.width)) / self.width
            if share > 0:
                found.append((place, share))
        return found

    def cap(self, visit: Visit) -> float:
        """A per phase that a car can draw where it is."""
        evse = self.scenario.site.evse[visit.evse]
        most = min(visit.cap, evse.maximum, evse.fixed or evse.maximum)
        return most if visit.allowed is None else min(most, visit.allowed)

    def phases(self, visit: Visit) -> tuple[int, ...]:
        """Phases of the supply that a car loads."""
        return self.scenario.site.evse[visit.evse].phases[: visit.phases]

    def alone(self, visit: Visit) -> float:
        """Wh that a car could have without any other."""
        site, phases, most = self.scenario.site, self.phases(visit), self.cap(visit)
        path = site.path(site.evse[visit.evse].node)
        if len(phases) < 3:  # noqa: PLR2004 - of three phases
            most = min(most, *(site.node[name].imbalance or most for name in path))
        total = 0.0
        for place, share in self.presence(visit):
            free = min(self.free[name][phase][place] for name in path for phase in phases)
            total += min(most * share, free)
        return min(visit.energy, total * site.voltage * len(phases) * self.width / 3600.0)

    def _mean(self, series: tuple[tuple[float, tuple[float, float, float]], ...], phase: int) -> list[float]:
        sums = [0.0] * self.bins
        for number, (start, flow) in enumerate(series):
            end = series[number + 1][0] if number + 1 < len(series) else self.bins * self.width
            at = start
            while at < min(end, self.bins * self.width):
                place = int(at // self.width)
                until = min(end, (place + 1) * self.width)
                sums[place] += flow[phase] * (until - at)
                at = until
        return [each / self.width for each in sums]
