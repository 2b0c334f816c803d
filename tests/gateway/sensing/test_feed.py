"""What is passed on at once, and what is gathered."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from adapters.sensors.hwmon import Hwmon
from gateway.config.sensor import SensorKeys, ValueKeys
from gateway.config.site import Sensor
from gateway.model.sensing import Judged, Quality
from gateway.sensing.feed import GATHER, Feed
from gateway.sensing.plan import planned
from gateway.sensing.reflex import Reflex
from tests.fakes.timeless import run
from tests.gateway.sensing.test_reflex import Arms

if TYPE_CHECKING:
    from collections.abc import Mapping

HEAT, WATER, LATE = (
    "temperaturesensor[]@0.0/temperature[]",
    "floodsensor[]@0.0/active[]",
    "temperaturesensor[]@0.0/problem[]",
)


class House(Arms):
    """Keeps what is passed on, and when."""

    def __init__(self) -> None:
        super().__init__()
        self.passed: list[tuple[float, Mapping[str, str]]] = []

    def sensed(self, station: str, values: Mapping[str, str]) -> None:
        assert station == "CP"
        self.passed.append((asyncio.get_running_loop().time(), values))


def fed(*values: dict[str, Any]) -> tuple[House, Feed]:
    """A feed of channels with these keys, number 0 and so on."""
    house, options = House(), Hwmon.Keys(chip="adc")
    sensor = Sensor(
        name="sump", keys=SensorKeys(kind="hwmon"), values=tuple(ValueKeys.model_validate(each) for each in values),
        options=options, points=Hwmon.points(options),
    )  # fmt: skip
    return house, Feed(planned((sensor,), ("CP",)), house, Reflex(house, house.switch))


def test_quantities_are_gathered_and_a_contact_takes_them_along() -> None:
    async def play() -> list[tuple[float, Mapping[str, str]]]:
        house, feed = fed({"component": "TemperatureSensor"}, {"component": "FloodSensor", "variable": "Active"})
        began = asyncio.get_running_loop().time()
        for number in range(100):
            feed.on_change("sump/0", Judged(value=20.0 + number))
            await asyncio.sleep(0.01)
        feed.on_change("sump/0", Judged(value=50.0))
        feed.on_change("sump/1", Judged(value=True))
        await asyncio.sleep(0)
        feed.on_change("sump/0", Judged(value=None, quality=Quality.LOST))
        await asyncio.sleep(0)
        feed.on_change("sump/0", Judged(value=60.0))
        feed.close()
        await asyncio.sleep(1)
        return [(at - began, values) for at, values in house.passed]

    *gathered, contact, lost = run(play())
    assert 8 <= len(gathered) <= 1 / GATHER + 1
    assert (contact[1][WATER], contact[1][HEAT]) == ("true", "50")
    assert lost[1][LATE] == "true"


def test_what_something_is_done_for_is_passed_on_at_once() -> None:
    async def play() -> int:
        house, feed = fed({"component": "TemperatureSensor", "react": {"do": "block", "when": "Temperature > 60"}})
        feed.on_change("sump/0", Judged(value=70.0))
        await asyncio.sleep(0)
        return len(house.passed)

    assert run(play()) == 1
