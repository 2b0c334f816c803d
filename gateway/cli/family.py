"""`stationlift family`: one module for each job with family files."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

from gateway.cli.tools import sentence

if TYPE_CHECKING:
    import argparse

    from gateway.cli.tools import Command, Tools

# job -> (module, help)
JOBS = {
    "list": ("gateway.cli.family_list", "list the families that a site can name"),
    "lint": ("gateway.cli.family_lint", "show everything that is wrong or doubtful in family files"),
    "test": ("gateway.cli.family_test", "compare what was recorded on the wire with what family files make of it"),
    "probe": ("gateway.cli.family_probe", "read everything that a real station has; nothing is written"),
    "new": ("gateway.cli.family_new", "write the skeleton of a new family file"),
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
