"""Bundles: what a use of one becomes, and those that come with the box."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.bundles import expand
from gateway.config.files import Nowhere
from gateway.config.load import examine
from gateway.config.merge import merged
from gateway.config.positions import Positions
from gateway.config.shelf import Shelf, shipped
from gateway.config.source import Source, read_source
from gateway.plugins import adapter_models, load_adapters, load_sensors, sensor_models

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[3]
SHIPPED = ("basic-ac", "basic-dc", "pricing", "reservation", "smart-charging")

HEAD: dict[str, object] = {"id": "kit", "title": "a kit", "meant_for": "tests"}
SENSORS: list[dict[str, object]] = [
    {"name": "door", "kind": "gpio", "component": "AccessSensor", "react": {"do": "fault", "output": "relay"}},
    {"name": "relay", "kind": "gpio", "use": "relay", "component": "Actuator"},
    {"name": "rcd", "kind": "gpio", "evse": 1, "component": "RCD"},
    {
        "name": "motion",
        "kind": "iio",
        "device": "adxl345",
        "value": [{"point": "tilt", "component": "TiltSensor", "react": {"do": "fault", "output": "relay/a"}}],
    },
]


class OneBundle:
    """A shelf with one bundle on it."""

    def __init__(self, data: Mapping[str, object] | None = None) -> None:
        self._data: dict[str, object] = {"bundle": HEAD, "sensor": SENSORS} if data is None else dict(data)

    def names(self) -> tuple[str, ...]:
        return ("kit",)

    def find(self, name: str) -> Source | None:
        text = ""
        return (
            Source(file=Path("kit.toml"), text=text, data=self._data, positions=Positions(text))
            if name == "kit"
            else None
        )


def sensors(*uses: Mapping[str, object], own: object = ()) -> list[dict[str, object]]:
    bundles = [{"use": "kit", **use} for use in uses]
    expanded = expand({"sensor": list(own) if isinstance(own, tuple) else own, "bundle": bundles}, OneBundle())
    assert [each for each in expanded.problems if each.severity == "error"] == []
    found = expanded.data["sensor"]
    assert isinstance(found, list)
    return found


def names(*uses: Mapping[str, object]) -> list[object]:
    return [each["name"] for each in sensors(*uses)]


def test_a_site_without_bundles_is_as_it_was() -> None:
    data: dict[str, object] = {"sensor": [{"name": "a"}]}
    assert expand(data, OneBundle()).data == data


def test_sensors_of_bundles_stand_behind_those_of_the_site() -> None:
    assert [each["name"] for each in sensors({}, own=({"name": "own"},))] == ["own", "door", "relay", "rcd", "motion"]


def test_names_tell_stations_and_evses_apart() -> None:
    assert names({"station": "AT-1"}, {"station": "AT-1", "evse": 2}, {"station": "AT-2", "leave": ["door"]}) == [
        "door AT-1", "relay AT-1", "rcd AT-1", "motion AT-1",
        "rcd AT-1 EVSE 2",
        "relay AT-2", "rcd AT-2", "motion AT-2",
    ]  # fmt: skip


def test_a_name_is_never_too_long() -> None:
    assert all(len(str(name)) <= 50 for name in names({"station": "A" * 48, "evse": 12}))


def test_with_an_evse_only_what_belongs_to_an_outlet_is_brought() -> None:
    (found,) = sensors({"station": "AT-1", "evse": 2})
    assert (found["name"], found["station"], found["evse"]) == ("rcd AT-1 EVSE 2", "AT-1", 2)


def test_the_site_may_name_and_place_a_sensor_itself() -> None:
    door = sensors({"station": "AT-1", "set": {"door": {"name": "cabinet", "evse": 2, "station": "AT-2"}}})[0]
    assert (door["name"], door["station"], door["evse"]) == ("cabinet", "AT-2", 2)


def test_an_output_is_that_of_the_same_use() -> None:
    door, _, _, motion = sensors({"station": "AT-1", "set": {"relay": {"name": "K1"}}})
    assert door["react"] == {"do": "fault", "output": "K1"}
    values = motion["value"]
    assert isinstance(values, list)
    assert values[0]["react"] == {"do": "fault", "output": "K1/a"}


def test_an_output_of_the_site_stays() -> None:
    door = sensors({"station": "AT-1", "set": {"door": {"react": {"output": "siren/2"}}}})[0]
    assert door["react"] == {"do": "fault", "output": "siren/2"}


def test_keys_are_merged_deeply() -> None:
    bundle = {
        "kind": "gpio",
        "alert": {"when": "Active == true", "severity": 3},
        "debounce": 0.1,
        "react": {"do": "stop"},
    }
    over = {"alert": {"severity": 1}, "line": {"offset": 4}, "react": False}
    assert merged(bundle, over) == {
        "kind": "gpio", "alert": {"when": "Active == true", "severity": 1}, "debounce": 0.1, "line": {"offset": 4},
    }  # fmt: skip


def test_a_sensor_of_another_kind_keeps_what_it_means() -> None:
    bundle = {"kind": "gpio", "component": "FloodSensor", "debounce": 0.1, "point": "value", "react": {"do": "fault"}}
    over = {"kind": "mqtt", "family": "zigbee2mqtt", "point": "leak"}
    assert merged(bundle, over) == {
        "kind": "mqtt", "component": "FloodSensor", "react": {"do": "fault"}, "family": "zigbee2mqtt", "point": "leak",
    }  # fmt: skip


def test_values_are_told_apart_by_their_point() -> None:
    bundle = {"value": [{"point": "tilt", "scale": 1.0}, {"point": "shock"}]}
    assert merged(bundle, {"value": {"shock": {"scale": 2.0}, "temp": {"component": "X"}}}) == {
        "value": [
            {"point": "tilt", "scale": 1.0},
            {"point": "shock", "scale": 2.0},
            {"point": "temp", "component": "X"},
        ]
    }
    assert merged(bundle, {"value": [{"point": "tilt"}]}) == {"value": [{"point": "tilt"}]}


json = st.recursive(
    st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)
tables = st.dictionaries(st.sampled_from(["bundle", "sensor", "use", "set", "leave", "name", "value", "alert"]), json)


@given(table=tables, over=tables)
def test_whatever_is_written_is_merged_or_kept(table: dict[str, object], over: dict[str, object]) -> None:
    found = merged(table, over)
    assert merged(table, {}) == table
    assert found.keys() <= table.keys() | over.keys()


@given(use=tables, bundle=st.fixed_dictionaries({"bundle": st.just(HEAD) | json, "sensor": json | st.lists(tables)}))
def test_whatever_is_written_is_expanded_or_a_finding(use: dict[str, object], bundle: dict[str, object]) -> None:
    expanded = expand({"bundle": [{"use": "kit"} | use]}, OneBundle(bundle))
    assert expanded.problems or expanded.findings


def test_the_bundles_of_the_box() -> None:
    assert tuple(sorted(file.stem for file in shipped().glob("*.toml"))) == SHIPPED


def test_a_bundle_beside_the_site_file_comes_first(tmp_path: Path) -> None:
    (tmp_path / "bundles").mkdir()
    own = tmp_path / "bundles" / "basic-ac.toml"
    own.write_text("")
    shelf = Shelf(tmp_path)
    found, other = shelf.find("basic-ac"), shelf.find("basic-dc")
    assert found is not None
    assert found.file == own
    assert other is not None
    assert other.file == shipped() / "basic-dc.toml"
    assert shelf.find("basic-xc") is None
    assert shelf.names() == SHIPPED


@pytest.mark.parametrize("name", SHIPPED)
def test_each_bundle_of_the_box_has_a_good_example(name: str) -> None:
    """All of its sensors are right by themselves: none of them is left out but where the example has another."""
    example = ROOT / "field-configs" / f"bundle-{name}.toml"
    found = examine(example, adapter_models(load_adapters()), sensors=sensor_models(load_sensors()), files=Nowhere())
    assert [each for each in found.findings if each.severity != "note"] == []
    assert found.site is not None
    assert found.site.sensor
    used = read_source(example).data["bundle"]
    assert isinstance(used, list)
    assert {each["use"] for each in used} == {name}


def test_the_wheel_holds_the_bundles(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        held = archive.namelist()
    assert {f"gateway/bundles/{name}.toml" for name in SHIPPED} <= set(held)
