"""Added sensors, from a file of the kernel to the backend, and to the station's contactor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.certification.stage import Stage
from tests.e2e.certification.watcher import Watcher, of
from tests.e2e.pair import pair

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

SITE = """
[[sensor]]
name = "rail"
kind = "hwmon"
chip = "sht3x"
poll = 0.1
component = "InternalTemperatureSensor"
folder = "{folder}"
alert = {{ when = "Temperature > 70", severity = 3, message = "hot in the cabinet" }}
react = {{ do = "derate", curve = [[60, 1.0], [80, 0.0]] }}

[[sensor]]
name = "sump"
kind = "hwmon"
chip = "adc"
input = "in0"
poll = 0.1
component = "FloodSensor"
active = 5.0
folder = "{folder}"
alert = {{ when = "Active == true", severity = 2, message = "water in the cabinet" }}
react = {{ do = "fault" }}

[[sensor]]
name = "door"
kind = "hwmon"
chip = "adc"
input = "in1"
poll = 0.1
component = "AccessSensor"
active = 5.0
folder = "{folder}"
alert = {{ when = "Active == true", severity = 4, message = "door open" }}
react = {{ do = "tamper" }}
"""

WARM, FLOOD = {"name": "TemperatureSensor"}, {"name": "FloodSensor"}


class Cabinet:
    """What the kernel shows of the cabinet."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for number, chip in enumerate(("sht3x", "adc")):
            (folder / f"hwmon{number}").mkdir(parents=True)
            (folder / f"hwmon{number}" / "name").write_text(chip + "\n")
        self.temperature(25.0)
        self.contact(0, closed=False)
        self.contact(1, closed=False)

    def temperature(self, celsius: float) -> None:
        (self._folder / "hwmon0" / "temp1_input").write_text(f"{round(celsius * 1000)}\n")

    def contact(self, number: int, *, closed: bool) -> None:
        (self._folder / "hwmon1" / f"in{number}_input").write_text(f"{5000 if closed else 0}\n")

    def break_off(self) -> None:
        (self._folder / "hwmon0" / "temp1_input").unlink()


@pytest.fixture
def cabinet(tmp_path: Path) -> Cabinet:
    return Cabinet(tmp_path / "hwmon")


@pytest.fixture
async def watcher(tmp_path: Path, cabinet: Cabinet) -> AsyncIterator[Watcher]:
    del cabinet
    async with pair(tmp_path, more=SITE.format(folder=tmp_path / "hwmon")) as both:
        yield Watcher(both=both, side=both.sides[0])


async def test_what_a_sensor_gives_is_in_the_device_model(watcher: Watcher) -> None:
    told = await watcher.report(
        of(WARM, "Temperature"), of(FLOOD, "Active"), of({"name": "CaseAccessSensor"}, "Active")
    )
    values = {item["component"]["name"]: item["variableAttribute"][0].get("value") for item in told}
    assert values == {"TemperatureSensor": "25", "FloodSensor": "false", "CaseAccessSensor": "false"}
    (warm,) = [item for item in told if item["component"]["name"] == "TemperatureSensor"]
    assert (warm["variableCharacteristics"]["unit"], warm["variableCharacteristics"]["dataType"]) == (
        "Celsius",
        "decimal",
    )


async def test_an_alert_is_raised_and_taken_back(watcher: Watcher, cabinet: Cabinet) -> None:
    (monitor,) = await watcher.monitors(of(WARM, "Temperature"))
    assert monitor["variableMonitoring"][0]["severity"] == 3
    since = watcher.news
    cabinet.temperature(71)
    event = await watcher.event(monitor["variableMonitoring"][0]["id"], since)
    assert (event["actualValue"], event["trigger"]) == ("71", "Alerting")
    cabinet.temperature(40)
    await watcher.event(monitor["variableMonitoring"][0]["id"], since, cleared=True)


async def test_a_sensor_that_is_lost_is_an_alert(watcher: Watcher, cabinet: Cabinet) -> None:
    (monitor,) = await watcher.monitors(of(WARM, "Problem"))
    since = watcher.news
    cabinet.break_off()
    event = await watcher.event(monitor["variableMonitoring"][0]["id"], since)
    assert event["actualValue"] == "true"


async def test_water_stops_a_charge_and_closes_the_station_until_it_is_dry(watcher: Watcher, cabinet: Cabinet) -> None:
    await watcher.charge()
    since = watcher.news
    cabinet.contact(0, closed=True)
    ended = await watcher.side.heard("TransactionEvent", since, eventType="Ended")
    assert ended["triggerReason"] == "AbnormalCondition"
    await watcher.side.heard("StatusNotification", since, connectorStatus="Faulted")
    since = watcher.news
    cabinet.contact(0, closed=False)
    await watcher.side.heard("StatusNotification", since, connectorStatus="Occupied")


async def test_heat_lessens_the_current_of_a_station_that_takes_limits(watcher: Watcher, cabinet: Cabinet) -> None:
    await Stage(both=watcher.both, side=watcher.both.sides[1]).charge()
    outlet = watcher.both.stand.outlet

    async def limit_is(current: float) -> None:
        await watcher.both.world.until(lambda: float(str(outlet.summary()["limit"])) == current)

    cabinet.temperature(75)  # the wiring is for 32 A
    await limit_is(8.0)
    since = watcher.news
    cabinet.temperature(85)
    await limit_is(0.0)
    await watcher.side.heard("StatusNotification", since, connectorStatus="Unavailable")  # it takes no limits
    since = watcher.news
    cabinet.temperature(30)
    await limit_is(16.0)  # what the station is built for
    await watcher.side.heard("StatusNotification", since, connectorStatus="Available")


async def test_an_open_door_is_a_security_event(watcher: Watcher, cabinet: Cabinet) -> None:
    since = watcher.news
    cabinet.contact(1, closed=True)
    event = await watcher.side.heard("SecurityEventNotification", since, type="TamperDetectionActivated")
    assert event["techInfo"] == "door open"
