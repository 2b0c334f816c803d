"""What the controller does, seen from a few cars."""

from __future__ import annotations

import pytest

from gateway.load.decision import Cause, Reason
from gateway.load.policy import Policy
from gateway.load.site import Control, Node
from tests.gateway.load.garage import Garage, Parked, evse, node, site


def one(limit: float = 32.0, base: float = 0.0, **more: object) -> Garage:
    """One car that takes 32 A, and a connection with other loads."""
    root = node(limit, failsafe=20.0)
    return Garage(
        site=site(evse("A", **more), root=root), cars={"A": Parked()}, base={"main": (base, base, base)}, t=1000.0
    )


def two(limit: float, base: float = 0.0, **more: object) -> Garage:
    root = node(limit)
    cars = {"A": Parked(), "B": Parked()}
    return Garage(
        site=site(evse("A", **more), evse("B", **more), root=root), cars=cars, base={"main": (base, base, base)}
    )


def test_a_car_gets_what_the_connection_has() -> None:
    garage = one(limit=40.0)
    garage.run(300)
    assert garage.given("A") == 32.0
    assert garage.reason("A") == Reason(cause=Cause.NOTHING)
    assert len(garage.log) <= 3


def test_nobody_is_above_the_failsafe_before_the_meter_was_read() -> None:
    garage = one(limit=40.0, failsafe=8.0)
    garage.metered = False
    garage.run(200)
    assert all(amps <= 8.0 for _, _, amps in garage.log)
    garage.metered = True
    garage.run(300)
    assert garage.given("A") == 32.0


def test_without_a_failsafe_nobody_begins_before_the_meter_was_read() -> None:
    garage = one(limit=40.0)
    garage.metered = False
    garage.run(200)
    assert garage.log == []
    assert garage.reason("A").cause is Cause.FAILSAFE


def test_a_step_of_other_loads_is_answered_at_once_and_no_more_is_taken_than_needed() -> None:
    garage = one(limit=40.0)
    garage.run(300)
    garage.base["main"] = (0.0, 20.0, 0.0)
    writes = garage.step()
    policy = Policy()
    spared = 40.0 * policy.inexact + policy.noise + policy.depth + policy.margin
    assert 20.0 - spared - 1.0 <= writes["A"] <= 20.0
    garage.run(10)
    assert max(garage.load("main")) <= 40.0
    assert garage.given("A") == writes["A"], "nothing more while the car follows"
    assert garage.reason("A").cause is Cause.SETTLING
    garage.run(300)
    assert garage.reason("A") == Reason(cause=Cause.CIRCUIT, node="main", phase=1)


def test_a_step_that_fits_changes_nothing() -> None:
    garage = one(limit=60.0)
    garage.run(300)
    garage.base["main"] = (20.0, 20.0, 20.0)
    garage.log.clear()
    garage.run(60)
    assert garage.log == []


def test_current_is_handed_on_only_when_the_meter_shows_it_free() -> None:
    garage = two(32.0)
    garage.run(400)
    assert garage.given("A") + garage.given("B") > 28
    slow = garage.cars["A"]
    slow.lag, slow.cap = 30.0, 6.0
    garage.log.clear()
    for _ in range(30):
        garage.step()
        assert sum(garage.load("main")) / 3 <= 32.0
        if slow.draws > 6.0:
            assert not any(name == "B" for _, name, _ in garage.log), "A still draws it"
    garage.run(400)
    assert garage.given("B") >= 24.0


def test_an_old_reading_raises_nobody_and_an_older_one_is_the_worst_case() -> None:
    garage = one(limit=40.0, base=30.0)
    garage.run(300)
    had = garage.given("A")
    assert 6.0 <= had <= 10.0
    garage.metered = False
    garage.base["main"] = (0.0, 0.0, 0.0)
    garage.log.clear()
    garage.run(5)
    assert garage.log == []
    assert garage.reason("A") == Reason(cause=Cause.FAILSAFE, node="main")
    garage.run(600)
    assert all(amps <= had for _, _, amps in garage.log)
    garage.metered = True
    garage.run(300)
    assert garage.given("A") == 32.0


