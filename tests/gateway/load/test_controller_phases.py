"""Imbalance as drivers meet it: who tilts the phases gives way to who waits, and a block gets its turn."""

from __future__ import annotations

from gateway.load.site import Control, Node
from tests.gateway.load.garage import Garage, Parked, evse, node, site

RULE = 20.0


def uneven(garage: Garage) -> float:
    return max(garage.load("main")) - min(garage.load("main"))


def test_who_tilts_the_phases_gives_way_to_a_car_of_which_nobody_knows_yet_what_it_loads() -> None:
    root = node(100.0, imbalance=RULE)
    cars = {"A": Parked(loads=(0,)), "B": Parked(session=None)}
    garage = Garage(site=site(evse("A"), evse("B"), root=root), cars=cars)
    garage.run(900)
    assert garage.given("A") >= 18.0, "alone it uses the rule up"
    garage.cars["B"].session = "late"
    garage.run(240)
    assert garage.given("B") >= 6.0
    garage.run(600)
    assert garage.given("A") >= 18.0, "the other was seen to tilt nothing"
    assert garage.given("B") >= 30.0


def test_a_block_that_cannot_begin_beside_others_on_its_phase_gets_its_turn() -> None:
    root = node(100.0, imbalance=RULE)
    block = evse("block", control=Control.ONOFF, fixed=16.0, maximum=16.0, phases=(0,))
    others = [evse(name, phases=(0,)) for name in "AB"]
    cars = {"A": Parked(loads=(0,)), "B": Parked(loads=(0,)), "block": Parked(loads=(0,), session=None)}
    garage = Garage(site=site(*others, block, root=root), cars=cars)
    garage.run(600)
    garage.cars["block"].session = "late"
    for _ in range(2400):
        garage.step()
        assert uneven(garage) <= RULE
        if garage.cars["block"].draws > 0:
            break
    assert garage.cars["block"].draws == 16.0


def test_who_can_give_up_nothing_is_not_told_so_again_and_again() -> None:
    root = node(100.0, imbalance=RULE)
    block = evse("block", control=Control.ONOFF, fixed=16.0, maximum=16.0, phases=(0,))
    cars = {"block": Parked(loads=(0,), beyond=0.1), "B": Parked(loads=(0,))}
    garage = Garage(site=site(block, evse("B"), root=root), cars=cars)
    garage.run(900)
    told = [(name, amps) for _, name, amps in garage.log]
    assert len(told) == len(set(told)), told
    assert garage.given("B") == 0.0, "there is no room for both"


def test_what_a_station_measures_a_little_too_much_does_not_end_its_turn() -> None:
    feeder = Node(id="feeder", parent="main", limit=(32.0, 32.0, 32.0), rated=32.0)
    blocks = [
        evse(name, node="feeder", control=Control.ONOFF, fixed=16.0, maximum=16.0, phases=(0,)) for name in ("A", "B")
    ]
    cars = {name: Parked(loads=(0,)) for name in ("A", "B")}
    garage = Garage(site=site(*blocks, root=node(100.0), below=(feeder,)), cars=cars)
    garage.run(120)
    assert garage.given("A") == garage.given("B") == 16.0
    garage.log.clear()
    for car in cars.values():
        car.beyond = 0.1
    garage.run(300)
    assert garage.log == []


def test_a_car_of_which_nobody_knows_what_it_loads_may_load_two_phases() -> None:
    evses = evse("A", phases=(1, 2, 0)), evse("B", measured=False)
    cars = {"A": Parked(loads=(1,), takes=16.0), "B": Parked(loads=(0, 1), session=None)}
    garage = Garage(site=site(*evses, root=node(100.0, imbalance=RULE)), cars=cars)
    garage.run(600)
    assert garage.given("A") >= 16.0
    garage.cars["B"].session = "late"
    for _ in range(600):
        garage.step()
        assert uneven(garage) <= RULE
    assert garage.cars["B"].draws >= 6.0
