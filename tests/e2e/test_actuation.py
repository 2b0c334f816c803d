"""Limits at stations that take none: by a key, a vendor's message, an added contactor; and what a lost box leaves."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from gateway.bench.clock import ScaledClock
from gateway.bench.ocpp16j.line import Access
from gateway.bench.ocpp16j.station import JsonStation
from gateway.bench.ocpp_s.config import StationConfig
from gateway.bench.ocpp_s.dialects import V16
from gateway.bench.ocpp_s.keys import MAX_CURRENT
from gateway.cli import main
from tests.adapters.modbus.peers import Device, tcp_devices, tcp_peer
from tests.e2e.certification.stage import profile
from tests.e2e.pair import Side
from tests.e2e.plan import TOKEN, Plan
from tests.e2e.test_smart_charging import GRAIN, LIMIT, flows
from tests.e2e.visitor import PATIENCE
from tests.e2e.world import World, world
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

KEY = 'control = { key = "BenchMaxCurrent{connector}" }'
MESSAGE = 'control = { data_transfer = { vendor = "bench", message = "Limit", data = "{connector}:{current}", answer = "{current}" } }'
CONTACTOR = 'control = { output = "cabinet/relay_2" }'
REMOTE = "control = { remote = true }"

CABINET = """
[[sensor]]
name = "cabinet"
kind = "modbus"
family = "waveshare-io"
connection = {{ tcp = "127.0.0.1:{port}" }}
component = "AccessSensor"
point = "inputs.1"
active = 1
"""

JSON_IDENTITY, JSON_NAME, PASSWORD = "AT-E2E-0016", "OLD16", "0011223344556677"
JSON_SITE = """
[southbound.ocpp_json]
listen = "127.0.0.1:{port}"

