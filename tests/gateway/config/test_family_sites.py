"""Site files with family stations, checked with the adapters of this package."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.config.load import examine
from tests.gateway.cli.running import installed

if TYPE_CHECKING:
    from pathlib import Path

SITE = """\
[box]
name = "Garage"
data_dir = "data"
[backend]
url = "ws://127.0.0.1:9000/ocpp"
security_profile = 0
[[station]]
identity = "A"
adapter = "modbus"
family = "heidelberg-ec"
connection = { serial = "/dev/ttyUSB0", unit = 1 }
[[station.evse]]
id = 1
connector = { type = "cType2", max_current = 16, phases = 3 }
[[station]]
identity = "B"
adapter = "modbus"
family = "heidelberg-ec"
connection = { serial = "/dev/ttyUSB0", unit = 2 }
meter = { family = "eastron-sdm", connection = { serial = "/dev/ttyUSB0", unit = 12, baud = 19200, format = "8E1" } }
[[station.evse]]
id = 1
connector = { type = "cType2", max_current = 16, phases = 3 }
"""


def found(folder: Path, text: str) -> list[tuple[str, str, int | None]]:
    """Severity, code and line of every finding that is no note."""
    file = folder / "site.toml"
    file.write_text(text, encoding="utf-8")
    findings = examine(file, installed()).findings
    return [
        (each.severity, each.code, each.span.line if each.span else None)
        for each in findings
        if each.severity != "note"
    ]


def test_stations_on_one_line_with_a_meter_are_good(tmp_path: Path) -> None:
    assert found(tmp_path, SITE) == []


def test_guesses_of_a_family_are_notes(tmp_path: Path) -> None:
    file = tmp_path / "site.toml"
    file.write_text(SITE, encoding="utf-8")
    notes = [each for each in examine(file, installed()).findings if each.severity == "note"]
    assert {(each.code, each.span.line if each.span else None) for each in notes} >= {("family-unverified", 10)}


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("unit = 2 }", "unit = 1 }", "connection-twice", 19),
        ('"heidelberg-ec"', '"heidelberg-e"', "family-unknown", 10),
        ('"heidelberg-ec"', '"eastron-sdm"', "family-meter", 7),
        ('"heidelberg-ec"', '"go-e-http"', "family-other-adapter", 7),
        ('{ serial = "/dev/ttyUSB0", unit = 1 }', "{ unit = 1 }", "connection-ways", 11),
        ("unit = 12,", "unit = 1200,", "connection-wrong", 20),
        ("unit = 1 }", 'unit = 1 }\nenergy = "meter"', "meter-missing", 7),
        ("baud = 19200", "baud = 9600", "bus-differs", 20),
        ('"/dev/ttyUSB0", unit = 2 }', '"/dev/ttyUSB0", baud = 9600, unit = 2 }', "bus-differs", 19),
        ("id = 1\nconnector", "id = 1\nstation_connector = 2\nconnector", "family-connectors", 11),
    ],
)
def test_what_cannot_be_is_found_at_its_place(tmp_path: Path, old: str, new: str, code: str, line: int) -> None:
    errors = found(tmp_path, SITE.replace(old, new, 1))
    assert ("error", code, line) in errors, errors
