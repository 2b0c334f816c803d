"""Current that a sensor of the box holds back: at once, whatever the session says, and as long as it wants."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway.model.ids import Place
from tests.adapters.common.hours import PLACE, STATION, Hours, drive
from tests.adapters.common.leader import Leader, lead

WHOLE = Place(station=STATION)


def test_what_charges_is_held_back_at_once_and_goes_on_when_nobody_minds_any_more() -> None:
    async def script(hours: Hours) -> None:
        await hours.plug()
        await asyncio.sleep(30)
        assert hours.wire.letter == "C"
        hours.adapter.hold_back(WHOLE, "sensor fire", 0.0)
        hours.adapter.hold_back(PLACE, "sensor gas", 0.0)
        await asyncio.sleep(0.01)
        assert hours.wire.letter != "C", "no poll was waited for"
        hours.adapter.hold_back(WHOLE, "sensor fire", None)
        await asyncio.sleep(60)
        assert hours.wire.letter != "C", "another one still minds"
        hours.adapter.hold_back(PLACE, "sensor gas", None)
        await asyncio.sleep(60)
        assert hours.wire.letter == "C"

    drive(script)


def test_what_is_held_back_before_the_station_is_found_does_not_begin() -> None:
    def before(hours: Hours) -> None:
        hours.adapter.hold_back(PLACE, "sensor fire", 0.0)

    async def script(hours: Hours) -> None:
        await hours.plug()
        await asyncio.sleep(60)
        assert hours.wire.letter != "C"
        hours.adapter.hold_back(PLACE, "sensor fire", None)
        await asyncio.sleep(60)
        assert hours.wire.letter == "C"

    drive(script, before=before)


def test_less_is_less_and_the_lowest_counts() -> None:
    async def script(hours: Hours) -> None:
        await hours.plug()
        await asyncio.sleep(30)
        hours.adapter.hold_back(WHOLE, "sensor rail", 8.0)
        await asyncio.sleep(0.01)
        assert hours.wire.limit == 8.0
        hours.adapter.hold_back(PLACE, "sensor cable", 10.0)
        await asyncio.sleep(10)
        assert hours.wire.limit == 8.0
        hours.adapter.hold_back(WHOLE, "sensor rail", None)
        await asyncio.sleep(60)
        assert hours.wire.limit == 10.0

    drive(script)


@pytest.mark.parametrize(
    "keys", [{"limit": None}, {"enable": None, "limit": {"pause": "zero"}}], ids=["by switch", "by limit"]
)
def test_nothing_is_read_before_it_is_written(keys: dict[str, Any]) -> None:
    async def script(leader: Leader) -> None:
        leader.want(released=True, amps=16.0)
        await leader.lead(30)
        leader.plant.written.clear()
        began = asyncio.get_running_loop().time()
        leader.want(amps=0.0)
        await leader.lead(5)
        assert leader.plant.current == 0.0
        ((at, _, value),) = leader.plant.written
        assert value == 0.0
        assert at - began < 0.015, "a read would have taken 10 ms more"

    lead(script, keys=keys)