def test_where_the_worst_case_is_more_than_was_seen_it_is_cut_to_it() -> None:
    garage = one(limit=40.0)
    garage.run(300)
    garage.metered = False
    garage.run(6)
    assert garage.given("A") == 32.0
    garage.run(2)
    assert 16.0 <= garage.given("A") <= 20.0, "20 A of others at worst"


def test_what_a_lost_station_was_told_is_reserved_until_it_falls_to_its_failsafe_and_is_back() -> None:
    garage = two(32.0, failsafe=6.0, failsafe_timeout=200.0)
    garage.run(400)
    had = garage.given("A")
    garage.cars["A"].online = False
    garage.run(190)
    assert garage.reason("A").cause is Cause.UNREACHABLE
    assert had + garage.given("B") <= 32.0
    assert garage.given("B") < 20.0
    garage.cars["A"].setpoint, garage.cars["A"].since = 6.0, garage.t
    for _ in range(400):
        garage.step()
        assert max(garage.load("main")) <= 32.0, "what it falls to is not given away"
    assert 22.0 <= garage.given("B") <= 26.0
    garage.cars["A"].online = True
    for _ in range(600):
        garage.step()
        assert max(garage.load("main")) <= 32.0, "it is not given back before the other has given it up"
    assert abs(garage.given("A") - garage.given("B")) < 4.0


def test_what_the_car_of_a_lost_station_does_not_draw_is_not_given_away() -> None:
    garage = two(32.0, failsafe=6.0, failsafe_timeout=1000.0)
    garage.run(400)
    had = garage.given("A")
    garage.cars["A"].online = False
    garage.cars["A"].takes = 0.0
    garage.run(500)
    assert had + garage.given("B") <= 32.0
    garage.cars["A"].takes = 32.0
    garage.run(30)
    assert garage.cars["A"].draws > 6.0
    assert max(garage.load("main")) <= 32.0


def test_a_station_that_does_not_obey_is_made_room_for() -> None:
    garage = two(32.0)
    garage.run(400)
    garage.cars["A"].lost = 10_000
    garage.cars["A"].setpoint = 24.0
    garage.run(40)
    assert garage.cars["A"].draws > 20.0
    assert max(garage.load("main")) <= 32.0


def test_two_cars_take_turns_where_one_minimum_fits() -> None:
    garage = two(10.0)
    garage.run(600)
    first = "A" if garage.given("A") else "B"
    other = "B" if first == "A" else "A"
    assert garage.given(first) >= 6.0
    assert garage.given(other) == 0.0
    assert garage.reason(other).cause is Cause.WAITING
    assert garage.reason(other).node == "main"
    garage.run(1000)
    assert garage.given(first) >= 6.0, "not before its time is over"
    garage.run(600)
    assert garage.given(first) == 0.0
    assert garage.given(other) >= 6.0
    for _ in range(2000):
        garage.step()
        assert max(garage.load("main")) <= 10.0
    assert garage.given(first) >= 6.0


def test_who_has_priority_has_it_first() -> None:
    garage = two(10.0)
    garage.cars["B"].priority = 5
    garage.run(4000)
    assert garage.given("B") >= 6.0
    assert garage.given("A") == 0.0
    assert not any(name == "A" and amps > 0 for _, name, amps in garage.log)


def test_one_phase_cars_load_no_phase_too_much_more_than_another() -> None:
    root = node(100.0, imbalance=20.0)
    evses = [evse(name) for name in "AB"]
    garage = Garage(site=site(*evses, root=root), cars={name: Parked(loads=(0,)) for name in "AB"})
    for _ in range(900):
        garage.step()
        assert max(garage.load("main")) - min(garage.load("main")) <= 20.0
    assert 16.0 <= garage.given("A") + garage.given("B") <= 20.0
    assert Cause.IMBALANCE in {garage.reason(name).cause for name in "AB"}


def test_one_phase_cars_on_different_phases_even_each_other_out() -> None:
    root = node(100.0, imbalance=20.0)
    wiring = {"A": (0, 1, 2), "B": (1, 2, 0), "C": (2, 0, 1)}
    evses = [evse(name, phases=wired) for name, wired in wiring.items()]
    cars = {name: Parked(loads=wired[:1]) for name, wired in wiring.items()}
    garage = Garage(site=site(*evses, root=root), cars=cars)
    garage.run(1800)
    assert min(garage.given(name) for name in wiring) >= 24.0


