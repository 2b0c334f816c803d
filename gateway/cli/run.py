"""`stationlift run FILE`: the box itself."""

from __future__ import annotations

import logging
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.cli.loop import run_loop
from gateway.cli.sites import usable_site

if TYPE_CHECKING:
    import argparse

    from gateway.cli.tools import Tools

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
# The journal adds the time of its own.
LOG_FORMAT = "%(levelname)s %(name)s: %(message)s"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("file", type=Path, metavar="FILE", help="site file")
    parser.add_argument("--log-level", choices=LEVELS, default="INFO", help="least level to log on stderr (INFO)")


def run(args: argparse.Namespace, tools: Tools) -> int:
    """Run until stopped; 1 at once if the site file is not usable."""
    site = usable_site(args.file, tools)
    if site is None:
        return 1
    logging.basicConfig(level=args.log_level, format=LOG_FORMAT)
    # The whole gateway is imported only for a site that it can run.
    run_loop(import_module("gateway.app").run(site))
    return 0
