"""Every fault of ``[[sensor]]`` that the check knows is shown with its code, line and column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from gateway.config.load import examine
from gateway.plugins import load_sensors, sensor_models
from tests.gateway.config.samples import ADAPTERS, GOOD, PROFILES, write_site

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.config.load import Examined

SENSORS = """\
[[sensor]]
name = "door"
kind = "gpio"
line = { chip = "/dev/gpiochip0", offset = 17, active = "low" }
station = "AT-2"
evse = 2
component = "AccessSensor"
variable = "Active"
active = false
hold = [0, 5]
alert = { when = "Active == true", severity = 5, message = "The door is open" }
react = { do = "tamper" }

[[sensor]]
name = "relay"
kind = "gpio"
line = { name = "RELAY1" }
use = "relay"
component = "Actuator"

[[sensor]]
name = "rail"
kind = "onewire"
device = "28-0000057c3d1a"
component = "TemperatureSensor"
variable = "Temperature"
plausible = [-40, 120]
react = { do = "derate", curve = [[60, 1.0], [75, 0.0]] }

[[sensor]]
name = "tilt"
kind = "iio"
device = "adxl345"
channel = "accel"
[[sensor.value]]
component = "TiltSensor"
variable = "Angle"
point = "tilt"
scale = 1.0
alert = { when = "Angle > 20", severity = 2 }
react = { do = "fault", output = "relay" }
[[sensor.value]]
component = "ShockSensor"
variable = "Force"
point = "shock"
"""
FIRST = GOOD.count("\n") + 1
"""Line of the site at which the sensors begin."""

DOOR = SENSORS[: SENSORS.index('\n[[sensor]]\nname = "relay"')]
BOX = '[[sensor]]\nkind = "box"\nwhat = "disk"\ncomponent = "Controller"\nvariable = "Free"\npoint = "free"\n'
ONE_VALUE = SENSORS[: SENSORS.index('[[sensor.value]]\ncomponent = "ShockSensor"')]
RAIL = "curve = [[60, 1.0], [75, 0.0]]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Sensors and the finding that they must give: `code line:column`, the line counted from the first sensor."""

    text: str
    finding: str
    suggestion: str | None = None
    severity: str = "error"


def at(finding: str, old: str, new: str, suggestion: str | None = None, severity: str = "error") -> Case:
    assert old in SENSORS
    return Case(text=SENSORS.replace(old, new, 1), finding=finding, suggestion=suggestion, severity=severity)


