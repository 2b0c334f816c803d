"""Which simulator `stationlift bench` runs, and that each has its own options."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from gateway.cli import main
from gateway.cli.bench import DEFAULT_PROTOCOL, FAMILY, PROTOCOLS

if TYPE_CHECKING:
    import argparse

STATION = ("bench", "station")


class Simulator(ModuleType):
    """A simulator with an option of its own; keeps what it was run with."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.ran: list[argparse.Namespace] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(f"--{self.__name__.split('.')[2].replace('_', '-')}-depth", dest="depth", type=int)

    async def main(self, args: argparse.Namespace) -> int:
        self.ran.append(args)
        return 0


@pytest.fixture
def simulators(monkeypatch: pytest.MonkeyPatch) -> dict[str, Simulator]:
    """Every simulated station by its module, replaced."""
    found = {name: Simulator(name) for name in {*PROTOCOLS.values(), FAMILY}}
    for name, simulator in found.items():
        monkeypatch.setitem(sys.modules, name, simulator)
    return found


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_protocol_decides_on_simulator_and_options(protocol: str, simulators: dict[str, Simulator]) -> None:
    simulator = simulators[PROTOCOLS[protocol]]
    option = f"--{simulator.__name__.split('.')[2].replace('_', '-')}-depth"
    assert main([*STATION, option, "3", "--protocol", protocol]) == 0
    (args,) = simulator.ran
    assert (args.protocol, args.family, args.depth) == (protocol, None, 3)


@pytest.mark.parametrize("written", [["--family", "acme_one"], ["--family=acme_one"]])
def test_family_is_another_simulator(written: list[str], simulators: dict[str, Simulator]) -> None:
    assert main([*STATION, *written, "--family-depth", "4"]) == 0
    (args,) = simulators[FAMILY].ran
    assert (args.family, args.depth) == ("acme_one", 4)


def test_without_either_it_is_the_usual_protocol(simulators: dict[str, Simulator]) -> None:
    assert main([*STATION]) == 0
    assert simulators[PROTOCOLS[DEFAULT_PROTOCOL]].ran[0].protocol == DEFAULT_PROTOCOL


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--protocol", "ocpp9"], "ocpp1.2s"),
        (["--protocol"], "expected one argument"),
        (["--protocol", "ocpp1.6s", "--family", "acme_one"], "not allowed with"),
        (["--family-depth", "4"], "unrecognized arguments"),
    ],
)
@pytest.mark.usefixtures("simulators")
def test_misuse_is_told(options: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*STATION, *options]) == 2
    assert told in capsys.readouterr().err


def test_help_shows_the_options_of_the_protocol(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*STATION, "--protocol", "ocpp1.6s", "--help"]) == 0
    shown = capsys.readouterr().out
    assert all(option in shown for option in ("--protocol", "--family", "--evses", "--clock-skew"))
    assert main(["bench", "csms", "--help"]) == 0
    assert "--listen" in capsys.readouterr().out


@pytest.mark.parametrize("module", sorted({*PROTOCOLS.values(), FAMILY}))
def test_every_simulated_station_has_its_module(module: str) -> None:
    found = import_module(module)
    assert callable(found.add_arguments)
    assert callable(found.main)
