"""What a family can do, in a few words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.family import overview
from gateway.family.library import all_families
from gateway.family.load import read_family
from tests.gateway.family.families import ASCII, LINE, META, MODBUS

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.family.family import AnyFamily


def family(folder: Path, text: str, **spoilt: tuple[str, str]) -> AnyFamily:
    text = text.format(meta=META.format(id="one"), vectors="")
    for before, after in spoilt.values():
        assert before in text, before
        text = text.replace(before, after)
    file = folder / "one.toml"
    file.write_text(text, encoding="utf-8")
    return read_family(file).base


def test_a_modbus_station_is_told_with_the_settings_of_its_line(tmp_path: Path) -> None:
    one = family(tmp_path, MODBUS)
    assert overview.wires(one) == "Modbus TCP 502; RTU 9600 8N1, unit 1"
    assert overview.limit(one) == "6-16 A by 0.1"
    assert overview.read_back(one) == "limit"
    assert overview.hold(one) == "release"
    assert overview.measures(one) == "energy, power, current, voltage"
    assert overview.watchdog(one) == ""


def test_what_is_derived_is_measured_too_and_steps_of_its_own_hold(tmp_path: Path) -> None:
    one = family(tmp_path, ASCII)
    assert overview.wires(one) == "Modbus ASCII 9600 8N1, unit 1"
    assert overview.measures(one) == "power, current"
    assert (overview.hold(one), overview.read_back(one)) == ("own steps", "")


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ('kind = "unknown"', "?"),
        ('kind = "read-any"\ntimeout_s = 20', "any read, 20 s"),
        ('kind = "rewrite-limit"\ntimeout = "session_time"', "the limit again, can be set"),
        ('kind = "write"\nseq = [{ send = "enable" }]', "a write"),
    ],
)
def test_a_watchdog_is_told_by_what_it_wants_to_hear(tmp_path: Path, keys: str, told: str) -> None:
    assert overview.watchdog(family(tmp_path, LINE, dog=('kind = "none"\n', f"{keys}\n"))) == told


def test_a_worn_limit_and_guesses_are_said(tmp_path: Path) -> None:
    one = family(
        tmp_path,
        MODBUS,
        limit=("max = 16\n", "max = 16\npersist = true\n"),
        meta=('sources = ["the manual"]', 'sources = ["the manual"]\nunverified = ["a guess"]'),
        point=("release = { at = 3,", 'release = { unverified = "its table", at = 3,'),
    )
    assert overview.limit(one) == "6-16 A by 0.1, worn"
    assert list(overview.doubts(one)) == ["a guess", "release: its table"]


def test_every_shipped_station_can_be_held_and_every_family_reached() -> None:
    for path in all_families().values():
        one = read_family(path).base
        assert overview.wires(one)
        assert one.meta.role != "station" or overview.hold(one), one.meta.id


def test_a_sensor_is_told_by_what_it_senses_and_switches() -> None:
    known = {name: read_family(path).base for name, path in all_families().items()}
    io, air, plug = known["waveshare-io"], known["xy-md02"], known["zigbee2mqtt-plug"]
    assert (overview.measures(io), overview.switches(io), overview.soonest(io)) == ("inputs", "8 relay", "100 ms")
    assert (overview.measures(air), overview.switches(air), overview.soonest(air)) == ("temperature, humidity", "", "")
    assert (overview.switches(plug), overview.soonest(plug)) == ("relay", "")
