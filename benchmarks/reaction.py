"""How long it takes from an input that closes to stations that give no current any more.

    python -m benchmarks.reaction [--stations 20] [--rounds N] [--json FILE]

A box (``python -m gateway run``) leads wallboxes on Modbus TCP that all charge, and polls an I/O module whose first input
is a fire contact (``react = { do = "block" }``) while another one chatters. No backend is there: the box does it alone.
Exit code 1 when a goal is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import struct
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import orjson

from benchmarks.processes import running
from gateway.bench.car import Car
from gateway.bench.family.command import build
from gateway.bench.family.ways import Options, attach
from gateway.cli.loop import run_loop
from gateway.family.library import find_family

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from gateway.bench.family.station import FamilyStation

GOAL = 0.2
"""Seconds, of 99 in 100."""

FAMILY = "amperfied"
POLL = 0.05
CHATTER = 0.01
"""Seconds between the changes of the other input."""
PATIENCE = 60.0

MODULE = f"""
schema = 1
kind = "modbus"
[meta]
id = "inputs"
vendor = "Bench"
models = ["Inputs"]
role = "sensor"
completeness = 1
sources = ["this benchmark"]
[link]
transports = ["tcp"]
port = 502
poll = {{ fast = {POLL} }}
[points]
inputs = {{ at = 0, n = 8, table = "discrete", poll = "fast" }}
"""

_READ = 2
"""Function code: read discrete inputs."""


class Module:
    """An I/O module on Modbus TCP that has nothing but inputs."""

    def __init__(self) -> None:
        self.inputs = [0] * 8

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer reads of inputs; refuse everything else."""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                number, _, _, unit, code, at, count = struct.unpack(">HHHBBHH", await reader.readexactly(12))
                if code == _READ:
                    bits = sum(bit << place for place, bit in enumerate(self.inputs[at : at + count]))
                    answer = struct.pack(">BBBB", unit, code, 1, bits)
                else:
                    answer = struct.pack(">BBB", unit, code | 0x80, 1)
                writer.write(struct.pack(">HHH", number, 0, len(answer)) + answer)
                await writer.drain()
        writer.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Seconds from the input to each station without current."""

    took: tuple[float, ...]

    @property
    def worst(self) -> float:
        """Of 99 in 100."""
        return sorted(self.took)[min(len(self.took) - 1, len(self.took) * 99 // 100)]


def site_text(folder: Path, stations: Sequence[FamilyStation], module: int) -> str:
    """The site file."""
    parts = [
        f'[box]\nname = "Reaction"\ndata_dir = "{folder / "data"}"\n',
        '[backend]\nurl = "ws://127.0.0.1:9/ocpp"\nsecurity_profile = 0\n',
    ]
    parts += [
        f'[[station]]\nidentity = "B-{number}"\nadapter = "modbus"\nfamily = "{FAMILY}"\n'
        f'connection = {{ tcp = "{station.connection["tcp"]}", unit = {station.connection.get("unit", 1)} }}\n'
        'authorization = "free_vend"\n[[station.evse]]\nid = 1\n'
        'connector = { type = "sType2", max_current = 16, phases = 3 }\n'
        for number, station in enumerate(stations, 1)
    ]
    connection = f'connection = {{ tcp = "127.0.0.1:{module}" }}'
    for name, point, component, react in (
        ("fire", 1, "OutOfServiceInput", 'react = { do = "block", when = "Active == true" }'),
        ("door", 2, "AccessSensor", 'alert = { when = "Active == true", severity = 4 }'),
    ):
        parts.append(
            f'[[sensor]]\nname = "{name}"\nkind = "modbus"\nfamily = "inputs"\n{connection}\n'
            f'component = "{component}"\npoint = "inputs.{point}"\nactive = 1.0\n{react}\n'
        )
    return "\n".join(parts)


@contextlib.asynccontextmanager
async def charging(stations: Sequence[FamilyStation]) -> AsyncIterator[None]:
    """The stations run, each with a car."""
    for station in stations:
        attach(station, Options())
        await station.start()
    lives = [asyncio.create_task(station.run()) for station in stations]
    try:
        yield
    finally:
        for station in stations:
            await station.exit()
        await asyncio.gather(*lives)


def flows(station: FamilyStation) -> bool:
    """Whether current flows."""
    told = station.outlets[0].summary()
    return bool(told["closed"]) and bool(told["released"]) and float(str(told["limit"])) > 0


async def until(stations: Sequence[FamilyStation], *, flow: bool) -> dict[int, float]:
    """Wait until current flows everywhere, or nowhere; when it was so at each."""
    loop, found = asyncio.get_running_loop(), dict[int, float]()
    async with asyncio.timeout(PATIENCE):
        while len(found) < len(stations):
            now = loop.time()
            found |= {
                number: now for number, station in enumerate(stations) if number not in found and flows(station) is flow
            }
            await asyncio.sleep(0.002)
    return found


async def measure(count: int, rounds: int) -> Result:
    """Close the contact again and again."""
    stations = [build(find_family(FAMILY), frozenset()) for _ in range(count)]
    module, took = Module(), list[float]()
    server = await asyncio.start_server(module.serve, "127.0.0.1", 0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "families").mkdir()
        (folder / "families" / "inputs.toml").write_text(MODULE, encoding="utf-8")
        async with server, charging(stations):
            site = folder / "site.toml"
            site.write_text(site_text(folder, stations, server.sockets[0].getsockname()[1]), encoding="utf-8")
            async with running((sys.executable, "-m", "gateway", "run", str(site))):
                await until(stations, flow=False)  # the box has found them all, and holds them
                chatter = asyncio.create_task(_chatter(module))
                for _ in range(rounds):
                    took += await _round(stations, module)
                chatter.cancel()
    return Result(took=tuple(took))


async def _round(stations: Sequence[FamilyStation], module: Module) -> list[float]:
    loop = asyncio.get_running_loop()
    for station in stations:
        station.outlets[0].plug(Car())
    await until(stations, flow=True)
    await asyncio.sleep(1)
    begin = loop.time()
    module.inputs[0] = 1
    stopped = await until(stations, flow=False)
    for station in stations:
        station.outlets[0].plug(None)
    await asyncio.sleep(2)
    module.inputs[0] = 0
    await asyncio.sleep(2)
    return [at - begin for at in stopped.values()]


async def _chatter(module: Module) -> None:
    while True:
        module.inputs[1] ^= 1
        await asyncio.sleep(CHATTER)


def table(result: Result, count: int) -> str:
    """The figures as text."""
    longest = max(result.took) * 1000
    return "\n".join(
        (
            f"{count} stations that charge, an input that is polled every {POLL * 1000:.0f} ms, {len(result.took)} stops",
            f"  median {median(result.took) * 1000:.0f} ms, of 99 in 100 at most {result.worst * 1000:.0f} ms, longest {longest:.0f} ms",
        )
    )


def main() -> int:
    """Run the benchmark; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reaction", description="How fast a contact stops all.")
    parser.add_argument("--stations", type=int, default=20, help="stations that charge (20)")
    parser.add_argument("--rounds", type=int, default=10, help="how often the contact closes (10)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here, too")
    args = parser.parse_args()
    result = run_loop(measure(args.stations, args.rounds))
    print(table(result, args.stations))
    if args.json:
        args.json.write_bytes(orjson.dumps({**asdict(result), "worst": result.worst}))
    if result.worst > GOAL:
        print(f"missed: {result.worst * 1000:.0f} ms, goal {GOAL * 1000:.0f} ms")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
