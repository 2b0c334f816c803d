"""Measured quantities from their real interface to the backend: the building's meter, a current loop, what cannot be."""

from __future__ import annotations

import asyncio
import struct
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from tests.e2e.certification.watcher import Watcher, of
from tests.e2e.pair import pair
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.bench.csms.ledger import Payload
    from tests.e2e.pair import Side

METER = """
[[sensor]]
name = "mains"
kind = "modbus"
family = "eastron-sdm"
connection = {{ tcp = "127.0.0.1:{port}", unit = 1 }}
station = "{station}"
[[sensor.value]]
point = "power"
component = "LocalPowerController"
variable = "Power"
[[sensor.value]]
point = "energy_import"
component = "LocalPowerController"
variable = "EnergyImportRegister"
[[sensor.value]]
point = "current.2"
component = "LocalPowerController"
instance = "L2"
variable = "ACCurrent"
"""

LOOP = """
[[sensor]]
name = "level"
kind = "hwmon"
chip = "adc"
input = "curr1"
poll = 0.1
folder = "{folder}"
component = "FloodSensor"
variable = "Height"
loop = [0.0, 2.0]

[[sensor]]
name = "rail"
kind = "hwmon"
chip = "adc"
input = "temp1"
poll = 0.1
folder = "{folder}"
component = "InternalTemperatureSensor"
plausible = [-40, 120]
"""

SHOWN = {0x08: 17.5, 0x34: 31_000.0, 0x48: 12.5}
"""Register of an Eastron SDM630 -> value: current of L2 in A, power in W, energy in kWh."""


@asynccontextmanager
async def meter(port: int) -> AsyncIterator[None]:
    """A meter on Modbus TCP, by pymodbus."""
    words = [0] * 0x60
    for at, value in SHOWN.items():
        words[at : at + 2] = struct.unpack(">HH", struct.pack(">f", value))
    device = SimDevice(id=1, simdata=[SimData(0, values=words, datatype=DataType.REGISTERS)])
    server = ModbusTcpServer(device, address=("127.0.0.1", port))
    await server.serve_forever(background=True)
    try:
        yield
    finally:
        server.close()


async def shows(side: Side, component: Payload, variable: str, value: str) -> None:
    """Wait until a variable has a value."""
    found: Payload = {}
    try:
        async with asyncio.timeout(20):
            while found.get("attributeValue") != value:
                found = await side.value(component, variable)
    except TimeoutError as error:
        raise AssertionError(found) from error


async def test_the_main_meter_of_the_building_is_the_local_controller(tmp_path: Path) -> None:
    port = free_port()
    async with (
        meter(port),
        pair(tmp_path, more=METER.format(port=port, station="FAM-heidelberg-ec")) as both,
    ):
        watcher = Watcher(both=both, side=both.sides[1])
        local, phase = {"name": "LocalController"}, {"name": "LocalController", "instance": "L2"}
        expected = {"Power": "31000", "EnergyImportRegister": "12500"}
        for variable, value in expected.items():
            await shows(watcher.side, local, variable, value)
        told = await watcher.report(*(of(local, name) for name in expected), of(phase, "ACCurrent"))
        shape = {
            item["variable"]["name"]: (
                item["variableCharacteristics"]["dataType"],
                item["variableCharacteristics"]["unit"],
                item["variableAttribute"][0]["value"],
            )
            for item in told
        }
        assert shape == {
            "Power": ("decimal", "W", "31000"),
            "EnergyImportRegister": ("decimal", "Wh", "12500"),
            "ACCurrent": ("decimal", "A", "17.5"),
        }
        assert (await watcher.side.value(local, "Problem"))["attributeValue"] == "false"
        assert await watcher.monitors(of(local, "Problem"))


async def test_a_broken_wire_and_a_value_that_cannot_be_are_problems(tmp_path: Path) -> None:
    chip = tmp_path / "hwmon" / "hwmon0"
    chip.mkdir(parents=True)
    (chip / "name").write_text("adc\n")
    files = {"level": chip / "curr1_input", "rail": chip / "temp1_input"}
    cases = {
        "level": ("FloodSensor", "Height", "12", "1", "2"),  # mA: half of two metres, and a wire that is off
        "rail": ("TemperatureSensor", "Temperature", "45000", "45", "250000"),
    }
    for name, (_, _, fine, _, _) in cases.items():
        files[name].write_text(fine + "\n")
    async with pair(tmp_path, more=LOOP.format(folder=tmp_path / "hwmon")) as both:
        watcher = Watcher(both=both, side=both.sides[0])
        for name, (component, variable, fine, value, wrong) in cases.items():
            place = {"name": component}
            (monitor,) = await watcher.monitors(of(place, "Problem"))
            number = monitor["variableMonitoring"][0]["id"]
            assert (await watcher.side.value(place, variable))["attributeValue"] == value
            since = watcher.news
            files[name].write_text(wrong + "\n")
            assert (await watcher.event(number, since))["actualValue"] == "true"
            assert not (await watcher.side.value(place, variable)).get("attributeValue")
            files[name].write_text(fine + "\n")
            await shows(watcher.side, place, variable, value)
            assert (await watcher.side.value(place, "Problem"))["attributeValue"] == "false"
