"""``[alerts.mqtt]`` in the site file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.config.load import examine
from tests.gateway.config.samples import ADAPTERS, GOOD, PROFILES, write_site

if TYPE_CHECKING:
    from pathlib import Path


def codes(folder: Path, text: str) -> list[str]:
    outcome = examine(write_site(folder, GOOD + text), ADAPTERS, profiles=PROFILES)
    return [each.code for each in outcome.findings]


def test_a_broker_is_known_and_the_usual_is_not_told(tmp_path: Path) -> None:
    file = write_site(tmp_path, GOOD + '[alerts.mqtt]\nbroker = "10.0.0.2:1883"\n')
    site = examine(file, ADAPTERS, profiles=PROFILES).site
    assert site is not None
    assert site.alerts is not None
    assert site.alerts.mqtt is not None
    mqtt = site.alerts.mqtt
    assert (str(mqtt.broker), mqtt.prefix, mqtt.encrypted) == ("10.0.0.2:1883", "stationlift", False)


def test_its_password_is_for_nobody_else(tmp_path: Path) -> None:
    secret = tmp_path / "broker.password"
    secret.write_text("s3cret\n")
    text = '[alerts.mqtt]\nbroker = "10.0.0.2:1883"\nuser = "box"\npassword_file = "broker.password"\n'
    secret.chmod(0o600)
    assert codes(tmp_path, text) == []
    secret.chmod(0o644)
    assert codes(tmp_path, text) == ["secret-exposed"]


@pytest.mark.parametrize("prefix", ["", "a/#", "+", "/a", "a/", "a//b"])
def test_topics_begin_with_what_may_be_a_topic(tmp_path: Path, prefix: str) -> None:
    assert codes(tmp_path, f'[alerts.mqtt]\nbroker = "10.0.0.2:1883"\nprefix = "{prefix}"\n') != []
