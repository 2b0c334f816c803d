"""`stationlift bench`: simulators, to try a box without its station or without its backend."""

from __future__ import annotations

import argparse
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

from typing_extensions import override

from gateway.cli.loop import run_loop
from gateway.cli.tools import sentence

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

    from gateway.cli.tools import Tools

CSMS = "gateway.bench.csms.command"
FAMILY = "gateway.bench.family.command"

# what a simulated station speaks -> module
PROTOCOLS = {
    "ocpp1.2s": "gateway.bench.ocpp_s.command",
    "ocpp1.5s": "gateway.bench.ocpp_s.command",
    "ocpp1.6s": "gateway.bench.ocpp_s.command",
    "ocpp1.6j": "gateway.bench.ocpp16j.command",
}
DEFAULT_PROTOCOL = "ocpp1.5s"

_TEXTS = {
    "csms": "a small OCPP 2.0.1 backend",
    "station": "an old station",
    "protocol": "what the station speaks; each has its own options",
    "family": "be a station of a family, as its family file describes it; has its own options",
}


class Bench(Protocol):
    """A simulator's module."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the simulator's own options; a station's have neither ``--protocol`` nor ``--family``."""

    def main(self, args: argparse.Namespace) -> Coroutine[Any, Any, int]:
        """Simulate until done; the exit code. ``args`` has ``protocol`` and ``family`` where it is a station."""


class _Simulator(argparse.ArgumentParser):
    """The options of one simulator: those of a station are declared once it is known what the station speaks."""

    @override
    def parse_known_args(  # type: ignore[override] # one signature for the two overloads of the stubs
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        module = self.get_default("module")
        if module is None:
            module = _station_module(args or ())
            self.set_defaults(module=module)
        _bench(module).add_arguments(self)
        return super().parse_known_args(args, namespace)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the simulators and their options."""
    subparsers = parser.add_subparsers(dest="bench", required=True, metavar="SIMULATOR", parser_class=_Simulator)
    csms = subparsers.add_parser("csms", help=_TEXTS["csms"], description=sentence(_TEXTS["csms"]))
    csms.set_defaults(module=CSMS)
    station = subparsers.add_parser("station", help=_TEXTS["station"], description=sentence(_TEXTS["station"]))
    kind = station.add_mutually_exclusive_group()
    kind.add_argument("--protocol", choices=list(PROTOCOLS), default=DEFAULT_PROTOCOL, help=_TEXTS["protocol"])
    kind.add_argument("--family", metavar="NAME", help=_TEXTS["family"])


def run(args: argparse.Namespace, tools: Tools) -> int:
    """Run one simulator."""
    del tools
    return run_loop(_bench(args.module).main(args))


def _station_module(args: Sequence[str]) -> str:
    """The module of the station that these options ask for; options that are wrong are told of later."""
    known = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    known.add_argument("--protocol", nargs="?")
    known.add_argument("--family", nargs="?")
    asked, _ = known.parse_known_args(list(args))
    return FAMILY if asked.family else PROTOCOLS.get(asked.protocol, PROTOCOLS[DEFAULT_PROTOCOL])


def _bench(module: str) -> Bench:
    return cast("Bench", import_module(module))