[[station]]
identity = "AT-E2E-0016"
adapter = "ocpp_json"
charge_box_identity = "OLD16"
station_password = "0011223344556677"
failsafe_current = 6.0
failsafe_timeout = 5.0
[[station.evse]]
id = 1
connector = {{ type = "sType2", max_current = 32, phases = 3 }}
"""
FALLBACK = 6.0


def current(made: World, evse: int = 1) -> float:
    return made.station.sim.connector(evse).evse.current


async def order(made: World, *words: str) -> None:
    site = str(made.box.site)
    assert await asyncio.to_thread(main, ["limit", made.station.id, "--site", site, "--holder", "fuse", *words]) == 0


async def has_smart_charging(made: World, wanted: str) -> None:
    """What the box can do for the station is told once the station has been found."""
    assert (await made.get_variable("SmartChargingCtrlr", "Available"))["attributeValue"] == wanted


@pytest.mark.parametrize("control", [KEY, MESSAGE])
async def test_a_15_station_is_limited_by_what_its_vendor_has(tmp_path: Path, control: str) -> None:
    async with world(tmp_path, Plan(evse=control)) as made:
        await has_smart_charging(made, "true")
        await made.station.charge(TOKEN, 1, 1)
        await flows(lambda: current(made), lambda now: now > LIMIT + GRAIN)
        limiting = profile(1, "TxDefaultProfile", (0, LIMIT))
        answer = await made.call("SetChargingProfile", evseId=1, chargingProfile=limiting)
        assert answer["status"] == "Accepted"
        await flows(lambda: current(made), lambda now: 0 < now <= LIMIT + GRAIN)
        assert (await made.call("ClearChargingProfile", chargingProfileId=1))["status"] == "Accepted"
        await flows(lambda: current(made), lambda now: now > LIMIT + GRAIN)
        await order(made, "--current", "0")
        await flows(lambda: current(made), lambda now: now == 0)
        assert not made.held()[-1].is_ended


async def test_a_limit_below_the_outlets_own_minimum_is_told_as_a_pause(tmp_path: Path) -> None:
    async with world(tmp_path, Plan(evse=KEY.replace(" }", ", minimum = 10 }"))) as made:
        await made.station.charge(TOKEN, 1, 1)
        await flows(lambda: current(made), lambda now: now > LIMIT)
        await order(made, "--current", "9")
        await flows(lambda: current(made), lambda now: now == 0)

        def told() -> list[str]:
            events = (each["transactionInfo"] for each in made.held()[-1].events)
            return [each["chargingState"] for each in events if "chargingState" in each]

        await made.until(lambda: told()[-1] == "SuspendedEVSE")
        await order(made, "--release")
        await flows(lambda: current(made), lambda now: now > LIMIT)
        await made.until(lambda: told()[-1] == "Charging")
        assert not made.held()[-1].is_ended


async def test_a_key_is_written_only_on_change_and_read_back(tmp_path: Path) -> None:
    async with world(tmp_path, Plan(evse=KEY)) as made:
        await order(made, "--current", "10")
        key = f"{MAX_CURRENT}1"
        await made.station.until(lambda _: made.station.sim.point.keys.get(key) == "10")
        await order(made, "--current", "10.4")
        await order(made, "--release")
        await made.station.until(lambda _: made.station.sim.point.keys.get(key) == "32")
        assert len(made.station.commands("ChangeConfiguration")) == len(("10", "32"))
        async with asyncio.timeout(PATIENCE):
            while (await made.get_variable("LegacyStation", key))["attributeValue"] != "32":
                pass


@asynccontextmanager
async def cabinet(tmp_path: Path) -> AsyncIterator[tuple[World, Device]]:
    """A 1.5 station behind a contactor on an added module, which feeds the outlet for as long as it is closed."""
    device = Device(tables={"discrete": dict.fromkeys(range(8), 0), "coil": dict.fromkeys(range(8), 0)})
    device.tables["holding"] = {0x8000: 200}
    async with (
        tcp_peer(tcp_devices({1: device})) as server,
        world(tmp_path, Plan(evse=CONTACTOR), more=CABINET.format(port=server.port)) as made,
    ):
        yield made, device


async def test_a_contactor_lets_an_outlet_have_all_or_nothing(tmp_path: Path) -> None:
    async with cabinet(tmp_path) as (made, device):

        def seen(*, closed: bool) -> bool:
            made.station.sim.supply(1, on=bool(device.tables["coil"][1]))
            return bool(device.tables["coil"][1]) is closed

        await has_smart_charging(made, "false")
        await order(made, "--current", "40")
        await flows(lambda: 0.0, lambda _: seen(closed=True))
        await made.station.charge(TOKEN, 1, 1)
        await flows(lambda: current(made), lambda now: now > LIMIT)
        await order(made, "--current", "16")
        await flows(lambda: current(made), lambda now: seen(closed=False) and now == 0)
        await order(made, "--release")
        await flows(lambda: current(made), lambda now: seen(closed=True) and now > LIMIT)
        assert not made.held()[-1].is_ended


async def test_a_contactor_opens_though_its_station_is_lost(tmp_path: Path) -> None:
    async with cabinet(tmp_path) as (made, device):
        await flows(lambda: 0.0, lambda _: device.tables["coil"][1] == 1)
        await made.station.sim.link_down()
        await order(made, "--current", "0")
        await flows(lambda: 0.0, lambda _: device.tables["coil"][1] == 0)


async def test_stopping_from_afar_pauses_one_transaction_and_goes_on_with_another(tmp_path: Path) -> None:
    async with world(tmp_path, Plan(evse=REMOTE)) as made:
        await made.station.charge(TOKEN, 1, 1)
        await flows(lambda: current(made), lambda now: now > LIMIT)
        await order(made, "--current", "16")
        await made.delivered(1)
        assert current(made) == 0
        await order(made, "--release")
        await flows(lambda: current(made), lambda now: now > LIMIT)
        await made.until(lambda: len(made.held()) == 2)
        first, second = made.held()
        assert first.is_ended
        assert not second.is_ended
        begun = second.events[0]
        assert begun["idToken"]["idToken"] == TOKEN
        assert "remoteStartId" not in begun["transactionInfo"]


async def test_who_comes_after_a_pause_does_not_charge_with_another_token(tmp_path: Path) -> None:
    async with world(tmp_path, Plan(evse=REMOTE)) as made:
        await made.station.charge(TOKEN, 1, 1)
        await order(made, "--current", "0")
        await made.delivered(1)
        await made.station.sim.plug_out(1)
        await made.heard("StatusNotification", connectorStatus="Available", since=made.news - 2)
        await made.station.sim.plug_in(1)
        await made.station.told_all()
        await order(made, "--release")
        await made.box.logged("the vehicle that was paused has left")
        assert len(made.station.ledger.transactions) == 1


async def test_a_16_station_falls_to_its_failsafe_current_when_the_box_is_killed(tmp_path: Path) -> None:
    port = free_port()
    async with world(tmp_path, more=JSON_SITE.format(port=port)) as made:
        config = StationConfig(
            url=f"ws://127.0.0.1:{port}/ocpp16", identity=JSON_NAME, dialect=V16, model="Bench 1.6-J"
        )
        station = JsonStation(config, ScaledClock(speed=1.0), Access(password=PASSWORD))
        life = asyncio.create_task(station.run())
        try:
            side = Side(kind="ocpp16j", identity=JSON_IDENTITY, world=made)
            await side.heard("StatusNotification", connectorStatus="Available")
            await station.plug_in(1)
            await station.present_token(1, TOKEN)
            await side.heard("TransactionEvent", eventType="Started")
            limiting = profile(1, "TxDefaultProfile", (0, 13.0))
            assert (await side.call("SetChargingProfile", evseId=1, chargingProfile=limiting))["status"] == "Accepted"

            def now() -> float:
                return station.connector(1).evse.current

            await flows(now, lambda amps: abs(amps - 13.0) < GRAIN)
            commands = station.ledger.commands
            before = len([each for each in commands if each.operation == "SetChargingProfile"])
            # Twice the time after which it would have fallen: the box writes it anew.
            await station.wait_until(
                lambda s: len([c for c in s.ledger.commands if c.operation == "SetChargingProfile"]) >= before + 4
            )
            assert abs(now() - 13.0) < GRAIN
            made.box.kill()
            await made.box.gone()
            await flows(now, lambda amps: abs(amps - FALLBACK) < GRAIN)
            assert station.connector(1).session is not None
        finally:
            await station.exit()
            await life
