"""A station with two EVSEs: each for itself, one station together."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from gateway.model import commands as cmd
from gateway.model import events as ev
from gateway.model.commands import Verdict
from gateway.model.ids import Place
from gateway.model.transactions import STOPPED_BY_RESET, ChargingState
from tests.adapters.common.hours import STATION, Hours, drive
from tests.adapters.common.rig import APP

ANY = Place(station=STATION, evse=0, connector=0)


def start(hours: Hours) -> cmd.StartCharging:
    return cmd.StartCharging(
        place=ANY, token=APP, remote_start_id=1, expires_at=hours.box.now() + timedelta(seconds=60)
    )


def test_the_station_is_lost_when_the_last_of_its_evses_is() -> None:
    async def script(hours: Hours) -> None:
        await asyncio.sleep(2)
        hours.wires[0].down = True
        await asyncio.sleep(60)
        assert not hours.told(ev.StationLost)
        hours.wires[1].down = True
        await asyncio.sleep(60)
        assert hours.told(ev.StationLost) == 1
        found = hours.told(ev.StationFound)
        hours.wires[1].down = False
        await asyncio.sleep(60)
        assert hours.told(ev.StationFound) == found + 1
        hours.wires[1].down = True
        await asyncio.sleep(60)
        assert hours.told(ev.StationLost) == 2

    drive(script, evses=2)


def test_a_limit_for_the_station_holds_at_both_and_a_lost_one_takes_it_later() -> None:
    async def script(hours: Hours) -> None:
        for wire in hours.wires:
            wire.plugged = True
        await asyncio.sleep(30)
        assert [wire.letter for wire in hours.wires] == ["C", "C"]
        hours.wires[1].down = True
        await asyncio.sleep(30)
        outcome = await hours.adapter.execute(cmd.SetLimit(place=ANY, current=9.0))
        assert outcome.verdict is Verdict.UNANSWERED
        assert hours.wires[0].limit == 9.0
        hours.wires[1].down = False
        await asyncio.sleep(60)
        assert hours.wires[1].limit == 9.0

    drive(script, evses=2, authorization="free_vend")


def test_a_remote_start_for_any_evse_finds_the_one_that_can() -> None:
    async def script(hours: Hours) -> None:
        hours.wires[0].error = 1
        await asyncio.sleep(5)
        assert (await hours.adapter.execute(start(hours))).accepted
        hours.wires[1].plugged = True
        await asyncio.sleep(10)
        assert hours.wires[1].letter == "C"
        assert hours.last(ev.TransactionBegan).place.evse == 2

    drive(script, evses=2, authorization="central")


def test_one_evse_in_trouble_is_no_matter_of_the_other() -> None:
    async def script(hours: Hours) -> None:
        for wire in hours.wires:
            wire.plugged = True
        hours.wires[0].refuses.update(("enable", "limit"))
        await asyncio.sleep(60)
        assert [wire.letter for wire in hours.wires] == ["B", "C"]
        hours.wires[0].takes = 30.0
        hours.wires[1].plugged = False
        await asyncio.sleep(5)
        assert hours.told(ev.TransactionEnded) == 1

    drive(script, evses=2, authorization="free_vend")


@pytest.mark.ocpp("B11.FR.08", "B12.FR.08")
def test_one_evse_is_reset_and_the_other_charges_on() -> None:
    async def script(hours: Hours) -> None:
        for wire in hours.wires:
            wire.plugged = True
        await asyncio.sleep(30)
        second, boots = Place(station=STATION, evse=2, connector=1), hours.told(ev.StationBooted)
        reset = cmd.Reset(place=second, kind=cmd.ResetKind.IMMEDIATE)
        assert (await hours.adapter.execute(reset)).accepted
        ended = hours.last(ev.TransactionEnded)
        assert (ended.cause, ended.charging_state) == (STOPPED_BY_RESET, ChargingState.EV_CONNECTED)
        assert hours.told(ev.EvseRestarted) == 0
        await asyncio.sleep(10)
        assert hours.last(ev.EvseRestarted).place == second
        assert [wire.letter for wire in hours.wires] == ["C", "B"]
        assert (hours.told(ev.TransactionEnded), hours.told(ev.EvseRestarted)) == (1, 1)
        assert hours.told(ev.StationBooted) == boots
        hours.wires[1].plugged = False
        await asyncio.sleep(5)
        hours.wires[1].plugged = True
        await asyncio.sleep(30)
        assert [wire.letter for wire in hours.wires] == ["C", "C"]

    drive(script, evses=2, authorization="free_vend")


def test_an_evse_that_is_not_reached_cannot_be_reset() -> None:
    async def script(hours: Hours) -> None:
        await asyncio.sleep(2)
        hours.wires[1].down = True
        await asyncio.sleep(60)
        reset = cmd.Reset(place=Place(station=STATION, evse=2), kind=cmd.ResetKind.IMMEDIATE)
        assert (await hours.adapter.execute(reset)).verdict is Verdict.UNREACHABLE

    drive(script, evses=2, authorization="free_vend")
