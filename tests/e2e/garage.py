"""Wallboxes on Modbus TCP behind one metered circuit, and the gateway process that shares its current among them."""

from __future__ import annotations

import asyncio
import struct
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from gateway.bench.car import Car
from gateway.bench.family.command import build
from gateway.bench.family.ways import Options, attach
from gateway.family.library import find_family
from tests.adapters.modbus.peers import Device, tcp_devices, tcp_peer
from tests.e2e.box import Box
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from gateway.bench.family.station import FamilyStation
    from gateway.status import Status

RATED, FALLBACK = 16.0, 6.0
PATIENCE = 40.0
FEEDER = 64.0
WORST = 32.0

METER = """
schema = 1
kind = "modbus"
[meta]
id = "building"
vendor = "Test"
models = ["building"]
role = "meter"
completeness = 1
sources = ["this test"]
[link]
transports = ["tcp"]
port = 502
[points]
current = { at = 0, n = 3, table = "input", type = "f32", unit = "A" }
power_phase = { at = 6, n = 3, table = "input", type = "f32", unit = "W" }
"""

SITE = """
[box]
name = "Garage"
data_dir = "{data}"

[backend]
url = "ws://127.0.0.1:{backend}/box"
security_profile = 0

[[circuit]]
id = "house"
max_current = {feeder}
base_load = {worst}
stations = [{names}]
meter = {{ kind = "modbus", family = "building", connection = {{ tcp = "127.0.0.1:{meter}" }} }}
{stations}
"""

STATION = """
[[station]]
identity = "{name}"
adapter = "modbus"
family = "amperfied"
connection = {{ tcp = "{tcp}", unit = {unit} }}
authorization = "free_vend"
failsafe_current = {fallback}
failsafe_timeout = 30
[[station.evse]]
id = 1
connector = {{ type = "sType2", max_current = {rated}, phases = 3 }}
"""


class Garage:
    """The world of one box.

    Attributes:
        base: A per phase of other loads; the meter shows it together with what the cars draw.
    """

    def __init__(self, stations: list[FamilyStation], meter: Device, box: Box) -> None:
        self.stations, self.box = stations, box
        self.base = 0.0
        self._meter = meter

    def amps(self, number: int) -> float:
        """What a wallbox lets its car draw."""
        told = self.stations[number].outlets[0].summary()
        return float(str(told["limit"])) if told["closed"] and told["released"] else 0.0

    @property
    def all(self) -> list[float]:
        """The same of every wallbox."""
        return [self.amps(number) for number in range(len(self.stations))]

    @property
    def drawn(self) -> float:
        """What all cars draw, A per phase."""
        return sum(float(str(each.outlets[0].summary()["current"])) for each in self.stations)

    @property
    def shared(self) -> bool:
        """Whether every car draws something, and one all that it can."""
        return min(self.all) >= FALLBACK and max(self.all) == RATED and self.drawn > RATED

    async def plug(self) -> None:
        """A car comes to every wallbox, once the box has told each of them a limit."""
        await self.until(lambda: all(float(str(each.outlets[0].summary()["limit"])) <= RATED for each in self.stations))
        for each in self.stations:
            each.outlets[0].plug(Car())

    def meter(self) -> None:
        """Bring the meter's registers up to date."""
        total = self.base + self.drawn
        data = struct.pack(">6f", *[total] * 3, *[230 * total] * 3)
        self._meter.tables["input"] = dict(enumerate(struct.unpack(">12H", data)))

    def lose_meter(self) -> None:
        """The meter ends every connection from now on."""
        self._meter.deadly = set(range(12))

    def mend_meter(self) -> None:
        """It answers again."""
        self._meter.deadly = set()

    async def until(self, so: Callable[[], bool], within: float = PATIENCE) -> float:
        """Wait until something is so, while the meter follows; seconds that it took."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            async with asyncio.timeout(within):
                while not so():
                    self.meter()
                    await asyncio.sleep(0.005)
        except TimeoutError as late:
            log = "\n".join(self.box.log)
            raise AssertionError(
                f"{self.all} A allowed, {self.drawn} A drawn, {self.base} A of others\n{log}"
            ) from late
        return loop.time() - began

    async def bound(self, reason: str, within: float = PATIENCE) -> Status:
        """Wait, while the meter follows, until the box says that a limit of this kind binds an EVSE; its status."""
        async with asyncio.timeout(within):
            while True:
                self.meter()
                status = await self.box.status()
                if any(each.reason == reason for station in status.stations for each in station.bindings):
                    return status
                await asyncio.sleep(0.05)


@asynccontextmanager
async def garage(tmp_path: Path, count: int) -> AsyncIterator[Garage]:
    """The box runs, and no car has come."""
    device = Device(tables={"input": dict.fromkeys(range(12), 0)})
    family = await asyncio.to_thread(find_family, "amperfied")
    stations = [build(family, frozenset()) for _ in range(count)]
    for each in stations:
        attach(each, Options())
    async with tcp_peer(tcp_devices({1: device})) as server:
        for each in stations:
            await each.start()
        lives = [asyncio.create_task(each.run()) for each in stations]
        box = Box(await asyncio.to_thread(_write, tmp_path, stations, server.port), tmp_path / "data")
        try:
            await box.start()
            yield Garage(stations, device, box)
        finally:
            await box.close()
            for each in stations:
                await each.exit()
            await asyncio.gather(*lives)


def _write(folder: Path, stations: list[FamilyStation], meter: int) -> Path:
    (folder / "families").mkdir()
    (folder / "families" / "building.toml").write_text(METER)
    names = [f"B-{number}" for number in range(1, len(stations) + 1)]
    places = [each.connection for each in stations]
    rows = [
        STATION.format(name=name, tcp=place["tcp"], unit=place.get("unit", 1), rated=RATED, fallback=FALLBACK)
        for name, place in zip(names, places, strict=True)
    ]
    site = folder / "site.toml"
    site.write_text(
        SITE.format(
            data=folder / "data", backend=free_port(), feeder=FEEDER, worst=WORST, meter=meter,
            names=", ".join(f'"{each}"' for each in names), stations="".join(rows),
        )
    )  # fmt: skip
    return site
