"""What a plot shows of a run, and whether a fuse was overloaded: by what truly flows."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.bench.plant.plant import Plant
    from gateway.bench.plant.scenario import Scenario

_BINS = 720
_TOLERANCE = 0.1  # A above a limit that nobody calls an overload
_ALLOWED = 10.0  # s in which an overload has to be gone


class Record:
    """Is told of each second of a run.

    Args:
        scenario: What is run.
    """

    def __init__(self, scenario: Scenario) -> None:
        site = scenario.site
        self.span = max(1.0, scenario.seconds / _BINS)
        """Seconds that one value stands for."""
        count = int(-(-scenario.seconds // self.span))
        self.load = [[[0.0] * count for _ in range(3)] for _ in site.nodes]
        """Of each circuit and phase: the highest A in each span."""
        self.limit = [[[each] * count for each in node.limit] for node in site.nodes]
        """The same of what it may carry: the lowest."""
        self.current = [[0.0] * count for _ in site.evses]
        """Of each EVSE: the highest A per phase in each span."""
        self.plugged = [[False] * count for _ in site.evses]
        """Whether a car was there."""
        self.late = [0.0 for _ in site.nodes]
        """Of each circuit: s above what it is built for, beyond the tenth after a step that nobody controls."""
        self._since = [[inf, inf, inf] for _ in site.nodes]
        self._built = [node.limit for node in site.nodes]

    def watch(self, plant: Plant) -> None:
        """A second has passed."""
        place = min(int((plant.t - 1.0) // self.span), len(self.load[0][0]) - 1)
        for node, loads in enumerate(self.load):
            flow, limit = plant.flow(node), plant.limits.now[node]
            for phase in range(3):
                loads[phase][place] = max(loads[phase][place], flow[phase])
                self.limit[node][phase][place] = min(self.limit[node][phase][place], limit[phase])
            self._judge(node, flow, plant)
        for index, outlet in enumerate(plant.outlets):
            if outlet.car is not None:
                self.plugged[index][place] = True
                self.current[index][place] = max(self.current[index][place], outlet.current)

    def peak(self, node: int) -> tuple[float, float, float]:
        """The highest load of a circuit, A per phase."""
        one, two, three = (max(each) for each in self.load[node])
        return one, two, three

    def _judge(self, node: int, flow: list[float], plant: Plant) -> None:
        since, shocks, late = self._since[node], plant.shocks.last[node], False
        for phase in range(3):
            if flow[phase] <= self._built[node][phase] + _TOLERANCE:
                since[phase] = inf
                continue
            since[phase] = min(since[phase], plant.t - 1.0)
            late |= plant.t - max(since[phase], shocks[phase] - 1.0) > _ALLOWED
        self.late[node] += late
