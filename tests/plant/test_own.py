"""Days that are drawn for a site of one's own keep to what its file says; what is recorded of them is what flows."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from gateway.bench.plant.habits import Habit
from gateway.bench.plant.own import Wish, own
from gateway.bench.plant.record import Record
from gateway.bench.plant.run import run
from gateway.config.files import Nowhere
from gateway.config.load import examine
from gateway.load.build import build
from gateway.plugins import adapter_models, load_adapters, load_sensors, profile_names, sensor_models
from tests.gateway.config.samples import FIELD_CONFIGS
from tests.plant.small import scenario, visit

if TYPE_CHECKING:
    from gateway.load.build import Built

HOUR = 3600.0


@pytest.fixture(name="built")
def _built() -> Built:
    adapters = adapter_models(load_adapters())
    file = FIELD_CONFIGS / "load-management.toml"
    site = examine(
        file, adapters, profiles=profile_names(), sensors=sensor_models(load_sensors()), files=Nowhere()
    ).site
    assert site is not None
    own_limit = {name: each.own_limit for name, each in adapters.items()}
    return build(
        site.box.name, site.circuit, site.station, site.load, site.box.timezone,
        lambda station: own_limit[station.adapter](station.settings),
    )  # fmt: skip


@pytest.mark.parametrize("habit", [None, *Habit])
def test_what_is_drawn_keeps_to_the_file(built: Built, habit: Habit | None) -> None:
    made = own(built, Wish(seed=3, days=2, habit=habit))
    assert made.visits
    for evse in built.site.evses:
        cars = [each for each in made.visits if each.evse == evse.id]
        assert all(one.departure <= two.arrival for one, two in pairwise(cars))
    for name, series in made.base.items():
        worst = built.site.node[name].base_failsafe
        assert all(flow[phase] <= worst[phase] + 1e-6 for _, flow in series for phase in range(3))
        assert [t for t, _ in series] == sorted(t for t, _ in series)


def test_a_car_that_nothing_can_hold_down_is_a_load(built: Built) -> None:
    made = own(built, Wish(seed=3, days=1, habit=Habit.PUBLIC))
    flows = {flow for _, flow in made.base["cabinet"]}
    assert (0.0, 16.0, 0.0) in flows
    assert (0.0, 0.0, 0.0) in flows


def test_a_plan_holds_by_the_clock_of_the_site(built: Built) -> None:
    assert (17 * HOUR, (20.0, 20.0, 20.0)) in own(built, Wish(seed=3)).limits["chargers"]
    late = own(built, Wish(seed=3, begin=16 * HOUR)).limits["chargers"]
    assert (HOUR, (20.0, 20.0, 20.0)) in late
    assert any(t == 4 * HOUR and limit is None for t, limit in late) or late[-1][1] is not None


def test_priorities_go_along(built: Built) -> None:
    made = own(built, Wish(seed=3))
    assert {each.priority for each in made.visits if each.evse == "DE-EBE-0202/1"} == {5}


def test_without_faults_nothing_is_lost(built: Built) -> None:
    made = own(built, Wish(seed=3, faults=False))
    assert not any([*made.meters_lost.values(), *made.stations_lost.values(), *made.faults.values(), made.loss])


def test_the_record_of_a_run() -> None:
    """16 A flow after a few seconds, against a limit of 32 A."""
    made = scenario([visit()], seconds=120.0)
    record = Record(made)
    run(made, lambda _: {"E0": 16.0}, watch=record.watch)
    assert record.peak(0) == (16.0, 16.0, 16.0)
    assert record.limit[0][0][-1] == 32.0
    assert record.current[0][-1] == 16.0
    assert record.plugged[0][-1]
    assert not record.plugged[1][-1]
    assert record.late == [0.0]


def test_an_overload_counts_from_its_eleventh_second_on() -> None:
    made = scenario([visit()], seconds=100.0, limit=10.0)
    record = Record(made)
    run(made, lambda seen: {"E0": 16.0} if seen.t < 1 else {}, watch=record.watch)
    above = sum(load > 10.1 for load in record.load[0][0])
    assert record.late[0] == above - 10
    calm = replace(made, base={"root": tuple((float(t), (t % 2 * 2.0,) * 3) for t in range(100))})
    shaken = Record(calm)
    run(calm, lambda seen: {"E0": 16.0} if seen.t < 1 else {}, watch=shaken.watch)
    assert shaken.late == [0.0], "each step of another load begins the ten seconds anew"
