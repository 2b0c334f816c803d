"""`stationlift bench`: simulators, to try a box without its station or without its backend."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

from gateway.cli.loop import run_loop
from gateway.cli.tools import sentence

if TYPE_CHECKING:
    import argparse
    from collections.abc import Coroutine

    from gateway.cli.tools import Tools

# name -> (module, help)
BENCHES = {
    "csms": ("gateway.bench.csms.command", "a small OCPP 2.0.1 backend"),
    "station": ("gateway.bench.ocpp_s.command", "an old station that speaks OCPP 1.5 over SOAP"),
}


class Bench(Protocol):
    """A simulator's module."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the simulator's own options."""

    def main(self, args: argparse.Namespace) -> Coroutine[Any, Any, int]:
        """Simulate until done; the exit code."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the simulators and their options."""
    subparsers = parser.add_subparsers(dest="bench", required=True, metavar="SIMULATOR")
    for name, (module, text) in BENCHES.items():
        bench = cast("Bench", import_module(module))
        bench.add_arguments(subparsers.add_parser(name, help=text, description=sentence(text)))


def run(args: argparse.Namespace, tools: Tools) -> int:
    """Run one simulator."""
    del tools
    bench = cast("Bench", import_module(BENCHES[args.bench][0]))
    return run_loop(bench.main(args))
