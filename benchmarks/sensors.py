"""What added sensors cost: many points of devices on Modbus TCP, from the wire to the channels that alerts look at.

    python -m benchmarks.sensors [--devices 50] [--interval 1] [--seconds N] [--rounds N] [--json FILE]

Exit code 1 when the goal is missed or a value was wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import orjson
from typing_extensions import override

from adapters.sensors.family import ModbusKeys, ModbusSensors
from benchmarks.modbus_subjects import BARE, readers
from benchmarks.processes import running
from gateway.cli.loop import run_loop
from gateway.contracts.sensing import SensorSettings
from gateway.family.load import read_family
from gateway.model.sensing import Manner, Scale
from gateway.sensing.desk import Desk, Tap

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateway.family.load import FamilyFile
    from gateway.model.sensing import Judged, Value

SHARE = 0.10
"""Goal: so much of one core for 200 points at 1 Hz."""

POINTS = {"power": 10960.0, "energy_total": 51.53, "temp": 31.5, "limit": 16.0}
"""Point -> value as the station of ``benchmarks.modbus_peers`` has it."""

_FAMILY = """\
schema = 1
kind = "modbus"
[meta]
id = "benchmark"
vendor = "B"
models = ["B"]
role = "sensor"
completeness = 3
sources = ["benchmark"]
[link]
transports = ["tcp"]
max_gap = 32
poll = {{ fast = 60.0, medium = {interval}, slow = 60.0 }}
[points]
power = {{ at = 8, type = "u32", unit = "W" }}
energy_total = {{ at = 13, type = "u32", scale = 0.001, unit = "kWh" }}
temp = {{ at = 18, type = "s16", scale = 0.1, unit = "degC" }}
limit = {{ at = 17, scale = 0.1, unit = "A" }}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to run.

    Attributes:
        devices: Each with a connection of its own, and a sensor for each of ``POINTS``.
        interval: Seconds between two readings.
        seconds: Of a round.
        rounds: Of the box and of the floor, in turn.
    """

    devices: int
    interval: float
    seconds: float
    rounds: int

    @property
    def rate(self) -> float:
        """Values per second."""
        return self.devices * len(POINTS) / self.interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of it.

    Attributes:
        share: CPU of the box, as a share of one core.
        floor: The same of bare sockets that read the same registers as often.
        values: Values that came, per second.
        wrong: Channels whose value was not that of the device at the end of a round.
    """

    share: float
    floor: float
    values: float
    wrong: int

    @property
    def ratio(self) -> float:
        """CPU of the box to that of the floor."""
        return self.share / self.floor if self.floor else float("inf")


class Counted(Desk):
    """The box's desk, which counts what it is told."""

    def __init__(self, taps: Sequence[Tap]) -> None:
        super().__init__(taps, self._changed, read_only=False)
        self.count = 0
        self._taps = taps

    def _changed(self, channel: str, now: Judged) -> None:
        """Nobody waits for changes here."""

    @override
    def told(self, sensor: str, values: Mapping[str, Value]) -> None:
        """Count and pass on."""
        self.count += len(values)
        super().told(sensor, values)

    @property
    def wrong(self) -> int:
        """Channels that do not tell what their device has."""
        return sum(self.now(tap.id).value != POINTS[tap.point] for tap in self._taps)


def family(interval: float) -> FamilyFile:
    """The family of the devices."""
    with tempfile.TemporaryDirectory(prefix="stationlift-sensors-") as folder:
        file = Path(folder) / "benchmark.toml"
        file.write_text(_FAMILY.format(interval=float(interval)), encoding="utf-8")
        return read_family(file)


async def measure(plan: Plan, keys: ModbusKeys) -> Result:
    """Run everything."""
    shares: list[float] = []
    floors: list[float] = []
    rates: list[float] = []
    wrong = 0
    command = (sys.executable, "-m", "benchmarks.modbus_peers", "tcp", "--stations", str(plan.devices))
    async with running(command) as process:
        if process.stdout is None:
            raise RuntimeError(command)
        ports = [int(port) for port in (await process.stdout.readline()).split()]
        for _ in range(plan.rounds):
            share, rate, bad = await _box(plan, keys, ports)
            shares.append(share)
            rates.append(rate)
            wrong += bad
            floors.append(await _floor(plan, ports))
    return Result(share=median(shares), floor=median(floors), values=median(rates), wrong=wrong)


