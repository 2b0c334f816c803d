"""A driver in trouble: no storage, no power, a killed box, clocks that are set, stations that lie."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from adapters.common.guard import GRACE
from gateway.model import commands as cmd
from gateway.model import events as ev
from gateway.model.evse import ConnectorStatus
from tests.adapters.common.hours import CARD, PLACE, HourBox, Hours, drive

SAMPLED = "SampledDataCtrlr"


# --- storage ----------------------------------------------------------------------------------------------------------


def test_who_stops_while_nothing_can_be_stored_is_held_back_at_once_and_told_of_later() -> None:
    async def script(hours: Hours) -> None:
        await hours.plug()
        await asyncio.sleep(5)
        assert hours.wire.letter == "C"
        hours.box.disk_full = True
        hours.wire.error = 1
        await asyncio.sleep(1)
        hours.wire.error = 0
        await asyncio.sleep(5)
        hours.wire.card, hours.wire.energy = "", 101.0
        await asyncio.sleep(1)
        hours.wire.card, stopped_at = CARD.value, hours.box.now()
        await asyncio.sleep(2)
        assert hours.wire.letter == "B", "the driver has stopped it"
        assert not hours.told(ev.TransactionEnded)
        hours.wire.plugged, hours.wire.energy = False, 102.0
        await asyncio.sleep(60)
        hours.wire.plugged = True
        await asyncio.sleep(60)
        assert hours.wire.letter == "B", "the next vehicle does not charge for the last one's token"
        hours.box.disk_full = False
        await asyncio.sleep(2)
        ended = hours.last(ev.TransactionEnded)
        assert (hours.told(ev.TransactionEnded), ended.meter_stop) == (1, 101_000.0)
        assert abs(ended.at - stopped_at) < timedelta(seconds=1)
        assert hours.told(ev.TransactionBegan) == 1

    drive(script)


def test_nobody_charges_whose_transaction_is_not_stored() -> None:
    async def script(hours: Hours) -> None:
        await asyncio.sleep(1)
        hours.box.disk_full = True
        await hours.plug()
        began_at = hours.box.now()
        await asyncio.sleep(30)
        assert hours.wire.letter == "B"
        hours.box.disk_full = False
        await asyncio.sleep(2)
        assert hours.wire.letter == "C"
        assert abs(hours.last(ev.TransactionBegan).at - began_at) < timedelta(seconds=2)

    drive(script)


def test_a_token_that_was_taken_back_before_its_transaction_was_stored_lets_nothing_flow() -> None:
    async def script(hours: Hours) -> None:
        await asyncio.sleep(1)
        hours.box.disk_full = True
        await hours.plug()
        hours.wire.card = ""
        await asyncio.sleep(1)
        hours.wire.card = CARD.value
        await asyncio.sleep(1)
        hours.box.disk_full = False
        await asyncio.sleep(5)
        assert hours.wire.letter == "B"
        assert ("enable", 1) not in hours.wire.written
        assert (hours.told(ev.TransactionBegan), hours.told(ev.TransactionEnded)) == (1, 1)

    drive(script)


def test_a_station_that_is_found_and_lost_while_nothing_can_be_stored_is_driven_on() -> None:
    async def script(hours: Hours) -> None:
        await asyncio.sleep(1)
        hours.wire.down = hours.box.disk_full = True
        await asyncio.sleep(30)
        hours.wire.down = False
        await asyncio.sleep(60)
        found = hours.told(ev.StationFound)
        hours.box.disk_full = False
        await asyncio.sleep(1)
        assert hours.told(ev.StationFound) == found + 1
        await hours.plug()
        await asyncio.sleep(2)
        assert hours.wire.letter == "C"

    drive(script)


# --- a box that was killed --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["fault", "silent"])
def test_a_station_that_cannot_say_whether_a_vehicle_is_there_does_not_end_a_transaction(state: str) -> None:
    box = HourBox()
    box.charging()

    def before(hours: Hours) -> None:
        hours.wire.plugged, hours.wire.enable, hours.wire.limit = True, 1, 16.0
        if state == "fault":
            hours.wire.error = 1
        else:
            hours.wire.shown["state"] = None

    async def script(hours: Hours) -> None:
        await asyncio.sleep(10)
        assert not hours.told(ev.TransactionEnded)
        if state == "silent":
            assert not hours.told(ev.ConnectorChanged), "nothing is known of it"
            assert hours.wire.enable == 1, "a charge that was under way is not interrupted"
        hours.wire.error = 0
        hours.wire.shown.clear()
        await asyncio.sleep(10)
        assert hours.wire.letter == "C"
        assert not hours.told(ev.TransactionEnded)

    drive(script, box=box, before=before)


def test_a_state_that_stays_unknown_is_a_fault_that_is_told_once() -> None:
    async def script(hours: Hours) -> None:
        await hours.plug()
        await asyncio.sleep(2)
        hours.wire.shown["state"] = None
        await asyncio.sleep(20)
        assert hours.last(ev.ConnectorChanged).status is ConnectorStatus.OCCUPIED
        await asyncio.sleep(20)
        assert hours.last(ev.ConnectorChanged).status is ConnectorStatus.FAULTED
        told = hours.told(ev.ConnectorChanged)
        await asyncio.sleep(600)
        assert hours.told(ev.ConnectorChanged) == told
        assert not hours.told(ev.TransactionEnded)
        hours.wire.shown.clear()
        await asyncio.sleep(5)
        assert hours.wire.letter == "C"

    drive(script)


@pytest.mark.parametrize("poll", ["event", "fast"])
def test_a_card_that_a_register_has_kept_charges_nobody(poll: str) -> None:
    def before(hours: Hours) -> None:
        hours.wire.card = CARD.value

    async def script(hours: Hours) -> None:
        await asyncio.sleep(5)
        hours.wire.plugged = True
        await asyncio.sleep(60)
        hours.wire.plugged = False
        await asyncio.sleep(60)
        hours.wire.down = True
        await asyncio.sleep(60)
        hours.wire.down = False
        await asyncio.sleep(60)
        hours.wire.plugged = True
        await asyncio.sleep(60)
        assert hours.box.asked == []
        hours.wire.plugged = False
        await asyncio.sleep(60)
        hours.wire.card, hours.wire.plugged = "DEADBEEF", True
        await asyncio.sleep(60)
        assert [token.value for token in hours.box.asked] == ["DEADBEEF"]

    drive(script, family={"points.rfid.poll": poll}, before=before)


@pytest.mark.parametrize("garbage", ["00000000", "0" * 14, "x" * 40, 0])
def test_what_is_no_card_number_is_none(garbage: object) -> None:
    async def script(hours: Hours) -> None:
        await asyncio.sleep(1)
        hours.wire.shown["rfid"] = garbage  # type: ignore[assignment]
        await asyncio.sleep(5)
        assert hours.box.asked == []

    drive(script)


# --- clocks -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("jump", [timedelta(days=-3), timedelta(days=3)])
def test_meter_values_go_on_when_the_clock_is_set(jump: timedelta) -> None:
    box = HourBox()
    box.settings[f"{SAMPLED}.TxUpdatedInterval"] = "10"
    box.settings[f"{SAMPLED}.TxUpdatedMeasurands"] = "Energy.Active.Import.Register"

    async def script(hours: Hours) -> None:
        await hours.plug()
        await asyncio.sleep(35)
        assert hours.told(ev.Measured) == 3
        hours.box.clock_error = jump
        await asyncio.sleep(30)
        assert 5 <= hours.told(ev.Measured) <= 7
        assert hours.wire.letter == "C"

    drive(script, box=box)


# --- stations that lie ------------------------------------------------------------------------------------------------


def test_a_station_that_charges_though_it_is_held_back_is_told_of() -> None:
    async def script(hours: Hours) -> None:
        await asyncio.sleep(1)
        hours.wire.plugged = True
        hours.wire.shown.update(state="C", current=(16.0, 16.0, 16.0))
        await asyncio.sleep(GRACE / 2)
        assert "NotHeldBack" not in hours.faults()
        held = hours.wire.written.count(("enable", 0))
        await asyncio.sleep(GRACE)
        assert "NotHeldBack" in hours.faults()
        assert hours.wire.written.count(("enable", 0)) > held, "it is tried again"
        hours.wire.shown.clear()
        await asyncio.sleep(2)
        assert "NotHeldBack" not in hours.faults()

    drive(script)


def test_a_station_that_takes_more_than_it_says_is_paused() -> None:
    async def script(hours: Hours) -> None:
        await hours.plug()
        await asyncio.sleep(30)
        outcome = await hours.adapter.execute(cmd.SetLimit(place=PLACE, current=8.0))
        assert outcome.accepted
        hours.wire.shown["current"] = (20.0, 20.0, 20.0)
        await asyncio.sleep(GRACE / 2)
        assert hours.wire.enable == 1, "a vehicle may take its time"
        await asyncio.sleep(GRACE)
        assert hours.wire.enable == 0
        assert "LimitNotConfirmed" in hours.faults()

    drive(script)
