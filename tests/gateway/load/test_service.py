"""Load management at run time, in virtual time: what it sees, what it imposes, and when."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from typing_extensions import override

from gateway.load.explanation import explain
from gateway.load.service import PERIOD, LoadService
from gateway.load.site import Control
from gateway.model.errors import GatewayError
from gateway.model.limits.reason import LimitName
from tests.fakes.timeless import run
from tests.gateway.load.depot import FAILSAFE, Depot, built

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gateway.load.build import Built
    from gateway.model.events import Event

LONG = 60.0


@asynccontextmanager
async def sharing(depot: Depot, site: Built, delay: float = 0.0) -> AsyncIterator[LoadService]:
    service = LoadService(
        site, depot, meters=depot, channels=depot, limits=depot, delay=delay, random=lambda: 1.0
    )  # fmt: skip
    tasks = [asyncio.create_task(service.run()), asyncio.create_task(depot.live())]
    try:
        yield service
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def test_nobody_has_more_than_the_fall_back_before_a_whole_period_of_the_meter_was_seen() -> None:
    async def life() -> None:
        depot = Depot()
        depot.metered = False
        async with sharing(depot, built()):
            await asyncio.sleep(LONG)
            assert set(depot.imposed) == {("S1", FAILSAFE), ("S2", FAILSAFE)}
            depot.metered = True
            await asyncio.sleep(PERIOD / 2)
            assert set(depot.taken.values()) == {FAILSAFE}
            await asyncio.sleep(LONG)
            assert set(depot.taken.values()) == {16.0}

    run(life())


def test_stations_that_are_found_just_after_the_start_are_raised_together_and_at_once() -> None:
    class Late(Depot):
        """Stations take what they are to have once they are found."""

        @override
        async def publish(self, *events: Event) -> None:
            await super().publish(*events)
            self.taken = {each: amps for each, amps in self.taken.items() if self.states[each].reachable}

        @override
        def find(self, station: str) -> None:
            super().find(station)
            self.taken[station] = self.states[station].limits[0].current or 0.0

    async def life() -> None:
        depot = Late()
        depot.base = 25.0
        for station in depot.states:
            depot.lose(station)
        async with sharing(depot, built()):
            await asyncio.sleep(1.0)
            assert depot.taken == {}
            depot.find("S1")
            depot.find("S2")
            assert set(depot.taken.values()) == {FAILSAFE}
            await asyncio.sleep(3 * PERIOD)
            assert set(depot.taken.values()) == {12.0}

    run(life())


def test_a_breach_is_answered_at_once_when_the_meter_tells_of_it() -> None:
    async def life() -> None:
        depot = Depot()
        async with sharing(depot, built()) as service:
            await asyncio.sleep(LONG)
            assert sum(depot.taken.values()) == 32.0
            depot.base = 35.0
            service.wake()
            await asyncio.sleep(0.2)
            assert sum(depot.taken.values()) + depot.base <= 50.0
            assert LimitName.CIRCUIT in {
                each.limits[0].reason.code for each in depot.states.values() if each.limits[0].reason is not None
            }

    run(life())


def test_what_stays_the_same_is_published_once() -> None:
    async def life() -> None:
        depot = Depot()
        async with sharing(depot, built()):
            await asyncio.sleep(LONG)
            before = list(depot.imposed)
            await asyncio.sleep(10 * LONG)
            assert depot.imposed == before

    run(life())


def test_what_others_allow_is_not_exceeded() -> None:
    async def life() -> None:
        depot = Depot()
        depot.caps["S1"] = 10.0
        async with sharing(depot, built()):
            await asyncio.sleep(LONG)
            assert depot.taken == {"S1": 10.0, "S2": 16.0}

    run(life())


@pytest.mark.ocpp("K03.FR.04")
def test_a_transaction_that_the_backend_puts_first_charges_though_another_is_suspended() -> None:
    async def life() -> None:
        depot, site = Depot(), replace(built(), priorities={"S1/1": 9})
        depot.base = 38.0
        async with sharing(depot, site):
            await asyncio.sleep(LONG)
            assert depot.taken["S1"] >= FAILSAFE
            depot.base, depot.said["S2"] = 41.0, 1
            await asyncio.sleep(10 * LONG)
            assert depot.taken["S1"] == 0.0
            assert depot.taken["S2"] >= FAILSAFE

    run(life())


def test_a_contactor_of_the_box_still_cuts_when_its_station_is_lost() -> None:
    async def life() -> None:
        depot, site = Depot(), built()
        contactor = replace(site.means["S1/1"], control=Control.ONOFF, fixed=16.0, failsafe=16.0, apart=True)
        evses = (replace(site.site.evses[0], control=Control.ONOFF, fixed=16.0, failsafe=16.0), site.site.evses[1])
        changed = replace(site.site, evses=evses)
        site = replace(site, site=changed, whole=changed, means={**site.means, "S1/1": contactor})
        depot.base = 10.0
        async with sharing(depot, site):
            await asyncio.sleep(3 * LONG)
            assert depot.taken == {"S1": 16.0, "S2": 16.0}
            depot.lose("S1")
            depot.silent.add("S1")
            await asyncio.sleep(LONG)
            assert depot.taken["S1"] == 16.0
            depot.base = 40.0
            await asyncio.sleep(10.0)
            assert depot.taken["S1"] == 0.0
            assert depot.base + sum(depot.taken.values()) <= 50.0
            depot.base = 10.0
            await asyncio.sleep(10 * LONG)
            assert depot.taken["S1"] == 16.0

    run(life())


def test_a_lost_meter_is_told_once_and_so_is_its_return(caplog: pytest.LogCaptureFixture) -> None:
    async def life() -> None:
        depot = Depot()
        async with sharing(depot, built()):
            await asyncio.sleep(LONG)
            depot.metered = False
            await asyncio.sleep(LONG)
            assert sum(depot.taken.values()) <= 12.0
            depot.metered = True
            await asyncio.sleep(LONG)

    run(life())
    told = [record.getMessage() for record in caplog.records if "the meter of house" in record.getMessage()]
    assert [line.rpartition("is ")[2].partition(":")[0] for line in told] == ["lost", "back"]


def test_a_random_delay_puts_off_a_begin_and_never_a_decrease() -> None:
    async def life() -> None:
        depot = Depot()
        async with sharing(depot, built(), delay=100.0):
            await asyncio.sleep(90.0)
            assert set(depot.taken.values()) == {0.0}
            await asyncio.sleep(150.0)
            assert set(depot.taken.values()) == {16.0}
            depot.lose("S1")
            await asyncio.sleep(5.0)
            depot.find("S1")
            depot.base = 35.0
            await asyncio.sleep(5.0)
            assert sum(depot.taken.values()) + depot.base <= 50.0

    run(life())


@pytest.mark.parametrize("silent", [True, False])
def test_who_charges_while_a_reduction_ends_goes_on(silent: bool) -> None:  # noqa: FBT001
    async def life() -> None:
        depot = Depot()
        async with sharing(depot, built(less=20.0), delay=100.0):
            await asyncio.sleep(300.0)
            depot.contact = True
            await asyncio.sleep(2 * LONG)
            assert sum(depot.taken.values()) <= 20.0
            if silent:
                depot.silent.update(depot.states)
                await asyncio.sleep(2 * LONG)
            depot.contact, before, begun = False, set(depot.taken.items()), len(depot.imposed)
            await asyncio.sleep(90.0)
            assert set(depot.imposed[begun:]) <= before, "neither more, as that is put off, nor a pause"
            await asyncio.sleep(LONG)
            assert set(depot.taken.values()) == {16.0}

    run(life())


def test_the_grid_operators_reduction_is_told_as_such() -> None:
    async def life() -> None:
        depot = Depot()
        async with sharing(depot, built(less=20.0)):
            await asyncio.sleep(LONG)
            assert sum(depot.taken.values()) == 32.0
            depot.contact = True
            await asyncio.sleep(2 * LONG)
            assert 12.0 <= sum(depot.taken.values()) <= 20.0
            held = [each.limits[0] for each in depot.states.values()]
            assert {(each.source, each.reason.code) for each in held if each.reason} == {("SO", LimitName.GRID)}
            depot.contact = None
            await asyncio.sleep(2 * LONG)
            assert sum(depot.taken.values()) <= 20.0

    run(life())


def test_a_full_disk_is_told_once_and_the_limit_follows(caplog: pytest.LogCaptureFixture) -> None:
    async def life() -> None:
        depot = Depot()
        async with sharing(depot, built()):
            await asyncio.sleep(LONG)
            depot.disk_full, depot.base = True, 35.0
            await asyncio.sleep(10.0)
            assert sum(depot.taken.values()) == 32.0
            depot.disk_full = False
            await asyncio.sleep(10.0)
            assert sum(depot.taken.values()) + depot.base <= 50.0

    run(life())
    told = [record.getMessage() for record in caplog.records if "limits are" in record.getMessage()]
    assert [("not" in line) for line in told] == [True, False]


def test_a_station_that_does_not_show_its_limit_is_looked_at_again() -> None:
    async def life() -> None:
        depot = Depot()
        async with sharing(depot, built()):
            await asyncio.sleep(LONG)
            depot.obeys, depot.base = False, 35.0
            await asyncio.sleep(10.0)
            assert depot.looked

    run(life())


def test_every_limit_of_an_evse_is_explained_the_lowest_first() -> None:
    async def life() -> None:
        depot = Depot()
        depot.caps["S1"] = 10.0
        async with sharing(depot, built()) as service:
            await asyncio.sleep(LONG)
            (found,) = explain(service, depot, depot, "S1/1").evses
            assert (found.evse, found.amps) == ("S1/1", 10.0)
            amps = [each.amps for each in found.limits]
            assert amps == sorted(amps)
            assert [each.code for each in found.limits].count("TxProfile") == 1
            assert {LimitName.CIRCUIT, LimitName.BUILT} <= {each.code for each in found.limits}
            (told,) = (each.values for each in found.limits if each.code == "TxProfile")
            assert told == {"profile": "17", "level": "3"}
            assert len(explain(service, depot, depot, "").evses) == len(depot.states)
            try:
                explain(service, depot, depot, "S9/1")
            except GatewayError as error:
                assert error.code == "load-unknown-evse"  # noqa: PT017 - the loop of this test has no pytest.raises
            else:
                raise AssertionError

    run(life())
