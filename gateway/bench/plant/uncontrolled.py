"""What nobody controls: other loads of the site, and limits that others lower."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.bench.plant.scenario import Scenario
    from gateway.bench.plant.shocks import Shocks
    from gateway.load.site import Phases

_STEP = 0.03  # share of a circuit's limit by which a load must rise at once to count as a step there


class OtherLoads:
    """The loads of a site that are no EVSEs.

    Args:
        scenario: What they draw.
    """

    def __init__(self, scenario: Scenario) -> None:
        site = scenario.site
        index = {node.id: place for place, node in enumerate(site.nodes)}
        self.flow = [[0.0, 0.0, 0.0] for _ in site.nodes]
        """Of each circuit: A per phase that they draw through it."""
        self._limits = [node.limit for node in site.nodes]
        self._paths = {node.id: [index[each] for each in site.path(node.id)] for node in site.nodes}
        changes = [(t, node, flow) for node, series in scenario.base.items() for t, flow in series]
        self._changes = sorted(changes, reverse=True)
        self._own = {node.id: (0.0, 0.0, 0.0) for node in site.nodes}

    def advance(self, now: float, shocks: Shocks) -> None:
        """Let them change as they do until now."""
        while self._changes and self._changes[-1][0] <= now:
            _, node, flow = self._changes.pop()
            self._change(now, node, flow, shocks)

    def _change(self, now: float, node: str, flow: Phases, shocks: Shocks) -> None:
        before, self._own[node] = self._own[node], flow
        for phase in range(3):
            delta = flow[phase] - before[phase]
            if not delta:
                continue
            for each in self._paths[node]:
                self.flow[each][phase] += delta
                if delta >= _STEP * self._limits[each][phase]:
                    shocks.at(now, (each,), (phase,))


class Limits:
    """What each circuit may carry now.

    Args:
        scenario: When that changes.
    """

    def __init__(self, scenario: Scenario) -> None:
        site = scenario.site
        self.now = [node.limit for node in site.nodes]
        """Of each circuit, A per phase."""
        self.reduced: dict[str, Phases] = {}
        """Of those that are lowered now."""
        self._built = self.now.copy()
        self._index = {node.id: place for place, node in enumerate(site.nodes)}
        changes = [(t, node, limit) for node, series in scenario.limits.items() for t, limit in series]
        self._changes = sorted(changes, key=lambda change: -change[0])

    def advance(self, now: float, shocks: Shocks) -> None:
        """Let them change as they do until now."""
        while self._changes and self._changes[-1][0] <= now:
            _, node, limit = self._changes.pop()
            place = self._index[node]
            self.reduced = {name: each for name, each in self.reduced.items() if name != node}
            if limit is not None:
                self.reduced[node] = limit
            target = self._built[place] if limit is None else limit
            if any(new < old for new, old in zip(target, self.now[place], strict=True)):
                shocks.at(now, [place])
            self.now[place] = target
