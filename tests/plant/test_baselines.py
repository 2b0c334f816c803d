"""The simple controllers do what they are known for, and no more."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.bench.plant.baselines import EqualShare, RoundRobin, Static
from gateway.bench.plant.plant import Plant
from gateway.bench.plant.run import Step, run
from gateway.bench.plant.table import table
from tests.plant.small import scenario, visit

if TYPE_CHECKING:
    from gateway.bench.plant.scenario import Scenario


def _written(day: Scenario, step: Step, seconds: int) -> list[tuple[float, str, float]]:
    """When which setpoint goes where."""
    plant, found = Plant(day), []
    for _ in range(seconds):
        writes = step(plant.observe())
        found += [(plant.t, name, value) for name, value in writes.items()]
        plant.apply(writes)
        plant.advance()
    return found


def test_equal_sharing_divides_what_a_circuit_leaves() -> None:
    day = replace(scenario([visit("E0"), visit("E1")]), base={"root": ((0.0, (4.0, 0.0, 0.0)),)})
    written = _written(day, EqualShare(day.site).step, 120)
    assert {value for t, _, value in written if t > 50} <= {13.0, 14.0}
    assert all(t % 10 == 0 for t, _, _ in written)


def test_equal_sharing_leaves_out_who_came_last_when_not_all_can_have_the_minimum() -> None:
    day = scenario([visit("E0"), visit("E1"), visit("E2", arrival=100.0)], limit=13.0, evses=3)
    written = _written(day, EqualShare(day.site).step, 300)
    assert not [value for _, name, value in written if name == "E2" and value > 0]


def test_the_round_robin_visits_one_evse_each_half_minute() -> None:
    day = scenario([visit("E0", cap=32.0), visit("E1")], limit=32.0)
    written = _written(day, RoundRobin(day.site).step, 600)
    assert all(t % 30 == 0 for t, _, _ in written)
    assert len({t for t, _, _ in written}) == len(written)


def test_fixed_parts_fit_under_the_fuse_and_leave_some_without() -> None:
    day = scenario([visit(f"E{number}") for number in range(8)], evses=8)
    result = run(day, Static(day.site).step)
    assert result.over == 0
    assert sum(energy > 0 for energy in result.energy.values()) == 5
    assert "overload at all (s)" in table({"static": result})
