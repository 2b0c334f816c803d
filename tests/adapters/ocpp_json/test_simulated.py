"""The adapter and the simulated station together: what the box is told of a visit, and what limits do to the car."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from gateway.bench.clock import ScaledClock
from gateway.bench.ocpp16j.line import Access
from gateway.bench.ocpp16j.station import JsonStation
from gateway.bench.ocpp_s.config import StationConfig as SimulatedConfig
from gateway.bench.ocpp_s.dialects import V16
from gateway.bench.ocpp_s.memory import Memory
from gateway.model.commands import ReadVariables, SetLimit
from gateway.model.events import (
    ConnectorChanged,
    Measured,
    StationFound,
    TransactionBegan,
    TransactionEnded,
    VariablesReported,
)
from gateway.model.evse import ConnectorStatus
from gateway.model.ids import Place
from gateway.model.station import Capability
from gateway.model.transactions import STOPPED_BY_DRIVER
from tests.adapters.ocpp_json.rig import NAME, STATION, Rig, running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

TOKEN = "04A1B2C3D4E5F6"
HERE = Place(station=STATION, evse=1, connector=1)


@asynccontextmanager
async def visited() -> AsyncIterator[tuple[Rig, JsonStation]]:
    """An adapter, and a simulated station that it knows."""
    async with running() as rig:
        url = rig.url("").rstrip("/").replace("http", "ws")
        config = SimulatedConfig(url=url, identity=NAME, dialect=V16, retry_interval=30.0)
        keys = {"ConnectionTimeOut": "36000", "HeartbeatInterval": "86400"}
        station = JsonStation(config, ScaledClock(speed=600.0), Access(), memory=Memory(keys=keys))
        life = asyncio.create_task(station.run())
        try:
            async with asyncio.timeout(10):
                await station.wait_until(lambda s: s.is_accepted and not s.backlog)
            yield rig, station
        finally:
            await station.exit()
            await life
        assert station.ledger.complaints == []


async def test_a_visit_is_told_whole() -> None:
    async with visited() as (rig, station):
        await station.plug_in(1)
        await station.present_token(1, TOKEN)
        await rig.box.until(lambda: len(rig.box.of(Measured)) >= 2)
        await station.present_token(1, TOKEN)
        await rig.box.until(lambda: bool(rig.box.of(TransactionEnded)))
        await station.plug_out(1)
        (began,), (ended,) = rig.box.of(TransactionBegan), rig.box.of(TransactionEnded)
        assert isinstance(began, TransactionBegan)
        assert isinstance(ended, TransactionEnded)
        truth = station.ledger.transactions[0]
        assert (began.meter_start, ended.meter_stop) == (float(truth.meter_start), float(truth.meter_stop or 0))
        assert ended.cause == STOPPED_BY_DRIVER

        def free_again() -> bool:
            last = rig.box.of(ConnectorChanged)[-1]
            return isinstance(last, ConnectorChanged) and last.status is ConnectorStatus.AVAILABLE

        await rig.box.until(free_again)


async def test_a_limit_reaches_the_car_once_the_station_has_said_that_it_takes_limits() -> None:
    async with visited() as (rig, station):
        assert (await rig.adapter.execute(ReadVariables(station=STATION))).accepted
        found = rig.box.of(StationFound)[-1]
        assert isinstance(found, StationFound)
        assert Capability.SMART_CHARGING in found.capabilities
        assert len(rig.box.of(VariablesReported)) == 1
        assert (await rig.adapter.execute(SetLimit(place=HERE, current=10.57))).accepted
        await station.plug_in(1)
        await station.present_token(1, TOKEN)
        await rig.box.until(lambda: bool(rig.box.of(TransactionBegan)))
        assert station.connector(1).evse.current == 10.5
        assert (await rig.adapter.execute(SetLimit(place=HERE, current=None))).accepted
        assert station.connector(1).evse.current == 16.0


async def test_what_happened_while_the_line_was_cut_is_told_later() -> None:
    async with visited() as (rig, station):
        await station.plug_in(1)
        await station.present_token(1, TOKEN)
        await rig.box.until(lambda: bool(rig.box.of(TransactionBegan)))
        await station.link_down()
        await station.plug_out(1)
        assert rig.box.of(TransactionEnded) == []
        await station.link_up()
        await rig.box.until(lambda: bool(rig.box.of(TransactionEnded)))
