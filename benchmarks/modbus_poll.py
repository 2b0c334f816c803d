"""What it costs to poll stations over Modbus TCP, and how much of a serial line's time is used.

    python -m benchmarks.modbus_poll [--stations 30] [--interval 1] [--seconds N] [--rounds N] [--json FILE]

Exit code 1 when a goal is missed or a value was wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import orjson

from adapters.modbus.connection import ModbusConnection
from adapters.modbus.pool import ModbusPool
from benchmarks.modbus_peers import ANSWER, REQUEST, TURNAROUND
from benchmarks.modbus_subjects import BARE, PYMODBUS, WIRE, Reader, WireReader, family, readers
from benchmarks.processes import running
from gateway.cli.loop import run_loop

RATIO = 1.3
"""Goal: CPU of a read is at most so many times that of pymodbus alone."""

SHARE = 0.9
"""Goal: so much of what the line can carry."""

BAUD, FORMAT, BITS, SILENCE = 19_200, "8E1", 11, 3.5
UNITS = 8
SUBJECTS = (WIRE, PYMODBUS, BARE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to run.

    Attributes:
        stations: Over TCP, each with a connection of its own.
        interval: Seconds between two reads of a station.
        seconds: Of a round, and of the serial line.
        rounds: Of each way to read, in turn.
    """

    stations: int
    interval: float
    seconds: float
    rounds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of it.

    Attributes:
        cpu_us: CPU of a read in microseconds, by way to read.
        reads: Reads in all rounds, by way to read.
        wrong: Reads whose values were not those of the station.
        line_rate: Transactions per second on the serial line.
        line_limit: As many as it can carry.
    """

    cpu_us: dict[str, float]
    reads: dict[str, int]
    wrong: int
    line_rate: float
    line_limit: float

    @property
    def ratio(self) -> float:
        """CPU of a read to pymodbus'."""
        return self.cpu_us[WIRE] / self.cpu_us[PYMODBUS]

    @property
    def ratio_bare(self) -> float:
        """CPU of a read to a bare socket's."""
        return self.cpu_us[WIRE] / self.cpu_us[BARE]

    @property
    def share(self) -> float:
        """Share of the line's limit."""
        return self.line_rate / self.line_limit


async def measure(plan: Plan) -> Result:
    """Run everything."""
    costs: dict[str, list[float]] = {kind: [] for kind in SUBJECTS}
    reads = dict.fromkeys(SUBJECTS, 0)
    wrong = 0
    command = (sys.executable, "-m", "benchmarks.modbus_peers", "tcp", "--stations", str(plan.stations))
    async with running(command) as process:
        if process.stdout is None:
            raise RuntimeError(command)
        ports = [int(port) for port in (await process.stdout.readline()).split()]
        for _ in range(plan.rounds):
            for kind in SUBJECTS:
                async with readers(kind, ports) as stations:
                    cpu, count, bad = await _round(stations, plan)
                costs[kind].append(cpu)
                reads[kind] += count
                wrong += bad
    rate, bad = await _line(plan.seconds)
    return Result(
        cpu_us={kind: 1e6 * median(each) for kind, each in costs.items()},
        reads=reads,
        wrong=wrong + bad,
        line_rate=rate,
        line_limit=line_limit(),
    )


async def _round(stations: list[Reader], plan: Plan) -> tuple[float, int, int]:
    """CPU seconds of a read, reads, and wrong ones. The stations' ticks are spread evenly over the interval."""
    await asyncio.gather(*(station.read() for station in stations))  # what is done once only, is done here
    loop = asyncio.get_running_loop()
    start = loop.time() + plan.interval / 10
    ticks = max(1, round(plan.seconds / plan.interval))

    async def poll(number: int, station: Reader) -> int:
        bad = 0
        for tick in range(ticks):
            due = start + (tick + number / len(stations)) * plan.interval
            await asyncio.sleep(due - loop.time())
            bad += not await station.read()
        return bad

    before = time.process_time()
    bad = await asyncio.gather(*(poll(number, station) for number, station in enumerate(stations)))
    count = ticks * len(stations)
    return (time.process_time() - before) / count, count, sum(bad)


def line_limit() -> float:
    """Transactions per second that the line can carry: request, turnaround, answer, silence before the next."""
    characters = REQUEST + ANSWER + SILENCE
    return 1 / (characters * BITS / BAUD + TURNAROUND)


async def _line(seconds: float) -> tuple[float, int]:
    """Transactions per second of eight stations on one line that are read as fast as it goes, and wrong ones."""
    command = (sys.executable, "-m", "benchmarks.modbus_peers", "line", "--baud", str(BAUD))
    async with running(command) as process:
        if process.stdout is None:
            raise RuntimeError(command)
        path = (await process.stdout.readline()).decode().strip()
        pool = ModbusPool()
        place = ModbusConnection.model_validate({"serial": path, "baud": BAUD, "format": FORMAT})
        places = [place.model_copy(update={"unit": unit}) for unit in range(1, UNITS + 1)]
        stations = [WireReader(pool.wire(each, family(), 1)) for each in places]
        await stations[0].read()
        loop = asyncio.get_running_loop()
        begin = loop.time()

        async def poll(station: WireReader) -> tuple[int, int]:
            count = bad = 0
            while loop.time() - begin < seconds:
                bad += not await station.read()
                count += 1
            return count, bad

        done = await asyncio.gather(*(poll(station) for station in stations))
        took = loop.time() - begin
        await pool.aclose()
    return sum(count for count, _ in done) / took, sum(bad for _, bad in done)


def misses(result: Result) -> list[str]:
    """The goals that are missed."""
    found = []
    if result.ratio > RATIO:
        found.append(f"a read costs {result.ratio:.2f} times pymodbus' CPU, goal {RATIO}")
    if result.share < SHARE:
        found.append(f"{result.share:.0%} of the line's limit, goal {SHARE:.0%}")
    if result.wrong:
        found.append(f"{result.wrong} reads with wrong values")
    return found


def table(result: Result, plan: Plan) -> str:
    """The figures as text."""
    lines = [f"{plan.stations} stations over TCP, a read of 20 registers every {plan.interval:g} s each"]
    lines += [f"  {kind:12}{result.cpu_us[kind]:8.0f} us CPU per read" for kind in SUBJECTS]
    lines.append(f"  ratio to pymodbus {result.ratio:.2f}, to a bare socket {result.ratio_bare:.2f}")
    lines.append(f"{UNITS} stations on one line of {BAUD} baud")
    lines.append(f"  {result.line_rate:.1f} of {result.line_limit:.1f} transactions per second: {result.share:.0%}")
    return "\n".join(lines)


def main() -> int:
    """Run the benchmark; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.modbus_poll", description="What polling costs.")
    parser.add_argument("--stations", type=int, default=30, help="stations over TCP (30)")
    parser.add_argument("--interval", type=float, default=1.0, help="seconds between two reads of a station (1)")
    parser.add_argument("--seconds", type=float, default=10.0, help="seconds of a round (10)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each way to read, in turn (3)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here, too")
    args = parser.parse_args()
    plan = Plan(stations=args.stations, interval=args.interval, seconds=args.seconds, rounds=args.rounds)
    result = run_loop(measure(plan))
    if args.json is not None:
        ratios = {"ratio": result.ratio, "ratio_bare": result.ratio_bare, "share": result.share}
        args.json.write_bytes(orjson.dumps({**asdict(result), **ratios}, option=orjson.OPT_INDENT_2))
    print(table(result, plan))
    missed = misses(result)
    for each in missed:
        print(f"missed: {each}")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
