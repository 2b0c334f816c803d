"""A car that has plugged in is offered current before there is a transaction, as some begin with the current only."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gateway.load.seeing import Eyes
from gateway.load.visits import ARRIVAL
from gateway.model.evse import Closure, ConnectorStatus
from gateway.model.station import Capability, RemoteStart
from gateway.model.tokens import Token
from tests.fakes.timeless import run
from tests.gateway.load.depot import Depot, built
from tests.gateway.load.test_service import LONG, sharing

if TYPE_CHECKING:
    from gateway.load.observation import EvseSeen
    from gateway.model.station import StationState

ENERGY = "EnergyTransfer"


class Arriving(Depot):
    """Cars plug in when ``plug`` is called; a transaction begins once there is current, as told."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = self.states["S1"].transactions
        self.leave()

    def change(self, **fields: object) -> None:
        self.states["S1"] = replace(self.states["S1"], **fields)  # type: ignore[arg-type] # given as written

    def status(self, status: ConnectorStatus) -> None:
        self.change(connectors=(replace(self.states["S1"].connectors[0], reported=status, at=self.now()),))

    def plug(self) -> None:
        self.status(ConnectorStatus.OCCUPIED)

    def leave(self) -> None:
        self.change(
            transactions=(), connectors=(replace(self.states["S1"].connectors[0], reported=ConnectorStatus.AVAILABLE),)
        )

    def lead(self) -> None:
        """The box runs its sessions."""
        self.change(capabilities=self.states["S1"].capabilities | {Capability.BOX_SESSIONS})


def look(watch: Eyes, *, measured: bool = False) -> EvseSeen:
    return watch.look(replace(built().site.evses[0], measured=measured))


def test_a_transaction_that_begins_with_the_current_comes_about() -> None:
    async def life() -> None:
        depot = Arriving()
        async with sharing(depot, built()):
            await asyncio.sleep(LONG)
            assert depot.taken["S1"] == 0.0
            depot.plug()
            await asyncio.sleep(LONG)
            assert depot.taken["S1"] >= 6.0
            depot.change(transactions=depot.begun)
            await asyncio.sleep(LONG)
            assert depot.taken["S1"] >= 6.0
            depot.change(transactions=())
            await asyncio.sleep(LONG)
            assert depot.taken["S1"] == 0.0

    run(life())


def test_the_visit_is_the_same_with_the_transaction_as_before_it() -> None:
    async def life() -> None:
        depot = Arriving()
        watch = Eyes(built(), depot, depot)
        assert look(watch).session is None
        depot.plug()
        arrived = look(watch)
        assert arrived.plugged
        depot.change(transactions=depot.begun)
        assert look(watch).session == arrived.session is not None
        depot.change(transactions=())
        assert look(watch).session is None, "it is over, and the cable still there"
        await asyncio.sleep(1.0)
        depot.leave()
        assert look(watch).session is None
        depot.plug()
        assert look(watch).session not in {None, arrived.session}

    run(life())


@pytest.mark.parametrize("measured", [True, False])
def test_who_begins_nothing_is_not_waited_for_without_a_measurement(measured: bool) -> None:  # noqa: FBT001
    async def life() -> None:
        depot = Arriving()
        watch = Eyes(built(), depot, depot)
        depot.plug()
        await asyncio.sleep(ARRIVAL + 1)
        assert (look(watch, measured=measured).session is not None) is measured
        token = Token(value="VIP")
        later = depot.now() + timedelta(seconds=60)
        depot.change(remote_starts=(RemoteStart(id=1, evse=1, token=token, expires_at=later),))
        assert look(watch, measured=measured).session is not None

    run(life())


@pytest.mark.parametrize(
    ("start", "waits"),
    [("PowerPathClosed", False), ("", False), (ENERGY, True), (f"{ENERGY},PowerPathClosed", False)],
)
def test_where_the_box_runs_the_sessions_only_a_start_with_the_energy_needs_it(start: str, waits: bool) -> None:  # noqa: FBT001
    async def life() -> None:
        depot = Arriving()
        depot.lead()
        depot.start_points["S1"] = start
        depot.plug()
        assert (look(Eyes(built(), depot, depot)).session is not None) is waits

    run(life())


def closed(state: StationState) -> StationState:
    return replace(state, connectors=(replace(state.connectors[0], operative=False),))


def kept_away(state: StationState) -> StationState:
    return replace(state, connectors=(replace(state.connectors[0], closures=(Closure.ALARM,)),))


def out_of_order(state: StationState) -> StationState:
    return replace(state, operative=False)


@pytest.mark.parametrize("how", [closed, kept_away, out_of_order])
def test_nothing_is_kept_for_a_car_that_may_not_charge_there(how: object) -> None:
    async def life() -> None:
        depot = Arriving()
        depot.plug()
        assert callable(how)
        depot.states["S1"] = how(depot.states["S1"])
        assert look(Eyes(built(), depot, depot)).session is None

    run(life())
