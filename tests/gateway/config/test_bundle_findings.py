"""Faults of bundles: in what the site sets, and in a bundle's own file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from gateway.config.load import examine
from gateway.config.report import render_text
from gateway.locale import Catalogue
from gateway.plugins import load_sensors, sensor_models
from tests.gateway.config.samples import ADAPTERS, GOOD, PROFILES, write_site

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.config.load import Examined

BUNDLE = """\
[bundle]
id = "kit"
title = "a kit"
meant_for = "tests"

[[sensor]]
name = "door"
kind = "gpio"
component = "AccessSensor"
variable = "Active"
active = false
alert = { when = "Active == true", severity = 5, message = "The door is open" }
react = { do = "tamper" }

[[sensor]]
name = "heat"
kind = "onewire"
component = "TemperatureSensor"
variable = "Temperature"
plausible = [-40, 120]
alert = { severity = 3 }
react = { do = "derate", curve = [[60, 1.0], [75, 0.0]] }

[[sensor]]
name = "motion"
kind = "iio"
device = "adxl345"
channel = "accel"
[[sensor.value]]
component = "TiltSensor"
variable = "Angle"
point = "tilt"
alert = { when = "Angle > 20", severity = 2 }
react = { do = "fault", output = "relay" }
[[sensor.value]]
component = "ShockSensor"
variable = "Force"
point = "shock"

[[sensor]]
name = "relay"
kind = "gpio"
use = "relay"
component = "Actuator"

[[sensor]]
name = "rcd"
kind = "gpio"
evse = 1
component = "RCD"
variable = "Tripped"
"""
USE = """\
[[bundle]]
use = "kit"
station = "AT-2"
leave = ["rcd"]
[bundle.set]
door.line = { chip = "/dev/gpiochip0", offset = 17 }
heat.device = "28-0000057c3d1a"
heat.alert.when = "Temperature > 60"
motion.value.tilt.alert.when = "Angle > 15"
relay.line = { offset = 4 }
"""
FIRST = GOOD.count("\n") + 1
"""Line of the site at which the bundles begin."""


def examined(folder: Path, use: str, bundle: str = BUNDLE) -> Examined:
    (folder / "bundles").mkdir(exist_ok=True)
    (folder / "bundles" / "kit.toml").write_text(bundle)
    kinds = sensor_models(load_sensors())
    return examine(write_site(folder, GOOD + use), ADAPTERS, profiles=PROFILES, sensors=kinds)


def shown(folder: Path, use: str, bundle: str = BUNDLE) -> dict[str, tuple[str | None, str]]:
    """What is found, `code line:column` in the site from the first bundle on, or `code kit line:column`."""
    found: dict[str, tuple[str | None, str]] = {}
    for each in examined(folder, use, bundle).findings:
        if each.severity == "note" and each.code.startswith(("reaction-", "bundle-brings")):
            continue
        inside = each.file.name == "kit.toml"
        line = each.span.line if each.span and inside else each.span.line - FIRST + 1 if each.span else 0
        place = f"{'kit ' if inside else ''}{line}:{each.span.column if each.span else 0}"
        found[f"{each.code} {place}"] = (each.suggestion, each.severity)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A use of the bundle, or a bundle, and the finding that it must give."""

    finding: str
    use: str = USE
    bundle: str = BUNDLE
    suggestion: str | None = None
    severity: str = "error"


def use(finding: str, old: str, new: str, suggestion: str | None = None, severity: str = "error") -> Case:
    assert old in USE
    return Case(finding=finding, use=USE.replace(old, new, 1), suggestion=suggestion, severity=severity)


def kit(finding: str, old: str, new: str, suggestion: str | None = None, severity: str = "error") -> Case:
    assert old in BUNDLE
    return Case(finding=finding, bundle=BUNDLE.replace(old, new, 1), suggestion=suggestion, severity=severity)


TWICE = USE + USE.replace("[bundle.set]", "[bundle.set]\ndoor.name = 'other'", 1)

