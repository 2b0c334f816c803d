"""One RS-485 line of a cabinet with a station, its meter and a thermometer: the box's parts share the one port."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from typing_extensions import override

from adapters.common.adapter import NoSiteKeys
from adapters.modbus.adapter import ModbusAdapter, ModbusStation
from adapters.sensors.family import ModbusKeys, ModbusSensors
from gateway.contracts import Buses, StationSettings
from gateway.contracts.sensing import SensorSettings
from gateway.model.events import StationBooted, StationFound
from gateway.model.installation import Outlet
from tests.adapters.modbus.peers import Device, line, rtu_devices
from tests.adapters.sensors.families import latest
from tests.fakes.panel import FakePanel
from tests.fakes.southbound import FakeBox
from tests.running import running

if TYPE_CHECKING:
    from tests.adapters.modbus.peers import Line

STATION = ModbusStation.model_validate({
    "family": "heidelberg-ec", "connection": {"serial": "/dev/ttyX", "unit": 1},
    "meter": {"family": "eastron-sdm", "connection": {"serial": "/dev/ttyX", "unit": 2, "baud": 19200, "format": "8E1"}},
})  # fmt: skip
AIR = ModbusKeys.model_validate({
    "family": "xy-md02", "connection": {"serial": "/dev/ttyX", "unit": 3, "baud": 19200, "format": "8E1"},
})  # fmt: skip
"""Family files are read at import, as that blocks."""


class LiveBox(FakeBox):
    """Its clock goes with the real one."""

    @override
    def now(self) -> datetime:
        return datetime.now(UTC)


def devices() -> dict[int, Device]:
    """A wallbox without a vehicle, a meter, and a thermometer that shows 21.5 degrees."""
    wallbox = {
        "input": dict.fromkeys(range(20), 0) | {4: 0x108, 5: 2, 100: 16, 101: 6, 203: 7},
        "holding": dict.fromkeys(range(256, 264), 0) | {259: 1},
    }
    meter = {"input": dict.fromkeys(range(400), 0), "holding": dict.fromkeys(range(100), 0)}
    air = {"input": {1: 215, 2: 480}, "holding": dict.fromkeys(range(0x100, 0x105), 0)}
    return {1: Device(tables=wallbox), 2: Device(tables=meter), 3: Device(tables=air)}


class Cabinet:
    """The line's far end."""

    def __init__(self) -> None:
        self.devices = devices()
        self._answer = rtu_devices(self.devices)
        self._asked = asyncio.Event()

    async def answer(self, frame: bytes) -> bytes | None:
        self._asked.set()
        return await self._answer(frame)

    async def all_asked(self, *units: int) -> None:
        """Wait until each of them has been asked once more."""
        before = {unit: len(self.devices[unit].asked) for unit in units}
        async with asyncio.timeout(10):
            while any(len(self.devices[unit].asked) == asked for unit, asked in before.items()):
                self._asked.clear()
                await self._asked.wait()

    def warm(self) -> None:
        self.devices[3].tables["input"][1] = 230


def parts(there: Line, buses: Buses) -> tuple[ModbusAdapter, ModbusSensors]:
    """The adapter and the kind of sensor, on one line."""
    way = {"serial": there.path}
    moved = STATION.model_copy(update={"connection": STATION.connection.model_copy(update=way)})
    assert STATION.meter is not None
    meter = STATION.meter.model_copy(update={"connection": {**STATION.meter.connection, **way}})
    station = StationSettings(
        identity="AT-1",
        options=moved.model_copy(update={"meter": meter}),
        connectors={1: (1, 1)},
        outlets={(1, 1): Outlet(connector_type="cType2", phases=3, current=16.0)},
    )
    air = AIR.model_copy(update={"connection": {**AIR.connection, **way}})
    settings = SensorSettings(name="air", points=frozenset({"temp"}), options=air)
    adapter = ModbusAdapter.made(NoSiteKeys(), [station], buses)
    assert isinstance(adapter, ModbusAdapter)
    sensors = ModbusSensors.made([settings], buses)
    assert isinstance(sensors, ModbusSensors)
    return adapter, sensors


async def test_station_meter_and_sensor_work_at_the_same_time_on_one_port() -> None:
    cabinet, box, panel, buses = Cabinet(), LiveBox([]), FakePanel(), Buses()
    async with line(cabinet.answer) as wire:
        adapter, sensors = await asyncio.to_thread(parts, wire, buses)
        async with running(adapter.run(box)), running(sensors.run(panel)):
            await box.until(lambda: bool(box.of(StationBooted)))
            await panel.until(lambda panel: latest(panel, "air").get("temp") == 21.5)
            cabinet.warm()
            await panel.until(lambda panel: latest(panel, "air").get("temp") == 23.0)
            await cabinet.all_asked(1, 2, 3)
        await buses.aclose()
    assert panel.losses == []
    assert box.of(StationFound)


async def test_the_one_that_ends_leaves_the_line_to_the_other() -> None:
    cabinet, box, panel, buses = Cabinet(), LiveBox([]), FakePanel(), Buses()
    async with line(cabinet.answer) as wire:
        adapter, sensors = await asyncio.to_thread(parts, wire, buses)
        async with running(sensors.run(panel)):
            async with running(adapter.run(box)):
                await box.until(lambda: bool(box.of(StationBooted)))
            cabinet.warm()
            await panel.until(lambda panel: latest(panel, "air").get("temp") == 23.0)
            async with running(adapter.run(box)):  # as after a failure
                await cabinet.all_asked(1, 3)
        await buses.aclose()
    assert panel.losses == []