async def _box(plan: Plan, keys: ModbusKeys, ports: Sequence[int]) -> tuple[float, float, int]:
    """Share of a core, values per second, and channels with wrong values."""
    names = {f"device {number}": port for number, port in enumerate(ports)}
    taps = [
        Tap(id=f"{name} {point}", sensor=name, point=point, manner=Manner(shape=Scale(), stale_after=3 * plan.interval))
        for name in names
        for point in POINTS
    ]
    desk = Counted(taps)
    sensors = ModbusSensors([
        SensorSettings(
            name=name,
            points=frozenset(POINTS),
            options=keys.model_copy(update={"connection": {"tcp": f"127.0.0.1:{port}"}}),
        )
        for name, port in names.items()
    ])  # fmt: skip
    task = asyncio.create_task(sensors.run(desk))
    await asyncio.sleep(2 * plan.interval)  # what is done once only, is done here
    before, count, start = time.process_time(), desk.count, time.perf_counter()
    await asyncio.sleep(plan.seconds)
    took = time.perf_counter() - start
    share, rate, wrong = (time.process_time() - before) / took, (desk.count - count) / took, desk.wrong
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    desk.close()
    return share, rate, wrong


async def _floor(plan: Plan, ports: Sequence[int]) -> float:
    """Share of a core of bare sockets that are read as often, on the same ticks."""
    async with readers(BARE, ports) as bare:
        await asyncio.gather(*(each.read() for each in bare))
        loop = asyncio.get_running_loop()
        before, start = time.process_time(), time.perf_counter()
        for _ in range(max(1, round(plan.seconds / plan.interval))):
            await asyncio.sleep(plan.interval - loop.time() % plan.interval)
            await asyncio.gather(*(each.read() for each in bare))
        return (time.process_time() - before) / (time.perf_counter() - start)


def misses(result: Result, plan: Plan) -> list[str]:
    """The goals that are missed; the share is that of 200 points at 1 Hz."""
    found = []
    if scaled(result, plan) > SHARE:
        found.append(f"{scaled(result, plan):.1%} of a core for 200 points at 1 Hz, goal {SHARE:.0%}")
    if result.wrong:
        found.append(f"{result.wrong} channels with wrong values")
    return found


def scaled(result: Result, plan: Plan) -> float:
    """What 200 points at 1 Hz would cost."""
    return result.share * 200 / plan.rate


def table(result: Result, plan: Plan) -> str:
    """The figures as text."""
    return "\n".join((
        f"{plan.devices * len(POINTS)} points of {plan.devices} devices over Modbus TCP, every {plan.interval:g} s",
        f"  box          {result.share:7.2%} of one core, {result.values:.0f} values per second",
        f"  bare socket  {result.floor:7.2%}, ratio {result.ratio:.1f}",
        f"  200 points at 1 Hz: {scaled(result, plan):.2%} of one core",
    ))  # fmt: skip


def main() -> int:
    """Run the benchmark; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sensors", description="What added sensors cost.")
    parser.add_argument("--devices", type=int, default=50, help="devices over TCP, with four points each (50)")
    parser.add_argument("--interval", type=float, default=1.0, help="seconds between two readings (1)")
    parser.add_argument("--seconds", type=float, default=10.0, help="seconds of a round (10)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of the box and the floor, in turn (3)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here, too")
    args = parser.parse_args()
    plan = Plan(devices=args.devices, interval=args.interval, seconds=args.seconds, rounds=args.rounds)
    keys = ModbusKeys.model_validate({"family": family(plan.interval), "connection": {"tcp": "127.0.0.1:502"}})
    result = run_loop(measure(plan, keys))
    if args.json is not None:
        more = {"ratio": result.ratio, "share_200": scaled(result, plan)}
        args.json.write_bytes(orjson.dumps({**asdict(result), **more}, option=orjson.OPT_INDENT_2))
    print(table(result, plan))
    missed = misses(result, plan)
    for each in missed:
        print(f"missed: {each}")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
