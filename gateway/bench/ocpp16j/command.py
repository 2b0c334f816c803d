"""The command ``stationlift bench station --protocol ocpp1.6j``."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.bench import control
from gateway.bench.clock import ScaledClock
from gateway.bench.lines import say_on_stderr, say_on_stdout, stdin_lines
from gateway.bench.ocpp16j.line import Access
from gateway.bench.ocpp16j.station import JsonStation
from gateway.bench.ocpp_s.config import StationConfig
from gateway.bench.ocpp_s.dialects import V16
from gateway.bench.ocpp_s.memory import read_file
from gateway.bench.ocpp_s.trace import as_lines, ignore

if TYPE_CHECKING:
    import argparse

_TEXTS = {
    "url": "address of the central system (ws:// or wss://), without the identity",
    "identity": "identity of the station, the end of the address that it connects to",
    "password": "password to sign in with (AuthorizationKey)",
    "ca": "file with the certificate that wss:// is checked against; by default those of the system",
    "evses": "number of connectors",
    "control": "- : take orders from standard input, one JSON object a line, and end with it",
    "speed": "how much faster than time its meter and its timers run; time stamps stay true",
    "skew": "how far the station's clock is ahead (s)",
    "state": "file that keeps the station's memory",
    "trace": "print each frame as one JSON line on standard error",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of a simulated station that speaks OCPP 1.6-J."""
    parser.add_argument("--url", required=True, help=_TEXTS["url"])
    parser.add_argument("--identity", required=True, help=_TEXTS["identity"])
    parser.add_argument("--password", default="", help=_TEXTS["password"])
    parser.add_argument("--ca", type=Path, metavar="FILE", help=_TEXTS["ca"])
    parser.add_argument("--evses", type=int, default=1, metavar="N", help=_TEXTS["evses"])
    parser.add_argument("--control", choices=["-"], help=_TEXTS["control"])
    parser.add_argument("--speed", type=float, default=1.0, metavar="N", help=_TEXTS["speed"])
    parser.add_argument("--clock-skew", type=float, default=0.0, metavar="SECONDS", help=_TEXTS["skew"])
    parser.add_argument("--state", type=Path, metavar="FILE", help=_TEXTS["state"])
    parser.add_argument("--trace", action="store_true", help=_TEXTS["trace"])


async def main(args: argparse.Namespace) -> int:
    """Run one simulated station until it is told to exit; the first line says that it lives."""
    if args.evses < 1 or args.speed <= 0:
        say_on_stderr({"error": "wrong-option", "evses": args.evses, "speed": args.speed})
        return 2
    try:
        tls = None if args.ca is None else await asyncio.to_thread(ssl.create_default_context, cafile=args.ca)
    except OSError as error:
        say_on_stderr({"error": "ca-unreadable", "reason": str(error)})
        return 1
    config = StationConfig(
        url=args.url,
        identity=args.identity,
        dialect=V16,
        model="Bench 1.6-J",
        evses=args.evses,
        clock_skew=args.clock_skew,
        state_file=args.state,
    )
    memory = None if args.state is None else await asyncio.to_thread(read_file, args.state)
    tracer = as_lines(say_on_stderr) if args.trace else ignore
    access = Access(password=args.password, tls=tls)
    station = JsonStation(config, ScaledClock(speed=args.speed), access, tracer, memory=memory)
    async with asyncio.TaskGroup() as group:
        group.create_task(_announce(station))
        if args.control == "-":
            group.create_task(_obey(station))
        await station.run()
    return 0


async def _announce(station: JsonStation) -> None:
    await station.ready.wait()
    say_on_stdout({"ready": station.config.identity})


async def _obey(station: JsonStation) -> None:
    await station.ready.wait()
    with contextlib.suppress(BrokenPipeError):
        await control.serve(station, stdin_lines(), say_on_stdout)
    await station.exit()
