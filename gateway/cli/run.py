"""`stationlift run FILE`: the box itself."""

from __future__ import annotations

import json
import logging
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.cli.loop import run_loop
from gateway.cli.sites import usable_site

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from gateway.cli.tools import Tools

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
# The journal adds the time of its own.
LOG_FORMAT = "%(levelname)s %(name)s: %(message)s"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("file", type=Path, metavar="FILE", help="site file")
    parser.add_argument(
        "--dry-run", action="store_true", help="read the stations, write nothing, show what the backend would receive"
    )
    parser.add_argument("--log-level", choices=LEVELS, default="INFO", help="least level to log on stderr (INFO)")


def run(args: argparse.Namespace, tools: Tools) -> int:
    """Run until stopped; 1 at once if the site file is not usable."""
    site = usable_site(args.file, tools)
    if site is None:
        return 1
    logging.basicConfig(level=args.log_level, format=LOG_FORMAT)
    # It logs whole frames at DEBUG, and they hold passwords, tokens and key codes (C04.FR.04).
    logging.getLogger("websockets").setLevel(logging.INFO)
    # The whole gateway is imported only for a site that it can run.
    app = import_module("gateway.app")
    if args.dry_run:
        run_loop(app.rehearse(site, _show))
    else:
        run_loop(app.run(site))
    return 0


def _show(station: str, action: str, payload: Mapping[str, object]) -> None:
    """One line a message, to be read by people and by jq."""
    print(json.dumps({"station": station, "action": action, "payload": payload}, ensure_ascii=False), flush=True)
