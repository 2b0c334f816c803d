"""A station that locks the cable in, and opens the lock when it is told to."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from gateway.model import commands as cmd
from gateway.model import events as ev
from gateway.model.commands import Verdict
from tests.adapters.common.hours import CARD, PLACE, HourBox, Hours, drive

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


SHOWS: Mapping[str, Any] = {
    "points.lock": {"at": 50, "poll": "slow"},
    "points.lock_command": {"at": 51, "access": "rw"},
    "derive.lock_state": "'locked' if lock == 1 else 'unlocked'",
    "control.unlock": {"seq": [{"point": "lock_command", "value": 0}]},
}
SHUTS_AGAIN = [{"point": "lock_command", "value": 0}, {"delay_s": 2}, {"point": "lock_command", "value": 1}]


@pytest.mark.ocpp("F05.FR.04", "F05.FR.05")
@pytest.mark.parametrize(
    ("changes", "obeys", "verdict"),
    [
        pytest.param({}, True, Verdict.ACCEPTED, id="opens"),
        pytest.param({"control.unlock": {"seq": SHUTS_AGAIN}}, True, Verdict.ACCEPTED, id="opens for a moment"),
        pytest.param({}, False, Verdict.REJECTED, id="stays shut"),
    ],
)
def test_a_lock_that_can_be_seen_is_said_to_be_open_once_it_is(
    changes: Mapping[str, Any], *, obeys: bool, verdict: Verdict
) -> None:
    def before(hours: Hours) -> None:
        hours.wire.shown |= {"lock": 1, "lock_command": 1}

        def obey(point: str, value: Any) -> None:
            if obeys and point == "lock_command":
                hours.wire.shown["lock"] = value

        hours.wire.on_write = obey

    async def script(hours: Hours) -> None:
        await asyncio.sleep(1)
        assert (await hours.adapter.execute(cmd.Unlock(place=PLACE))).verdict is verdict
        assert ("lock_command", 0) in hours.wire.written

    drive(script, family={**SHOWS, **changes}, before=before)


@pytest.mark.ocpp("F05.FR.05")
def test_a_station_that_refuses_or_has_no_lock_does_not_open_it() -> None:
    async def script(hours: Hours) -> None:
        await asyncio.sleep(1)
        hours.wire.refuses.add("lock_command")
        assert (await hours.adapter.execute(cmd.Unlock(place=PLACE))).verdict is Verdict.REJECTED

    drive(script, family=SHOWS, before=lambda hours: hours.wire.shown.update(lock=1, lock_command=1))

    async def without(hours: Hours) -> None:
        await asyncio.sleep(1)
        assert (await hours.adapter.execute(cmd.Unlock(place=PLACE))).verdict is Verdict.UNSUPPORTED

    drive(without)
