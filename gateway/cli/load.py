"""`stationlift load`: one module for each job around load management."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.cli.jobs import add_jobs, run_job

if TYPE_CHECKING:
    import argparse

    from gateway.cli.tools import Tools

# job -> (module, help)
JOBS = {
    "cosim": ("gateway.cli.load_cosim", "let a plant that is simulated elsewhere drive load management, by JSON lines"),
    "explain": ("gateway.cli.load_explain", "why EVSEs have the current that they have: every limit, the lowest first"),
    "simulate": ("gateway.cli.load_simulate", "simulate days at a site: what its circuits carry, and what cars get"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the jobs and their options."""
    add_jobs(parser, JOBS)


def run(args: argparse.Namespace, tools: Tools) -> int:
    """Do one job."""
    return run_job(args, tools)
