"""Every family that comes with the box: its own rules can tell each state that a session goes through."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gateway.bench.car import Car
from gateway.family.library import all_families
from gateway.family.load import read_family
from gateway.family.state import Letter
from tests.gateway.bench.family.support import SAMPLES, Bench

if TYPE_CHECKING:
    from pathlib import Path

FILES = {path.stem: path for path in (*sorted(SAMPLES.glob("*.toml")), *all_families().values())}
_BROKEN = {Letter.E, Letter.F, Letter.UNAVAILABLE, Letter.DISABLED}


@pytest.fixture(params=list(FILES.values()), ids=list(FILES))
def bench(request: pytest.FixtureRequest) -> Bench:
    file = read_family(request.param)
    if file.base.meta.role == "meter" or file.base.state is None:
        pytest.skip("a meter has no state")
    return Bench(file)


async def test_a_free_station_is_told(bench: Bench) -> None:
    assert bench.outlet.letter.value[0] == "A"


async def test_a_vehicle_that_is_not_released_is_told(bench: Bench) -> None:
    _let(bench, released=False)
    bench.outlet.plug(Car())
    assert bench.outlet.letter in {Letter.B1, Letter.B, Letter.C1, Letter.C}


async def test_a_vehicle_that_charges_is_told(bench: Bench) -> None:
    _let(bench, released=True)
    bench.outlet.plug(Car())
    await bench.clock.advance(30)
    assert bench.outlet.charge.evse.power > 1000
    assert bench.outlet.letter in {Letter.C2, Letter.D2}


async def test_a_vehicle_that_wants_nothing_is_told(bench: Bench) -> None:
    _let(bench, released=True)
    bench.outlet.plug(Car())
    await bench.clock.advance(30)
    bench.outlet.pause(paused=True)
    assert bench.outlet.letter.plugged
    assert bench.outlet.letter not in {Letter.C2, Letter.D2}


async def test_a_broken_station_is_told(bench: Bench) -> None:
    state = bench.family.state
    assert state is not None
    known = {*state.map.values(), *(rule.state for rule in (*state.rules, *state.override))}
    if not known & _BROKEN:
        pytest.skip("the family has no state for it")
    bench.outlet.fail("broken")
    assert bench.outlet.letter in _BROKEN
    bench.outlet.fail("")
    assert bench.outlet.letter.value[0] == "A"


@pytest.mark.parametrize("path", FILES.values(), ids=FILES.keys())
def test_each_variant_proves_itself(path: Path) -> None:
    file = read_family(path)
    for variant in file.base.variant:
        bench = Bench(file, variant.id)
        limit = bench.family.control.limit
        shown = bench.family.points.get("limit")
        if limit is not None and shown is not None and shown.readable and shown.unit == limit.unit:
            # What proves the variant does not stand in the limit's way.
            assert bench.value("limit") == pytest.approx(limit.max)


def _let(bench: Bench, *, released: bool) -> None:
    flags, control = bench.outlet.flags, bench.family.control
    bench.outlet.flags = replace(flags, released=released)
    if not released and control.limit is not None and control.enable is None and control.start is None:
        # Nothing but the limit holds it.
        bench.outlet.flags = replace(bench.outlet.flags, limit=0.0)
    bench.outlet.settle()
    bench.outlet.pause(paused=False)  # without a vehicle: only brings the offer up to date
