"""What is set up at a station, and orders that come at a bad time."""

from __future__ import annotations

import asyncio

import pytest

from gateway.model import commands as cmd
from gateway.model import events as ev
from gateway.model.commands import Verdict
from gateway.model.transactions import STOPPED_BY_BACKEND, ChargingState
from tests.adapters.common.hours import CARD, PLACE, STATION, HourBox, Hours, drive

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


def test_readings_that_are_asked_for_are_those_of_now() -> None:
    """However rarely they are read otherwise; they are of no transaction, and nobody else is told of them."""

    async def script(hours: Hours) -> None:
        await hours.plug()
        await asyncio.sleep(30.5)
        hours.wire.energy, hours.wire.shown["voltage"] = 100.9, (229.0, 231.0, 232.0)
        before = hours.told(ev.Measured)
        asked = cmd.TriggerReport(place=PLACE, report=cmd.Report.METER_VALUES)
        assert (await hours.adapter.execute(asked)).accepted
        assert hours.told(ev.Measured) == before + 1
        told = hours.last(ev.Measured)
        assert (told.place, told.asked, told.number) == (PLACE, True, None)
        (sample,) = told.samples
        assert (sample.at, sample.energy()) == (hours.box.now(), 100_900.0)
        assert [r.value for r in sample.readings if r.measurand == "Voltage"] == [229.0, 231.0, 232.0]

    rates = {"fast": 0.2, "medium": 3600.0, "slow": 3600.0}
    drive(script, family={"points.energy_total.poll": "slow", "link.poll": rates})


def test_a_station_that_is_away_cannot_be_read_now_and_tells_nothing_else_by_order() -> None:
    async def script(hours: Hours) -> None:
        await asyncio.sleep(1)
        boot = cmd.TriggerReport(place=PLACE, report=cmd.Report.BOOT)
        assert (await hours.adapter.execute(boot)).verdict is Verdict.UNSUPPORTED
        hours.wire.down = True
        await asyncio.sleep(10)
        asked = cmd.TriggerReport(place=PLACE, report=cmd.Report.METER_VALUES)
        assert (await hours.adapter.execute(asked)).verdict is Verdict.UNREACHABLE
        assert hours.told(ev.Measured) == 0

    drive(script)
