"""Guesses in the family of an added sensor are shown to the technician, as information."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.config.load import examine
from gateway.plugins import load_sensors, sensor_models
from tests.gateway.config.samples import ADAPTERS, GOOD, PROFILES, write_site

if TYPE_CHECKING:
    from pathlib import Path

MODULE = """
[[sensor]]
name = "io"
kind = "modbus"
family = "advantech-adam6000"
connection = {{ tcp = "192.168.1.9:502", unit = 1 }}
component = "FloodSensor"
variable = "{variable}"
point = "{point}"
"""


def doubts(folder: Path, point: str, variable: str) -> list[str]:
    """What the notes name; there must be no error."""
    site = write_site(folder, GOOD + MODULE.format(point=point, variable=variable))
    examined = examine(site, ADAPTERS, profiles=PROFILES, sensors=sensor_models(load_sensors()))
    assert [each for each in examined.findings if each.severity == "error"] == []
    notes = [each for each in examined.findings if each.code == "family-unverified"]
    assert all(each.severity == "note" and each.span is not None for each in notes)
    return [str(each.params["value"]) for each in notes]


def test_a_guess_about_the_family_is_a_note(tmp_path: Path) -> None:
    assert doubts(tmp_path, "inputs.1", "Active") == ["counters"]


def test_a_guess_about_a_point_is_a_note_where_the_point_is_used(tmp_path: Path) -> None:
    assert doubts(tmp_path, "counters.1", "Height") == ["counters", "counters: addresses"]
