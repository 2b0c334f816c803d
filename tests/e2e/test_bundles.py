"""A bundle that comes with the box, from a contact to the backend."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.e2e.certification.watcher import Watcher, of
from tests.e2e.pair import pair
from tests.e2e.test_sensors import Cabinet

if TYPE_CHECKING:
    from pathlib import Path

SITE = """
[[bundle]]
use = "basic-ac"
leave = ["motion", "heat", "outside", "humidity", "fire", "ups", "modem", "network", "processor", "breaker", "rcd"]
[bundle.set]
water = {{ kind = "hwmon", chip = "adc", input = "in0", active = 5.0, hold = [0, 0], poll = 0.1, folder = "{folder}" }}
door = {{ kind = "hwmon", chip = "adc", input = "in1", active = 5.0, hold = [0, 0], poll = 0.1, folder = "{folder}" }}
"""


async def test_one_line_brings_alerts_and_reactions(tmp_path: Path) -> None:
    cabinet = Cabinet(tmp_path / "hwmon")
    async with pair(tmp_path, more=SITE.format(folder=tmp_path / "hwmon")) as both:
        watcher = Watcher(both=both, side=both.sides[0])
        (monitor,) = await watcher.monitors(of({"name": "FloodSensor"}, "Active"))
        assert monitor["variableMonitoring"][0]["severity"] == 1
        since = watcher.news
        cabinet.contact(1, closed=True)
        event = await watcher.side.heard("SecurityEventNotification", since, type="TamperDetectionActivated")
        assert event["techInfo"] == "The cabinet is open"
        await watcher.charge()
        since = watcher.news
        cabinet.contact(0, closed=True)
        await watcher.side.heard("TransactionEvent", since, eventType="Ended")
        await watcher.side.heard("StatusNotification", since, connectorStatus="Faulted")
        memory = both.world.station.sim.point.outlets.memory
        await both.world.station.until(lambda _: bool(memory.inoperative))
