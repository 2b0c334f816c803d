"""`stationlift family`: one module for each job with family files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.cli.jobs import add_jobs, run_job

if TYPE_CHECKING:
    import argparse

    from gateway.cli.tools import Tools

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
    add_jobs(parser, JOBS)


def run(args: argparse.Namespace, tools: Tools) -> int:
    """Do one job."""
    return run_job(args, tools)
