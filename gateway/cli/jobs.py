"""Commands that have jobs of their own, one module each."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

from gateway.cli.tools import sentence

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from gateway.cli.tools import Command, Tools


def add_jobs(parser: argparse.ArgumentParser, jobs: Mapping[str, tuple[str, str]]) -> None:
    """Declare jobs and their options; ``jobs`` is job -> (module, help)."""
    subparsers = parser.add_subparsers(dest="job", required=True, metavar="JOB")
    for name, (module, text) in jobs.items():
        subparser = subparsers.add_parser(name, help=text, description=sentence(text))
        _job(module).add_arguments(subparser)
        subparser.set_defaults(module=module)


def run_job(args: argparse.Namespace, tools: Tools) -> int:
    """Do the job that was chosen."""
    return _job(args.module).run(args, tools)


def _job(module: str) -> Command:
    return cast("Command", import_module(module))
