"""Every fault of ``[[circuit]]`` and ``[load]`` that the check knows is shown with its code, line and column."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema_rs
import pytest
import tomli
import tomlkit
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.config.files import Nowhere
from gateway.config.load import Examined, examine
from gateway.config.report import render_text
from gateway.config.schema import site_schema
from gateway.model.throttle import OwnLimit
from gateway.plugins import adapter_models, load_adapters, load_sensors, profile_names, sensor_models
from tests.gateway.config.samples import ADAPTERS, GOOD, PROFILES, write_site
from tests.gateway.config.test_any_document import CATALOGUES, replaced
from tests.gateway.config.test_positions import paths_of, values

if TYPE_CHECKING:
    from gateway.config.positions import KeyPath

FIELD_CONFIG = Path(__file__).parents[3] / "field-configs" / "load-management.toml"
ABLE = {
    name: replace(each, own_limit=lambda _: OwnLimit(failsafe=6.0, failsafe_timeout=60.0))
    for name, each in ADAPTERS.items()
}
"""Stations that limit themselves, and fall to 6 A by themselves."""

CIRCUITS = """\
[[circuit]]
id = "main"
max_current = 63
base_load = [35, 30, 30]
meter = { kind = "modbus", family = "eastron-sdm", connection = { serial = "/dev/ttyUSB0", unit = 1 } }
fail_safe_current = 6
reduce = [{ sensor = "ripple", max_current = [20, 20, 20] }]
plan = [{ days = ["mon-fri", "sun"], from = "17:00", to = 20:00:00, max_power = 11000 }]

[[circuit]]
id = "cabinet"
parent = "main"
max_current = 32
rating = 35
fuse = "B"
imbalance = 25
stations = ["AT-1", "AT-2/1", "AT-2/2"]

[[sensor]]
name = "ripple"
kind = "gpio"
line = { chip = "/dev/gpiochip0", offset = 17 }
component = "LocalPowerController"
variable = "Active"

[load]
country = "AT"
random_delay = 600
"""
GARAGE = GOOD.replace("max_current = 32 }", 'max_current = 32, rotation = "RST" }').replace(
    "max_current = 16 }", 'max_current = 16, rotation = "STR" }'
)
STRAIGHT = ', rotation = "RST"'
FIRST = GARAGE.count("\n") + 1
METER = 'meter = { kind = "modbus", family = "eastron-sdm", connection = { serial = "/dev/ttyUSB0", unit = 1 } }'
FEED = """
[[sensor]]
name = "feed"
kind = "modbus"
family = "{family}"
connection = {{ serial = "/dev/ttyUSB0", unit = 1 }}
component = "ElectricalFeed"
variable = "Power"
point = "power"
"""


@pytest.fixture(autouse=True)
def taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sections are taken, whether this version does anything with them or not."""
    monkeypatch.setattr("gateway.config.draft.LATER_SECTIONS", ())
    monkeypatch.setattr("gateway.config.schema.LATER_SECTIONS", ())


def examined(folder: Path, text: str, site: str = GARAGE) -> Examined:
    kinds = sensor_models(load_sensors())
    return examine(write_site(folder, site + text), ABLE, profiles=PROFILES, sensors=kinds)


def shown(folder: Path, text: str, site: str = GARAGE) -> dict[str, tuple[str | None, str]]:
    return {
        f"{each.code} {each.span.line - FIRST + 1}:{each.span.column}" if each.span else each.code: (
            each.suggestion,
            each.severity,
        )
        for each in examined(folder, text, site).findings
    }


def test_a_good_tree_is_what_the_file_says(tmp_path: Path) -> None:
    assert shown(tmp_path, CIRCUITS) == {}
    site = examined(tmp_path, CIRCUITS).site
    assert site is not None
    main, cabinet = site.circuit
    assert main.meter is not None
    assert (main.meter.sensor, main.meter.currents) == ("main", ("current.1", "current.2", "current.3"))
    assert main.meter.powers == ("power_phase.1", "power_phase.2", "power_phase.3")
    assert [(each.name, len(each.values)) for each in site.sensor] == [("ripple", 1), ("main", 0)]
    assert main.switches[0].channel == "ripple/0"
    assert main.keys.plan[0].days == {0, 1, 2, 3, 4, 6}
    assert (main.keys.plan[0].start, main.keys.plan[0].end) == (1020, 1200)
    assert cabinet.evses == (("AT-1", 1), ("AT-2", 1), ("AT-2", 2))
    assert (cabinet.keys.max_current, cabinet.keys.rated) == ((32, 32, 32), 35)
    assert (site.load.rotation, site.load.random_delay) == (900, 600)


