"""`stationlift demo`: an old station charges at a modern backend, with the box between them; all on this machine."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from gateway.cli.loop import run_loop

if TYPE_CHECKING:
    import argparse

    from gateway.cli.tools import Tools


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--full", action="store_true", help="show every message as it is on the wire")
    parser.add_argument("--speed", type=float, default=360.0, help="how much faster than time the meter runs")


def run(args: argparse.Namespace, tools: Tools) -> int:
    """Show one charging session; 0 if the backend got it whole."""
    if args.speed <= 0:
        print(f"--speed {args.speed}: must be above 0", file=sys.stderr)
        return 2
    from gateway.bench.demo.session import show  # noqa: PLC0415 - brings the simulators with it

    return 0 if run_loop(show(tools.adapters(), full=args.full, speed=args.speed, words=tools.catalogue)) else 1