def test_an_evse_that_can_only_be_switched_is_on_or_off() -> None:
    garage = one(limit=40.0, control=Control.ONOFF, fixed=16.0, maximum=16.0)
    garage.cars["A"].takes = 16.0
    garage.run(300)
    assert garage.given("A") == 16.0
    garage.base["main"] = (30.0, 30.0, 30.0)
    assert garage.step() == {"A": 0.0}
    garage.base["main"] = (0.0, 0.0, 0.0)
    garage.run(600)
    assert garage.given("A") == 16.0
    assert {amps for _, _, amps in garage.log} <= {0.0, 16.0}


def test_a_write_that_was_lost_is_said_again() -> None:
    garage = one(limit=40.0)
    garage.run(300)
    garage.cars["A"].lost = 1
    garage.base["main"] = (20.0, 20.0, 20.0)
    garage.log.clear()
    garage.run(8)
    (t, _, amps), (again, _, same) = garage.log[:2]
    assert same == amps
    assert 1.0 <= again - t <= 3.0
    assert max(garage.load("main")) <= 40.0


def test_phases_that_a_car_does_not_load_are_for_others() -> None:
    garage = two(32.0)
    garage.cars["A"].loads = (0,)
    garage.cars["B"].loads = (1, 2)
    garage.run(900)
    assert garage.given("A") >= 30.0
    assert garage.given("B") >= 30.0


def test_what_a_car_does_not_take_is_for_others() -> None:
    garage = two(32.0)
    garage.cars["A"].takes = 8.0
    garage.run(900)
    assert garage.given("B") >= 21.0
    assert max(garage.load("main")) <= 32.0


def test_a_car_that_takes_no_more_is_the_reason() -> None:
    garage = one(limit=60.0)
    garage.cars["A"].takes = 10.0
    garage.run(300)
    assert garage.reason("A") == Reason(cause=Cause.CAR)


def test_what_others_allow_binds() -> None:
    garage = one(limit=60.0)
    garage.cars["A"].cap = 12.0
    garage.run(300)
    assert garage.given("A") == 12.0
    assert garage.reason("A") == Reason(cause=Cause.OTHERS)
    garage.cars["A"].cap = 0.0
    assert garage.step() == {"A": 0.0}
    assert garage.reason("A") == Reason(cause=Cause.OTHERS)


def test_where_no_car_may_charge_nothing_is_allowed() -> None:
    garage = one(limit=60.0)
    garage.run(300)
    garage.cars["A"].session = None
    assert garage.step() == {"A": 0.0}
    assert garage.reason("A") == Reason(cause=Cause.IDLE)


def test_the_circuit_that_is_full_is_named_with_its_phase() -> None:
    feeder = Node(id="feeder", parent="main", limit=(40.0, 40.0, 16.0), rated=40.0)
    garage = Garage(site=site(evse("A", node="feeder"), root=node(60.0), below=(feeder,)), cars={"A": Parked()})
    garage.run(300)
    assert garage.given("A") == 16.0
    assert garage.reason("A") == Reason(cause=Cause.CIRCUIT, node="feeder", phase=2)


def test_the_phases_of_a_car_that_nobody_measures_show_on_the_meter() -> None:
    evses = [evse("A", measured=False), evse("B")]
    garage = Garage(site=site(*evses), cars={"A": Parked(loads=(0,), shows=False), "B": Parked(loads=(1, 2))})
    garage.run(2400)
    assert garage.given("A") >= 30.0
    assert garage.given("B") >= 30.0, "A is seen to load nothing but L1"
    assert max(garage.load("main")) <= 32.0


@pytest.mark.parametrize("amps", [6.0, 7.0, 13.0])
def test_setpoints_are_nothing_or_from_the_minimum_up(amps: float) -> None:
    garage = two(amps + 20.0, base=0.0)
    for second in range(900):
        garage.base["main"] = ((second // 60 % 4) * 6.0,) * 3
        garage.step()
    assert garage.log
    assert all(given == 0 or 6.0 <= given <= 32.0 for _, _, given in garage.log)
