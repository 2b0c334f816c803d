"""Added modules and meters on Modbus: TCP, and a line, against the bench's stations and servers of our own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from adapters.sensors import family_device
from adapters.sensors.family import ModbusKeys, ModbusSensors
from gateway.model.commands import Verdict
from tests.adapters.modbus.peers import Device, line, rtu_devices, tcp_devices, tcp_peer
from tests.adapters.sensors.families import latest, sensor, shows
from tests.fakes.panel import FakePanel
from tests.gateway.bench.family.support import served, station
from tests.running import running

if TYPE_CHECKING:
    from collections.abc import Collection

    from gateway.contracts.sensing import SensorSettings
    from tests.adapters.modbus.peers import Server


def keys(family: str, *variants: str, **connection: object) -> ModbusKeys:
    found = {"family": family, "variants": variants, "connection": connection or {"tcp": "10.0.0.9"}}
    return ModbusKeys.model_validate(found)


WAVESHARE, MOXA, AIR, PROBES = map(keys, ("waveshare-io", "moxa-iologik-e1200", "xy-md02", "r4dcb08"))
WAGO = keys("wago-750")
SUNSPEC = {name: keys(name) for name in ("sunspec-meter", "sunspec-meter-float")}
POINTS = ("inputs.1", "inputs.8", "relay_1", "relay_2")


def module(inputs: str = "00000000") -> Device:
    """A module of relays and inputs."""
    bits = {at: int(bit) for at, bit in enumerate(inputs)}
    return Device(tables={"discrete": bits, "coil": dict.fromkeys(range(8), 0), "holding": {0x8000: 200}})


def waveshare(server: Server, name: str = "io", points: Collection[str] = POINTS) -> SensorSettings:
    """The same in the site file."""
    return sensor(name, WAVESHARE, points, tcp=f"127.0.0.1:{server.port}")


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(family_device, "RETRY", 0.05)


async def test_inputs_are_told_and_relays_switched() -> None:
    panel = FakePanel()
    device = module("10000001")
    async with tcp_peer(tcp_devices({1: device})) as server:
        sensors = ModbusSensors([waveshare(server)])
        async with running(sensors.run(panel)):
            await shows(panel, "io", inputs__1=1, inputs__2=0, inputs__8=1, relay_1=0)

            outcome = await sensors.switch("io", "relay_2", on=True)

            assert outcome.verdict is Verdict.ACCEPTED
            assert device.tables["coil"][1] == 1
            await shows(panel, "io", relay_2=1)
            assert (await sensors.switch("io", "relay_2", on=False)).verdict is Verdict.ACCEPTED
            await shows(panel, "io", relay_2=0)


async def test_an_analogue_output_is_set_and_read_back() -> None:
    panel = FakePanel()
    device = Device(tables={"discrete": dict.fromkeys(range(8), 0), "holding": {0x0200: 0, 0x0201: 0}})
    async with tcp_peer(tcp_devices({1: device})) as server:
        sensors = ModbusSensors([sensor("io", WAGO, ["inputs.1"], tcp=f"127.0.0.1:{server.port}")])
        async with running(sensors.run(panel)):
            await shows(panel, "io", inputs__1=0)
            assert (await sensors.drive("io", "analog_output_1", 5.33)).verdict is Verdict.ACCEPTED
            assert device.tables["holding"][0x0200] == pytest.approx(5.33 / 10 * 32760, abs=2)
            assert (await sensors.drive("io", "output_1", 1.0)).verdict is Verdict.UNSUPPORTED
            assert (await sensors.switch("io", "analog_output_1", on=True)).verdict is Verdict.UNSUPPORTED
    offered = {point.name: point for point in ModbusSensors.points(WAGO)}
    assert offered["analog_output_1"].analogue
    assert not offered["analog_output_1"].output
    assert not offered["output_1"].analogue


@pytest.mark.parametrize("point", ["inputs", "inputs.1", "relay_9", "firmware"])
async def test_what_is_no_output_is_not_switched(point: str) -> None:
    panel = FakePanel()
    device = module()
    async with tcp_peer(tcp_devices({1: device})) as server:
        sensors = ModbusSensors([waveshare(server)])
        async with running(sensors.run(panel)):
            await shows(panel, "io", inputs__1=0)
            assert (await sensors.switch("io", point, on=True)).verdict is Verdict.UNSUPPORTED


async def test_a_dry_run_switches_nothing() -> None:
    panel = FakePanel(read_only=True)
    device = module()
    async with tcp_peer(tcp_devices({1: device})) as server:
        sensors = ModbusSensors([waveshare(server)])
        async with running(sensors.run(panel)):
            await shows(panel, "io", relay_1=0)
            assert (await sensors.switch("io", "relay_1", on=True)).verdict is Verdict.UNSUPPORTED
    assert device.tables["coil"][0] == 0


async def test_a_module_that_is_gone_is_lost_and_switches_nothing_until_it_is_back() -> None:
    panel = FakePanel()
    device = module()
    async with tcp_peer(tcp_devices({1: device})) as server:
        sensors = ModbusSensors([waveshare(server)])
        stack = running(sensors.run(panel))
        await stack.__aenter__()
        await shows(panel, "io", inputs__1=0)
    try:
        await panel.until(lambda panel: bool(panel.losses))
        assert panel.losses[0][0] == "io"
        assert (await sensors.switch("io", "relay_1", on=True)).verdict is Verdict.UNREACHABLE
        device.tables["discrete"][0] = 1
        async with tcp_peer(tcp_devices({1: device}), port=server.port):
            await shows(panel, "io", inputs__1=1)
            assert (await sensors.switch("io", "relay_1", on=True)).verdict is Verdict.ACCEPTED
    finally:
        await stack.__aexit__(None, None, None)


async def test_a_fast_input_is_seen_within_its_period() -> None:
    panel = FakePanel()
    bits = dict.fromkeys(range(6), 0)
    device = Device(tables={"discrete": bits, "coil": dict.fromkeys(range(8), 0), "input": dict.fromkeys(range(64), 0)})
    async with tcp_peer(tcp_devices({1: device})) as server:
        place = f"127.0.0.1:{server.port}"
        sensors = ModbusSensors([sensor("io", MOXA, ["inputs.3", "counters.1"], tcp=place)])
        loop = asyncio.get_running_loop()
        async with running(sensors.run(panel)):
            await shows(panel, "io", inputs__3=0, counters__1=0)
            waits = []
            for level in (1, 0, 1, 0, 1):
                begin, bits[2] = loop.time(), level
                await shows_next(panel, level)
                waits.append(loop.time() - begin)
    assert sorted(waits)[2] < 0.15  # 50 ms, on a machine that does other things, too


async def shows_next(panel: FakePanel, level: int) -> None:
    await panel.until(lambda panel: latest(panel, "io").get("inputs.3") == level)


async def test_devices_on_one_line() -> None:
    panel = FakePanel()
    thermometer = Device(tables={"input": {1: 0xFF33, 2: 546}})
    probes = Device(tables={"holding": {0: 227, 1: 0x8000, **dict.fromkeys(range(2, 8), 200)}})
    async with line(rtu_devices({1: thermometer, 7: probes})) as wire:
        sensors = ModbusSensors([
            sensor("air", AIR, ["temp", "humidity"], serial=wire.path),
            sensor("plug", PROBES, ["temp.1", "temp.2"], serial=wire.path, unit=7),
        ])  # fmt: skip
        async with running(sensors.run(panel)):
            await shows(panel, "air", temp=-20.5, humidity=54.6)
            await shows(panel, "plug", temp__1=22.7, temp__3=20.0)
    assert "temp.2" not in latest(panel, "plug")  # no probe is there


async def test_a_device_that_has_nothing_of_it_is_told() -> None:
    panel = FakePanel()
    async with tcp_peer(tcp_devices({1: Device()})) as server:
        sensors = ModbusSensors([sensor("air", AIR, ["temp"], tcp=f"127.0.0.1:{server.port}")])
        async with running(sensors.run(panel)):
            await panel.until(lambda panel: bool(panel.losses))
    assert panel.losses[0][1].code == "points-absent"


@pytest.mark.parametrize("name", ["sunspec-meter", "sunspec-meter-float"])
@pytest.mark.parametrize("transport", ["tcp", "pty"])
async def test_a_meter_by_sunspec_is_found_in_its_chain(name: str, transport: str) -> None:
    panel = FakePanel()
    made = station(SUNSPEC[name].family)
    async with served(made, transport=transport):
        place = {key: value for key, value in made.connection.items() if key != "unit"}
        wanted = ("power", "voltage.1", "energy_total", "model")
        sensors = ModbusSensors([sensor("grid", SUNSPEC[name], wanted, **place)])
        async with running(sensors.run(panel)):
            await shows(panel, "grid", voltage__1=230.0, power=0.0)
    assert latest(panel, "grid")["model"]


def test_points_have_their_names_rates_and_outputs() -> None:
    points = {each.name: each for each in ModbusSensors.points(keys("advantech-adam6000", "adam-6060"))}
    assert [name for name in points if name.startswith("inputs")] == [f"inputs.{number}" for number in range(1, 7)]
    assert points["inputs.1"].poll == 0.05
    assert points["output_1"].output
    assert not points["inputs.1"].output


@pytest.mark.parametrize(
    ("family", "connection", "code"),
    [
        ("tasmota", {"tcp": "10.0.0.9"}, "family-other-adapter"),
        ("xy-md02", {"tcp": "10.0.0.9", "units": 1}, "connection-wrong"),
        ("moxa-iologik-e1200", {"serial": "/dev/ttyUSB0"}, "connection-unfit"),
    ],
)
def test_a_connection_that_does_not_fit_is_refused(family: str, connection: dict[str, object], code: str) -> None:
    with pytest.raises(ValidationError) as error:
        keys(family, **connection)
    assert error.value.errors()[0]["type"] == code
