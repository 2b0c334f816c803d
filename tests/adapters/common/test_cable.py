"""A station that locks the cable in, and opens the lock when it is told to."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from gateway.model import events as ev
from tests.adapters.common.hours import CARD, HourBox, Hours, drive

if TYPE_CHECKING:
    from collections.abc import Mapping

LOCKS: Mapping[str, Any] = {
    "points.lock": {"at": 50, "access": "rw", "poll": "fast"},
    "control.unlock": {"seq": [{"point": "lock", "value": 0}]},
}
OPENED = ("lock", 0)


def shut(hours: Hours) -> None:
    hours.wire.shown["lock"] = 1


async def card(hours: Hours) -> None:
    """A card is held to the reader, and taken away."""
    hours.wire.card = ""
    await asyncio.sleep(1)
    hours.wire.card = CARD.value
    await asyncio.sleep(5)


@pytest.mark.ocpp("E06.FR.10", "E07.FR.07")
def test_the_card_that_ends_a_session_opens_the_lock_once_no_current_flows() -> None:
    async def script(hours: Hours) -> None:
        await hours.plug()
        await asyncio.sleep(10)
        assert (hours.wire.letter, OPENED in hours.wire.written) == ("C", False)
        await card(hours)
        assert hours.told(ev.TransactionEnded) == 1
        assert hours.wire.written.count(OPENED) == 1
        assert hours.wire.written.index(OPENED) > hours.wire.written.index(("enable", 0), 2)

    drive(script, family=LOCKS, before=shut)


@pytest.mark.ocpp("E09.FR.02")
def test_who_unplugs_at_the_car_gets_the_cable() -> None:
    async def script(hours: Hours) -> None:
        await hours.plug()
        await asyncio.sleep(10)
        hours.wire.plugged = False
        await asyncio.sleep(5)
        assert OPENED in hours.wire.written

    drive(script, family=LOCKS, before=shut)


@pytest.mark.ocpp("E09.FR.03")
def test_or_only_with_the_card_where_that_is_set() -> None:
    box = HourBox()
    box.settings["OCPPCommCtrlr.UnlockOnEVSideDisconnect"] = "false"

    async def script(hours: Hours) -> None:
        await hours.plug()
        await asyncio.sleep(10)
        hours.wire.plugged = False
        await asyncio.sleep(60)
        assert hours.told(ev.TransactionEnded) == 1
        assert OPENED not in hours.wire.written
        asked = len(box.asked)
        await card(hours)
        assert OPENED in hours.wire.written
        assert len(box.asked) == asked, "who he is was known"

    drive(script, box=box, family=LOCKS, before=shut)


def test_a_station_that_does_not_open_it_is_none_the_worse() -> None:
    async def script(hours: Hours) -> None:
        hours.wire.refuses.add("lock")
        await hours.plug()
        await asyncio.sleep(10)
        await card(hours)
        assert hours.told(ev.TransactionEnded) == 1
        await card(hours)
        await asyncio.sleep(10)
        assert hours.wire.letter == "C"

    drive(script, family=LOCKS, before=shut)
