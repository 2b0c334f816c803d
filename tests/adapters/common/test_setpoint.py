"""An EVSE is brought to what is wanted, whatever the station does with it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from gateway.family.limit import RETRY, Ceilings
from tests.adapters.common.leader import Leader, lead

ZERO: dict[str, Any] = {"limit": {"pause": "zero"}, "enable": None}
UNSEEN: dict[str, Any] = {"limit": {"verify": None}}


def limits(leader: Leader) -> list[float]:
    return [value for _, point, value in leader.plant.written if point == "limit"]


@pytest.mark.parametrize("keys", [{}, ZERO], ids=["enable", "zero"])
def test_a_released_station_charges_at_the_lowest_limit_and_a_held_one_does_not(keys: dict[str, Any]) -> None:
    async def script(leader: Leader) -> None:
        leader.want(released=True, amps=13.0)
        await leader.lead(30)
        assert leader.plant.current == 13.0
        leader.want(released=False)
        await leader.lead(30)
        assert leader.plant.current == 0.0

    lead(script, keys=keys)


@pytest.mark.parametrize("keys", [{}, ZERO], ids=["enable", "zero"])
def test_a_station_that_restarts_unnoticed_is_held_back_again(keys: dict[str, Any]) -> None:
    async def script(leader: Leader) -> None:
        leader.want(released=False)
        await leader.lead(30)
        assert leader.plant.current == 0.0
        leader.plant.reboot()
        assert leader.plant.current == 16.0, "it comes back released"
        await leader.lead(10)
        assert leader.plant.current == 0.0

    lead(script, keys=keys, enable=1)


@pytest.mark.parametrize("fate", ["before", "after"])
@pytest.mark.parametrize("keys", [{}, ZERO, UNSEEN], ids=["enable", "zero", "unseen"])
def test_a_write_whose_answer_was_lost_is_as_good_as_unknown(fate: str, keys: dict[str, Any]) -> None:
    async def script(leader: Leader) -> None:
        leader.want(released=True, amps=10.0)
        await leader.lead(30)
        leader.plant.vices.lost.append(fate)
        leader.want(amps=16.0)
        await leader.lead(0.1)
        leader.want(amps=10.0)
        await leader.lead(30)
        assert leader.plant.current == 10.0
        leader.plant.vices.lost.append(fate)
        leader.want(released=False)
        await leader.lead(30)
        assert leader.plant.current == 0.0
        leader.plant.vices.lost.append(fate)
        leader.want(released=True)
        await leader.lead(0.1)
        leader.want(released=False)
        await leader.lead(30)
        assert leader.plant.current == 0.0

    lead(script, keys=keys)


def test_a_decrease_waits_for_no_read_back() -> None:
    async def script(leader: Leader) -> None:
        leader.want(released=True, amps=10.0)
        await leader.lead(30)
        leader.plant.vices.slow = 4.0
        leader.want(amps=32.0)
        await leader.lead(0.5)
        asked = asyncio.get_running_loop().time()
        leader.want(amps=6.0)
        await leader.lead(1)
        at = next(at for at, point, value in leader.plant.written if (point, value) == ("limit", 6.0) and at >= asked)
        assert at - asked < 0.3

    lead(script, keys={"limit": {"verify": {"point": "limit", "within_s": 10}}})


@pytest.mark.parametrize("jump", [timedelta(days=-400), timedelta(days=400)])
def test_a_clock_that_is_set_changes_nothing(jump: timedelta) -> None:
    async def script(leader: Leader) -> None:
        leader.plant.vices.slow = 3.0
        leader.want(released=True, amps=10.0)
        await leader.lead(30)
        leader.want(amps=20.0)
        await leader.lead(1)
        leader.clock_error = jump
        await leader.lead(30)
        assert leader.plant.current == 20.0
        assert not leader.setpoint.failed
        leader.plant.vices.deaf = True
        leader.want(amps=8.0)
        leader.clock_error = -jump
        await leader.lead(30)
        assert leader.setpoint.failed

    lead(script, keys={"limit": {"dwell_s": 5.0, "verify": {"point": "limit", "within_s": 5}}})


def test_a_station_that_refuses_its_limit_is_tried_again_now_and_then_only() -> None:
    async def script(leader: Leader) -> None:
        leader.want(released=True, amps=10.0)
        await leader.lead(30)
        leader.plant.vices.refuses = True
        leader.want(amps=8.0)
        before = len(leader.plant.written)
        await leader.lead(3 * RETRY)
        assert leader.setpoint.failed
        assert len(leader.plant.written) - before < 20
        leader.plant.vices.refuses = False
        await leader.lead(5 * RETRY)
        assert not leader.setpoint.failed
        assert leader.plant.current == 8.0

    lead(script)


def test_a_station_without_a_limit_that_refuses_is_tried_again_too() -> None:
    async def script(leader: Leader) -> None:
        leader.plant.vices.refuses = True
        leader.want(released=True)
        await leader.lead(5)
        assert leader.setpoint.failed
        leader.plant.vices.refuses = False
        await leader.lead(2 * RETRY)
        assert leader.plant.current == 16.0
        assert not leader.setpoint.failed

    lead(script, keys={"limit": None})


def test_a_pause_that_did_not_come_through_is_done_again() -> None:
    async def script(leader: Leader) -> None:
        leader.want(released=True, amps=10.0)
        await leader.lead(30)
        leader.plant.vices.deaf = True
        leader.want(amps=8.0)
        await leader.lead(0.5)
        leader.plant.vices.lost = ["", "before", "before"]
        await leader.lead(1)
        leader.plant.vices.deaf = False
        await leader.lead(20)
        assert leader.plant.current in {0.0, 8.0}

    lead(script, keys={"limit": {"verify": {"point": "limit", "within_s": 0.3}}})


@pytest.mark.parametrize(("start", "stop"), [(True, True), (False, True), (True, False)])
def test_a_station_with_verbs_only_is_started_and_stopped(start: bool, stop: bool) -> None:  # noqa: FBT001
    verbs: dict[str, Any] = {"limit": None, "enable": None}
    verbs["start"] = {"seq": [{"point": "enable", "value": 1}]} if start else None
    verbs["stop"] = {"seq": [{"point": "enable", "value": 0}]} if stop else None

    async def script(leader: Leader) -> None:
        leader.want(released=False)
        await leader.lead(5)
        assert leader.plant.current == (0.0 if stop else 16.0), "who charges when the box comes is stopped"
        leader.want(released=True)
        await leader.lead(5)
        assert leader.plant.current == (16.0 if start or not stop else 0.0)

    lead(script, keys=verbs, enable=1)


def test_what_a_station_does_not_obey_is_not_taken_for_done() -> None:
    """While the release is not the box's, the limit holds; once it is, the release does."""

    async def script(leader: Leader) -> None:
        leader.want(released=True, amps=10.0)
        await leader.lead(20)
        assert leader.plant.current == 10.0
        leader.want(released=False)
        await leader.lead(20)
        assert leader.plant.current == 0.0
        assert leader.plant.enable == 1

    lead(script, keys={"limit": {"pause": "zero"}, "enable": {"when": "enable == 5"}}, enable=1)


