"""What a composite schedule costs: a day of twenty stacked charging profiles.

    python -m benchmarks.composite [--rounds N] [--calls N] [--json FILE]

Exit code 1 when a goal is missed or the floor comes to another result.
"""

from __future__ import annotations

import argparse
import gc
import time
from bisect import bisect_right
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import orjson

from gateway.model.charging import (
    ChargingPeriod,
    ChargingProfile,
    ChargingSchedule,
    Kind,
    Purpose,
    Question,
    RateUnit,
    Recurrency,
    composite,
)

if TYPE_CHECKING:
    from collections.abc import Callable

GOAL_MS = 1.0
"""Goal: a composite schedule takes no longer."""

DAY = 86_400
START = datetime(2024, 5, 1, tzinfo=UTC)
QUESTION = Question(start=START, duration=DAY)

Flat = list[tuple[int, list[int], list[float | None]]]
"""Of each purpose's stack, highest first: (group, starts of spans, limits)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Milliseconds for one composite schedule, by case and by who computes it; slices of the result, by case."""

    box_ms: dict[str, float]
    floor_ms: dict[str, float]
    slices: dict[str, int]
    wrong: list[str]


def profile(level: int, periods: int, hours: float, purpose: Purpose = Purpose.TX_DEFAULT) -> ChargingProfile:
    """A daily profile that began a month ago at midnight and lasts for some hours."""
    step = DAY // periods
    schedule = ChargingSchedule(
        id=level,
        unit=RateUnit.AMPERE,
        start=START - timedelta(days=30),
        duration=int(hours * 3600),
        periods=tuple(
            ChargingPeriod(start=number * step, limit=float(6 + (number * (level + 1)) % 26))
            for number in range(periods)
        ),
    )
    return ChargingProfile(
        id=level, stack_level=level, purpose=purpose, kind=Kind.RECURRING, recurrency=Recurrency.DAILY,
        schedules=(schedule,),
    )  # fmt: skip


def cases() -> dict[str, list[ChargingProfile]]:
    """Twenty profiles: as they are found, with a quarter of an hour each, and so that every level shows."""
    usual = [profile(level, 24, 2 + level % 7) for level in range(12)]
    usual += [profile(level, 24, 24 - level, Purpose.STATION_MAX) for level in range(6)]
    usual += [profile(level, 24, 12 - 4 * level, Purpose.TX) for level in range(2)]
    quarters = [profile(level, 96, 24) for level in range(19)] + [profile(0, 96, 24, Purpose.STATION_MAX)]
    stairs = [profile(level, 96, 24 * (20 - level) / 20) for level in range(20)]
    return {"hours": usual, "quarters of an hour": quarters, "every level shows": stairs}


def flat(profiles: list[ChargingProfile]) -> Flat:
    """The profiles as plain lists, cut to the day: all that the floor need not do."""
    found: Flat = []
    for each in sorted(profiles, key=lambda p: (p.purpose is Purpose.TX, p.stack_level), reverse=True):
        end = each.schedule.duration or DAY
        periods = [p for p in each.schedule.periods if p.start < end]
        starts = [p.start for p in periods] + [end]
        found.append((int(each.purpose is Purpose.STATION_MAX), starts, [*(p.limit for p in periods), None]))
    return found


def floor(rows: Flat) -> list[tuple[int, float | None]]:
    """The least that plain Python needs: at every time that anything begins, look down the stack of each purpose."""
    found: list[tuple[int, float | None]] = []
    for at in sorted({start for _, starts, _ in rows for start in starts if start < DAY}):
        seen: list[float | None] = [None, None]
        for group, starts, limits in rows:
            if seen[group] is None:
                seen[group] = limits[bisect_right(starts, at) - 1]
        limit = min((each for each in seen if each is not None), default=None)
        if not found or found[-1][1] != limit:
            found.append((at, limit))
    return found


def timed(work: Callable[[], object], calls: int) -> float:
    """Milliseconds of CPU for one call."""
    gc.collect()
    before = time.process_time()
    for _ in range(calls):
        work()
    return 1000 * (time.process_time() - before) / calls


def measure(rounds: int, calls: int) -> Result:
    """Box and floor in turn; the medians of the rounds."""
    box: dict[str, float] = {}
    least: dict[str, float] = {}
    slices: dict[str, int] = {}
    wrong: list[str] = []
    for name, profiles in cases().items():
        rows = flat(profiles)
        given = composite(profiles, QUESTION)
        if [(each.start, each.limit) for each in given] != floor(rows):
            wrong.append(name)
        slices[name] = len(given)
        times = [
            (timed(lambda p=profiles: composite(p, QUESTION), calls), timed(lambda r=rows: floor(r), calls))  # type: ignore[misc]
            for _ in range(rounds)
        ]
        box[name], least[name] = median(each[0] for each in times), median(each[1] for each in times)
    return Result(box_ms=box, floor_ms=least, slices=slices, wrong=wrong)


def misses(result: Result) -> list[str]:
    """The goals that are missed."""
    slow = [f"{name}: {ms:.2f} ms, goal {GOAL_MS}" for name, ms in result.box_ms.items() if ms > GOAL_MS]
    return slow + [f"{name}: the floor comes to another schedule" for name in result.wrong]


def table(result: Result) -> str:
    """The figures as text."""
    lines = ["a day of 20 stacked profiles       box    floor   slices"]
    lines += [
        f"  {name:26}{ms:8.3f} {result.floor_ms[name]:8.3f} ms {result.slices[name]:5}"
        for name, ms in result.box_ms.items()
    ]
    return "\n".join(lines)


def main() -> int:
    """Run the benchmark; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.composite", description="What a schedule costs.")
    parser.add_argument("--rounds", type=int, default=7, help="rounds, box and floor in turn (7)")
    parser.add_argument("--calls", type=int, default=200, help="schedules in a round (200)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here, too")
    args = parser.parse_args()
    result = measure(args.rounds, args.calls)
    if args.json is not None:
        args.json.write_bytes(orjson.dumps(asdict(result), option=orjson.OPT_INDENT_2))
    print(table(result))
    missed = misses(result)
    for each in missed:
        print(f"missed: {each}")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
