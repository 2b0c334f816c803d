"""Several reactions of one box: an output that they share, a sensor that has two."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from typing_extensions import override

from adapters.sensors.hwmon import Hwmon
from gateway.config.sensor import SensorKeys, ValueKeys
from gateway.config.site import Sensor
from gateway.model.events import AlarmChanged
from gateway.sensing.plan import Planned, planned
from gateway.sensing.reflex import Reflex
from tests.gateway.sensing.test_reflex import WET, Arms, contacts

if TYPE_CHECKING:
    from gateway.model.ids import Place
    from gateway.model.transactions import StopCause


class Anybody(Arms):
    """A box that lets any sensor hold back current."""

    async def settled(self) -> None:
        """Wait until all that was begun is done."""
        await asyncio.gather(*self._tasks)

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


async def test_what_one_value_sees_does_not_end_what_another_has_begun() -> None:
    react = {"do": "fault"}
    names = ("TiltSensor", "ShockSensor")
    values = tuple(ValueKeys.model_validate({"component": each, **WET, "react": react}) for each in names)
    options = Hwmon.Keys(chip="adc")
    keys, points = SensorKeys(kind="hwmon"), Hwmon.points(options)
    sensor = Sensor(name="motion", keys=keys, values=values, options=options, points=points)
    arms = Anybody()
    reflex = Reflex(arms, arms.switch)
    tilt, shock = planned((sensor,), ("CP",))
    for each, level in ((tilt, "1"), (shock, "1"), (shock, "0")):
        reflex.on_change(each, *contacts(level))
        await asyncio.sleep(0)
        await arms.settled()
    reflex.close()
    standing = {alarm.holder: alarm.active for alarm in arms.events if isinstance(alarm, AlarmChanged)}
    assert sorted(standing.values()) == [False, True]


async def test_an_emergency_stop_is_told_as_one_also_where_the_station_is_only_closed() -> None:
    arms = Arms()
    await arms.sees(contacts("1"), **WET, component="EmergencyStopSensor", react={"do": "block"})
    assert arms.braked[-1] == "0: halt, EmergencyStop"
