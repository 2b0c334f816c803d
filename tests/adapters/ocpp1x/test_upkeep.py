"""A station of OCPP 1.6 that is to fall back by itself: what it is given, how often, and what is taken away again."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from adapters.ocpp1x.failsafe import Failsafe
from adapters.ocpp1x.features import Features
from adapters.ocpp1x.upkeep import Upkeep
from gateway.model.commands import SetLimit
from gateway.model.ids import Place
from gateway.model.installation import Outlet
from tests.adapters.ocpp1x.rig import ID, NOW, Station, pick, state, transaction

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from adapters.ocpp1x.fields import Value

ONE = Place(station=ID, evse=1, connector=1)


def falling(*, after: float = 600.0, level: int = 9) -> Station:
    station = Station()
    station.peer.features = Features(profiles=frozenset({"smartcharging"}), stack_level=level)
    station.peer.outlets = {(1, 1): Outlet(phases=3, current=16.0)}
    station.peer.failsafe = Failsafe(current=6.0, after=after)
    station.peer.present = True
    station.now_is(state(evses=1))
    return station


@asynccontextmanager
async def kept(station: Station, grace: float = 3600.0) -> AsyncIterator[None]:
    upkeep = Upkeep(station.box, lambda _: station.target, grace)
    await upkeep.begin([station.peer])
    try:
        yield
    finally:
        await upkeep.aclose()


async def until(station: Station, predicate: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not predicate():
            station.called.clear()
            await station.called.wait()


def profiles(station: Station) -> list[tuple[object, object, list[tuple[object, object]]]]:
    """Id, purpose and limits of all that was written."""
    found = [fields["csChargingProfiles"] for operation, fields in station.calls if operation == "SetChargingProfile"]
    return [(pick(each, "chargingProfileId"), pick(each, "chargingProfilePurpose"), limits(each)) for each in found]


def limits(given: Value) -> list[tuple[object, object]]:
    periods = pick(given, "chargingSchedule", "chargingSchedulePeriod")
    assert isinstance(periods, list)
    return [(pick(each, "startPeriod"), pick(each, "limit")) for each in periods]


async def test_a_limit_says_itself_what_comes_after_it() -> None:
    station = falling()
    assert (await station.asked(SetLimit(place=ONE, current=13.0))).accepted
    ((_, fields),) = station.calls
    given = fields["csChargingProfiles"]
    assert pick(given, "chargingProfileKind") == "Absolute"
    schedule = pick(given, "chargingSchedule")
    assert pick(given, "chargingSchedule", "startSchedule") == NOW - timedelta(seconds=60), schedule
    assert profiles(station) == [(8002, "TxDefaultProfile", [(0, 13.0), (660, 6.0)])]


async def test_no_limit_is_what_the_wiring_allows_for_as_long_as_the_box_lives() -> None:
    station = falling()
    assert (await station.asked(SetLimit(place=ONE, current=None))).accepted
    assert profiles(station) == [(8002, "TxDefaultProfile", [(0, 16.0), (660, 6.0)])]


async def test_only_what_holds_is_written_anew() -> None:
    station = falling(after=1.0)
    running = state(transaction(), evses=1)
    station.now_is(running)
    assert (await station.asked(SetLimit(place=ONE, current=13.0))).accepted
    begun = len(station.calls)
    async with kept(station):
        await until(station, lambda: len(station.calls) >= begun + 3)
    fallback, *renewed = profiles(station)[begun:]
    assert fallback == (7999, "TxDefaultProfile", [(0, 6.0)])
    assert {each[0] for each in renewed} == {8003}


async def test_a_station_without_a_transaction_keeps_its_default() -> None:
    station = falling(after=1.0)
    assert (await station.asked(SetLimit(place=ONE, current=13.0))).accepted
    async with kept(station):
        await until(station, lambda: len(station.calls) >= 3)
    assert {each[0] for each in profiles(station)[2:]} == {8002}


async def test_a_limit_that_was_written_for_another_reason_is_not_written_anew() -> None:
    station = falling(after=3600.0)
    assert (await station.asked(SetLimit(place=ONE, current=13.0))).accepted
    async with kept(station):
        await asyncio.sleep(0)
    assert [each[0] for each in profiles(station)] == [8002]


async def test_who_is_told_nothing_is_given_its_rating_after_a_while() -> None:
    station = falling(after=1.0)
    async with kept(station, grace=0.0):
        await until(station, lambda: len(station.calls) >= 2)
    assert profiles(station)[:2] == [
        (7999, "TxDefaultProfile", [(0, 6.0)]),
        (8002, "TxDefaultProfile", [(0, 16.0), (61, 6.0)]),
    ]


async def test_where_there_is_one_level_only_the_limit_is_not_overwritten() -> None:
    station = falling(after=1.0, level=0)
    async with kept(station, grace=0.0):
        await until(station, lambda: bool(station.calls))
    assert profiles(station)[0][0] == 8002


async def test_what_was_given_for_a_fall_back_that_nobody_wants_any_more_is_taken_away() -> None:
    station = falling()
    station.peer.failsafe = None
    station.box.kept[ID] = {"ocpp-failsafe": "yes"}
    async with kept(station, grace=0.01):
        await until(station, lambda: len(station.calls) >= 3)
    assert station.calls == [("ClearChargingProfile", {"id": id_}) for id_ in (7999, 8002, 8003)]


def test_a_restart_makes_it_be_told_anew() -> None:
    station = falling()
    station.peer.falls_back = True
    station.peer.restarted()
    assert not station.peer.falls_back
    assert station.peer.limits == {}