@pytest.mark.parametrize(
    ("meter", "family", "currents"),
    [
        ('meter = "feed"', "eastron-sdm", ("current.1", "current.2", "current.3")),
        ('meter = { sensor = "feed", points = ["current.3", "current.1", "current.2"] }', "eastron-sdm",
         ("current.3", "current.1", "current.2")),
    ],
)  # fmt: skip
def test_a_sensor_of_the_site_is_a_meter(meter: str, family: str, currents: tuple[str, ...], tmp_path: Path) -> None:
    site = examined(tmp_path, CIRCUITS.replace(METER, meter) + FEED.format(family=family)).site
    assert site is not None
    assert site.circuit[0].meter is not None
    assert (site.circuit[0].meter.sensor, site.circuit[0].meter.currents) == ("feed", currents)


def test_a_supply_with_one_phase_has_a_meter_with_one(tmp_path: Path) -> None:
    text = """\
[[circuit]]
id = "home"
max_current = [0, 40, 0]
base_load = 20
meter = { kind = "modbus", family = "eastron-sdm120", connection = { serial = "/dev/ttyUSB0", unit = 1 } }
stations = ["AT-1"]
"""
    wired = 'max_current = 32, phases = 1, phase = "L2" }'
    site = examined(tmp_path, text, GARAGE.replace('max_current = 32, rotation = "RST" }', wired)).site
    assert site is not None
    assert site.circuit[0].meter is not None
    assert site.circuit[0].meter.currents == ("", "current", "")


