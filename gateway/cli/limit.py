"""`stationlift limit`: have the running box hold the limit of somebody other than its backend."""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.cli.sites import read_site
from gateway.cli.status import PATIENCE_S, ask
from gateway.config.files import Nowhere
from gateway.config.findings import SiteInvalid
from gateway.limit_orders import HIGHEST, LimitOrder, answer_from_json, limit_socket, to_json
from gateway.model.charging import LimitSource
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from gateway.cli.tools import Tools

_SOURCES = (LimitSource.EMS, LimitSource.SYSTEM_OPERATOR, LimitSource.OTHER)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    default = Path("/etc/stationlift/site.toml")
    parser.add_argument("station", metavar="IDENTITY", help="the station's identity")
    parser.add_argument("--site", type=Path, default=default, metavar="FILE", help=f"site file of the box ({default})")
    parser.add_argument(
        "--evse", type=int, default=0, metavar="N", help="one EVSE; all of the station together if absent"
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--current", type=_amps, metavar="A", help="limit in A per phase")
    what.add_argument("--steps", type=_steps, metavar="S=A,...", help="limits over time, in s from now: 0=16,3600=8")
    what.add_argument("--release", action="store_true", help="give the limit up")
    parser.add_argument("--for", type=int, dest="lasting", metavar="S", help="seconds until it is over by itself")
    parser.add_argument("--source", choices=[each.value for each in _SOURCES], default=LimitSource.OTHER.value,
                        help="what the backend is told (Other)")  # fmt: skip
    parser.add_argument("--holder", default="local", metavar="NAME", help="each holder has a limit of its own (local)")
    parser.add_argument("--grid-critical", action="store_true", help="the backend is told that the grid depends on it")


def run(args: argparse.Namespace, tools: Tools) -> int:
    """Hand the order to the box."""
    examined = read_site(args.site, tools, Nowhere())
    if examined.site is None:
        raise SiteInvalid(args.site, examined.findings, examined.text)
    document = ask(limit_socket(examined.site.box.data_dir), PATIENCE_S, to_json(_order(args)))
    try:
        answer = answer_from_json(document)
    except ValueError as error:
        raise GatewayError("status-unreadable", value=str(args.site)) from error
    if answer.error:
        raise GatewayError(answer.error, **answer.params)
    print(tools.catalogue.word("limit-released" if args.release else "limit-set", station=args.station))
    return 0


def _order(args: argparse.Namespace) -> LimitOrder:
    """A limit for some time is one step."""
    timed = args.current is not None and args.lasting is not None
    return LimitOrder(
        station=args.station,
        evse=args.evse,
        holder=args.holder,
        source=LimitSource(args.source),
        current=None if timed else args.current,
        steps=((0, args.current),) if timed else args.steps or (),
        lasting=None if args.release else args.lasting,
        grid_critical=args.grid_critical,
    )


def _amps(text: str) -> float:
    value = float(text)
    if not math.isfinite(value) or not 0 <= value <= HIGHEST:
        raise argparse.ArgumentTypeError(text)
    return value


def _steps(text: str) -> tuple[tuple[int, float], ...]:
    pairs = [part.partition("=") for part in text.split(",")]
    return tuple((int(start), _amps(limit)) for start, _, limit in pairs)
