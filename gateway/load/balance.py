"""The imbalance rule as things are: what EVSEs load one phase more than another."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.load.tree import PAIRS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from gateway.load.car import Car
    from gateway.load.site import LoadSite
    from gateway.load.view import View

GUARD = 1.0
"""A of the rule that are not used: what measurements are wrong by."""


def guarded(site: LoadSite) -> LoadSite:
    """The site with what its imbalance rules may be used up to."""
    nodes = tuple(
        node if node.imbalance is None else replace(node, imbalance=max(0.0, node.imbalance - GUARD))
        for node in site.nodes
    )
    return replace(site, nodes=nodes)


class Balance:
    """Highest and lowest sums of EVSE currents, per circuit with a rule and phase."""

    def __init__(self, view: View, high: Callable[[Car], float], low: Callable[[Car], float]) -> None:
        """Add up; ``high`` and ``low`` are A per phase that an EVSE draws at most and at least."""
        self._limit = {node.id: node.imbalance for node in view.site.nodes if node.imbalance is not None}
        self._high = {node: [0.0, 0.0, 0.0] for node in self._limit}
        self._low = {node: [0.0, 0.0, 0.0] for node in self._limit}
        self._begun = {node: [0.0, 0.0, 0.0] for node in self._limit}
        self._ruled = {
            name: [node for node in view.site.path(car.evse.node) if node in self._limit]
            for name, car in view.cars.items()
        }
        self._cars, self._now = view.cars, view.t
        if self._limit:
            for name, car in view.cars.items():
                self.add(name, high(car), low(car))
                if car.used is None and car.setpoint > 0 and view.t - car.told_at < view.policy.starting:
                    self._begins(name, car.setpoint)

    def add(self, name: str, high: float, low: float) -> None:
        """So much more of one EVSE; of a car whose phases are not known only L1 is certain."""
        car = self._cars[name]
        for node in self._ruled[name]:
            for phase in car.phases:
                self._high[node][phase] += high
            for phase in self.certain(name):
                self._low[node][phase] += low

    def _begins(self, name: str, amps: float) -> None:
        """Nobody has seen yet over which phases a car draws: it may be over L1 alone."""
        for node in self._ruled[name]:
            self._begun[node][self._cars[name].phases[0]] += amps

    def raised(self, name: str, amps: float, drawn: float) -> None:
        """An EVSE is raised to so much, of which it drew a part before."""
        if self._cars[name].used is None:
            self._begins(name, amps)
        self.add(name, max(0.0, amps - drawn), 0.0)

    def room(self, name: str) -> float:
        """A by which an EVSE can be raised before the rule is broken; where its phases are not known, as if it had one."""
        car = self._cars[name]
        if car.used is None and car.setpoint <= 0:
            return self._start(name, car.phases[0])
        loads = car.phases if car.used is not None else car.phases[:1]
        return min(
            (
                self._limit[node] - GUARD - self._high[node][p] + self._low[node][q]
                for node in self._ruled[name]
                for p in loads
                for q in range(3)
                if q not in loads
            ),
            default=float("inf"),
        )

    def _start(self, name: str, first: int) -> float:
        """The same for a car that is to begin. Those that are being watched count as if they had L1 only, others evenly."""
        return min(
            (
                self._limit[node] - GUARD - self._begun[node][first] - self._high[node][first] + self._high[node][q]
                for node in self._ruled[name]
                for q in range(3)
            ),
            default=float("inf"),
        )

    def broken(self, tolerance: float) -> Iterator[tuple[str, int, int, float]]:
        """Circuit, high and low phase, and A too much."""
        for node, limit in self._limit.items():
            for p, q in PAIRS:
                excess = self._high[node][p] - self._low[node][q] - limit
                if excess > tolerance:
                    yield node, p, q, excess

    def tips(self, names: Iterable[str], node: str, p: int, q: int) -> list[str]:
        """Those who load the one phase and not the other, or may do so."""
        found = [name for name in names if node in self._ruled[name] and p in self._cars[name].phases]
        return [name for name in found if q not in self.certain(name)]

    def certain(self, name: str) -> tuple[int, ...]:
        """The phases that a car loads for certain if it draws: of one that has not shown it after a while, L1."""
        car = self._cars[name]
        watched = self._now - car.told_at < car.policy.watch
        return car.phases if car.used is not None or watched else car.phases[:1]
