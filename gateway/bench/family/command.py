"""The command ``stationlift bench station --family NAME``."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.bench.address import address
from gateway.bench.clock import ScaledClock
from gateway.bench.family import orders
from gateway.bench.family.identity import identity
from gateway.bench.family.station import FamilyStation
from gateway.bench.family.ways import TRANSPORTS, Options, attach, meter_connection
from gateway.bench.lines import say_on_stderr, say_on_stdout, stdin_lines
from gateway.family.library import find_family
from gateway.family.load import read_family
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    import argparse

    from gateway.family.load import FamilyFile

_TEXTS = {
    "transport": "how it is reached; by default as its family says first",
    "listen": "where it listens (HOST:PORT, port 0: any free one)",
    "broker": "MQTT broker (HOST:PORT)",
    "prefix": "where its MQTT topics begin",
    "unit": "Modbus unit id",
    "connectors": "number of connectors",
    "variant": "a variant of the family; may be given several times",
    "meter": "a meter of that family is in the supply, at the same bus",
    "meter_unit": "Modbus unit id of the meter",
    "control": "- : take orders from standard input, one JSON object a line, and end with it",
    "speed": "how much faster than time its meter runs; its watchdog keeps real time",
    "wire_time": "let each byte take its time on the serial line",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of a simulated station of a family."""
    parser.add_argument("--transport", choices=TRANSPORTS, default="", help=_TEXTS["transport"])
    for option in ("--listen", "--bind"):
        parser.add_argument(
            option, dest="listen", type=address, default=("127.0.0.1", 0), metavar="HOST:PORT", help=_TEXTS["listen"]
        )
    parser.add_argument("--broker", type=address, metavar="HOST:PORT", help=_TEXTS["broker"])
    parser.add_argument("--prefix", metavar="TOPIC", help=_TEXTS["prefix"])
    parser.add_argument("--unit", type=int, metavar="N", help=_TEXTS["unit"])
    parser.add_argument("--connectors", type=int, default=1, metavar="N", help=_TEXTS["connectors"])
    parser.add_argument("--variant", action="append", default=[], metavar="ID", help=_TEXTS["variant"])
    parser.add_argument("--meter", metavar="NAME", help=_TEXTS["meter"])
    parser.add_argument("--meter-unit", type=int, default=2, metavar="N", help=_TEXTS["meter_unit"])
    parser.add_argument("--control", choices=["-"], help=_TEXTS["control"])
    parser.add_argument("--speed", type=float, default=1.0, metavar="N", help=_TEXTS["speed"])
    parser.add_argument("--wire-time", action="store_true", help=_TEXTS["wire_time"])


async def main(args: argparse.Namespace) -> int:
    """Run one simulated station until it is told to exit; the first line says how it is reached."""
    if args.connectors < 1 or args.speed <= 0:
        say_on_stderr({"error": "wrong-option", "connectors": args.connectors, "speed": args.speed})
        return 2
    options = _options(args)
    try:
        file = await asyncio.to_thread(_file, args.family)
        station = build(file, frozenset(args.variant), connectors=args.connectors, speed=args.speed)
        if args.meter:
            meter = await asyncio.to_thread(_file, args.meter)
            station.add_meter(meter.base, identity(meter.base, meter.base, frozenset()))
        attach(station, options)
    except GatewayError as error:
        say_on_stderr({"error": error.code, **error.params})
        return 2
    try:
        await station.start()
    except OSError as error:
        say_on_stderr({"error": "listen", "reason": str(error)})
        return 1
    ready = {"ready": file.base.meta.id, "kind": file.base.kind, "connection": station.connection}
    if args.meter:
        ready["meter"] = {"family": args.meter, "connection": meter_connection(station, options)}
    say_on_stdout(ready)
    async with asyncio.TaskGroup() as group:
        group.create_task(station.run())
        if args.control == "-":
            group.create_task(_obey(station))
    return 0


def build(file: FamilyFile, variants: frozenset[str], *, connectors: int = 1, speed: float = 1.0) -> FamilyStation:
    """A station of a family, in real time or faster.

    Raises:
        GatewayError: ``connectors-too-many``, ``family-variant-unknown`` or ``variant-unreachable``.
    """
    for each in sorted(variants - {each.id for each in file.base.variant}):
        raise GatewayError("family-variant-unknown", name=each)
    family = file.with_variants(variants)
    most = family.link.instances.max if family.link.instances is not None else 1
    if connectors > most:
        raise GatewayError("connectors-too-many", family=family.meta.id, value=connectors, most=most)
    found = identity(file.base, family, variants)
    return FamilyStation(family, ScaledClock(speed=speed), identity=found, connectors=connectors, pace=speed)


def _file(name: str) -> FamilyFile:
    """The family of a name, or the file of a path."""
    return read_family(Path(name)) if name.endswith(".toml") else find_family(name, Path.cwd())


def _options(args: argparse.Namespace) -> Options:
    host, port = args.listen
    return Options(
        transport=args.transport,
        host=host,
        port=port,
        broker=args.broker,
        prefix=args.prefix,
        unit=args.unit,
        meter_unit=args.meter_unit,
        wire_time=args.wire_time,
    )


async def _obey(station: FamilyStation) -> None:
    with contextlib.suppress(BrokenPipeError):
        await orders.serve(station, stdin_lines(), say_on_stdout)
    await station.exit()
