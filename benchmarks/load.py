"""How long load management takes from a meter that shows too much to the last station that was told to draw less.

    python -m benchmarks.load [--stations 20] [--rounds N] [--json FILE]
    python -m benchmarks.load --loop [--evses 200] [--seconds N] [--json FILE]

A box (``python -m gateway run``) leads wallboxes on Modbus TCP behind one circuit, whose meter it polls once a second. The
other loads rise so far that every wallbox has to go down; what is measured is the time from the meter's registers to the
register of each wallbox. With ``--loop`` it is the CPU time of the loop itself, with EVSEs that are not on any wire.
Exit code 1 when a goal is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import orjson
from typing_extensions import override

from benchmarks.csms import csms_stub
from benchmarks.ledger import Ledger
from benchmarks.load_loop import LOOP_GOAL, loop_share
from benchmarks.load_meter import FAMILY, POLL, Meter, write_family
from benchmarks.processes import running
from benchmarks.reaction_inputs import Module
from benchmarks.reaction_stations import RATED, Wallboxes
from benchmarks.subjects import free_port
from gateway.cli.loop import run_loop

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

GOAL = 1.5
"""Seconds, of 99 in 100."""

PATIENCE = 90.0
LOOK = 0.002
"""Seconds between two looks at the stations."""

SETTLE = 3.0
LEAST = 6.0
USED = 0.994
"""Share of a limit that load management uses: a meter may be wrong by the rest."""
GRAIN = 3.0
"""A that a wallbox may be below all that it can draw: so little is given only when it has been free for long."""
FIRST = 5
"""Readings of the meter after which the box leads every wallbox."""


class Garage(Wallboxes):
    """Wallboxes behind one circuit.

    Attributes:
        meter: Of the circuit.
        limit: A per phase that it carries: all that the wallboxes can draw, and as much again.
    """

    def __init__(self, count: int) -> None:
        super().__init__(count, Module())
        self.limit = 2 * RATED * count
        self.meter = Meter(lambda: sum(self.amps(number) for number in range(self.count)))

    @property
    def low(self) -> float:
        """Other loads that leave every wallbox all that it can draw."""
        return self.limit / 8

    @property
    def high(self) -> float:
        """Other loads that leave every wallbox its minimum and hardly more: none of them can stay as it is."""
        # A cut takes more than what is too much; with less left than that, one wallbox would be paused for it.
        return USED * self.limit - 2.0 - (LEAST + 0.2) * self.count

    @override
    async def begin(self) -> None:
        """A car comes to every wallbox, once the box has led them for a while: before that nothing holds them down."""
        await every(self, lambda _: self.meter.asked > FIRST)
        await super().begin()

    def full(self, number: int) -> bool:
        """Whether a wallbox may draw all that it can."""
        return self.amps(number) > RATED - GRAIN

    def less(self, number: int) -> bool:
        """Whether a wallbox has been told to draw less."""
        return self.amps(number) <= RATED - GRAIN

    def text(self, data: Path, csms: int, meter: int) -> str:
        """The site file."""
        names = ", ".join(f'"{name}"' for name in self.names)
        circuit = (
            f'[[circuit]]\nid = "house"\nmax_current = {self.limit:g}\nbase_load = {self.limit / 2:g}\n'
            f"fail_safe_current = {LEAST:g}\nstations = [{names}]\n"
            f'meter = {{ kind = "modbus", family = "{FAMILY}", connection = {{ tcp = "127.0.0.1:{meter}" }} }}\n'
        )
        parts = (
            f'[box]\nname = "Garage"\ndata_dir = "{data}"\n',
            f'[backend]\nurl = "ws://127.0.0.1:{csms}/box"\nsecurity_profile = 0\n',
            *self.site(free_port()),
            circuit,
            "[load]\nwrites_per_hour = 3600\n",
        )
        return "\n".join(parts)


@asynccontextmanager
async def garage(folder: Path, stations: Garage) -> AsyncIterator[Path]:
    """Meter, wallboxes and backend run; the site file."""
    stations.meter.base = stations.low
    server = await asyncio.start_server(stations.meter.serve, "127.0.0.1", 0)
    async with server, csms_stub(Ledger()) as csms, stations.running():
        write_family(folder / "families")
        site = folder / "site.toml"
        text = stations.text(folder / "data", csms.port, server.sockets[0].getsockname()[1])
        await asyncio.to_thread(site.write_text, text, encoding="utf-8")
        yield site


async def reaction(stations: Garage, *, phase: float) -> list[float]:
    """One step of the other loads; seconds until each wallbox has less. ``phase`` is where it lies between two polls."""
    loop = asyncio.get_running_loop()
    stations.meter.base = stations.low
    while not all(map(stations.full, range(stations.count))):  # and still so after a while
        await every(stations, stations.full)
        await asyncio.sleep(SETTLE + phase * POLL)
    began = loop.time()
    stations.meter.base = stations.high
    return [at - began for at in await every(stations, stations.less)]


async def every(stations: Garage, so: Callable[[int], bool]) -> list[float]:
    """Wait until something is so at every station; when that was."""
    loop, found = asyncio.get_running_loop(), dict[int, float]()
    async with asyncio.timeout(PATIENCE):
        while len(found) < stations.count:
            now = loop.time()
            found |= {number: now for number in range(stations.count) if number not in found and so(number)}
            await asyncio.sleep(LOOK)
    return [found[number] for number in range(stations.count)]


async def measure(stations: Garage, rounds: int) -> list[list[float]]:
    """Let the other loads step again and again."""
    with tempfile.TemporaryDirectory(prefix="stationlift-load-") as name:
        async with garage(Path(name), stations) as site:
            command = (sys.executable, "-m", "gateway", "run", str(site), "--log-level", "ERROR")
            async with running(command):
                await stations.greet()
                await stations.begin()
                return [await reaction(stations, phase=number / rounds) for number in range(rounds)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Seconds until each station has less, round by round."""

    took: list[list[float]]

    @property
    def last(self) -> list[float]:
        """Of the last station of each round."""
        return [max(row) for row in self.took]

    @property
    def p99(self) -> float:
        """Of 99 in 100."""
        every_ = sorted(each for row in self.took for each in row)
        return every_[min(len(every_) - 1, len(every_) * 99 // 100)]


def main() -> int:
    """Run the benchmark; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description="How fast load management answers.")
    parser.add_argument("--stations", type=int, default=20, help="wallboxes (20)")
    parser.add_argument("--rounds", type=int, default=10, help="how often the other loads step (10)")
    parser.add_argument("--loop", action="store_true", help="measure the CPU time of the loop instead")
    parser.add_argument("--evses", type=int, default=200, help="EVSEs of the loop (200)")
    parser.add_argument("--seconds", type=int, default=60, help="seconds of the loop's time (60)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here, too")
    args = parser.parse_args()
    if args.loop:
        share = loop_share(args.evses, args.seconds)
        print(f"{args.evses} EVSEs, {args.seconds} s: {share * 100:.1f} % of a core (goal {LOOP_GOAL * 100:.0f} %)")
        if args.json is not None:
            args.json.write_bytes(orjson.dumps({"share": share}))
        return int(share > LOOP_GOAL)
    result = Result(took=run_loop(measure(Garage(args.stations), args.rounds)))
    print(
        f"{args.stations} wallboxes, {args.rounds} steps of other loads, a meter that is read every {POLL:g} s\n"
        f"  median {median(each for row in result.took for each in row):.2f} s, of 99 in 100 at most {result.p99:.2f} s, "
        f"last station at most {max(result.last):.2f} s"
    )
    if args.json is not None:
        args.json.write_bytes(orjson.dumps({"took": result.took, "p99": result.p99}))
    return int(result.p99 > GOAL)


if __name__ == "__main__":
    sys.exit(main())
