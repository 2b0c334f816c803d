"""`stationlift scan`: which stations answer where, as text to paste into a site file."""

from __future__ import annotations

import argparse
import sys
from contextlib import suppress
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic_core import PydanticCustomError

from gateway.cli.loop import run_loop
from gateway.cli.scan_show import Bar, shown
from gateway.config.fields import HostPort
from gateway.contracts import ScanRequest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.cli.tools import Tools
    from gateway.contracts import Adapter

FOUND, NOTHING, MISUSE = 0, 1, 2
MOST_ADDRESSES = 1024
_LAST_UNIT = 255
_PORTS = ("ttyUSB*", "ttyACM*")
_FORMATS = tuple(f"{bits}{parity}{stop}" for bits in "78" for parity in "NEO" for stop in "12")
_MS = 1000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    where = parser.add_argument_group("where to look (one at least)")
    where.add_argument("--serial", nargs="*", metavar="DEV", help="serial devices; every USB adapter if none is named")
    where.add_argument("--tcp", nargs="+", type=_addresses, metavar="ADDR", help="host, host:port, or 192.168.1.0/24")
    where.add_argument("--rtu-tcp", nargs="+", type=_addresses, metavar="ADDR", help="converters to a serial line")
    where.add_argument("--mqtt", nargs="+", type=_address, metavar="BROKER", help="brokers, host or host:port")
    how = parser.add_argument_group("how")
    how.add_argument("--baud", nargs="+", type=int, metavar="N", help="baud rates; those of known families if absent")
    how.add_argument("--format", nargs="+", choices=_FORMATS, metavar="8N1", help="data bits, parity, stop bits")
    how.add_argument("--units", type=_units, metavar="1-10", help="Modbus unit ids: 1-10, or 1,5,247")
    how.add_argument("--timeout", type=_milliseconds, default=300, metavar="MS", help="time for an answer (300)")
    how.add_argument("--site", type=Path, metavar="FILE", help="site file whose own families are known, too")
    parser.set_defaults(parser=parser)


def run(args: argparse.Namespace, tools: Tools) -> int:
    """0 if a station was found, 1 if not, 2 if it was not said where to look."""
    if all(each is None for each in (args.serial, args.tcp, args.rtu_tcp, args.mqtt)):
        args.parser.print_usage(sys.stderr)
        print(tools.catalogue.word("scan-where"), file=sys.stderr)
        return MISUSE
    serial = _usb_ports() if args.serial == [] else args.serial or []
    if args.serial is not None:
        print(tools.catalogue.word("scan-warning" if serial else "scan-no-ports"), file=sys.stderr)
    bar = Bar(sys.stderr)
    request = ScanRequest(
        serial=tuple(serial),
        bauds=tuple(args.baud or ()),
        formats=tuple(args.format or ()),
        units=args.units or (),
        tcp=tuple(each for some in args.tcp or () for each in some),
        rtu_tcp=tuple(each for some in args.rtu_tcp or () for each in some),
        brokers=tuple(args.mqtt or ()),
        timeout=args.timeout / _MS,
        base=args.site.resolve().parent if args.site else Path.cwd(),
        progress=bar.show,
    )
    try:
        found = run_loop(_scan(request, tools.scanners(), tools, bar))
    finally:
        bar.clear()
    if not found:
        print(tools.catalogue.word("scan-nothing"), file=sys.stderr)
    return FOUND if found else NOTHING


async def _scan(request: ScanRequest, adapters: Iterable[type[Adapter]], tools: Tools, bar: Bar) -> int:
    """Show what comes as it comes; gives how many stations were found."""
    found = 0
    for adapter in adapters:
        async for sighting in adapter.scan(request):
            found += bool(sighting.connection)
            bar.clear()
            print(shown(sighting, found, tools.catalogue), flush=True)
    return found


def _usb_ports() -> list[str]:
    return [str(path) for pattern in _PORTS for path in sorted(Path("/dev").glob(pattern))]


def _addresses(text: str) -> tuple[str, ...]:
    """One address, or all of a network."""
    if "/" not in text:
        return (_address(text),)
    try:
        network = ip_network(text, strict=False)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"not a network: {text}") from error
    if network.num_addresses > MOST_ADDRESSES:
        raise argparse.ArgumentTypeError(f"more than {MOST_ADDRESSES} addresses: {text}")
    form = "[{}]" if network.version == 6 else "{}"  # noqa: PLR2004 the version of IP
    return tuple(form.format(host) for host in network.hosts())


def _address(text: str) -> str:
    for each in (text, f"{text}:1"):  # HostPort wants a port
        with suppress(PydanticCustomError):
            HostPort.parse(each)
            return text
    raise argparse.ArgumentTypeError(f"neither host nor host:port: {text}")


def _units(text: str) -> tuple[int, ...]:
    """Numbers and ranges with commas."""
    units: dict[int, None] = {}
    for part in text.split(","):
        first, dash, last = part.partition("-")
        try:
            numbers = range(int(first), int(last if dash else first) + 1)
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"not unit ids: {text}") from error
        if not numbers or not 0 <= numbers[0] <= numbers[-1] <= _LAST_UNIT:
            raise argparse.ArgumentTypeError(f"not unit ids from 0 to {_LAST_UNIT}: {text}")
        units.update(dict.fromkeys(numbers))
    return tuple(units)


def _milliseconds(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"not milliseconds: {text}")
    return int(text)
