"""The box's own components, from what the kernel shows to the variables of every station."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.sensors.own import Box
from gateway.model.errors import GatewayError
from gateway.sensing.own import Own, own_equipment, reader

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LOST = GatewayError("sensor-file", path="/proc", reason="gone")


class House:
    """Two stations, and what they were told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Mapping[str, str]]] = []

    def stations(self) -> tuple[str, ...]:
        return ("A", "B")

    def sensed(self, station: str, values: Mapping[str, str]) -> None:
        self.told.append((station, values))

    def last(self) -> dict[str, str]:
        """What was told last of the second station, by label."""
        labels = {spec.ref.key: spec.ref.label for spec in own_equipment()}
        return {labels[key]: value for key, value in self.told[-1][1].items()}


def made(path: Path) -> tuple[House, Own]:
    house = House()
    own = reader(house, {"box": Box}, path, path)
    assert own is not None
    return house, own


def test_every_station_has_what_the_box_tells(tmp_path: Path) -> None:
    house, own = made(tmp_path)
    own.told("box: processor", {"temperature": 51.26, "load_share": 12.5, "load": 0.5})
    assert [station for station, _ in house.told] == ["A", "B"]
    assert house.last() == {"Controller[Box].Temperature": "51.26", "Controller[Box].ProcessorLoad": "12.5"}


def test_small_steps_are_not_told(tmp_path: Path) -> None:
    house, own = made(tmp_path)
    own.told("box: processor", {"temperature": 51.0})
    before = len(house.told)
    own.told("box: processor", {"temperature": 51.4})
    assert len(house.told) == before
    own.told("box: processor", {"temperature": 52.0})
    assert house.last() == {"Controller[Box].Temperature": "52"}


def test_a_link_that_is_there_and_down_is_a_problem(tmp_path: Path) -> None:
    house, own = made(tmp_path)
    own.told("box: RadioLink", {"there": False, "active": False})
    assert house.last()["DataLink[RadioLink].Problem"] == "false"  # this box has no modem
    own.told("box: WiredLink", {"there": True, "active": False, "interface": "eth0"})
    assert house.last()["DataLink[WiredLink].Problem"] == "true"
    own.told("box: WiredLink", {"there": True, "active": True, "interface": "eth0", "address": "192.0.2.7"})
    assert house.last() == {
        "DataLink[WiredLink].Active": "true",
        "DataLink[WiredLink].Problem": "false",
        "DataLink[WiredLink].NetworkAddress": "192.0.2.7",
    }


def test_a_clock_whose_battery_is_empty_is_a_problem(tmp_path: Path) -> None:
    house, own = made(tmp_path)
    own.told("box: hardware clock", {"there": True, "error": 1.2, "battery": 3.0})
    assert house.last()["RealTimeClock.Problem"] == "false"
    own.told("box: hardware clock", {"there": True, "error": 8e8, "battery": 0.31})
    assert house.last() == {"RealTimeClock.Problem": "true", "RealTimeClock.DCVoltage": "0.31"}


def test_what_can_no_longer_be_read_has_no_value(tmp_path: Path) -> None:
    house, own = made(tmp_path)
    own.lost("box: uptime", LOST)
    assert house.told == []  # there was none
    own.told("box: uptime", {"uptime": 100.0})
    own.lost("box: uptime", LOST)
    assert house.last() == {"Controller[Box].Uptime": ""}


def test_without_the_kind_of_sensor_nothing_is_read(tmp_path: Path) -> None:
    assert reader(House(), {}, tmp_path, tmp_path) is None