@pytest.mark.parametrize(
    ("finding", "old", "new", "suggestion", "severity"),
    [
        ("per-phase 3:15", "max_current = 63", 'max_current = "63"', None, "error"),
        ("per-phase 3:15", "max_current = 63", "max_current = [63, 63]", None, "error"),
        ("out-of-range 3:15", "max_current = 63", "max_current = -1", None, "error"),
        ("circuit-nothing 1:1", "max_current = 63", "max_current = 0", None, "error"),
        ("missing-key 1:1", "max_current = 63\n", "", None, "error"),
        ("unknown-key 3:1", "max_current = 63", "max_currant = 63", "max_current", "error"),
        ("unknown-key 8:38", "from =", "form =", "from", "error"),
        ("plan-days 8:18", '"mon-fri"', '"mo-fr"', None, "error"),
        ("plan-time 8:45", '"17:00"', '"5 pm"', None, "error"),
        ("plan-empty 8:9", '"17:00"', '"20:00"', None, "error"),
        ("circuit-less 7:11", ", max_current = [20, 20, 20]", "", None, "error"),
        ("circuit-less 8:9", "max_power = 11000", "max_power = 11000, max_current = 6", None, "error"),
        ("circuit-no-fuse 10:1", 'fuse = "B"', 'fuse = "none"', None, "error"),
        ("circuit-failsafe 1:1", "fail_safe_current = 6", "fail_safe_current = 5", None, "error"),
        ("circuit-rating 10:1", "rating = 35", "rating = 25", None, "error"),
        ("unknown-value 15:8", '"B"', '"D"', None, "error"),
        ("circuit-meter-ways 5:9", 'kind = "modbus", ', "", None, "error"),
        ("circuit-meter-ways 5:9", 'kind = "modbus"', 'sensor = "x", kind = "modbus"', None, "error"),
        ("wrong-type 5:9", METER, "meter = 3", None, "error"),
        ("unknown-sensor-kind 5:18", '"modbus"', '"modbuss"', "modbus", "error"),
        ("circuit-meter 5:9", METER, 'meter = "riple"', "ripple", "error"),
        ("circuit-meter-currents 5:9", METER, 'meter = "ripple"', None, "error"),
        ("circuit-meter-currents 5:9", '"eastron-sdm"', '"eastron-sdm72"', None, "error"),
        ("circuit-meter-currents 5:9", '"eastron-sdm",', '"eastron-sdm", points = ["a", "b", "c"],', None, "error"),
        ("circuit-base-load 5:1", "base_load = [35, 30, 30]\n", "\n", None, "error"),
        ("circuit-base-reserved 4:13", METER, "", None, "note"),
        ("circuit-twice 11:6", '"cabinet"', '"main"', None, "error"),
        ("circuit-parent 12:10", 'parent = "main"', 'parent = "mian"', "main", "error"),
        ("circuit-loop 3:10", 'id = "main"', 'id = "main"\nparent = "cabinet"', None, "error"),
        ("circuit-above-parent 13:15", "max_current = 32\nrating = 35", "max_current = 80", None, "note"),
        ("circuit-station 17:13", '"AT-1"', '"AT_1"', "AT-1", "error"),
        ("circuit-evse 17:21", '"AT-2/1"', '"AT-2/3"', None, "error"),
        ("circuit-station-twice 17:21", '"AT-2/1"', '"AT-1/1"', None, "error"),
        ("circuit-outside 1:1", ', "AT-2/2"', "", None, "note"),
        ("circuit-empty 10:1", 'stations = ["AT-1", "AT-2/1", "AT-2/2"]\n', "", None, "warning"),
        ("circuit-reduce-sensor 7:22", '"ripple", max', '"riple", max', "ripple", "error"),
        ("circuit-reduce-value 7:22", '"ripple", max', '"ripple/2", max', None, "error"),
        ("circuit-reduce-when 7:11", 'variable = "Active"', 'variable = "Enabled"', "Enabled", "error"),
        ("circuit-14a-others 7:39", "max_current = [20, 20, 20]", 'rule = "14a"', None, "warning"),
        ("circuit-less-pauses 7:11", "[20, 20, 20]", "5", None, "warning"),
        ("circuit-less-nothing 7:11", "[20, 20, 20]", "63", None, "warning"),
        ("circuit-too-small 13:15", "max_current = 32", "max_current = [5, 32, 32]", None, "error"),
        ("circuit-too-small 3:15", "max_current = 63", "max_current = [0, 63, 63]", None, "error"),
        ("circuit-imbalance 10:1", "imbalance = 25", "imbalance = 5", None, "error"),
        ("circuit-fallback 3:15", "base_load = [35, 30, 30]", "base_load = [35, 52, 30]", None, "error"),
        ("circuit-fallback-limit 3:15", "max_current = 63", "max_current = 52\nrating = 63", None, "warning"),
        ("out-of-range 28:16", "random_delay = 600", "random_delay = 1801", None, "error"),
        ("unknown-key 27:1", "country", "contry", "country", "error"),
    ],
)  # fmt: skip
def test_fault(finding: str, old: str, new: str, suggestion: str | None, severity: str, tmp_path: Path) -> None:
    assert old in CIRCUITS
    text = CIRCUITS.replace(old, new, 1)
    found = shown(tmp_path, text)
    assert found.get(finding) == (suggestion, severity), found
    assert (examined(tmp_path, text).site is None) is any(each == "error" for _, each in found.values())


@pytest.mark.parametrize(
    ("code", "old", "new", "severity"),
    [
        ("connector-phase", 'max_current = 32, rotation = "RST"', 'max_current = 32, phase = "L1"', "error"),
        ("connector-phases", 'phases = 1, rotation = "RST"', 'phases = 1, rotation = "RST", phase = "L3"', "error"),
        ("circuit-wiring", 'phases = 1, rotation = "RST"', "phases = 1", "note"),
        ("circuit-rotation", ', rotation = "STR"', "", "note"),
        ("circuit-minimum", "max_current = 16, rot", "max_current = 5, rot", "error"),
        ("circuit-minimum", "id = 2\n", "id = 2\nminimum_current = 20\n", "error"),
    ],
)  # fmt: skip
def test_a_fault_of_an_outlet(code: str, old: str, new: str, severity: str, tmp_path: Path) -> None:
    assert old in GARAGE
    found = examined(tmp_path, CIRCUITS, GARAGE.replace(old, new, 1)).findings
    assert (code, severity) in {(each.code, each.severity) for each in found}