CASES = [
    use("unknown-bundle 2:7", '"kit"', '"basic-acc"', "basic-ac"),
    use("invalid-value 2:7", '"kit"', '"../kit"'),
    use("missing-key 1:1", 'use = "kit"\n', ""),
    use("unknown-key 4:1", "leave =", "leaves =", "leave"),
    Case(finding="table-not-list 1:1", use=USE.replace("[[bundle]]", "[bundle]")),
    Case(finding="wrong-type 6:8", use=USE[: USE.index("[bundle.set]")] + "[bundle.set]\ndoor = 1\n"),
    use("bundle-sensor 4:10", '["rcd"]', '["rcdd", "rcd"]', "rcd"),
    use("bundle-sensor 6:1", "door.line", "dor.line", "door"),
    use("unused-key 6:1", '["rcd"]', '["rcd", "door"]', severity="warning"),
    use("bundle-key 1:1", 'door.line = { chip = "/dev/gpiochip0", offset = 17 }\n', ""),
    use("bundle-key 1:1", 'heat.alert.when = "Temperature > 60"\n', ""),
    use("bundle-key 1:1", '"rcd"', ""),
    use("gpio-line 10:14", "offset = 4", 'active = "low"'),
    use("out-of-range 10:25", "offset = 4", "offset = -1"),
    use("unknown-key 6:6", "door.line", "door.lin", "line"),
    use("condition-form 8:19", "Temperature > 60", "Temperature"),
    use("condition-order 9:32", "Angle > 15", "Angle > true"),
    use("unknown-value 7:17", "heat.device", 'heat.react.do = "der"\nheat.device', "derate"),
    use("sensor-output 7:34", "heat.device", 'motion.value.tilt.react.output = "door"\nheat.device'),
    use("sensor-point 7:14", "heat.device", 'motion.value.tild.component = "TiltSensor"\nheat.device', "tilt"),
    use("sensor-station 3:11", '"AT-2"', '"AT-3"', "AT-2"),
    use("sensor-evse 7:13", "heat.device", "door.evse = 3\nheat.device"),
    Case(finding="sensor-evse 4:8", use='[[bundle]]\nuse = "kit"\nstation = "AT-2"\nevse = 3\nset.rcd.line.offset = 1\n'),
    Case(finding="sensor-twice 11:1", use=USE + USE),
    Case(finding="sensor-variable-twice 11:1", use=TWICE),
    kit("unknown-key kit 1:1", "[bundle]", "sensors = 1\n[bundle]"),
    kit("unknown-key kit 5:1", 'meant_for = "tests"', 'meant_for = "tests"\nhardwares = []', "hardware"),
    kit("missing-key kit 1:1", 'title = "a kit"\n', ""),
    kit("missing-key kit 6:1", 'name = "door"\n', ""),
    kit("sensor-twice kit 16:8", 'name = "heat"', 'name = "door"'),
    kit("bundle-id kit 2:6", '"kit"', '"kitt"'),
    kit("toml-syntax kit 3:9", '"a kit"', "a kit"),
    kit("condition-form kit 12:18", "Active == true", "Active"),
    kit("sensor-component kit 9:13", "AccessSensor", "AccesSensor", "AccessSensor", "note"),
    kit("unknown-value kit 13:16", '"tamper"', '"temper"', "tamper"),
    Case(finding="missing-section kit 1:1", bundle=BUNDLE[: BUNDLE.index("[[sensor]]")]),
    Case(finding="bundle-no-outlet 4:8", use='[[bundle]]\nuse = "kit"\n\nevse = 1\n', bundle=BUNDLE.replace("evse", "#")),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.finding)
def test_fault(case: Case, tmp_path: Path) -> None:
    found = shown(tmp_path, case.use, case.bundle)
    assert found.get(case.finding) == (case.suggestion, case.severity), found
    outcome = examined(tmp_path, case.use, case.bundle)
    assert (outcome.site is None) == any(severity == "error" for _, severity in found.values())


def test_a_good_use_has_no_fault(tmp_path: Path) -> None:
    assert shown(tmp_path, USE) == {}


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    (found,) = (
        each for each in examined(tmp_path, USE.replace("heat.alert.when", "#")).findings if each.code == "bundle-key"
    )
    assert found.params == {"bundle": "kit", "sensor": "heat", "key": "alert.when"}
    wrong = BUNDLE.replace('when = "Angle > 20", ', "")
    (found,) = (
        each
        for each in examined(tmp_path, USE.replace("motion.value", "#"), wrong).findings
        if each.code == "bundle-key"
    )
    assert found.params == {"bundle": "kit", "sensor": "motion", "key": "value.tilt.alert.when"}


def test_check_shows_what_a_bundle_brings_and_what_will_happen(tmp_path: Path) -> None:
    notes = [each for each in examined(tmp_path, USE).findings if each.severity == "note"]
    assert {each.code: each.params.get("sensor") for each in notes} == {
        "bundle-brings": None,
        "reaction-tamper": "door AT-2",
        "reaction-derate": "heat AT-2",
        "reaction-fault": "motion AT-2",
        "reaction-output": "motion AT-2",
    }
    assert notes[0].params["sensors"] == 4
    assert notes[0].params["reactions"] == 3


def test_a_fault_inside_a_bundle_shows_the_bundles_line(tmp_path: Path) -> None:
    outcome = examined(tmp_path, USE, BUNDLE.replace('"tamper"', '"temper"'))
    text = render_text(outcome.findings, outcome.text, Catalogue.load("en"))
    assert f'--> {tmp_path / "bundles" / "kit.toml"}:13:16\n   |\n 13| react = {{ do = "temper" }}\n' in text


@pytest.mark.parametrize("code", ["reaction-stop", "reaction-block", "reaction-fault", "reaction-tamper"])
def test_every_reaction_is_told_in_both_languages(code: str, tmp_path: Path) -> None:
    do = code.removeprefix("reaction-")
    outcome = examined(tmp_path, USE, BUNDLE.replace('do = "tamper"', f'do = "{do}", lost = "trip"'))
    assert "reaction-lost" in {each.code for each in outcome.findings}
    english, german = "when `door AT-2` shows Active == true", "wenn `door AT-2` Active == true zeigt"
    for language, told in (("en", english), ("de", german)):
        assert f"[{code}]: {told}" in render_text(outcome.findings, outcome.text, Catalogue.load(language))
