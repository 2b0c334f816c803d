"""From the site's sensors to channels and variables."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.sensors.hwmon import Hwmon
from gateway.config.sensor import SensorKeys, ValueKeys
from gateway.config.site import Sensor
from gateway.contracts.sensing import SensorPoint
from gateway.model.device_types import DataType
from gateway.model.sensing import Contact, Loop, Quality, Scale, Words
from gateway.sensing.plan import Planned, planned


def plan(unit: str = "", poll: float | None = 1.0, station: str | None = None, **keys: Any) -> Planned:
    value = ValueKeys.model_validate(keys)
    sensor = Sensor(
        name="probe", keys=SensorKeys(kind="hwmon", station=station), values=(value,), options=Hwmon.Keys(chip="adc"),
        points=(SensorPoint(name="value", unit=unit, poll=poll),),
    )  # fmt: skip
    (found,) = planned((sensor,), ("CP-1", "CP-2"))
    return found


@pytest.mark.parametrize(
    ("keys", "variable", "type_", "unit"),
    [
        ({"component": "InternalTemperatureSensor", "unit": "degC"}, "Temperature", DataType.DECIMAL, "Celsius"),
        ({"component": "HumiditySensor", "unit": "%"}, "Humidity", DataType.DECIMAL, "RH"),
        ({"component": "AccessSensor"}, "Active", DataType.BOOLEAN, ""),
        ({"component": "RCD"}, "Tripped", DataType.BOOLEAN, ""),
        ({"component": "FloodSensor", "active": 1.0}, "Active", DataType.BOOLEAN, ""),
        ({"component": "FloodSensor"}, "Active", DataType.BOOLEAN, ""),
        ({"component": "FloodSensor", "unit": "m"}, "Height", DataType.DECIMAL, "m"),
        ({"component": "TemperatureSensor"}, "Temperature", DataType.DECIMAL, "Celsius"),
        ({"component": "TiltSensor", "unit": "deg"}, "Angle", DataType.DECIMAL, "Deg"),
        (
            {"component": "FloodSensor", "unit": "m", "alert": {"when": "Active == true", "severity": 2}},
            "Active",
            DataType.BOOLEAN,
            "",
        ),
        ({"component": "FloodSensor", "loop": [0.0, 1.0]}, "Height", DataType.DECIMAL, "m"),
        ({"component": "ControlMetering", "unit": "kW"}, "Power", DataType.DECIMAL, "W"),
        ({"component": "ShockSensor", "unit": "g"}, "Force", DataType.DECIMAL, "g"),
        ({"component": "ShockSensor", "unit": "g", "scale": 980.0}, "Force", DataType.DECIMAL, "N"),
        ({"component": "Anything", "words": {"a": "B"}}, "State", DataType.STRING, ""),
    ],
)
def test_the_variable_of_a_value(keys: dict[str, Any], variable: str, type_: DataType, unit: str) -> None:
    spec = plan(**keys).gives[0].spec
    assert (spec.ref.variable, spec.type, spec.unit) == (variable, type_, unit)


@pytest.mark.parametrize(
    ("keys", "shape"),
    [
        ({"component": "ControlMetering", "unit": "kW"}, Scale(factor=1000.0)),
        ({"component": "TemperatureSensor", "plausible": [-40.0, 125.0]}, Scale(low=-40.0, high=125.0)),
        ({"component": "TemperatureSensor", "loop": [-50.0, 150.0], "unit": "mA"}, Loop(zero=-50.0, full=150.0)),
        ({"component": "TemperatureSensor", "loop": [0.0, 1.0], "unit": "A"}, Loop(zero=0.0, full=1.0, factor=1e3)),
        ({"component": "AccessSensor", "active": "open"}, Contact(active="open")),
        ({"component": "ELVSupply", "variable": "State", "words": {"OB": "Battery"}}, Words(table={"ob": "Battery"})),
    ],
)
def test_what_is_sent_and_what_it_means(keys: dict[str, Any], shape: object) -> None:
    assert plan(**keys).tap.manner.shape == shape


def test_a_value_lapses_after_a_few_polls_and_what_only_tells_changes_does_not() -> None:
    assert plan(component="TemperatureSensor", poll=10.0).tap.manner.stale_after == 35.0
    assert plan(component="AccessSensor", poll=None).tap.manner.stale_after == float("inf")
    assert plan(component="AccessSensor", stale_after=90.0).tap.manner.stale_after == 90.0


def test_a_sensor_without_a_station_is_of_all_of_them() -> None:
    assert [gives.station for gives in plan(component="TiltSensor").gives] == ["CP-1", "CP-2"]
    assert [gives.station for gives in plan(component="TiltSensor", station="CP-2").gives] == ["CP-2"]
    assert plan(component="TemperatureSensor").tap.manner.shape("x").quality is Quality.IMPLAUSIBLE
