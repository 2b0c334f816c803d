"""The plant itself: stations, meters, and what is laid down."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.bench.plant.plant import Plant
from gateway.bench.plant.sites import scenarios
from gateway.bench.plant.window import window
from tests.plant.small import pass_time, scenario, visit


def test_a_setpoint_that_gets_lost_leaves_the_station_with_the_old_one() -> None:
    plant = Plant(replace(scenario([visit()]), loss=1.0))
    pass_time(plant, 10)
    plant.apply({"E0": 16.0})
    pass_time(plant, 10)
    assert plant.observe().evses[0].setpoint == 6.0
    assert plant.written[0] == 1


@pytest.mark.parametrize(
    ("setpoint", "wrong"), [(0.0, 0), (6.0, 0), (32.0, 0), (5.0, 1), (0.5, 1), (33.0, 1), (-1.0, 1)]
)
def test_setpoints_that_no_station_may_get_are_counted(setpoint: float, wrong: int) -> None:
    plant = Plant(scenario())
    plant.apply({"E0": setpoint})
    assert plant.illegal == wrong


def test_a_meter_shows_what_flowed_a_second_or_two_ago() -> None:
    busy = replace(scenario(), base={"root": ((0.0, (1.0, 2.0, 3.0)), (100.0, (21.0, 2.0, 3.0)))})
    plant = Plant(busy)
    pass_time(plant, 100)
    late = 0
    while (reading := plant.observe().meters["root"]) is None or reading.i[0] < 11.0:
        plant.advance()
        late += 1
    assert 1 <= late <= 2
    assert reading.t == 100.0
    assert reading.i == pytest.approx((21.0, 2.0, 3.0), abs=1.5)


@pytest.mark.parametrize("seed", range(4))
def test_a_lost_meter_tells_nothing_new(seed: int) -> None:
    plant = Plant(replace(scenario(), meters_lost={"root": ((50.0, 90.0),)}), seed)
    pass_time(plant, 80)
    reading = plant.observe().meters["root"]
    assert reading is None or reading.t < 50.0
    pass_time(plant, 15)
    reading = plant.observe().meters["root"]
    assert reading is not None
    assert reading.t >= 90.0


def test_a_station_that_hears_nothing_falls_back_by_itself() -> None:
    plant = Plant(replace(scenario([visit()]), stations_lost={"E0": ((100.0, 400.0),)}))
    plant.apply({"E0": 16.0})
    pass_time(plant, 120)
    seen = plant.observe().evses[0]
    assert not seen.online
    assert seen.setpoint == 16.0
    plant.apply({"E0": 0.0})
    pass_time(plant, 20)
    assert plant.outlets[0].current == 16.0
    pass_time(plant, 60)
    assert plant.outlets[0].current == 6.0
    pass_time(plant, 220)
    seen = plant.observe().evses[0]
    assert seen.online
    assert seen.setpoint == 6.0


def test_a_station_without_a_meter_tells_no_current() -> None:
    plain = scenario([visit()])
    evses = (replace(plain.site.evses[0], measured=False), plain.site.evses[1])
    plant = Plant(replace(plain, site=replace(plain.site, evses=evses)))
    pass_time(plant, 30)
    assert [each.i for each in plant.observe().evses] == [None, (0.0, 0.0, 0.0)]
    assert plant.observe().evses[0].delivered is None


def test_a_lowered_limit_is_seen_while_it_holds() -> None:
    plant = Plant(replace(scenario(), limits={"root": ((10.0, (20.0, 20.0, 20.0)), (20.0, None))}))
    pass_time(plant, 9)
    assert plant.observe().limits == {}
    pass_time(plant, 1)
    assert plant.observe().limits == {"root": (20.0, 20.0, 20.0)}
    pass_time(plant, 10)
    assert plant.observe().limits == {}


@pytest.mark.parametrize("name", ["home", "park", "depot", "anywhere"])
def test_the_same_seed_gives_the_same_day_and_another_one_another(name: str) -> None:
    lay = scenarios()[name]
    assert lay(3, 0.1) == lay(3, 0.1)
    assert lay(3, 1.0).visits != lay(4, 1.0).visits


def test_two_runs_of_a_seed_see_the_same() -> None:
    day = window(scenarios()["home"](7, 1.0), 6 * 3600, 7 * 3600)
    one, two = Plant(day, 1), Plant(day, 1)
    for second in range(600):
        for plant in (one, two):
            plant.apply({"left": 6.0 + second % 5} if second % 20 == 0 else {})
            plant.advance()
        assert one.observe() == two.observe()


@pytest.mark.parametrize("name", ["home", "park", "depot", "anywhere"])
@pytest.mark.parametrize("seed", range(3))
def test_a_site_is_one_that_can_be_kept_safe(name: str, seed: int) -> None:
    day = scenarios()[name](seed, 0.2)
    site = day.site
    for node in site.nodes:
        for phase in range(3):
            below = [each for each in site.evses if node.id in site.path(each.node) and phase in each.phases]
            assert node.base_failsafe[phase] + sum(each.failsafe for each in below) <= node.limit[phase]
            base = sum(max(flow[phase] for _, flow in s) for name, s in day.base.items() if node.id in site.path(name))
            assert base <= 0.9 * node.rated
