"""Cars that sleep, loads that come and go, and what nobody measures."""

from __future__ import annotations

from gateway.load.site import Node
from tests.gateway.load.garage import Garage, Parked, evse, node, site

WAKING = 10
"""Seconds in which a step that nobody foresaw has to be mended."""
PERIOD = 400
"""Seconds from one ride of the lift to the next."""


def test_a_car_that_takes_nothing_blocks_nobody_and_may_begin_at_any_moment() -> None:
    cars = {"A": Parked(takes=0.0), "B": Parked()}
    garage = Garage(site=site(evse("A"), evse("B"), root=node(20.0)), cars=cars)
    garage.run(400)
    assert garage.given("B") == 19.0
    assert garage.given("A") == 6.0, "it keeps its minimum"
    cars["A"].takes = 32.0
    garage.run(WAKING)
    above = 0
    for _ in range(120):
        garage.step()
        above += max(garage.load("main")) > 20.0
    assert above == 0
    assert cars["A"].draws >= 6.0


def test_a_lift_that_comes_every_few_minutes_does_not_pause_a_car_each_time() -> None:
    names = ("A", "B", "C")
    garage = Garage(
        site=site(*(evse(name) for name in names), root=node(22.0)), cars={name: Parked() for name in names}
    )
    pauses = []
    for second in range(5400):
        lift = 8.0 if second % PERIOD < 20 else 0.0
        garage.base["main"] = (lift, lift, lift)
        garage.step()
        if second % 1800 == 0:
            pauses.append(0)
        pauses[-1] += sum(amps == 0 for at, _, amps in garage.log if at == garage.t)
    assert max(pauses[1:]) <= 1800 / PERIOD / 2, pauses
    assert {who for _, who, amps in garage.log if amps > 0} == set(names), "all had a turn"


def test_what_nobody_measures_loads_all_its_wires_where_no_meter_shows_otherwise() -> None:
    feeder = Node(id="feeder", parent="main", limit=(20.0, 20.0, 20.0), rated=20.0)
    evses = [evse(name, node="feeder", measured=False) for name in "AB"]
    cars = {"A": Parked(loads=(0,), shows=False), "B": Parked(shows=False)}
    garage = Garage(site=site(*evses, root=node(60.0), below=(feeder,)), cars=cars)
    for _ in range(2400):
        garage.step()
        assert garage.given("A") + garage.given("B") <= 20.0
