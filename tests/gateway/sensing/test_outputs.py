"""One output that several reactions switch."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from typing_extensions import override

from adapters.sensors.hwmon import Hwmon
from gateway.config.sensor import SensorKeys, ValueKeys
from gateway.config.site import Sensor
from gateway.sensing.plan import Planned, planned
from gateway.sensing.reflex import Reflex
from tests.gateway.sensing.test_reflex import WET, Arms, contacts

if TYPE_CHECKING:
    from gateway.model.ids import Place
    from gateway.model.transactions import StopCause


class Anybody(Arms):
    """A box that lets any sensor hold back current."""

    @override
    def hold_back(self, where: Place, holder: str, current: float | None) -> None:
        pass

    @override
    async def halt(self, where: Place, holder: str, cause: StopCause) -> None:
        pass


def channel(name: str) -> Planned:
    """Of a contact whose reaction drives the siren."""
    react = {"do": "fault", "output": "siren"}
    value = ValueKeys.model_validate({"component": "FloodSensor", **WET, "react": react})
    options = Hwmon.Keys(chip="adc")
    keys, points = SensorKeys(kind="hwmon"), Hwmon.points(options)
    sensor = Sensor(name=name, keys=keys, values=(value,), options=options, points=points)
    (found,) = planned((sensor,), ("CP",))
    return found


async def test_it_is_on_as_long_as_any_of_them_wants_it() -> None:
    arms = Anybody()
    reflex = Reflex(arms, arms.switch)
    water, smoke = channel("water"), channel("smoke")
    for each, level in ((water, "1"), (smoke, "1"), (smoke, "0"), (water, "0")):
        reflex.on_change(each, *contacts(level))
        await asyncio.sleep(0)
    reflex.close()
    assert [on for _, on in arms.switched] == [True, True, True, False]
