"""Charging profiles of the backend, and what flows then: at a station without OCPP, with OCPP 1.6-J, and with OCPP 1.5."""

from __future__ import annotations

import asyncio
import contextlib
from functools import partial
from typing import TYPE_CHECKING

import pytest

from gateway.bench.clock import ScaledClock
from gateway.bench.csms.ledger import CallError
from gateway.bench.ocpp16j.line import Access
from gateway.bench.ocpp16j.station import JsonStation
from gateway.bench.ocpp_s.config import StationConfig
from gateway.bench.ocpp_s.dialects import V16
from gateway.cli import main
from tests.e2e.certification.stage import Stage, profile
from tests.e2e.pair import Pair, Side, pair
from tests.e2e.plan import TOKEN
from tests.e2e.world import World, world
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gateway.bench.csms.ledger import Payload

LIMIT = 8.0
GRAIN = 0.05
LOOK = 0.05
JSON_IDENTITY, JSON_NAME, PASSWORD = "AT-E2E-0016", "OLD16", "0011223344556677"


async def flows(current: Callable[[], float], wanted: Callable[[float], bool]) -> None:
    """Wait until the current is as wanted: physics tells nobody by itself."""
    async with asyncio.timeout(20):
        while not wanted(current()):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK):
                    await asyncio.Event().wait()


async def is_limited_and_free_again(side: Side, evse: int, current: Callable[[], float]) -> None:
    """A profile limits what flows, the composite schedule says so, and clearing it lifts the limit."""
    await flows(current, lambda now: now > LIMIT + GRAIN)
    limiting = profile(1, "TxDefaultProfile", (0, LIMIT))
    assert (await side.call("SetChargingProfile", evseId=evse, chargingProfile=limiting))["status"] == "Accepted"
    await flows(current, lambda now: 0 < now <= LIMIT + GRAIN)
    answer = await side.call("GetCompositeSchedule", evseId=evse, duration=60, chargingRateUnit="A")
    assert [period["limit"] for period in answer["schedule"]["chargingSchedulePeriod"]] == [LIMIT]
    in_watts = await side.call("GetCompositeSchedule", evseId=evse, duration=60, chargingRateUnit="W")
    assert [period["limit"] for period in in_watts["schedule"]["chargingSchedulePeriod"]] == [LIMIT * 3 * 230]
    assert (await side.call("ClearChargingProfile", chargingProfileId=1))["status"] == "Accepted"
    await flows(current, lambda now: now > LIMIT + GRAIN)


@pytest.mark.ocpp("K11.FR.01", "K11.FR.02", "K11.FR.04", "K11.FR.05", "K13.FR.01", "K13.FR.02")
async def test_a_station_without_ocpp_offers_what_the_profile_and_others_allow(tmp_path: Path) -> None:
    async with pair(tmp_path) as both:
        side = both.sides[1]
        await Stage(both=both, side=side).charge()
        await is_limited_and_free_again(side, 1, lambda: both.stand.look().current)
        await is_limited_by_others(both, side)


async def order(both: Pair, side: Side, *words: str) -> None:
    """`stationlift limit` of an energy manager."""
    site = str(both.world.box.site)
    assert await asyncio.to_thread(main, ["limit", side.identity, "--site", site, "--source", "EMS", *words]) == 0


async def is_limited_by_others(both: Pair, side: Side) -> None:
    """What an energy manager beside the box asks for holds, and the backend hears of it (K11, K13)."""
    ask = partial(order, both, side)
    since = both.world.news
    await ask("--current", str(LIMIT), "--holder", "house")
    await flows(lambda: both.stand.look().current, lambda now: 0 < now <= LIMIT + GRAIN)
    limit = {"chargingLimitSource": "EMS", "isGridCritical": False}
    await side.heard("NotifyChargingLimit", since, chargingLimit=limit)
    await side.heard("TransactionEvent", since, triggerReason="ChargingRateChanged")
    (told,) = [each for each in (await both.world.box.status()).stations if each.identity == side.identity]
    assert [(each.evse, each.holder, each.amps) for each in told.limits] == [(0, "house", LIMIT)]
    assert [(each.evse, each.reason, each.amps) for each in told.bindings] == [(1, "ems", LIMIT)]
    await ask("--release", "--holder", "house")
    await side.heard("ClearedChargingLimit", since, chargingLimitSource="EMS")
    await flows(lambda: both.stand.look().current, lambda now: now > LIMIT + GRAIN)
    await ask("--current", str(LIMIT), "--for", "1")
    await side.until(lambda: len(side.received("ClearedChargingLimit", since)) == len(("house", "local")))


