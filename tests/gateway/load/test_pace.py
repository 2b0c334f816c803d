"""Whether an EVSE is measured is found out while it charges."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from typing_extensions import override

from gateway.load.observation import EvseSeen
from gateway.load.pace import DOUBT, PROOF, Pace, Paces
from gateway.load.seeing import FRESH
from gateway.load.service import QUIET
from gateway.model.errors import GatewayError
from tests.fakes.timeless import run
from tests.gateway.load.depot import Depot, built
from tests.gateway.load.test_service import LONG, sharing

if TYPE_CHECKING:
    from gateway.load.build import Built
    from gateway.load.site import Phases

FULL: Phases = (16.0, 16.0, 16.0)
NOTHING: Phases = (0.0, 0.0, 0.0)


def seen(i: Phases | None, **more: object) -> EvseSeen:
    fields = {"id": "S1/1", "plugged": True, "session": "visit", "setpoint": 16.0, "i": i, **more}
    return EvseSeen(**fields)  # type: ignore[arg-type] # given as written


def watched(pace: Pace, seconds: float, each: EvseSeen, begin: float = 0.0) -> list[bool]:
    return [pace.look(each, begin + t) for t in range(round(seconds) + 1)]


def without_currents(count: int = 2) -> Built:
    """As a site of which nobody knows what its stations tell."""
    made = built(count)
    return replace(made, site=replace(made.site, evses=tuple(replace(e, measured=False) for e in made.site.evses)))


def test_a_station_that_tells_each_second_is_measured() -> None:
    pace = Pace()
    assert watched(pace, PROOF, seen(FULL))[-1]
    assert pace.told is True


@pytest.mark.parametrize(("every", "told"), [(10, True), (11, None), (15, False), (60, False)])
def test_a_measurement_is_of_use_if_the_next_comes_before_it_is_too_old(every: int, told: bool | None) -> None:  # noqa: FBT001
    pace = Pace()
    for t in range(round(PROOF) + 1):
        pace.look(seen(FULL if t % every < FRESH else None), float(t))
    assert pace.told is told


@pytest.mark.parametrize(
    "idle",
    [
        seen(NOTHING),  # a car that is full, or a meter that is not there
        seen(None, setpoint=0.0),
        seen(None, session=None),
        seen(None, plugged=False),
        seen(None, online=False),
        seen(None, setpoint=None),
    ],
)
def test_nothing_is_found_out_unless_a_car_charges(idle: EvseSeen) -> None:
    pace = Pace()
    assert not any(watched(pace, 10 * PROOF, idle))
    assert pace.told is None


def test_who_has_told_is_given_more_time() -> None:
    pace = Pace(told=True)
    assert not any(watched(pace, DOUBT - 10, seen(None)))
    assert pace.told is True
    watched(pace, 20, seen(None), DOUBT - 10)
    assert pace.told is False


def test_a_controller_that_knows_better_takes_over_without_a_new_setpoint(caplog: pytest.LogCaptureFixture) -> None:
    async def life() -> None:
        depot, site = Depot(), without_currents()
        depot.silent.add("S2")
        async with sharing(depot, site) as service:
            await asyncio.sleep(LONG)
            before = list(depot.imposed)
            assert [each.i for each in service.seen.evses] == [None, None] if service.seen else False
            await asyncio.sleep(PROOF + QUIET)
            assert [each.measured for each in service.built.site.evses] == [True, False]
            assert service.seen is not None
            assert [each.i for each in service.seen.evses] == [FULL, None]
            assert depot.imposed == before
        assert depot.noted == {"S1": {"load-measured-1": "yes"}, "S2": {"load-measured-1": "no"}}

    caplog.set_level(logging.INFO)
    run(life())
    assert [r.getMessage() for r in caplog.records if "what flows" in r.getMessage()] == [
        "load management: S1/1 tells what flows",
        "load management: S2/1 does not tell often enough what flows",
    ]


def test_another_controller_does_not_take_over_while_a_car_waits_for_its_turn() -> None:
    async def life() -> None:
        depot = Depot(3)
        depot.base = 35.0
        async with sharing(depot, without_currents(3)) as service:
            await asyncio.sleep(2 * (PROOF + QUIET))
            assert depot.noted["S1"] == {"load-measured-1": "yes"}
            assert sum(each > 0 for each in depot.taken.values()) < len(depot.taken)
            assert not service.built.site.evses[0].measured
            depot.base = 10.0
            await asyncio.sleep(3 * LONG)
            assert service.built.site.evses[0].measured

    run(life())


def test_what_was_found_out_counts_from_the_next_start_on() -> None:
    async def life() -> None:
        depot = Depot()
        depot.noted = {"S1": {"load-measured-1": "yes"}, "S2": {"load-measured-1": "no"}}
        async with sharing(depot, without_currents()) as service:
            await asyncio.sleep(LONG)
            assert [each.measured for each in service.built.site.evses] == [True, False]

    run(life())


def test_what_cannot_be_kept_counts_until_the_next_start() -> None:
    class Full(Depot):
        @override
        async def note(self, station: str, name: str, value: str) -> None:
            del station, name, value
            raise GatewayError("storage-failed")

    async def life() -> None:
        paces = Paces(without_currents(1), Full(1))
        for t in range(round(PROOF) + 1):
            paces.look("S1/1", seen(FULL), float(t))
        await paces.keep()
        assert paces.applied().site.evses[0].measured

    run(life())
