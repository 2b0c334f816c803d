"""What is taken away where a circuit has too much: at once, enough, from few, and from the right ones."""

from __future__ import annotations

import pytest

from gateway.load.decision import Cause, Reason
from tests.gateway.load.garage import Garage, Parked, evse, node, site

LIMIT = 40.0


def garage(*names: str, **more: Parked) -> Garage:
    cars = {name: more.get(name, Parked()) for name in names}
    evses = [evse(name, measured=name not in more or more[name].shows) for name in names]
    return Garage(site=site(*evses, root=node(LIMIT)), cars=cars)


def test_where_one_minimum_is_left_who_began_first_keeps_it_and_the_circuit_is_the_reason() -> None:
    cars = garage("A")
    cars.cars["B"] = Parked(session=None)
    cars = Garage(site=site(evse("A"), evse("B"), root=node(LIMIT)), cars=cars.cars)
    cars.run(120)
    cars.cars["B"].session = "late"
    cars.run(400)
    assert min(cars.given("A"), cars.given("B")) >= 6.0
    cars.base["main"] = (31.0, 31.0, 31.0)
    cars.step()
    assert (cars.given("A") >= 6.0, cars.given("B")) == (True, 0.0)
    assert cars.reason("B") == Reason(cause=Cause.WAITING, node="main", phase=0)


@pytest.mark.parametrize("after", range(1, 20, 3))
def test_a_step_while_another_car_is_about_to_begin_is_cut_as_well(after: int) -> None:
    slow = Parked(session=None, lag=5.0)
    cars = garage("A", "B", "C", C=slow)
    cars.run(300)
    slow.session = "late"
    while cars.given("C") == 0:
        cars.step()
    cars.run(after)
    cars.base["main"] = (24.0, 24.0, 24.0)
    above = 0
    for _ in range(60):
        cars.step()
        above = above + 1 if max(cars.load("main")) > LIMIT else 0
        assert above <= 7, cars.log
    assert sum(cars.given(name) for name in cars.cars) >= 12.0


def test_a_car_that_nobody_measures_and_that_takes_nothing_is_not_counted_on() -> None:
    cars = garage("A", "B", A=Parked(takes=0.0, shows=False))
    cars.run(300)
    assert cars.given("B") >= 15.0
    cars.base["main"] = (30.0, 30.0, 30.0)
    above = 0
    for _ in range(30):
        cars.step()
        above = above + 1 if max(cars.load("main")) > LIMIT else 0
        assert above <= 5