CASES = [
    at("condition-form 11:18", '"Active == true"', '"Active is true"'),
    at("condition-order 11:18", '"Active == true"', '"Active > true"'),
    at("condition-order 11:18", '"Active == true"', '"Active >= open"'),
    at("wrong-type 11:18", '"Active == true"', "true"),
    at("react-curve 28:9", f", {RAIL}", ""),
    at("react-curve 12:9", 'do = "tamper"', f'do = "tamper", {RAIL}'),
    at("react-curve-order 28:9", RAIL, "curve = [[75, 1.0], [60, 0.0]]"),
    at("react-curve-order 28:9", RAIL, "curve = [[60, 0.0], [75, 1.0]]"),
    at("react-curve-share 28:9", RAIL, "curve = [[60, 100], [75, 0]]"),
    at("react-when 1:1", 'alert = { when = "Active == true", severity = 5, message = "The door is open" }\n', ""),
    at("sensor-shapes 1:1", "active = false", "active = false\nscale = 0.1"),
    at("sensor-shapes 35:1", "scale = 1.0", "scale = 1.0\nloop = [0, 100]"),
    at("sensor-values-twice 36:1", 'channel = "accel"\n', 'channel = "accel"\ncomponent = "TiltSensor"\n'),
    Case(text=ONE_VALUE.replace("[[sensor.value]]", "[sensor.value]"), finding="table-not-list 35:1"),
    at("unknown-sensor-kind 3:8", '"gpio"', '"gpoi"', "gpio"),
    at("sensor-twice 15:8", '"relay"', '"Door"'),
    at("sensor-station 5:11", '"AT-2"', '"AT-3"', "AT-2"),
    at("sensor-evse 6:8", "evse = 2", "evse = 3"),
    at("sensor-evse 6:8", 'station = "AT-2"\nevse = 2', "debounce = 0.0\nevse = 2"),  # AT-1 has one EVSE
    at("sensor-component 7:13", '"AccessSensor"', '"AccesSensor"', "AccessSensor", "note"),
    at("sensor-variable 37:12", '"Angle"', '"Angel"', "Angle", "note"),
    at("sensor-no-quantity 9:8", "active = false", "loop = [0, 1]"),
    at("sensor-no-quantity 9:9", "active = false", "scale = 2"),
    at("sensor-no-quantity 9:10", "active = false", "offset = 1"),
    at("sensor-point-missing 35:1", 'point = "tilt"\n', ""),
    at("sensor-point 38:9", '"tilt"\nscale', '"tilt1"\nscale', "tilt"),
    at("sensor-output 41:34", 'output = "relay"', 'output = "door"'),
    at("sensor-output 41:34", 'output = "relay"', 'output = "relay/2"'),
    at("sensor-when 11:18", '"Active == true", severity = 5', '"Open == true", severity = 5', "Active"),
    at("sensor-when 28:33", RAIL, f'when = "Humidity > 60", {RAIL}', "Temperature"),
    at("sensor-variable-twice 43:13", '"ShockSensor"\nvariable = "Force"', '"TiltSensor"\nvariable = "Angle"'),
    at("gpio-line 4:8", 'offset = 17, active = "low"', 'name = "GPIO17", offset = 17'),
    Case(text=BOX.replace('"disk"', '"network"'), finding="box-interface 1:1"),
    Case(text=BOX + 'interface = "eth0"\n', finding="box-key 1:1"),
    Case(text=BOX + 'pathh = "data"\n', finding="unknown-key 7:1", suggestion="path"),
    at("out-of-range 11:47", "severity = 5", "severity = 10"),
    at("unknown-value 12:16", '"tamper"', '"temper"', "tamper"),
    at("unknown-key 24:1", "device", "devise", "device"),
    at("missing-key 21:1", 'device = "28-0000057c3d1a"\n', ""),
    at("missing-key 1:1", 'kind = "gpio"\n', ""),
]  # fmt: skip


def examined(folder: Path, sensors: str) -> Examined:
    kinds = sensor_models(load_sensors())
    return examine(write_site(folder, GOOD + sensors), ADAPTERS, profiles=PROFILES, sensors=kinds)


def shown(folder: Path, sensors: str) -> dict[str, tuple[str | None, str]]:
    return {
        f"{each.code} {each.span.line - FIRST + 1}:{each.span.column}" if each.span else each.code: (
            each.suggestion,
            each.severity,
        )
        for each in examined(folder, sensors).findings
        if not each.code.startswith("reaction-")
    }


def test_good_sensors_have_no_finding_but_what_the_box_will_do(tmp_path: Path) -> None:
    outcome = examined(tmp_path, SENSORS)
    told = [(each.code, each.params["sensor"], each.severity) for each in outcome.findings]
    assert told == [
        ("reaction-tamper", "door", "note"),
        ("reaction-derate", "rail", "note"),
        ("reaction-fault", "tilt", "note"),
        ("reaction-output", "tilt", "note"),
    ]
    assert outcome.site is not None
    assert [each.name for each in outcome.site.sensor] == ["door", "relay", "rail", "tilt"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.finding)
def test_fault(case: Case, tmp_path: Path) -> None:
    found = shown(tmp_path, case.text)
    assert found.get(case.finding) == (case.suggestion, case.severity), found
    assert (examined(tmp_path, case.text).site is None) == any(severity == "error" for _, severity in found.values())


def test_a_sensor_of_all_stations_has_an_evse_that_all_of_them_have(tmp_path: Path) -> None:
    assert shown(tmp_path, DOOR.replace('station = "AT-2"\nevse = 2', "evse = 1")) == {}
