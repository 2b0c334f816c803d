"""The figures that a controller is judged by are right themselves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.bench.plant.result import alone
from gateway.bench.plant.run import run
from tests.plant.optimum import optimum
from tests.plant.small import scenario, visit


def test_an_overload_counts_from_its_eleventh_second_on() -> None:
    busy = replace(
        scenario(), base={"root": ((0.0, (0.0, 0.0, 0.0)), (100.0, (40.0, 0.0, 0.0)), (130.0, (0.0, 0.0, 0.0)))}
    )
    result = run(busy, lambda _: {})
    assert result.over == 30
    assert result.late == result.late_strict == 20
    assert result.longest == 30
    assert result.worst == pytest.approx(40 / 32)


def test_a_further_step_begins_the_clock_anew_but_not_by_the_strict_count() -> None:
    steps = ((0.0, (0.0, 0.0, 0.0)), (100.0, (40.0, 0.0, 0.0)), (108.0, (45.0, 0.0, 0.0)), (117.0, (0.0, 0.0, 0.0)))
    result = run(replace(scenario(), base={"root": steps}), lambda _: {})
    assert result.over == 17
    assert result.late == 0
    assert result.late_strict == 7


def test_the_trip_budget_is_time_over_trip_time() -> None:
    much = 1.6 * 63
    busy = replace(
        scenario(limit=63.0, seconds=1800.0),
        base={"root": tuple((t, (amps, 0.0, 0.0)) for t, amps in ((0.0, 0.0), (100.0, much), (120.0, 0.0), (720.0, much), (740.0, 0.0)))},
    )  # fmt: skip
    result = run(busy, lambda _: {})
    assert result.budget == pytest.approx(40 / 464, rel=0.02)
    assert 20 / 464 < result.heat < 30 / 464


def test_a_car_on_one_phase_breaks_the_imbalance_rule_alone() -> None:
    day = scenario([visit(phases=1, cap=32.0)], seconds=120.0)
    result = run(day, lambda seen: {"E0": 32.0} if seen.t == 0 else {})
    assert result.unequal > 60
    assert run(day, lambda seen: {"E0": 20.0} if seen.t == 0 else {}).unequal_any == 0


def test_a_car_that_waits_while_its_minimum_is_free_is_seen() -> None:
    result = run(scenario([visit("E0"), visit("E1")]), lambda seen: {"E0": 16.0, "E1": 0.0} if seen.t == 0 else {})
    assert result.idle_cars == 1
    assert result.idle > 3000
    assert result.starved == 0


def test_a_car_that_waits_while_another_has_plenty_starves() -> None:
    day = scenario([visit("E0", cap=32.0), visit("E1")])
    result = run(day, lambda seen: {"E0": 30.0, "E1": 0.0} if seen.t == 0 else {})
    assert result.starved > 3000
    assert result.starved_car == "at E1"
    assert result.waited >= result.starved
    assert result.idle == 0


def test_energy_and_writes_are_those_of_the_run() -> None:
    result = run(scenario([visit(energy=2000.0)]), lambda seen: {"E0": 16.0} if seen.t % 60 == 0 else {})
    assert result.energy == pytest.approx({"at E0": 2000.0}, abs=1.0)
    assert result.writes == 60
    assert result.charging == pytest.approx(2000 / (3 * 230 * 16), rel=0.05)


def test_what_a_car_could_have_alone_knows_other_loads_limits_and_the_imbalance_rule() -> None:
    day = replace(
        scenario([visit("E0", cap=32.0), visit("E1", cap=32.0, phases=1)], evses=2),
        base={"root": ((0.0, (12.0, 2.0, 2.0)),)},
        limits={"root": ((1800.0, (22.0, 22.0, 22.0)),)},
    )
    could = alone(day)
    assert could["at E0"] == pytest.approx(15 * 3 * 230, rel=0.01)
    assert could["at E1"] == pytest.approx(15 * 230, rel=0.01)


def test_the_optimum_of_two_cars_is_what_it_must_be() -> None:
    day = scenario([visit("E0", cap=32.0), visit("E1", cap=32.0)])
    best = optimum(day)
    assert best.energy == pytest.approx(32 * 3 * 230, rel=0.01)
    assert best.least == pytest.approx(1 / 2, rel=0.01)


def test_the_optimum_keeps_the_imbalance_rule() -> None:
    best = optimum(scenario([visit("E0", cap=32.0, phases=1), visit("E1", cap=32.0, phases=1)]))
    assert best.energy == pytest.approx(20 * 230, rel=0.01)
