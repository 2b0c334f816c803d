"""`stationlift check FILE`: everything that is wrong with a site file, at once."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.cli.sites import print_findings, read_site
from gateway.config.files import Disk, Nowhere
from gateway.config.report import render_json

if TYPE_CHECKING:
    import argparse

    from gateway.cli.tools import Tools


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("file", type=Path, metavar="FILE", help="site file")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="json: for other programs")
    parser.add_argument("--strict", action="store_true", help="warnings count as errors")
    parser.add_argument(
        "--no-files",
        action="store_true",
        help="do not look for the files and folders that the site names (on another machine than the box)",
    )


def run(args: argparse.Namespace, tools: Tools) -> int:
    """0 if the box would run with this file, 1 if not."""
    examined = read_site(args.file, tools, Nowhere() if args.no_files else Disk())
    if args.format == "json":
        print(render_json(examined.findings, tools.catalogue))
    elif examined.findings:
        print_findings(args.file, examined, tools, sys.stdout)
    elif examined.site is not None:
        print(tools.catalogue.word("summary-good", file=args.file, stations=len(examined.site.station)))
    doubtful = any(each.severity != "note" for each in examined.findings)
    return 1 if examined.site is None or (args.strict and doubtful) else 0
