"""`stationlift test`: guides a technician through a test at the running box, and writes a protocol of it."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from gateway import protocols
from gateway.cli.sites import read_site
from gateway.cli.trial_steps import Found, Technician, asked, try_limit, try_meter, try_relay, try_sensor
from gateway.config.files import Nowhere
from gateway.config.findings import SiteInvalid
from gateway.model.errors import GatewayError
from gateway.model.trial import Verdict, overall
from gateway.trial_orders import TrialOrder

if TYPE_CHECKING:
    import argparse

    from gateway.cli.tools import Tools
    from gateway.config.site import Site

PASSED, NOT_PASSED = 0, 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("what", choices=("sensor", "relay", "meter", "limit"), help="what is tested")
    parser.add_argument("site", type=Path, metavar="SITE", help="site file of the running box")
    parser.add_argument("subject", nargs="+", metavar="NAME", help="sensor, output, or STATION EVSE (STATION/EVSE)")
    parser.add_argument("--inspection", metavar="COMPONENT", help="a test that is passed is its inspection")
    parser.add_argument("--station", metavar="IDENTITY", help="whose inspection, where the sensor is of all stations")
    parser.add_argument("--seconds", type=int, default=10, metavar="S", help="how long a sensor is watched (10)")
    parser.add_argument("--by", default="", metavar="NAME", help="who tests, for the protocol")
    parser.add_argument("--yes", action="store_true", help="ask nothing; what only eyes can see is left unclear")
    parser.set_defaults(technician=Technician)


def run(args: argparse.Namespace, tools: Tools) -> int:
    """0 if the test is passed, 1 if it is not, or if nothing could be judged."""
    examined = read_site(args.site, tools, Nowhere())
    if examined.site is None:
        raise SiteInvalid(args.site, examined.findings, examined.text)
    site, words = examined.site, tools.catalogue
    technician: Technician = args.technician(words, silent=args.yes)
    station, evse = _place(args, site)
    found = _tested(args, site, station, evse, technician)
    result = overall(found.checks)
    inspected = _inspect(args, site, station, evse) if args.inspection and result is Verdict.PASSED else ""
    protocol = protocols.Protocol(
        kind=args.what, subject="/".join(args.subject), station=station, evse=evse, at=datetime.now(UTC),
        box=site.box.name, by=args.by, version=_version(), result=result, checks=found.checks,
        measured=found.measured, inspection=inspected,
    )  # fmt: skip
    try:
        file = protocols.write(site.box.data_dir, protocol, words)
    except OSError as error:
        reason = error.strerror or str(error)
        raise GatewayError("test-protocol", path=str(site.box.data_dir / protocols.FOLDER), reason=reason) from error
    for check in found.checks:
        told = [words.word(f"trial-check-{check.name}"), words.word(f"trial-{check.verdict}"), check.found]
        print("  ".join([*told, f"({check.expected})" if check.expected else ""]).rstrip())
    print(words.word("trial-summary", result=words.word(f"trial-{result}"), file=file))
    if inspected:
        print(words.word("trial-noted", component=inspected))
    return PASSED if result is Verdict.PASSED else NOT_PASSED


def _tested(args: argparse.Namespace, site: Site, station: str, evse: int, technician: Technician) -> Found:
    data_dir = site.box.data_dir
    match args.what:
        case "sensor":
            return try_sensor(data_dir, args.subject[0], args.seconds, technician)
        case "relay":
            return try_relay(data_dir, args.subject[0], technician)
        case "meter":
            return try_meter(data_dir, station, evse, technician)
        case _:
            return try_limit(data_dir, station, evse, technician)


def _place(args: argparse.Namespace, site: Site) -> tuple[str, int]:
    """Station and EVSE of the test; of a sensor those that the site file gives it, "" for all stations."""
    if args.what in {"meter", "limit"}:
        station, _, evse = "/".join(args.subject).rpartition("/")
        with suppress(ValueError):
            return station, int(evse)
        raise GatewayError("test-place", value=" ".join(args.subject))
    name = args.subject[0].partition("/")[0]
    sensor = next((each.keys for each in site.sensor if each.name == name), None)
    if sensor is None:
        raise GatewayError("test-unknown-sensor", value=name, known=", ".join(each.name for each in site.sensor))
    only = site.station[0].identity if len(site.station) == 1 else ""
    return args.station or sensor.station or only, sensor.evse or 0


def _inspect(args: argparse.Namespace, site: Site, station: str, evse: int) -> str:
    order = TrialOrder(what="inspected", name=args.inspection, station=station, evse=evse)
    asked(site.box.data_dir, order)
    return str(args.inspection)


def _version() -> str:
    try:
        return version("stationlift")
    except PackageNotFoundError:
        return ""
