"""Added devices behind a real broker: retained state, texts and JSON, the last will, and what is switched."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from adapters.sensors import family_device
from adapters.sensors.family import MqttKeys, MqttSensors
from gateway.model.commands import Verdict
from tests.adapters.mqtt.broker import Station, broker, station
from tests.adapters.sensors.families import latest, sensor, shows
from tests.fakes.panel import FakePanel
from tests.running import running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.contracts.sensing import SensorSettings
    from tests.adapters.mqtt.broker import Mosquitto

WANTED: dict[str, tuple[str, ...]] = {
    "shelly-gen1": ("relay_1", "relay_2", "power", "power_1", "input_1"),
    "shelly-gen2": ("voltage.2", "power", "energy_total", "relay_1"),
    "tasmota": ("power", "energy_total", "temp", "relay"),
    "zigbee2mqtt": ("temp", "humidity", "contact", "smoke"),
}


def _keys(family: str) -> MqttKeys:
    return MqttKeys.model_validate({"family": family, "connection": {"broker": "10.0.0.9:1883"}})


KEYS = {family: _keys(family) for family in WANTED}


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(family_device, "RETRY", 0.1)


def device(server: Mosquitto, family: str, prefix: str) -> SensorSettings:
    return sensor("it", KEYS[family], WANTED[family], broker=f"127.0.0.1:{server.port}", prefix=prefix)


@asynccontextmanager
async def watched(folder: Path, family: str, prefix: str) -> AsyncIterator[tuple[Mosquitto, MqttSensors, FakePanel]]:
    async with broker(folder) as server:
        panel, sensors = FakePanel(), MqttSensors([device(server, family, prefix)])
        async with running(sensors.run(panel)):
            yield server, sensors, panel


async def test_texts_are_told_as_they_come_and_what_is_made_of_them(tmp_path: Path) -> None:
    async with watched(tmp_path, "shelly-gen1", "shelly-a1") as (server, _, panel), station(server.port) as shelly:
        await shelly.say("shellies/shelly-a1/online", "true", retain=True)
        await shelly.say("shellies/shelly-a1/relay/0", "off", retain=True)
        await shelly.say("shellies/shelly-a1/input/0", "1", retain=True)
        await shows(panel, "it", relay_1="off", input_1=1)
        for number, watts in enumerate(("1000.5", "-200", "300")):
            await shelly.say(f"shellies/shelly-a1/emeter/{number}/power", watts, retain=True)
        await shows(panel, "it", power_1=1000.5, power=1100.5)


async def test_json_is_told_by_its_parts(tmp_path: Path) -> None:
    async with watched(tmp_path, "shelly-gen2", "pro3em") as (server, _, panel), station(server.port) as shelly:
        phases = {"a_voltage": 230.1, "b_voltage": 231.2, "c_voltage": 229.5}
        await shelly.say("pro3em/online", "true", retain=True)
        await shelly.say("pro3em/status/em:0", {"id": 0, **phases, "total_act_power": 11030.0}, retain=True)
        await shelly.say("pro3em/status/emdata:0", {"id": 0, "total_act": 1234567.0, "total_act_ret": 0.0}, retain=True)
        await shows(panel, "it", voltage__2=231.2, power=11030.0, energy_total=1234567.0)


async def test_what_was_retained_is_known_at_once(tmp_path: Path) -> None:
    async with broker(tmp_path) as server, station(server.port) as zigbee:
        await zigbee.say("zigbee2mqtt/cabinet door/availability", {"state": "online"}, retain=True)
        await zigbee.say("zigbee2mqtt/cabinet door", {"contact": False, "temperature": None}, retain=True)
        panel, sensors = FakePanel(), MqttSensors([device(server, "zigbee2mqtt", "cabinet door")])
        async with running(sensors.run(panel)):
            await shows(panel, "it", contact="open")
            assert "temp" not in latest(panel, "it")  # it is not known yet
            await zigbee.say("zigbee2mqtt/cabinet door", {"contact": True, "temperature": 21.5}, retain=True)
            await shows(panel, "it", contact="closed", temp=21.5)


async def test_the_last_will_is_a_loss(tmp_path: Path) -> None:
    async with watched(tmp_path, "tasmota", "fan") as (server, sensors, panel):
        plug = Station(server.port, will=("tele/fan/LWT", "Offline"))
        await plug.start()
        await plug.say("tele/fan/LWT", "Online", retain=True)
        measured = {"ENERGY": {"Total": 1.5, "Power": 25}, "DS18B20": {"Temperature": 85}}
        await plug.say("tele/fan/SENSOR", measured, retain=True)
        await shows(panel, "it", power=25, energy_total=1.5)
        assert "temp" not in latest(panel, "it")  # 85 °C is what the chip says before it has measured
        before = len(panel.losses)

        await plug.die()

        await panel.until(lambda panel: len(panel.losses) > before)
        assert panel.losses[-1][1].code == "station-offline"
        assert (await sensors.switch("it", "relay", on=True)).verdict is Verdict.UNREACHABLE
        async with station(server.port) as again:
            told = len(panel.values)
            await again.say("tele/fan/LWT", "Online", retain=True)
            await again.say("stat/fan/POWER", "ON", retain=True)
            await panel.until(lambda panel: any(values.get("relay") == "on" for _, values in panel.values[told:]))


async def test_a_device_that_never_says_anything_is_lost(tmp_path: Path) -> None:
    async with watched(tmp_path, "zigbee2mqtt", "nobody") as (_, _, panel):
        await panel.until(lambda panel: bool(panel.losses))
    assert panel.losses[0][1].code == "station-silent"


@pytest.mark.parametrize(
    ("family", "point", "topic", "alive", "orders"),
    [
        ("shelly-gen1", "relay_2", "shellies/it/relay/1/command", "shellies/it/relay/1", ("on", "off")),
        ("shelly-gen2", "relay_1", "it/command/switch:0", "it/status/switch:0", ("on", "off")),
        ("tasmota", "relay", "cmnd/it/POWER", "stat/it/POWER", ("ON", "OFF")),
    ],
)
async def test_a_relay_is_switched(
    tmp_path: Path, family: str, point: str, topic: str, alive: str, orders: tuple[str, str]
) -> None:
    async with watched(tmp_path, family, "it") as (server, sensors, panel), station(server.port) as relay:
        relay.listen("#")
        await relay.say(alive, {"output": False} if family == "shelly-gen2" else orders[1], retain=True)
        await panel.until(lambda panel: point in latest(panel, "it"))

        assert (await sensors.switch("it", point, on=True)).verdict is Verdict.ACCEPTED
        assert await relay.heard(topic) == orders[0].encode()
        relay.told.clear()
        assert (await sensors.switch("it", point, on=False)).verdict is Verdict.ACCEPTED
        assert await relay.heard(topic) == orders[1].encode()


async def test_a_measured_value_is_no_output(tmp_path: Path) -> None:
    async with watched(tmp_path, "tasmota", "it") as (server, sensors, panel), station(server.port) as plug:
        await plug.say("tele/it/SENSOR", {"ENERGY": {"Power": 25}}, retain=True)
        await shows(panel, "it", power=25)
        assert (await sensors.switch("it", "power", on=True)).verdict is Verdict.UNSUPPORTED
