"""Load management keeps a plant safe and serves its cars, whatever goes wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.bench.plant.anywhere import anywhere
from gateway.bench.plant.run import run
from gateway.bench.plant.sites import scenarios
from gateway.bench.plant.window import window
from gateway.load.controller import Controller
from tests.plant.optimum import optimum
from tests.plant.required import against, starving, unsafe

_HOUR = 3600.0


@pytest.mark.parametrize("seed", range(8))
def test_any_small_site_is_kept_safe_and_nobody_starves(seed: int) -> None:
    day = anywhere(seed, 1 / 24)
    controller = Controller(day.site)
    result = run(day, lambda seen: controller.step(seen).writes, seed=seed)
    assert not unsafe(result)
    assert not starving(result)


@pytest.mark.parametrize("seed", range(3))
def test_a_site_where_no_station_has_a_meter_is_kept_safe(seed: int) -> None:
    day = anywhere(seed + 100, 1 / 48)
    blind = replace(day.site, evses=tuple(replace(each, measured=False) for each in day.site.evses))
    controller = Controller(blind)
    result = run(replace(day, site=blind), lambda seen: controller.step(seen).writes, seed=seed)
    assert not unsafe(result)


# What is required of whole days is in required.py, and `python -m tests.plant.report` holds days against it. These are the
# hours in which most is asked of a site: nothing may happen there, and what cars get may not become less than it is.
@pytest.mark.parametrize(
    ("site", "since", "until", "energy", "writes"), [("home", 5.0, 9.0, 0.83, 15.0), ("park", 7.5, 9.0, 0.73, 20.0)]
)
def test_the_busy_hours_of_a_site_are_safe_and_used(
    site: str, since: float, until: float, energy: float, writes: float
) -> None:
    busy = window(scenarios()[site](7, 1.0), since * _HOUR, until * _HOUR)
    controller = Controller(busy.site)
    result = run(busy, lambda seen: controller.step(seen).writes, seed=7)
    assert not unsafe(result)
    assert not starving(result)
    assert against(result, optimum(busy))[0] >= energy
    assert result.writes_per_hour <= writes


def test_two_hundred_evses_are_kept_safe_when_they_all_come_at_once() -> None:
    evening = window(scenarios()["depot"](7, 1.0), 7.9 * _HOUR, 8.1 * _HOUR)
    controller = Controller(evening.site)
    result = run(evening, lambda seen: controller.step(seen).writes, seed=7)
    assert not unsafe(result)
