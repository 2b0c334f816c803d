"""Sharing against a solver: the weighted max-min optimum, found by one linear program after the other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from tests.gateway.load.allocation import Case, claims, nodes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gateway.load.allocator import Claim

FINE = 0.0001
"""A: so fine a step that setpoints are as good as any current."""

NEAR = 0.002


def rows(case: Case) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Who counts in which phase of which circuit, and what may flow there."""
    site = case.site
    counts = [
        [float(node.id in site.path(claim.node) and phase in claim.phases) for claim in case.claims]
        for node in case.nodes
        for phase in range(3)
    ]
    return np.array(counts), np.array([room for node in case.nodes for room in case.room.get(node.id, node.limit)])


def optimum(case: Case) -> list[float]:
    """What each has where the least for its weight is as high as can be, and then the next least, and so on."""
    wanted = case.claims
    counts, room = rows(case)
    fixed: dict[int, float] = {}
    while len(fixed) < len(wanted):
        level = highest(wanted, counts, room, fixed)
        at = [fixed.get(k, max(c.least, min(c.most, c.weight * level))) for k, c in enumerate(wanted)]
        done = [k for k in range(len(wanted)) if k not in fixed and alone(k, at, wanted, counts, room) < at[k] + 1e-6]
        assert done
        fixed.update((k, at[k]) for k in done)
    return [fixed[k] for k in range(len(wanted))]


def highest(
    wanted: tuple[Claim, ...], counts: NDArray[np.float64], room: NDArray[np.float64], fixed: dict[int, float]
) -> float:
    """The highest level that all who are not fixed can have together; who can take no more is no hindrance later."""
    count = len(wanted)
    lowest = np.zeros((count, count + 1))
    for k, claim in enumerate(wanted):
        if k not in fixed:
            lowest[k, k], lowest[k, count] = -1.0, claim.weight
    bounds = [(fixed.get(k, c.least), fixed.get(k, c.most)) for k, c in enumerate(wanted)]
    result = linprog(
        [*[0.0] * count, -1.0],
        A_ub=np.vstack([np.hstack([counts, np.zeros((len(counts), 1))]), lowest]),
        b_ub=np.concatenate([room, np.zeros(count)]),
        bounds=[*bounds, (0, None)],
    )
    # A level below somebody's least for its weight holds nobody back yet.
    assert result.x is not None
    return float(result.x[-1])


def alone(
    who: int, at: list[float], wanted: tuple[Claim, ...], counts: NDArray[np.float64], room: NDArray[np.float64]
) -> float:
    """The most that one can have while all others keep what they have."""
    others = counts @ np.array([0.0 if k == who else each for k, each in enumerate(at)])
    tight = counts[:, who] > 0
    return min(wanted[who].most, float(np.min((room - others)[tight])))


@settings(max_examples=60)
@given(data=st.data())
def test_sharing_is_the_max_min_optimum_of_a_solver(data: st.DataObject) -> None:
    circuits = data.draw(nodes(st.none()))
    wanted = tuple(replace(each, step=FINE, priority=0) for each in data.draw(claims(circuits, most=6)))
    case = Case(nodes=circuits, claims=wanted)
    currents = case.currents()
    admitted = replace(case, claims=tuple(each for each in wanted if currents[each.evse] > 0 or each.least == 0))
    expected = optimum(admitted) if admitted.claims else []
    assert [currents[each.evse] for each in admitted.claims] == pytest.approx(expected, abs=NEAR)


@settings(max_examples=60)
@given(data=st.data())
def test_whole_setpoints_cost_nobody_a_whole_step(
    data: st.DataObject,
) -> None:
    circuits = data.draw(nodes(st.none()))
    wanted = tuple(replace(each, step=1.0, priority=0) for each in data.draw(claims(circuits, most=6, whole=True)))
    coarse = Case(nodes=circuits, claims=wanted)
    fine = replace(coarse, claims=tuple(replace(each, step=FINE) for each in wanted))
    exact = fine.currents()
    assert all(current > exact[evse] - 1 - NEAR for evse, current in coarse.currents().items())
