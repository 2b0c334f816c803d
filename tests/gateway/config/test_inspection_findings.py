"""Every fault of ``[[inspection]]`` that the check knows is shown with its code, line and column."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from gateway.config.load import examine
from gateway.inspections import inspections_of
from gateway.model.inspection import Interval, Source
from gateway.plugins import load_sensors, sensor_models
from tests.gateway.config.samples import ADAPTERS, GOOD, PROFILES, write_site

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.config.load import Examined

INSPECTIONS = """\
[[inspection]]
component = "RCD"
every = "6 months"
last = 2026-01-10
soon_days = 30
severity = 2

[[inspection]]
station = "AT-2"
evse = 2
component = "GroundIsolationTester"
every = "1 year"
last = 2026-01-10

[[inspection]]
component = "PowerContactor"
cycles = 100000

[[inspection]]
component = "AirCoolingSystem"
hours = 5000

[[sensor]]
name = "fan"
kind = "gpio"
line = { chip = "/dev/gpiochip0", offset = 17 }
component = "AirCoolingSystem"
variable = "Active"
"""
FIRST = GOOD.count("\n") + 1


def examined(folder: Path, text: str) -> Examined:
    kinds = sensor_models(load_sensors())
    return examine(write_site(folder, GOOD + text), ADAPTERS, profiles=PROFILES, sensors=kinds)


def shown(folder: Path, text: str) -> dict[str, tuple[str | None, str]]:
    return {
        f"{each.code} {each.span.line - FIRST + 1}:{each.span.column}" if each.span else each.code: (
            each.suggestion,
            each.severity,
        )
        for each in examined(folder, text).findings
        if each.severity != "note" or each.code.startswith("inspection")
    }


def test_good_inspections_become_those_of_each_station(tmp_path: Path) -> None:
    outcome = examined(tmp_path, INSPECTIONS)
    assert shown(tmp_path, INSPECTIONS) == {}
    assert outcome.site is not None
    first, second = (inspections_of(outcome.site, each, ()) for each in outcome.site.station)
    assert [(each.component, each.evse) for each in first] == [
        ("RCD", None),
        ("PowerContactor", 1),
        ("AirCoolingSystem", None),
    ]
    assert [(each.component, each.evse) for each in second] == [
        ("RCD", None),
        ("GroundIsolationProtection", 2),
        ("PowerContactor", 1),
        ("PowerContactor", 2),
        ("AirCoolingSystem", None),
    ]
    assert (first[0].every, first[0].soon, first[0].severity) == (Interval(months=6), timedelta(days=30), 2)
    assert first[0].last == datetime(2026, 1, 10, 12, tzinfo=UTC)
    assert (first[1].cycles, first[1].source) == (100_000, Source.ENERGY)


@pytest.mark.parametrize(
    ("finding", "old", "new", "suggestion", "severity"),
    [
        ("inspection-interval 3:9", '"6 months"', '"half a year"', None, "error"),
        ("wrong-type 3:9", '"6 months"', "6", None, "error"),
        ("wrong-type 4:8", "2026-01-10", '"2026-01-10"', None, "error"),
        ("inspection-when 1:1", 'every = "6 months"\n', "", None, "error"),
        ("inspection-last 1:1", "last = 2026-01-10\n", "", None, "error"),
        ("inspection-future 4:8", "2026-01-10", "2926-01-10", None, "warning"),
        ("inspection-component 2:13", '"RCD"', '"RCDD"', "RCD", "note"),
        ("inspection-station 9:11", '"AT-2"', '"AT-3"', "AT-2", "error"),
        ("inspection-evse 10:8", "evse = 2", "evse = 3", None, "error"),
        ("inspection-uncounted 22:9", "hours", "evse = 1\nhours", None, "error"),
        ("inspection-twice 20:13", '"AirCoolingSystem"\nhours = 5000', '"RCD"\nevery = "1 day"\nlast = 2026-01-10', None, "error"),
        ("out-of-range 17:10", "100000", "0", None, "error"),
        ("unknown-key 5:1", "soon_days", "soon_day", "soon_days", "error"),
    ],
)  # fmt: skip
def test_fault(finding: str, old: str, new: str, suggestion: str | None, severity: str, tmp_path: Path) -> None:
    assert old in INSPECTIONS
    text = INSPECTIONS.replace(old, new, 1)
    found = shown(tmp_path, text)
    assert found.get(finding) == (suggestion, severity), found
    assert (examined(tmp_path, text).site is None) is (severity == "error")


def test_a_table_that_is_no_list(tmp_path: Path) -> None:
    assert "table-not-list 1:1" in shown(tmp_path, '[inspection]\ncomponent = "RCD"\n')


def test_a_day_is_a_day(tmp_path: Path) -> None:
    outcome = examined(tmp_path, INSPECTIONS)
    assert outcome.site is not None
    assert outcome.site.inspection[0].last == date(2026, 1, 10)
