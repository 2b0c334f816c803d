"""A whole visit at a simulated station with its own SOAP stack, with each of its habits."""

from __future__ import annotations

import asyncio

import pytest

from gateway.bench.ocpp_s.config import StationConfig as Simulated
from gateway.bench.ocpp_s.quirks import Quirk
from gateway.bench.ocpp_s.station import SimulatedStation
from gateway.model import commands as cmd
from gateway.model.commands import ResetKind, Verdict
from gateway.model.events import (
    ConnectorChanged,
    Measured,
    StationBooted,
    StationFound,
    TransactionBegan,
    TransactionEnded,
    VariablesReported,
)
from gateway.model.evse import ConnectorStatus
from gateway.model.ids import Place
from tests.adapters.ocpp_soap.rig import NAME, NOW, STATION, running
from tests.fakes.manual_clock import ManualClock

UNREACHED = {Quirk.NO_FROM, Quirk.EMPTY_FROM}


@pytest.mark.parametrize("quirk", [None, *Quirk], ids=lambda quirk: quirk.value if quirk else "none")
async def test_a_visit(quirk: Quirk | None) -> None:
    clock = ManualClock(start=NOW)
    async with asyncio.timeout(20), running() as rig:
        quirks = frozenset({quirk} if quirk else ())
        config = Simulated(url=rig.url, identity=NAME, quirks=quirks)
        station = SimulatedStation(config, clock)
        life = asyncio.create_task(station.run())
        await station.wait_until(lambda s: s.is_accepted and not s.backlog)
        await station.plug_in(1)
        await station.present_token(1, "04A1B2C3")
        await rig.box.until(lambda: bool(rig.box.of(TransactionBegan)))
        await station.wait_until(lambda s: not s.backlog)
        for _ in range(3):
            await clock.advance(60)
            await station.wait_until(lambda s: not s.backlog)
        rig.clock[0] = clock.now()
        read = await rig.adapter.execute(cmd.ReadVariables(station=STATION))
        unlocked = await rig.adapter.execute(cmd.Unlock(place=Place(station=STATION, evse=7, connector=1)))
        await station.present_token(1, "04A1B2C3")
        await rig.box.until(lambda: bool(rig.box.of(TransactionEnded)))
        await station.plug_out(1)
        await station.wait_until(lambda s: not s.backlog)
        await rig.adapter.execute(cmd.Reset(place=Place(station=STATION), kind=ResetKind.IMMEDIATE))
        await station.exit()
        await life
    kinds = [type(event) for event in rig.box.events]
    assert kinds[0] is StationFound
    assert StationBooted in kinds
    assert kinds.count(TransactionBegan) == kinds.count(TransactionEnded) == 1
    assert {ConnectorStatus.OCCUPIED, ConnectorStatus.AVAILABLE} <= {
        event.status for event in rig.box.events if isinstance(event, ConnectorChanged)
    }
    measured = next(event for event in rig.box.events if isinstance(event, Measured))
    assert measured.place.evse == 1
    if quirk in UNREACHED:
        assert (read.verdict, unlocked.verdict) == (Verdict.UNREACHABLE, Verdict.UNREACHABLE)
    else:
        assert read.verdict is Verdict.ACCEPTED
        assert unlocked.verdict is Verdict.REJECTED
        assert VariablesReported in kinds
    assert not station.ledger.complaints
