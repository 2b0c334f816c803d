"""Every fault of a shared connection that the check knows is shown, with its code, line and column."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import jsonschema_rs
import pytest
import tomli

from gateway.config.load import Examined, examine
from gateway.config.schema import site_schema
from gateway.model.throttle import OwnLimit
from gateway.plugins import load_sensors, sensor_models
from tests.gateway.config.samples import ADAPTERS, GOOD, PROFILES, write_site

if TYPE_CHECKING:
    from pathlib import Path

ABLE = {
    name: replace(each, own_limit=lambda _: OwnLimit(failsafe=6.0, failsafe_timeout=60.0))
    for name, each in ADAPTERS.items()
}
CIRCUITS = """\
[[circuit]]
id = "row"
max_current = 63
stations = ["AT-1", "AT-2/1", "AT-2/2"]
shared = { group = "house 7", max_current = 63, base_load = [9, 3, 3], fallback = { east = 18, west = [36, 20, 20] }, meter = "feed" }

[load.mqtt]
broker = "10.0.0.2:1883"
box = "east"

[[sensor]]
name = "feed"
kind = "modbus"
family = "eastron-sdm"
connection = { serial = "/dev/ttyUSB0", unit = 1 }
component = "ElectricalFeed"
variable = "Power"
point = "power"
"""
GARAGE = GOOD.replace("max_current = 32 }", 'max_current = 32, rotation = "RST" }').replace(
    "max_current = 16 }", 'max_current = 16, rotation = "STR" }'
)
FIRST = GARAGE.count("\n") + 1


def examined(folder: Path, text: str) -> Examined:
    return examine(write_site(folder, GARAGE + text), ABLE, profiles=PROFILES, sensors=sensor_models(load_sensors()))


def shown(folder: Path, text: str) -> dict[str, str]:
    return {
        f"{each.code} {each.span.line - FIRST + 1}:{each.span.column}" if each.span else each.code: each.severity
        for each in examined(folder, text).findings
    }


def test_a_shared_connection_is_what_the_file_says(tmp_path: Path) -> None:
    assert shown(tmp_path, CIRCUITS) == {}
    site = examined(tmp_path, CIRCUITS).site
    assert site is not None
    (row,) = site.circuit
    assert row.keys.shared is not None
    assert row.keys.shared.fallback == {"east": (18, 18, 18), "west": (36, 20, 20)}
    assert row.feed is not None
    assert (row.feed.sensor, row.feed.currents) == ("feed", ("current.1", "current.2", "current.3"))
    assert row.meter is None, "it shows other boxes as well"
    assert site.load.mqtt is not None
    assert (site.load.mqtt.box, site.load.mqtt.prefix, row.keys.shared.lease) == ("east", "stationlift/load", 10)


@pytest.mark.parametrize(
    ("finding", "old", "new", "severity"),
    [
        ("shared-fallback 5:83", "east = 18", "east = 19", "error"),
        ("shared-falls 5:10", "east = 18", "east = 17", "error"),
        ("shared-box 9:7", '"east"', '"esat"', "error"),
        ("shared-timeout 5:10", "max_current = 63, base", "max_current = 63, failsafe_timeout = 59, base", "error"),
        ("shared-broker 5:1", '[load.mqtt]\nbroker = "10.0.0.2:1883"\nbox = "east"\n', "", "error"),
        ("shared-root 5:1", "[[circuit]]", '[[circuit]]\nid = "top"\nmax_current = 63\n[[circuit]]\nparent = "top"', "error"),
        ("circuit-meter 5:127", 'meter = "feed"', 'meter = "fed"', "error"),
        ("circuit-meter-currents 5:127", 'meter = "feed"', 'meter = "feed", meter_points = ["a", "b", "c"]', "error"),
        ("unknown-key 5:12", "group", "groop", "error"),
        ("per-phase 5:92", "east = 18", 'east = "18"', "error"),
        ("missing-key 7:1", 'box = "east"\n', "", "error"),
    ],
)  # fmt: skip
def test_findings(finding: str, old: str, new: str, severity: str, tmp_path: Path) -> None:
    text = CIRCUITS.replace(old, new, 1)
    found = shown(tmp_path, text)
    code, _, place = finding.partition(" ")
    line, _, column = place.partition(":")
    moved = int(line) + (new.count("\n") - old.count("\n") if code == "shared-root" else 0)
    assert found.get(f"{code} {moved}:{column}") == severity, found


def test_a_group_has_one_part_at_a_box(tmp_path: Path) -> None:
    shared = CIRCUITS.splitlines()[4].replace(', meter = "feed"', "")
    halves = CIRCUITS.replace('"AT-1", "AT-2/1", ', '"AT-1", "AT-2/1"', 1).replace('"AT-2/2"]', "]", 1)
    other = f'\n[[circuit]]\nid = "other"\nmax_current = 63\nstations = ["AT-2/2"]\n{shared}\n'
    assert "shared-twice" in {each.code for each in examined(tmp_path, halves + other).findings}


def test_a_broker_without_a_shared_circuit_does_nothing(tmp_path: Path) -> None:
    text = "\n".join(line for line in CIRCUITS.splitlines() if not line.startswith("shared"))
    found = shown(tmp_path, text)
    assert set(found.values()) == {"warning"}
    assert {each.partition(" ")[0] for each in found} >= {"shared-nobody"}


def test_the_schema_takes_it() -> None:
    schema = site_schema(ABLE, PROFILES, sensor_models(load_sensors()))
    check = jsonschema_rs.validator_for(schema)
    assert check.is_valid(tomli.loads(GARAGE + CIRCUITS))
    assert not check.is_valid(tomli.loads(GARAGE + CIRCUITS.replace("east = 18", "east = -1")))
