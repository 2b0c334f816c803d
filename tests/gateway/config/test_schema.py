"""The JSON Schema agrees with the models and with the files beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
import tomli

from gateway.config.schema import schema_text, site_schema
from gateway.plugins import adapter_models, load_adapters, load_sensors, profile_names, sensor_models
from tests.gateway.config.samples import ADAPTERS, FIELD_CONFIGS, GOOD, PROFILES, TAKEN, spoiled

if TYPE_CHECKING:
    from pathlib import Path

INSTALLED = adapter_models(load_adapters())
SENSORS = sensor_models(load_sensors())


def valid(text: str, schema: dict[str, Any]) -> bool:
    return jsonschema_rs.Draft202012Validator(schema).is_valid(tomli.loads(text))


def test_good_and_bad_files() -> None:
    schema = site_schema(ADAPTERS, PROFILES)
    jsonschema_rs.meta.validate(schema)
    assert valid(GOOD, schema)
    assert valid(GOOD + '[web]\nlisten = "0.0.0.0:8443"\n', schema)
    assert valid(GOOD + '[profiles]\ndisable = ["pricing"]\n', schema)
    for bad in (
        spoiled("data_dir", "datadir"),
        spoiled('"Garage"', "3"),
        spoiled("security_profile = 2", "security_profile = 4"),
        spoiled('charge_box_identity = "BOX-1"\n', ""),
        spoiled('"ocpp_soap"', '"modbus"'),
        spoiled("max_current = 32", "max_current = 0"),
        GOOD + '[profiles]\ndisable = ["pricin"]\n',
    ):
        assert not valid(bad, schema)


def test_with_two_adapters_each_station_has_the_keys_of_its_own() -> None:
    schema = site_schema(ADAPTERS | {"other": ADAPTERS["ocpp_soap"]})
    assert valid(GOOD, schema)
    assert valid(GOOD.replace("ocpp_soap", "other"), schema)
    assert not valid(spoiled('"ocpp_soap"', '"third"'), schema)


def test_every_setting_is_described() -> None:
    def bare(schema: object, path: str = "") -> list[str]:
        found: list[str] = []
        if isinstance(schema, dict):
            for name, part in schema.get("properties", {}).items():
                described = path.count("/") == 0 or "const" in part or "description" in part
                found += [] if described else [f"{path}/{name}"]
            found += [each for name, part in schema.items() for each in bare(part, f"{path}/{name}")]
        return found

    assert bare(site_schema(ADAPTERS, (), SENSORS)) == []


def test_the_stored_schema_is_fresh() -> None:
    stored = (FIELD_CONFIGS / "site.schema.json").read_text()
    assert stored == schema_text(site_schema(INSTALLED, profile_names(), SENSORS)), (
        "write it again with `stationlift schema`"
    )


@pytest.mark.parametrize("file", TAKEN, ids=lambda file: file.name)
def test_field_configs_agree_with_the_schema(file: Path) -> None:
    text = file.read_text()
    assert text.startswith("#:schema site.schema.json\n")
    assert valid(text, site_schema(INSTALLED, profile_names(), SENSORS))
