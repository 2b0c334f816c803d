"""A line that several tables of a site use is spoken to in one way, or refused at its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.config.load import examine
from gateway.plugins import adapter_models, load_adapters, load_sensors, sensor_models

if TYPE_CHECKING:
    from pathlib import Path

SITE = """\
[box]
name = "Lines"
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
"""
METER = """\
[[sensor]]
kind = "modbus"
family = "iskra-wm3m4"
connection = { serial = "/dev/ttyUSB0", WAY }
component = "FiscalMetering"
point = "energy_total"
"""
STATION = """\
[[station]]
identity = "B"
adapter = "line"
family = "openevse-rapi"
connection = { WAY }
[[station.evse]]
id = 1
connector = { type = "cType1", max_current = 16, phases = 1 }
"""
CONNECTION = 'connection = { serial = "/dev/ttyUSB0", unit = 1 }'


def found(folder: Path, text: str) -> list[tuple[str, int, int]]:
    """Code, line and column of every error."""
    file = folder / "site.toml"
    file.write_text(text, encoding="utf-8")
    examined = examine(file, adapter_models(load_adapters()), sensors=sensor_models(load_sensors()))
    return [(f.code, f.span.line, f.span.column) for f in examined.findings if f.severity == "error" and f.span]


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        (METER.replace("WAY", 'baud = 19200, format = "8E1"'), []),
        (METER.replace("WAY", "unit = 33"), [("bus-differs", 18)]),
        (METER.replace("WAY", "baud = 19200"), [("bus-differs", 18)]),
        (METER.replace('serial = "/dev/ttyUSB0", WAY', 'serial = "/dev/ttyUSB1"'), []),
        (STATION.replace("WAY", 'serial = "/dev/ttyUSB0"'), [("bus-differs", 19)]),
        (STATION.replace("WAY", 'serial = "/dev/ttyUSB1"'), []),
    ],
)
def test_whoever_is_on_a_line_speaks_in_the_same_way(tmp_path: Path, more: str, wanted: list[tuple[str, int]]) -> None:
    assert [(code, line) for code, line, _ in found(tmp_path, SITE + more)] == wanted


def test_the_place_is_that_of_the_connection(tmp_path: Path) -> None:
    ((_, line, column),) = found(tmp_path, SITE + METER.replace("WAY", "unit = 33"))
    assert (SITE + METER).splitlines()[line - 1][column - 1 :].startswith("{ serial")


def test_a_card_reader_has_its_port_for_itself(tmp_path: Path) -> None:
    text = SITE.replace(CONNECTION, CONNECTION + '\nreader = { serial = "/dev/ttyUSB0", baud = 19200 }')
    assert [(code, line) for code, line, _ in found(tmp_path, text)] == [("bus-taken", 12)]
