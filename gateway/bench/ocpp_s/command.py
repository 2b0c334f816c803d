"""The command ``stationlift bench station`` for the protocols ``ocpp1.2s``, ``ocpp1.5s`` and ``ocpp1.6s``."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.bench import control
from gateway.bench.address import address
from gateway.bench.clock import ScaledClock
from gateway.bench.lines import say_on_stderr, say_on_stdout, stdin_lines
from gateway.bench.ocpp_s.config import StationConfig
from gateway.bench.ocpp_s.dialects import dialect_of
from gateway.bench.ocpp_s.memory import read_file
from gateway.bench.ocpp_s.quirks import Quirk
from gateway.bench.ocpp_s.station import SimulatedStation
from gateway.bench.ocpp_s.trace import as_lines, ignore

if TYPE_CHECKING:
    import argparse

_TEXTS = {
    "url": "service address of the central system",
    "identity": "chargeBoxIdentity",
    "evses": "number of connectors",
    "control": "- : take orders from standard input, one JSON object a line, and end with it",
    "speed": "how much faster than time its meter and its timers run; time stamps stay true",
    "callback": "where the station's own service listens (HOST:PORT)",
    "callback_url": "address that the station gives as its own",
    "skew": "how far the station's clock is ahead (s)",
    "quirk": "a deviation of real stations; may be given several times",
    "forget": "never tell the end of a transaction that a power loss ended",
    "state": "file that keeps the station's memory",
    "trace": "print each SOAP message as one JSON line on standard error",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of a simulated station that speaks OCPP over SOAP."""
    parser.add_argument("--url", required=True, help=_TEXTS["url"])
    parser.add_argument("--identity", required=True, help=_TEXTS["identity"])
    parser.add_argument("--evses", type=int, default=1, metavar="N", help=_TEXTS["evses"])
    parser.add_argument("--control", choices=["-"], help=_TEXTS["control"])
    parser.add_argument("--speed", type=float, default=1.0, metavar="N", help=_TEXTS["speed"])
    parser.add_argument(
        "--callback", type=address, default=("127.0.0.1", 0), metavar="HOST:PORT", help=_TEXTS["callback"]
    )
    parser.add_argument("--callback-url", default="", metavar="URL", help=_TEXTS["callback_url"])
    parser.add_argument("--clock-skew", type=float, default=0.0, metavar="SECONDS", help=_TEXTS["skew"])
    parser.add_argument("--quirk", action="append", default=[], choices=list(map(str, Quirk)), help=_TEXTS["quirk"])
    parser.add_argument("--forget-on-power-loss", action="store_true", help=_TEXTS["forget"])
    parser.add_argument("--state", type=Path, metavar="FILE", help=_TEXTS["state"])
    parser.add_argument("--trace", action="store_true", help=_TEXTS["trace"])


async def main(args: argparse.Namespace) -> int:
    """Run one simulated station until it is told to exit; the first line says where it listens."""
    if args.evses < 1 or args.speed <= 0:
        say_on_stderr({"error": "wrong-option", "evses": args.evses, "speed": args.speed})
        return 2
    config = _config(args)
    memory = None if config.state_file is None else await asyncio.to_thread(read_file, config.state_file)
    tracer = as_lines(say_on_stderr) if args.trace else ignore
    station = SimulatedStation(config, ScaledClock(speed=args.speed), tracer, memory=memory)
    code = 0
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(_announce(station))
            if args.control == "-":
                group.create_task(_obey(station))
            await station.run()
    except* OSError as errors:
        say_on_stderr({"error": "listen", "reason": str(errors.exceptions[0])})
        code = 1
    return code


def _config(args: argparse.Namespace) -> StationConfig:
    host, port = args.callback
    dialect = dialect_of(args.protocol)
    quirks = {Quirk(name) for name in args.quirk}
    if args.forget_on_power_loss:
        quirks.add(Quirk.FORGET_ON_POWER_LOSS)
    return StationConfig(
        url=args.url,
        identity=args.identity,
        dialect=dialect,
        model=f"Bench {dialect.version}-S",
        evses=args.evses,
        callback_host=host,
        callback_port=port,
        callback_url=args.callback_url,
        clock_skew=args.clock_skew,
        quirks=frozenset(quirks),
        state_file=args.state,
    )


async def _announce(station: SimulatedStation) -> None:
    await station.ready.wait()
    say_on_stdout({"ready": station.config.identity, "url": station.url})


async def _obey(station: SimulatedStation) -> None:
    await station.ready.wait()
    with contextlib.suppress(BrokenPipeError):
        await control.serve(station, stdin_lines(), say_on_stdout)
    await station.exit()
