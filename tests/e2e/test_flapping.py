"""Inputs that toggle all the time: neither the backend nor the disk hears of each time."""

from __future__ import annotations

import time
from itertools import count
from typing import TYPE_CHECKING

import pytest

from tests.adapters.mqtt.broker import broker, station
from tests.e2e.certification.watcher import Watcher, of
from tests.e2e.journal import Written
from tests.e2e.pair import pair
from tests.e2e.test_alerts import alert_of

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.bench.csms.ledger import Payload

TOGGLES = 2000
"""As many as in 20 s at 100 Hz, and sent as fast as the broker takes them."""

LEAST = 3.0
"""Seconds in which it toggles at least: closed half of the time, a contact counts as closed after 1.33 s if it has to be
closed for 0.5 s, and opens in 2 s."""

RAISED = 5
"""An alert, a reaction, or a contact that comes and goes is raised so often within a minute, and then stays."""

DELTAS = 10
"""A monitor tells so many changes at once, and then one in a second."""

MINUTE = 60

MESSAGES = 60
"""To the backend, for each station: the events of three alerts, two reactions and a monitor, and statuses."""

COMMITS, BYTES = 200, 2_000_000
"""To the disk, for both stations."""

SITE = """
[[sensor]]
name = "weather"
kind = "mqtt"
family = "zigbee2mqtt"
connection = {{ broker = "127.0.0.1:{port}", prefix = "cabinet" }}

[[sensor.value]]
component = "FloodSensor"
point = "leak"
{hold}
alert = {{ when = "Active == true", severity = 2, message = "water" }}
react = {{ do = "block" }}

[[sensor.value]]
component = "TemperatureSensor"
point = "temp"
alert = {{ when = "Temperature > 60", severity = 3, message = "hot" }}
react = {{ do = "derate", curve = [[50, 1.0], [80, 0.0]] }}

[[sensor.value]]
component = "HumiditySensor"
point = "humidity"
alert = {{ when = "Humidity > 95", severity = 5, message = "wet" }}
react = {{ do = "block" }}

[[sensor.value]]
component = "AccessSensor"
point = "contact"
active = "open"
alert = {{ when = "Active == true", severity = 5, message = "end" }}
"""

HEAT = {"name": "TemperatureSensor"}
ALERTS = (
    ({"name": "FloodSensor"}, "Active"),
    (HEAT, "Temperature"),
    ({"name": "HumiditySensor"}, "Humidity"),
    ({"name": "CaseAccessSensor"}, "Active"),
)


def told(*, on: bool, end: bool = False) -> dict[str, object]:
    """What the device says: all of it toggles."""
    return {
        "water_leak": on, "temperature": 90.0 if on else 20.0, "humidity": 99.0 if on else 40.0, "contact": not end,
    }  # fmt: skip


def stands(events: list[Payload]) -> bool:
    """Whether the last that the backend has heard of an alert is that it is there.

    On a busy machine a box may look at a few values only, and for half a second by chance at none that is active.
    """
    return bool(events) and "cleared" not in events[-1]


@pytest.mark.timeout(180)
@pytest.mark.parametrize("hold", ["", "hold = [0, 0]", "hold = [0.5, 2]"], ids=["usual", "none", "long"])
async def test_a_hundred_times_a_second(tmp_path: Path, hold: str) -> None:
    device = "zigbee2mqtt/cabinet"
    async with broker(tmp_path) as at, station(at.port) as zigbee:
        await zigbee.say(f"{device}/availability", {"state": "online"}, retain=True)
        await zigbee.say(device, told(on=False), retain=True)
        async with pair(tmp_path, more=SITE.format(port=at.port, hold=hold)) as both:
            watcher = Watcher(both=both, side=both.sides[0])
            flood, heat, wet, end = [await alert_of(watcher, of(*each)) for each in ALERTS]
            delta = await watcher.monitor({**of(HEAT, "Temperature"), "type": "Delta", "value": 5, "severity": 5})
            await both.world.settled()
            database = both.world.box.data_dir / "stationlift.sqlite"
            since, written, began = watcher.news, Written(database), time.monotonic()
            for number in count(1):
                await zigbee.say(device, told(on=number % 2 == 0))
                if number % 10 == 0:
                    written.look()
                    seconds = time.monotonic() - began
                    standing = all(stands(watcher.events(alert, since)) for alert in (flood, heat, wet))
                    if number >= TOGGLES and seconds >= LEAST and (standing or seconds >= MINUTE):
                        break
            await zigbee.say(device, told(on=False, end=True))
            await watcher.event(end, since)
            await both.world.settled()
            written.look()
            seconds = time.monotonic() - began
            assert seconds < MINUTE
            for alert in (flood, heat, wet):
                events = watcher.events(alert, since)
                assert 1 <= len(events) < 2 * RAISED
                assert stands(events), "it stays until it was quiet"
            assert 1 <= len(watcher.events(delta, since)) <= DELTAS + seconds
            for side in both.sides:
                heard = [
                    record.action for record in both.world.csms.received[since:] if record.station == side.identity
                ]
                assert len(heard) <= MESSAGES + seconds, heard
            assert 1 <= written.commits <= COMMITS + 2 * seconds
            assert written.size <= BYTES
