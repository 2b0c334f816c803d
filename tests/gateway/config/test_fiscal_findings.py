"""A meter that signs says at which EVSE it is, and is the only one there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.config.load import examine
from gateway.plugins import adapter_models, load_adapters, load_sensors, sensor_models
from tests.gateway.config.test_line_findings import SITE

if TYPE_CHECKING:
    from pathlib import Path

METER = """\
[[sensor]]
name = "NAME"
kind = "modbus"
family = "FAMILY"
connection = { tcp = "10.0.0.NUMBER" }
component = "FiscalMetering"
variable = "EnergyImportRegister"
point = "energy_total"
WHERE
"""
SECOND = SITE.partition("[[station]]")[2].replace('"A"', '"B"').replace("unit = 1", "unit = 2")


def meter(name: str, where: str, family: str = "iskra-wm3m4") -> str:
    text = METER.replace("NAME", name).replace("FAMILY", family).replace("WHERE", where)
    return text.replace("NUMBER", str(len(name)))


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        (meter("one", ""), []),  # there is but one EVSE
        (f"[[station]]{SECOND}{meter('one', '')}", [("warning", "fiscal-place")]),
        (f"[[station]]{SECOND}" + meter("one", 'station = "B"'), []),
        (f"[[station]]{SECOND}{meter('one', '', 'eastron-sdm')}", []),  # it does not sign
        (meter("one", "evse = 1") + meter("another", 'station = "A"'), [("error", "fiscal-twice")]),
        (meter("one", "evse = 1") + meter("another", "", "eastron-sdm"), []),
    ],
)
def test_it_is_known_what_a_meter_signs(tmp_path: Path, more: str, wanted: list[tuple[str, str]]) -> None:
    file = tmp_path / "site.toml"
    file.write_text(SITE + more, encoding="utf-8")
    found = examine(file, adapter_models(load_adapters()), sensors=sensor_models(load_sensors())).findings
    assert [(each.severity, each.code) for each in found if each.code.startswith("fiscal")] == wanted
