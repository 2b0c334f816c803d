"""What counts in a run, second by second: overloads, trip budgets and imbalance, by what truly flows."""

from __future__ import annotations

from math import exp, inf
from typing import TYPE_CHECKING

from gateway.bench.plant.trip import curve

if TYPE_CHECKING:
    from gateway.bench.plant.plant import Plant

_TOLERANCE = 0.1  # A above a limit that nobody calls an overload
_ALLOWED = 10.0  # s in which an overload has to be gone
_COOLING = 600.0  # s after which a fuse has forgotten all but a third of an overload


class Ledger:
    """Keeps the books of a run.

    Args:
        plant: What runs.
    """

    def __init__(self, plant: Plant) -> None:
        nodes = plant.site.nodes
        self._plant = plant
        self._curves = [curve(node) for node in nodes]
        self._watch = [min(*node.limit, each.never) for node, each in zip(nodes, self._curves, strict=True)]
        self._rules = [(plant.index[n.id], n.imbalance + _TOLERANCE) for n in nodes if n.imbalance is not None]
        self._since = [[inf, inf, inf] for _ in nodes]
        self._unequal_since = [inf for _ in nodes]
        self._heat = [[0.0, 0.0, 0.0] for _ in nodes]
        self._budget = [[0.0, 0.0, 0.0] for _ in nodes]
        self._cooled = plant.t
        self.over = 0.0
        """Seconds of any circuit above its limit."""
        self.late = 0.0
        """Those beyond the tenth of an overload, with the clock begun anew by each step outside our control."""
        self.late_strict = 0.0
        """Those beyond the tenth of an overload, whatever happens meanwhile."""
        self.longest = 0.0
        """Longest overload, s."""
        self.worst = 0.0
        """Highest load in multiples of the limit."""
        self.heat = 0.0
        """Highest share of a fuse's trip budget used at once, where it cools down between overloads."""
        self.unequal = 0.0
        """Seconds in which an imbalance rule was broken beyond the tenth."""
        self.unequal_any = 0.0
        """Seconds in which an imbalance rule was broken."""
        self.late_at: list[tuple[float, str]] = []
        """When and where an overload became late, by the strict count."""

    @property
    def budget(self) -> float:
        """Highest share of a fuse's trip budget used, with nothing forgotten."""
        return max(max(each) for each in self._budget)

    def watch(self, dt: float) -> None:
        """A time step has passed, s."""
        plant, now = self._plant, self._plant.t
        for place, limit in enumerate(plant.limits.now):
            flow = plant.flow(place)
            if max(flow) > min(limit):
                self._overload(place, flow, limit, now, dt)
            elif self._since[place] != [inf, inf, inf]:
                self._since[place] = [inf, inf, inf]
        for place, rule in self._rules:
            self._imbalance(place, rule, now, dt)

    def _overload(
        self, place: int, flow: list[float], limit: tuple[float, float, float], now: float, dt: float
    ) -> None:
        since, shocks = self._since[place], self._plant.shocks.last[place]
        strict = late = any_ = False
        for phase in range(3):
            load = flow[phase]
            if load <= limit[phase] + _TOLERANCE:
                since[phase] = inf
                continue
            any_ = True
            since[phase] = min(since[phase], now - dt)
            lasts = now - since[phase]
            self.longest = max(self.longest, lasts)
            self.worst = max(self.worst, load / limit[phase])
            if lasts > _ALLOWED:
                strict = True
                late |= now - max(since[phase], shocks[phase] - dt) > _ALLOWED
                if lasts - dt <= _ALLOWED:
                    self.late_at.append((now, f"{self._plant.site.nodes[place].id} L{phase + 1}"))
            if load > self._curves[place].never:
                self._warm(place, phase, load, dt)
        self.over += dt * any_
        self.late += dt * late
        self.late_strict += dt * strict

    def _warm(self, place: int, phase: int, load: float, dt: float) -> None:
        if self._plant.t > self._cooled:
            keep = exp((self._cooled - self._plant.t) / _COOLING)
            self._heat = [[share * keep for share in each] for each in self._heat]
            self._cooled = self._plant.t
        share = dt / self._curves[place].time(load)
        self._budget[place][phase] += share
        self._heat[place][phase] += share
        self.heat = max(self.heat, self._heat[place][phase])

    def _imbalance(self, place: int, rule: float, now: float, dt: float) -> None:
        flow = self._plant.controlled[place]
        if max(flow) - min(flow) <= rule:
            self._unequal_since[place] = inf
            return
        self._unequal_since[place] = min(self._unequal_since[place], now - dt)
        self.unequal_any += dt
        if now - self._unequal_since[place] > _ALLOWED:
            self.unequal += dt
