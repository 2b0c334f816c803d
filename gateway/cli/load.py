"""`stationlift load`: one module for each job around load management."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

from gateway.cli.tools import sentence

if TYPE_CHECKING:
    import argparse

    from gateway.cli.tools import Command, Tools

# job -> (module, help)
JOBS = {
    "cosim": ("gateway.cli.load_cosim", "let a plant that is simulated elsewhere drive load management, by JSON lines"),
    "explain": ("gateway.cli.load_explain", "why EVSEs have the current that they have: every limit, the lowest first"),
    "simulate": ("gateway.cli.load_simulate", "simulate days at a site: what its circuits carry, and what cars get"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the jobs and their options."""
    subparsers = parser.add_subparsers(dest="job", required=True, metavar="JOB")
    for name, (module, text) in JOBS.items():
        subparser = subparsers.add_parser(name, help=text, description=sentence(text))
        _job(module).add_arguments(subparser)
        subparser.set_defaults(module=module)


def run(args: argparse.Namespace, tools: Tools) -> int:
    """Do one job."""
    return _job(args.module).run(args, tools)


def _job(module: str) -> Command:
    return cast("Command", import_module(module))
