"""Texts of alerts in the language of the box."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.config.load import examine
from gateway.config.shelf import shipped
from gateway.config.wording import LANGUAGES, language_of
from gateway.plugins import load_sensors, sensor_models
from tests.gateway.config.samples import ADAPTERS, GOOD, PROFILES, write_site

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.config.load import Examined

SENSOR = """
[[sensor]]
name = "sump"
kind = "gpio"
line = {{ offset = 17 }}
component = "FloodSensor"
active = false
alert = {{ when = "Active == true", severity = 2, message = {message} }}
"""
BOTH = '{ en = "Water", de = "Wasser" }'


def examined(folder: Path, message: str, language: str = "") -> Examined:
    good = GOOD.replace("[box]\n", f'[box]\nlanguage = "{language}"\n') if language else GOOD
    site = write_site(folder, good + SENSOR.format(message=message))
    return examine(site, ADAPTERS, profiles=PROFILES, sensors=sensor_models(load_sensors()))


@pytest.mark.parametrize(
    ("message", "language", "shown"),
    [
        (BOTH, "de", "Wasser"),
        (BOTH, "en", "Water"),
        (BOTH, "", "Water"),
        ('"Water"', "de", "Water"),
        ('{ de = "Wasser" }', "en", "Wasser"),
    ],
)
def test_a_message_is_in_the_language_of_the_box(tmp_path: Path, message: str, language: str, shown: str) -> None:
    site = examined(tmp_path, message, language).site
    assert site is not None
    alert = site.sensor[-1].values[0].alert
    assert alert is not None
    assert alert.message == shown


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ('{ en = "Water", fr = "Eau" }', "wording-language"),
        ("{ }", "wording-empty"),
        ("{ en = 7 }", "wrong-type"),
        ('{ en = "" }', "wrong-length"),
        (f'{{ en = "{"x" * 501}" }}', "wrong-length"),
    ],
)
def test_what_is_no_message(tmp_path: Path, message: str, code: str) -> None:
    found = examined(tmp_path, message)
    assert found.site is None
    assert [each.code for each in found.findings if each.severity == "error"] == [code]


def test_a_language_that_the_box_has_not_is_no_reason_to_say_nothing() -> None:
    assert language_of({"box": {"language": "fr"}}) == language_of({"box": 7}) == language_of({}) == "en"


def test_bundles_speak_every_language() -> None:
    for path in sorted(shipped().glob("*.toml")):
        text = path.read_text("utf-8")
        assert text.count("message = ") == text.count("message = { en = "), path.name
        for language in LANGUAGES:
            assert text.count("message = ") == text.count(f' {language} = "'), (path.name, language)