def test_an_outlet_that_nothing_can_limit_counts_in_full(tmp_path: Path) -> None:
    found = examine(
        write_site(tmp_path, GARAGE + CIRCUITS), ADAPTERS, profiles=PROFILES, sensors=sensor_models(load_sensors())
    ).findings
    by_code = {each.code: each for each in found}
    assert by_code["circuit-unlimited"].severity == "note"
    told = [each.params for each in found if each.code == "circuit-fallback"]
    assert [(each["circuit"], each["phases"]) for each in told] == [
        ("main", "L1: 99 A, L2: 78 A, L3: 78 A"),
        ("cabinet", "L1: 64 A, L2: 48 A, L3: 48 A"),
    ]
    assert told[1]["evses"] == "AT-1/1 32 A, AT-2/1 16 A, AT-2/2 16 A"


@pytest.mark.parametrize(
    ("code", "wiring", "severity", "told"),
    [
        ("circuit-fallback-one-phase", ", phases = 3", "note", ("L1", "L2", "18", "16")),
        ("circuit-fallback-uneven", ', phases = 1, phase = "L3"', "warning", ("L3", "L1", "18", "16")),
    ],
)
def test_phases_that_nobody_keeps_even_without_the_box(
    code: str, wiring: str, severity: str, told: tuple[str, ...], tmp_path: Path
) -> None:
    site = "\n".join(
        re.sub(r"(max_current = \d+).*", rf"\1{wiring}{'' if 'phase =' in wiring else STRAIGHT} }}", line)
        for line in GARAGE.splitlines()
    )
    found = [each for each in examined(tmp_path, CIRCUITS, site + "\n").findings if "fallback" in each.code]
    assert [(each.code, each.severity) for each in found] == [(code, severity)]
    assert tuple(found[0].params[name] for name in ("phase", "other", "amps", "limit")) == told
    assert found[0].params["evses"] == "AT-1/1 6 A, AT-2/1 6 A, AT-2/2 6 A"


def test_a_group_has_no_fuse_that_trips(tmp_path: Path) -> None:
    text = CIRCUITS.replace('rating = 35\nfuse = "B"', 'fuse = "none"').replace("max_current = 32", "max_current = 16")
    assert shown(tmp_path, text)["circuit-fallback-limit 13:15"] == (None, "warning")


PATHS = sorted((path for path in paths_of(tomli.loads(CIRCUITS)) if path), key=str)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from(PATHS), value=values)
def test_whatever_stands_there_is_answered_with_findings(path: KeyPath, value: object, tmp_path: Path) -> None:
    document = replaced(tomli.loads(GARAGE + CIRCUITS), path, value)
    assert isinstance(document, dict)
    file = write_site(tmp_path, tomlkit.dumps(document))
    outcome = examine(file, ABLE, profiles=PROFILES, sensors=sensor_models(load_sensors()), files=Nowhere())
    assert (outcome.site is None) is any(each.severity == "error" for each in outcome.findings)
    for catalogue in CATALOGUES:
        assert render_text(outcome.findings, outcome.text, catalogue) or not outcome.findings


def test_times_without_a_circuit_do_nothing(tmp_path: Path) -> None:
    assert shown(tmp_path, "[load]\nrotation = 600\n") == {"load-alone 1:2": (None, "warning")}


def test_tables_that_are_no_list(tmp_path: Path) -> None:
    assert "table-not-list 1:1" in shown(tmp_path, '[circuit]\nid = "main"\n')


def test_the_example_of_the_field_is_good() -> None:
    adapters, kinds = adapter_models(load_adapters()), sensor_models(load_sensors())
    outcome = examine(FIELD_CONFIG, adapters, profiles=profile_names(), sensors=kinds, files=Nowhere())
    assert outcome.site is not None
    assert {each.code for each in outcome.findings if each.severity != "note"} == set()
    schema = jsonschema_rs.Draft202012Validator(site_schema(adapters, profile_names(), kinds))
    assert schema.is_valid(tomli.loads(outcome.text))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("max_current = 63", "max_current = [63, 63]"),
        ('"mon-fri"', '"monday"'),
        ("family =", "familly ="),
        ('fuse = "B"', 'fuse = "D"'),
        ('country = "DE"', 'country = "Germany"'),
    ],
)
def test_the_schema_refuses_what_the_check_refuses(old: str, new: str) -> None:
    adapters, kinds = adapter_models(load_adapters()), sensor_models(load_sensors())
    schema = jsonschema_rs.Draft202012Validator(site_schema(adapters, profile_names(), kinds))
    text = FIELD_CONFIG.read_text()
    place = text.index("[[circuit]]")
    assert old in text[place:]
    assert not schema.is_valid(tomli.loads(text[:place] + text[place:].replace(old, new, 1)))
