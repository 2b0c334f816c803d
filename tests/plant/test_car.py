"""A car of the plant behaves as cars do."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import pytest

from gateway.bench.plant.plant import Plant
from gateway.load.site import Control
from tests.plant.small import pass_time, scenario, visit


@pytest.mark.parametrize("seed", range(10))
def test_a_car_follows_less_current_within_the_time_that_the_standard_gives_it(seed: int) -> None:
    plant = Plant(scenario([visit(reaction=4.5)]), seed)
    plant.apply({"E0": 32.0})
    pass_time(plant, 30)
    assert plant.outlets[0].current == 16.0
    plant.apply({"E0": 8.0})
    pass_time(plant, 1)
    assert plant.outlets[0].current == 16.0
    pass_time(plant, 6)
    assert plant.outlets[0].current == 8.0


def test_a_car_raises_its_current_bit_by_bit() -> None:
    plant = Plant(scenario([visit(ramp=2.0, reaction=0.5, start=2.0)]))
    plant.apply({"E0": 16.0})
    seen = []
    for _ in range(20):
        plant.advance()
        seen.append(plant.outlets[0].current)
    assert {2.0, 4.0, 6.0, 14.0, 16.0} <= set(seen)
    assert seen == sorted(seen)


def test_current_flows_in_the_phases_that_are_wired() -> None:
    plain = scenario([visit(phases=1)])
    rotated = replace(plain, site=replace(plain.site, evses=(replace(plain.site.evses[0], phases=(1, 2, 0)),)))
    plant = Plant(rotated)
    plant.apply({"E0": 10.0})
    pass_time(plant, 30)
    assert plant.flow(0) == [0.0, 10.0, 0.0]


def test_a_full_battery_takes_nothing_more() -> None:
    plant = Plant(scenario([visit(energy=1000.0, taper=300.0)]))
    plant.apply({"E0": 16.0})
    pass_time(plant, 200)
    assert plant.outlets[0].current == 16.0
    pass_time(plant, 130)
    assert 0.0 < plant.outlets[0].current < 16.0
    pass_time(plant, 900)
    assert plant.outlets[0].current == 0.0
    assert plant.cars()[0].stored == pytest.approx(1000.0, abs=1.0)


def test_a_full_car_draws_once_more_before_it_leaves() -> None:
    plant = Plant(scenario([visit(energy=100.0, again=600.0)]))
    plant.apply({"E0": 16.0})
    pass_time(plant, 590)
    assert plant.outlets[0].current == 0.0
    pass_time(plant, 60)
    assert plant.outlets[0].current == 10.0
    assert plant.cars()[0].stored == pytest.approx(100.0, abs=1.0)


def test_a_car_that_sleeps_needs_long_to_take_current_again() -> None:
    plant = Plant(
        scenario([visit("E0", dozes_after=300.0, wakes_in=120.0), visit("E1", dozes_after=300.0, wakes_in=inf)])
    )
    pass_time(plant, 100)
    plant.apply({"E0": 16.0, "E1": 16.0})
    pass_time(plant, 30)
    assert [outlet.current for outlet in plant.outlets] == [16.0, 16.0]
    plant.apply({"E0": 0.0, "E1": 0.0})
    pass_time(plant, 400)
    plant.apply({"E0": 16.0, "E1": 16.0})
    pass_time(plant, 100)
    assert [outlet.current for outlet in plant.outlets] == [0.0, 0.0]
    pass_time(plant, 60)
    assert [outlet.current for outlet in plant.outlets] == [16.0, 0.0]
    assert [car.lost for car in plant.cars()] == [False, True]


def test_a_station_that_can_only_be_switched_gives_what_it_gives() -> None:
    plain = scenario([visit()])
    evse = replace(plain.site.evses[0], control=Control.ONOFF, fixed=13.0)
    plant = Plant(replace(plain, site=replace(plain.site, evses=(evse,))))
    plant.apply({"E0": 13.0})
    pass_time(plant, 30)
    assert plant.outlets[0].current == 13.0
    plant.apply({"E0": 0.0})
    pass_time(plant, 10)
    assert plant.outlets[0].current == 0.0
    assert plant.illegal == 0
