"""EVSEs as load management sees them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from typing_extensions import override

from gateway.load.flows import Flow, of_sample, on_supply
from gateway.load.seeing import FRESH, Eyes
from gateway.load.site import Control
from gateway.model.evse import ConnectorStatus
from gateway.model.ids import Place
from gateway.model.readings import Reading, Sample
from gateway.model.station import Capability
from tests.fakes.timeless import run
from tests.gateway.load.depot import START, Depot, built

if TYPE_CHECKING:
    from gateway.load.build import Built


def current(value: float, phase: str | None = None) -> Reading:
    return Reading(value=value, measurand="Current.Import", unit="A", phase=phase)


def eyes(depot: Depot, site: Built | None = None) -> Eyes:
    return Eyes(site or built(), depot, depot)


def test_what_flows_is_told_on_the_phases_of_the_supply() -> None:
    async def life() -> None:
        depot, site = Depot(), built()
        rotated = replace(site.site.evses[0], phases=(2, 0, 1))
        depot.flowing.take(Place(station="S1", evse=1), (16.0, 1.0, 0.0))
        seen = eyes(depot, site).look(rotated)
        assert seen.i == (1.0, 0.0, 16.0)
        assert seen.t_meas == pytest.approx(asyncio.get_running_loop().time(), abs=0.01)
        await asyncio.sleep(FRESH + 1)
        assert eyes(depot, site).look(rotated).i is None

    run(life())


def test_the_newer_of_poll_and_report_counts() -> None:
    async def life() -> None:
        class Reporting(Depot):
            @override
            def measured(self, station: str, evse: int) -> Sample | None:
                del station, evse
                return sample

        depot = Reporting()
        sample = Sample(at=depot.now(), readings=(current(7.0, "L1"), current(8.0, "L2"), current(9.0, "L3")))
        watch, evse = eyes(depot), built().site.evses[0]
        assert watch.look(evse).i == (7.0, 8.0, 9.0)
        await asyncio.sleep(1.0)
        depot.flowing.take(Place(station="S1", evse=1), (6.0, 6.0, 6.0))
        assert watch.look(evse).i == (6.0, 6.0, 6.0)

    run(life())


def test_a_report_is_as_old_as_it_says() -> None:
    sample = Sample(at=START, readings=(current(5.0),))
    assert of_sample(sample, START.replace(second=4), 100.0) == Flow(t=96.0, currents=(5.0,))
    assert of_sample(Sample(at=START, readings=()), START, 0.0) is None


@pytest.mark.parametrize(
    ("currents", "wires", "found"),
    [((16.0,), (1,), (0.0, 16.0, 0.0)), ((16.0,), (0, 1, 2), None), ((0.0,), (0, 1, 2), (0.0, 0.0, 0.0))],
)
def test_one_current_of_several_phases_tells_nothing_unless_it_is_none(
    currents: tuple[float, ...], wires: tuple[int, ...], found: tuple[float, ...] | None
) -> None:
    assert on_supply(currents, wires) == found


def test_who_is_not_authorised_has_no_session() -> None:
    async def life() -> None:
        depot, evse = Depot(), built().site.evses[0]
        assert eyes(depot).look(evse).session == "T-S1"
        old = depot.states["S1"]
        waiting = replace(old.transactions[0], token=None)
        box_led = old.capabilities | {Capability.BOX_SESSIONS}
        depot.states["S1"] = replace(old, transactions=(waiting,), capabilities=box_led)
        seen = eyes(depot).look(evse)
        assert (seen.plugged, seen.session) == (True, None)

    run(life())


def test_a_visit_outlasts_a_pause_that_ends_the_transaction() -> None:
    async def life() -> None:
        depot = Depot()
        evse = replace(built().site.evses[0], control=Control.ONOFF, fixed=16.0)
        watch, old = eyes(depot), depot.states["S1"]
        assert watch.look(evse).session == "T-S1"
        depot.states["S1"] = replace(old, transactions=())
        assert watch.look(evse).session == "T-S1"
        gone = replace(old.connectors[0], reported=ConnectorStatus.AVAILABLE)
        depot.states["S1"] = replace(old, transactions=(), connectors=(gone,))
        assert watch.look(evse).session is None

    run(life())


@pytest.mark.parametrize(
    ("said", "own", "other_said", "other_own"),
    [(0, 1, 0, 0), (1, 0, 0, 9), (0, 0, -1, 9), (9, 9, 9, 8), (-8, 0, -9, 9), (-9, 1, -9, 0)],
)
@pytest.mark.ocpp("K03.FR.04", "K03.FR.06")
def test_the_backend_says_who_comes_first_and_the_site_where_it_says_the_same(
    said: int, own: int, other_said: int, other_own: int
) -> None:
    async def life() -> None:
        depot, site = Depot(), replace(built(), priorities={"S1/1": own, "S2/1": other_own})
        depot.said = {"S1": said, "S2": other_said}
        watch = eyes(depot, site)
        first, second = (watch.look(evse).priority for evse in site.site.evses)
        assert first > second

    run(life())


def test_the_priority_of_a_visit_outlasts_a_pause_that_ends_the_transaction() -> None:
    async def life() -> None:
        depot = Depot()
        evse = replace(built().site.evses[0], control=Control.ONOFF, fixed=16.0)
        depot.said["S1"] = 4
        watch, old = eyes(depot), depot.states["S1"]
        charging = watch.look(evse).priority
        del depot.said["S1"]
        depot.states["S1"] = replace(old, transactions=())
        assert watch.look(evse).priority == charging
        gone = replace(old.connectors[0], reported=ConnectorStatus.AVAILABLE)
        depot.states["S1"] = replace(old, transactions=(), connectors=(gone,))
        assert watch.look(evse).priority == 0

    run(life())


@pytest.mark.parametrize("apart", [True, False])
def test_what_a_module_of_the_box_holds_down_can_be_told_without_its_station(apart: bool) -> None:  # noqa: FBT001
    async def life() -> None:
        depot, site = Depot(), built()
        site = replace(site, means={name: replace(means, apart=apart) for name, means in site.means.items()})
        depot.taken["S1"] = 12.0
        depot.lose("S1")
        seen = eyes(depot, site).look(site.site.evses[0])
        assert (seen.online, seen.setpoint, seen.session) == (apart, 12.0 if apart else None, "T-S1")

    run(life())


def test_a_fault_and_a_loss_are_seen() -> None:
    async def life() -> None:
        depot, evse = Depot(), built().site.evses[0]
        depot.taken["S1"] = 32.0
        seen = eyes(depot).look(evse)
        assert (seen.online, seen.faulted, seen.setpoint) == (True, False, 16.0)
        old = depot.states["S1"]
        broken = replace(old.connectors[0], reported=ConnectorStatus.FAULTED)
        depot.states["S1"] = replace(old, connectors=(broken,), reachable=False)
        seen = eyes(depot).look(evse)
        assert (seen.online, seen.faulted, seen.setpoint) == (False, True, None)

    run(life())
