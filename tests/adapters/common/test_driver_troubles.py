"""A driver in trouble: no storage, no power, a killed box, clocks that are set, stations that lie."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from adapters.common.guard import GRACE
from gateway.model import commands as cmd
from gateway.model import events as ev
from gateway.model.commands import Verdict
from gateway.model.evse import ConnectorStatus
from gateway.model.transactions import STOPPED_BY_BACKEND, ChargingState
from tests.adapters.common.hours import CARD, PLACE, STATION, HourBox, Hours, drive

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


# --- setting up -------------------------------------------------------------------------------------------------------


ARMED = {
    "points.failsafe_current": {"at": 60, "access": "rw", "unit": "A"},
    "points.failsafe_timeout": {"at": 61, "access": "rw", "unit": "s"},
    "watchdog": {"kind": "read-any", "fallback": "failsafe_current", "timeout": "failsafe_timeout"},
}


def armed(hours: Hours) -> None:
    hours.wire.shown.update(failsafe_current=32.0, failsafe_timeout=0)


def test_a_fallback_is_never_above_the_site() -> None:
    async def script(hours: Hours) -> None:
        await asyncio.sleep(1)
        assert hours.wire.shown["failsafe_current"] == 20.0
        assert hours.wire.shown["failsafe_timeout"] == 15.0

    drive(script, family=ARMED, before=armed, failsafe_current=32.0, failsafe_timeout=15.0)


def test_an_operator_cannot_lift_the_fallback_above_the_site_or_switch_it_off() -> None:
    async def script(hours: Hours) -> None:
        await asyncio.sleep(1)
        for key, value in (("FailsafeCurrent.1", "25"), ("FailsafeTimeout.1", "0"), ("FailsafeTimeout.1", "nan")):
            outcome = await hours.adapter.execute(cmd.SetVariable(station=STATION, key=key, value=value))
            assert outcome.verdict is Verdict.REJECTED, key
        outcome = await hours.adapter.execute(cmd.SetVariable(station=STATION, key="FailsafeCurrent.1", value="8"))
        assert (outcome.verdict, hours.wire.shown["failsafe_current"]) == (Verdict.ACCEPTED, 8.0)

    drive(script, family=ARMED, before=armed)


def test_a_variable_that_the_family_has_not_is_unknown() -> None:
    async def script(hours: Hours) -> None:
        await asyncio.sleep(1)
        for key in ("FailsafeCurrent.1", "FailsafeTimeout.1", "CurrentLimit.7", "Other.1", "CurrentLimit"):
            outcome = await hours.adapter.execute(cmd.SetVariable(station=STATION, key=key, value="8"))
            assert outcome.verdict is Verdict.UNKNOWN, key

    drive(script)


def test_first_steps_that_are_refused_keep_the_rest_from_nothing() -> None:
    family = {**ARMED, "init": {"seq": [{"point": "enable", "value": 5}]}}

    def before(hours: Hours) -> None:
        armed(hours)
        hours.wire.refuses.add("enable")

    async def script(hours: Hours) -> None:
        await asyncio.sleep(1)
        assert hours.told(ev.StationFound) == 1
        assert hours.wire.shown["failsafe_current"] == 8.0

    drive(script, family=family, before=before, failsafe_current=8.0)


# --- commands at a bad time -------------------------------------------------------------------------------------------


def test_a_limit_that_comes_while_the_station_is_away_holds_as_soon_as_it_is_back() -> None:
    async def script(hours: Hours) -> None:
        await hours.plug()
        await asyncio.sleep(30)
        hours.wire.down = True
        await asyncio.sleep(10)
        outcome = await hours.adapter.execute(cmd.SetLimit(place=PLACE, current=8.0))
        assert outcome.verdict is Verdict.UNANSWERED
        assert hours.told(ev.StationLost) == 1
        hours.wire.down = False
        await asyncio.sleep(60)
        assert (hours.wire.letter, hours.wire.limit) == ("C", 8.0)

    drive(script)


def test_a_release_whose_answer_is_lost_is_taken_back_all_the_same() -> None:
    async def script(hours: Hours) -> None:
        await asyncio.sleep(1)
        hours.wire.loses.add("enable")
        await hours.plug()
        await asyncio.sleep(10)
        hours.wire.card = ""
        await asyncio.sleep(1)
        hours.wire.card = CARD.value
        await asyncio.sleep(10)
        assert hours.wire.enable == 0

    drive(script)


@pytest.mark.parametrize("after", [0.0, 0.001, 0.019, 0.021, 0.1, 1.001, 2.001, 2.03, 2.1, 2.25, 5.0])
@pytest.mark.parametrize("keys", [{}, {"limit": 20.0}], ids=["obeying", "deaf"])
def test_an_orderly_end_in_any_phase_leaves_nothing_behind(after: float, keys: dict[str, float]) -> None:
    async def script(hours: Hours) -> None:
        hours.wire.lies = keys.get("limit")
        task = asyncio.create_task(hours.plug())
        await asyncio.sleep(after)
        limit = asyncio.create_task(hours.adapter.execute(cmd.SetLimit(place=PLACE, current=10.0)))
        await asyncio.sleep(0.01)
        for each in (task, limit):
            each.cancel()
        await asyncio.gather(task, limit, return_exceptions=True)

    hours = drive(script, failsafe_current=7.0)
    assert hours.wire.letter != "C" or hours.wire.limit <= 7.0


def test_the_last_state_is_told_when_it_came_back_after_a_change() -> None:
    async def script(hours: Hours) -> None:
        await hours.plug()
        await asyncio.sleep(5)
        assert hours.last(ev.TransactionUpdated).charging_state is ChargingState.CHARGING
        hours.wire.down = True
        await asyncio.sleep(100)
        hours.wire.plugged, hours.wire.enable, hours.wire.energy = False, 1, 104.0
        hours.wire.down = False
        await asyncio.sleep(60)
        ended = hours.last(ev.TransactionEnded)
        assert ended.meter_stop == 104_000.0
        assert hours.wire.enable == 0

    drive(script)


@pytest.mark.parametrize("by_card", [True, False])
def test_a_transaction_ends_with_what_the_meter_shows_then(by_card: bool) -> None:  # noqa: FBT001
    """However rarely it is read otherwise."""
    box = HourBox()

    async def script(hours: Hours) -> None:
        await hours.plug()
        await asyncio.sleep(30.5)
        hours.wire.card, hours.wire.energy = "", 100.9
        await asyncio.sleep(1)
        if by_card:
            hours.wire.card = CARD.value
        else:
            box.charging(next(iter(box.numbers.values())))
            stop = cmd.StopCharging(station=STATION, transaction="tx", number=1, cause=STOPPED_BY_BACKEND)
            assert (await hours.adapter.execute(stop)).accepted
        await asyncio.sleep(1)
        assert hours.last(ev.TransactionEnded).meter_stop == 100_900.0

    rates = {"fast": 0.2, "medium": 0.4, "slow": 3600.0}
    drive(script, box=box, family={"points.energy_total.poll": "slow", "link.poll": rates})
