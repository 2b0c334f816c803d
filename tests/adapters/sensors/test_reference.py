"""docs/reference/sensors.md says what there is, and its examples are right."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
import tomli

from adapters.sensors.modem import Modem
from adapters.sensors.nut import Nut
from adapters.sensors.own import Box
from gateway.config.files import Nowhere
from gateway.config.load import examine
from gateway.config.schema import site_schema
from gateway.plugins import load_sensors, sensor_models
from tests.gateway.config.samples import ADAPTERS, GOOD, PROFILES, write_site

if TYPE_CHECKING:
    from gateway.contracts.sensing import SensorKind

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "sensors.md").read_text("utf-8")
KINDS = load_sensors()
SECTIONS = {part.partition("\n")[0]: part for part in PAGE.split("\n## ")[1:]}
EXAMPLES = {name: example for name in KINDS for example in re.findall(r"```toml\n(.*?)```", SECTIONS[name], re.DOTALL)}


def test_every_kind_has_its_place() -> None:
    assert KINDS.keys() <= SECTIONS.keys()
    assert KINDS.keys() - {"line"} == EXAMPLES.keys()


@pytest.mark.parametrize("name", KINDS)
def test_every_key_is_named(name: str) -> None:
    assert {key for key in KINDS[name].Keys.model_fields if f"`{key}`" not in SECTIONS[name]} == set()


@pytest.mark.parametrize(
    ("kind", "options"),
    [(Nut, {}), (Modem, {}), (Box, {"what": "network", "interface": "eth0"})]
    + [(Box, {"what": what}) for what in ("disk", "cpu", "memory", "uptime", "supply", "watchdog", "clock")],
)
def test_every_point_is_named_with_its_unit(kind: type[SensorKind], options: dict[str, Any]) -> None:
    rows = [line for line in SECTIONS[kind.name].splitlines() if line.startswith("|")]
    for point in kind.points(kind.Keys.model_validate(options)):
        assert any(f"`{point.name}`" in row and point.unit in row for row in rows), point


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_a_good_sensor_also_to_an_editor(tmp_path: Path, name: str) -> None:
    schema = site_schema(ADAPTERS, PROFILES, sensor_models(KINDS))
    assert jsonschema_rs.Draft202012Validator(schema).is_valid(tomli.loads(GOOD + EXAMPLES[name]))
    outcome = examine(
        write_site(tmp_path, GOOD + EXAMPLES[name]), ADAPTERS, profiles=PROFILES, sensors=sensor_models(KINDS),
        files=Nowhere(),
    )  # fmt: skip
    assert [each for each in outcome.findings if each.severity != "note"] == []
    assert outcome.site is not None
    assert {sensor.keys.kind for sensor in outcome.site.sensor} == {name}