def test_a_memory_that_wears_is_not_written_without_need_or_end() -> None:
    async def script(leader: Leader) -> None:
        leader.want(released=True, amps=16.0)
        await leader.lead(30)
        assert limits(leader) == [], "it has that limit already"
        assert leader.setpoint.written == 16.0
        for hour in range(12):
            leader.want(amps=8.0 if hour % 2 else 10.0)
            await leader.lead(60)
            leader.plant.limit = 16.0  # it forgets by itself
            await leader.lead(60)
        assert len(limits(leader)) <= 2 * 4
        assert leader.plant.current == 0.0, "it does not keep what it is told"

    keys = {"limit": {"persist": True, "daily_cap": 4}}
    notes: dict[str, str] = {}
    lead(script, keys=keys, notes=notes)

    async def again(leader: Leader) -> None:
        leader.want(released=True, amps=20.0)
        await leader.lead(300)
        assert limits(leader) == [], "the count outlives the box"

    lead(again, keys=keys, notes=notes)


def test_less_is_written_even_to_a_worn_memory() -> None:
    async def script(leader: Leader) -> None:
        for amps in (10.0, 12.0, 10.0, 12.0, 10.0):
            leader.want(released=True, amps=amps)
            await leader.lead(30)
        leader.want(amps=7.0)
        await leader.lead(30)
        assert leader.plant.current == 7.0
        leader.want(amps=12.0)
        await leader.lead(30)
        assert leader.plant.current == 7.0, "more has to wait until tomorrow"

    lead(script, keys={"limit": {"persist": True, "daily_cap": 4}}, limit=10.0)


