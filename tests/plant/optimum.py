"""The most that anybody who knows the future could deliver: a linear program over spans of five minutes.

It knows arrivals, requests, other loads and limits; cars follow at once, take any current from 0 up and never sleep.
So it is an upper bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

from gateway.bench.plant.result import MUCH, Grid

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateway.bench.plant.scenario import Scenario

_JOULES = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimum:
    """The two bounds of a scenario.

    Attributes:
        energy: Most Wh of all cars together.
        alone: Wh of all cars if each were alone.
        least: Highest share of what a car could have alone that all cars can reach.
    """

    energy: float
    alone: float
    least: float


class _Rows:
    """Rows of a sparse system: sum of coefficient times variable is at most a bound."""

    def __init__(self) -> None:
        self._row: list[int] = []
        self._column: list[int] = []
        self._value: list[float] = []
        self.bounds: list[float] = []

    def add(self, terms: Sequence[tuple[int, float]], bound: float) -> None:
        row = len(self.bounds)
        for column, value in terms:
            self._row.append(row)
            self._column.append(column)
            self._value.append(value)
        self.bounds.append(bound)

    def matrix(self, columns: int) -> csr_array:
        return csr_array((self._value, (self._row, self._column)), shape=(len(self.bounds), columns))


def optimum(scenario: Scenario) -> Optimum:
    """Solve for the most energy, and for the best of the least served."""
    grid = Grid(scenario)
    site = scenario.site
    could = {visit.id: grid.alone(visit) for visit in scenario.visits}
    highest: list[float] = []
    energies: list[tuple[str, list[tuple[int, float]]]] = []
    rows = _Rows()
    nodes: dict[tuple[str, int, int], list[tuple[int, float]]] = {}
    for visit in scenario.visits:
        phases, path = grid.phases(visit), site.path(site.evse[visit.evse].node)
        gain = site.voltage * len(phases) * grid.width / _JOULES
        terms = []
        for place, share in grid.presence(visit):
            column = len(highest)
            highest.append(grid.cap(visit) * share)
            terms.append((column, gain))
            for node in path:
                for phase in phases:
                    nodes.setdefault((node, phase, place), []).append((column, 1.0))
        energies.append((visit.id, terms))
        rows.add(terms, visit.energy)
    for (node, phase, place), terms in nodes.items():
        free = grid.free[node][phase][place]
        if sum(highest[column] for column, _ in terms) > free:
            rows.add(terms, free)
    _balance(rows, scenario, nodes, grid.bins)
    most = _solve(rows, highest, {column: gain for _, terms in energies for column, gain in terms})
    share = len(highest)
    for name, terms in energies:
        if could[name] > MUCH:
            rows.add([*((column, -gain) for column, gain in terms), (share, could[name])], 0.0)
    least = _solve(rows, [*highest, 1.0], {share: 1.0})
    return Optimum(energy=most, alone=sum(could.values()), least=least)


def _balance(
    rows: _Rows, scenario: Scenario, nodes: Mapping[tuple[str, int, int], list[tuple[int, float]]], bins: int
) -> None:
    for node in scenario.site.nodes:
        if node.imbalance is None:
            continue
        for place in range(bins):
            on = [dict(nodes.get((node.id, phase, place), ())) for phase in range(3)]
            for more, less in permutations(on, 2):
                terms = [(column, 1.0) for column in more if column not in less]
                terms += [(column, -1.0) for column in less if column not in more]
                if terms:
                    rows.add(terms, node.imbalance)


def _solve(rows: _Rows, highest: Sequence[float], gains: Mapping[int, float]) -> float:
    """The highest sum of gain times variable."""
    if not highest:
        return 0.0
    cost = np.zeros(len(highest))
    for column, gain in gains.items():
        cost[column] = -gain
    bounds = [(0.0, most) for most in highest]
    # The stubs know no sparse matrix here, though HiGHS takes one.
    matrix: Any = rows.matrix(len(highest))
    found = linprog(cost, A_ub=matrix, b_ub=np.asarray(rows.bounds), bounds=bounds, method="highs-ipm")
    assert found.fun is not None, found.message
    return float(-found.fun)
