"""How long it takes from an input that changes to stations that do what it asks for.

    python -m benchmarks.reaction [--stations 20] [--rounds N] [--way stop|derate|ocpp] [--json FILE]

A box (``python -m gateway run``) leads stations that all charge. The inputs are on an I/O module that the box polls. What it
has to do besides: a second contact chatters, every station has ten more values that change once a second, and a backend
that is connected wants the readings of each session every second. Exit code 1 when a goal is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import orjson

from benchmarks.csms import CsmsStub, csms_stub
from benchmarks.ledger import Ledger
from benchmarks.processes import running
from benchmarks.reaction_inputs import BACKGROUND, CHATTER, POLL, Module, sensors, write_families
from benchmarks.reaction_stations import WAYS
from benchmarks.subjects import free_port
from gateway.cli.loop import run_loop

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Sequence

    from benchmarks.reaction_stations import Stations

GOAL = 0.2
"""Seconds, of 99 in 100."""

PATIENCE = 60.0
LOOK = 0.002
"""Seconds between two looks at the stations."""

SETTLE = 2.0
"""Seconds until a session has begun, or has ended, in every respect."""

READINGS = 1
"""Seconds between the readings of a session that the backend wants."""

_ORDER = {
    "component": {"name": "SampledDataCtrlr"},
    "variable": {"name": "TxUpdatedInterval"},
    "attributeValue": str(READINGS),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of one way.

    Attributes:
        took: Seconds from the input to each station, round by round.
        calls: What the backend got in a second, on average.
    """

    took: tuple[tuple[float, ...], ...]
    calls: float

    @property
    def all(self) -> list[float]:
        """The same without rounds, in rising order."""
        return sorted(each for row in self.took for each in row)

    @property
    def p99(self) -> float:
        """Seconds, of 99 in 100."""
        return self.all[min(len(self.all) - 1, len(self.all) * 99 // 100)]


async def measure(stations: Stations, module: Module, rounds: int) -> Result:
    """Change the input again and again."""
    server = await asyncio.start_server(module.serve, "127.0.0.1", 0)
    with tempfile.TemporaryDirectory(prefix="stationlift-reaction-") as name:
        async with server, csms_stub(Ledger()) as csms, stations.running():
            csms.orders = (("SetVariables", {"setVariableData": [_ORDER]}),)
            site = _site(Path(name), stations, csms, server.sockets[0].getsockname()[1])
            async with _box(site), _going(module.chatter()):
                await stations.greet()
                await csms.wait("StatusNotification", [f"box/{each}" for each in stations.names], PATIENCE)
                await asyncio.sleep(SETTLE)
                loop, before = asyncio.get_running_loop(), csms.calls.total()
                begun = loop.time()
                took = [await _round(stations, phase=number / rounds) for number in range(rounds)]
                rate = (csms.calls.total() - before) / (loop.time() - begun)
    return Result(took=tuple(took), calls=rate)


def _site(folder: Path, stations: Stations, csms: CsmsStub, module: int) -> Path:
    write_families(folder / "families")
    site = folder / "site.toml"
    text = (
        f'[box]\nname = "Reaction"\ndata_dir = "{folder / "data"}"\n',
        f'[backend]\nurl = "ws://127.0.0.1:{csms.port}/box"\nsecurity_profile = 0\n',
        *stations.site(free_port()),
        *sensors(module, stations.names),
    )
    site.write_text("\n".join(text), encoding="utf-8")
    return site


@contextlib.asynccontextmanager
async def _box(site: Path) -> AsyncIterator[None]:
    async with running((sys.executable, "-m", "gateway", "run", str(site), "--log-level", "ERROR")):
        yield


@contextlib.asynccontextmanager
async def _going(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()


async def _round(stations: Stations, *, phase: float) -> tuple[float, ...]:
    """One change; ``phase`` is where it lies between two polls, from 0 to 1."""
    loop = asyncio.get_running_loop()
    await stations.begin()
    await _all(stations, stations.charges)
    await asyncio.sleep(SETTLE + phase * POLL)
    began = loop.time()
    stations.trip()
    found = await _all(stations, stations.reacted)
    await stations.end()
    await asyncio.sleep(SETTLE)
    stations.rest()
    await asyncio.sleep(SETTLE)
    return tuple(at - began for at in found)


async def _all(stations: Stations, so: Callable[[int], bool]) -> list[float]:
    """Wait until something is so at every station; when that was."""
    loop, found = asyncio.get_running_loop(), dict[int, float]()
    async with asyncio.timeout(PATIENCE):
        while len(found) < stations.count:
            now = loop.time()
            found |= {number: now for number in range(stations.count) if number not in found and so(number)}
            await asyncio.sleep(LOOK)
    return [found[number] for number in range(stations.count)]


def table(name: str, result: Result) -> str:
    """The figures as text."""
    middle, longest = median(result.all) * 1000, result.all[-1] * 1000
    return (
        f"{name}: {len(result.all)} in {len(result.took)} rounds, the backend got {result.calls:.0f} CALLs a second\n"
        f"  median {middle:.0f} ms, of 99 in 100 at most {result.p99 * 1000:.0f} ms, longest {longest:.0f} ms"
    )


def run(ways: Sequence[str], stations: int, rounds: int) -> dict[str, Result]:
    """Measure."""
    found = {}
    for way in ways:
        module = Module()
        text, kind = WAYS[way]
        found[way] = run_loop(measure(kind(stations, module), module, rounds))
        print(table(text, found[way]), flush=True)
    return found


def main() -> int:
    """Run the benchmark; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.reaction", description="How fast stations obey an input."
    )
    parser.add_argument("--stations", type=int, default=20, help="stations that charge (20)")
    parser.add_argument("--rounds", type=int, default=10, help="how often the input changes (10)")
    parser.add_argument("--way", choices=WAYS, action="append", help="what to measure (all)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here, too")
    args = parser.parse_args()
    print(
        f"{args.stations} stations that charge, an input that is polled every {POLL * 1000:.0f} ms, another that changes "
        f"every {CHATTER * 1000:.0f} ms, {args.stations * BACKGROUND} values a second, readings every {READINGS} s"
    )
    results = run(args.way or list(WAYS), args.stations, args.rounds)
    if args.json is not None:
        figures = {way: {"took": each.took, "p99": each.p99, "calls": each.calls} for way, each in results.items()}
        args.json.write_bytes(orjson.dumps(figures))
    missed = {way: each.p99 for way, each in results.items() if each.p99 > GOAL}
    for way, took in missed.items():
        print(f"missed: {way} {took * 1000:.0f} ms, goal {GOAL * 1000:.0f} ms")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