@pytest.mark.parametrize("keys", [{}, ZERO], ids=["enable", "zero"])
def test_a_watchdog_hears_the_limit_also_while_one_is_read_back_and_while_the_station_is_paused(
    keys: dict[str, Any],
) -> None:
    async def script(leader: Leader) -> None:
        leader.want(released=True, amps=10.0)
        await leader.lead(30)
        leader.plant.vices.deaf = True
        leader.want(amps=8.0)
        await leader.lead(1)
        before = len(leader.plant.written)
        await leader.setpoint.repeat(leader.family)
        assert leader.plant.written[before:][-1][1:] == ("limit", 8.0)
        await leader.lead(30)
        assert leader.setpoint.failed
        before = len(leader.plant.written)
        await leader.setpoint.repeat(leader.family)
        assert limits(leader)[-1] <= 6.0
        assert len(leader.plant.written) == before + 1

    merged = {**keys, "limit": {**keys.get("limit", {}), "verify": {"point": "limit", "within_s": 5}}}
    lead(script, keys=merged)


@pytest.mark.parametrize("phase", [0.005, 0.5, 3.0, 30.0])
@pytest.mark.parametrize("keys", [{}, ZERO], ids=["enable", "zero"])
def test_an_orderly_end_comes_through_in_every_phase(phase: float, keys: dict[str, Any]) -> None:
    async def script(leader: Leader) -> None:
        leader.want(released=True, amps=10.0)
        await leader.lead(30)
        leader.plant.vices.slow = 5.0
        leader.want(amps=20.0)
        await asyncio.sleep(phase)
        await leader.setpoint.safe(leader.family, 6.0, within=5)
        await asyncio.sleep(10)
        assert leader.plant.current == 6.0
        leader.want(amps=32.0)
        await leader.lead(10)
        assert leader.plant.current == 6.0, "nobody moves it any more"

    merged = {**keys, "limit": {**keys.get("limit", {}), "verify": {"point": "limit", "within_s": 20}}}
    lead(script, keys=merged)


@pytest.mark.parametrize("keys", [{}, ZERO], ids=["enable", "zero"])
def test_a_fallback_below_the_minimum_is_a_pause(keys: dict[str, Any]) -> None:
    async def script(leader: Leader) -> None:
        leader.want(released=True, amps=10.0)
        await leader.lead(30)
        await leader.setpoint.safe(leader.family, 3.0, within=5)
        await asyncio.sleep(1)
        assert leader.plant.current == 0.0
        assert 0.0 not in limits(leader) or keys, "0 is no limit where a pause is something else"

    lead(script, keys=keys)


def test_a_ceiling_that_falls_while_charging_is_followed() -> None:
    async def script(leader: Leader) -> None:
        leader.want(released=True)
        await leader.lead(30)
        assert leader.plant.current == 32.0
        leader.ceilings = Ceilings(family=32.0, site=32.0, cable=13.0)
        await leader.lead(5)
        assert leader.plant.current == 13.0
        leader.ceilings = Ceilings(family=32.0, site=32.0, station=5.0)
        await leader.lead(5)
        assert leader.plant.current == 0.0

    lead(script)