async def test_limits_of_others_hold_where_smart_charging_is_left_out(tmp_path: Path) -> None:
    async with pair(tmp_path, more='[profiles]\ndisable = ["smart_charging"]\n') as both:
        side = both.sides[1]
        await Stage(both=both, side=side).charge()
        await flows(lambda: both.stand.look().current, lambda now: now > LIMIT + GRAIN)
        await order(both, side, "--current", str(LIMIT))
        await flows(lambda: both.stand.look().current, lambda now: 0 < now <= LIMIT + GRAIN)
        await order(both, side, "--release")
        await flows(lambda: both.stand.look().current, lambda now: now > LIMIT + GRAIN)
        assert not side.received("NotifyChargingLimit")


async def test_a_profile_that_is_set_before_limits_the_charge_from_its_beginning(tmp_path: Path) -> None:
    async with pair(tmp_path) as both:
        side = both.sides[1]
        limiting = profile(1, "ChargingStationMaxProfile", (0, LIMIT))
        assert (await side.call("SetChargingProfile", evseId=0, chargingProfile=limiting))["status"] == "Accepted"
        await Stage(both=both, side=side).charge()
        await flows(lambda: both.stand.look().current, lambda now: now > 0)
        assert max(moment.current for moment in both.stand.past) <= LIMIT + GRAIN


async def test_a_station_with_ocpp_16j_offers_what_the_profile_allows(tmp_path: Path) -> None:
    more = (
        '[southbound.ocpp_json]\nlisten = "127.0.0.1:{port}"\n'
        f'[[station]]\nidentity = "{JSON_IDENTITY}"\nadapter = "ocpp_json"\ncharge_box_identity = "{JSON_NAME}"\n'
        f'station_password = "{PASSWORD}"\n'
        '[[station.evse]]\nid = 1\nconnector = { type = "sType2", max_current = 32, phases = 3 }\n'
    )
    port = free_port()
    async with world(tmp_path, more=more.replace("{port}", str(port))) as made:
        config = StationConfig(
            url=f"ws://127.0.0.1:{port}/ocpp16", identity=JSON_NAME, dialect=V16, model="Bench 1.6-J"
        )
        station = JsonStation(config, ScaledClock(speed=60.0), Access(password=PASSWORD))
        life = asyncio.create_task(station.run())
        try:
            side = Side(kind="ocpp16j", identity=JSON_IDENTITY, world=made)
            await side.heard("StatusNotification", connectorStatus="Available")
            await station.plug_in(1)
            await station.present_token(1, TOKEN)
            await side.heard("TransactionEvent", eventType="Started")
            await is_limited_and_free_again(side, 1, lambda: station.connector(1).evse.current)
        finally:
            await station.exit()
            await life


async def test_a_station_with_ocpp_15_takes_no_profile(one: World) -> None:
    calls: dict[str, Payload] = {
        "SetChargingProfile": {"evseId": 1, "chargingProfile": profile(1)},
        "GetChargingProfiles": {"requestId": 1, "chargingProfile": {}},
        "GetCompositeSchedule": {"evseId": 1, "duration": 60},
        "ClearChargingProfile": {"chargingProfileId": 1},
    }
    for action, payload in calls.items():
        answer = await one.csms.call(one.station.id, action, payload)
        assert isinstance(answer, CallError)
        assert answer.code == "NotSupported"
