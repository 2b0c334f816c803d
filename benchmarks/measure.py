"""Rounds of messages, the box and the floor in turn, and what comes of them."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING

from benchmarks.csms import csms_stub
from benchmarks.ledger import Ledger
from benchmarks.messages import Scenario
from benchmarks.processes import Usage, usage
from benchmarks.subjects import BOX, FLOOR, Subject, box, floor

if TYPE_CHECKING:
    from collections.abc import Iterable

    from benchmarks.csms import CsmsStub

PATIENCE = 30.0
"""Seconds for the last messages of a round to come out."""

TRAIL = 0.1
"""Seconds for what follows the last CALL: its deletion from the outbox."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to run."""

    messages: int
    rounds: int
    idle: float
    keep_alive: bool
    rate: float = 0.0
    """Messages per second of all stations together; 0: each sends its next when its last is answered."""

    @property
    def spacing(self) -> float:
        """Seconds between messages."""
        return 1 / self.rate if self.rate else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One round of one subject; latencies in seconds."""

    rate: float
    cpu: float
    forward: tuple[float, float]
    answer: tuple[float, float]
    lost: int
    faults: int
    strays: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The medians of a subject's rounds in one scenario.

    Attributes:
        rate: messages per second.
        per_core: messages per second of the process's CPU time.
        cpu_us: CPU time per message in microseconds.
        forward_ms: p50 and p99 from the SOAP request being sent to its CALL at the CSMS.
        answer_ms: p50 and p99 from the SOAP request being sent to its answer.
        lost: messages that never came out, in all rounds.
        faults: requests that were not answered with success, in all rounds.
        strays: CALLs too many, in all rounds.
    """

    rate: float
    per_core: float
    cpu_us: float
    forward_ms: tuple[float, float]
    answer_ms: tuple[float, float]
    lost: int
    faults: int
    strays: int


@dataclass(slots=True, kw_only=True)
class Result:
    """What one number of stations gave.

    Attributes:
        figures: by scenario and subject.
        rss: MiB by subject, at the end.
        idle_wakeups: of the box with all stations connected and silent, per second.
        idle_cpu: the same, share of a core.
        left: messages that were left in the box's outbox at the end.
    """

    stations: int
    figures: dict[str, dict[str, Figures]] = field(default_factory=dict)
    rss: dict[str, float] = field(default_factory=dict)
    idle_wakeups: float = 0.0
    idle_cpu: float = 0.0
    left: int = 0

    def ratio(self, scenario: str) -> float:
        """CPU per message of the box to that of the floor."""
        return self.figures[scenario][BOX].cpu_us / self.figures[scenario][FLOOR].cpu_us


async def measure(stations: int, plan: Plan) -> Result:
    """Measure with so many stations."""
    result = Result(stations=stations)
    with tempfile.TemporaryDirectory(prefix="stationlift-bridge-") as name:
        folder = Path(name)
        async with csms_stub(Ledger()) as csms:
            async with (
                floor(folder, csms, stations, keep_alive=plan.keep_alive) as below,
                box(folder, csms, stations, keep_alive=plan.keep_alive) as above,
            ):
                for scenario in Scenario:
                    result.figures[scenario.value] = await _compare(scenario, plan, csms, (above, below))
                await _idle(result, above, plan.idle)
                result.rss = {subject.name: usage(subject.pid).rss for subject in (above, below)}
            result.left = await asyncio.to_thread(_left, folder / "data" / "stationlift.sqlite")
    return result


async def _compare(
    scenario: Scenario, plan: Plan, csms: CsmsStub, subjects: tuple[Subject, Subject]
) -> dict[str, Figures]:
    rounds: dict[str, list[Round]] = {subject.name: [] for subject in subjects}
    for subject in subjects:
        await _round(subject, scenario, csms, 2 * len(subject.stations))  # what is done once only, is done here
    for _ in range(plan.rounds):
        for subject in subjects:
            rounds[subject.name].append(await _round(subject, scenario, csms, plan.messages, plan.spacing))
    return {name: _figures(each, plan.messages) for name, each in rounds.items()}


async def _round(subject: Subject, scenario: Scenario, csms: CsmsStub, messages: int, spacing: float = 0.0) -> Round:
    await csms.quiet(2 * TRAIL)
    ledger = csms.ledger
    ledger.clear()
    for station in subject.stations:
        station.faults = 0
    before, start = usage(subject.pid), time.perf_counter()
    numbers = iter(range(messages))
    times = await asyncio.gather(*(station.run(scenario, numbers, spacing) for station in subject.stations))
    lost = await ledger.all_seen(PATIENCE)
    seconds = time.perf_counter() - start
    await asyncio.sleep(TRAIL)
    after = usage(subject.pid)
    return Round(
        rate=messages / seconds,
        cpu=(after.cpu - before.cpu) / messages,
        forward=_percentiles(ledger.added),
        answer=_percentiles([each for some in times for each in some]),
        lost=lost,
        faults=sum(station.faults for station in subject.stations),
        strays=ledger.strays,
    )


def _percentiles(values: list[float]) -> tuple[float, float]:
    """p50 and p99; of fewer than two values there are none."""
    if len(values) < 2:  # noqa: PLR2004 - as quantiles needs
        return (0.0, 0.0)
    return median(values), quantiles(values, n=100, method="inclusive")[98]


def _figures(rounds: list[Round], messages: int) -> Figures:
    cpu = median(each.cpu for each in rounds)
    tick = 0.01 / messages  # the kernel's clock is coarse: nothing is for free
    return Figures(
        rate=median(each.rate for each in rounds),
        per_core=1 / max(cpu, tick),
        cpu_us=max(cpu, tick) * 1e6,
        forward_ms=(_ms(each.forward[0] for each in rounds), _ms(each.forward[1] for each in rounds)),
        answer_ms=(_ms(each.answer[0] for each in rounds), _ms(each.answer[1] for each in rounds)),
        lost=sum(each.lost for each in rounds),
        faults=sum(each.faults for each in rounds),
        strays=sum(each.strays for each in rounds),
    )


def _ms(values: Iterable[float]) -> float:
    return median(values) * 1000


async def _idle(result: Result, subject: Subject, seconds: float) -> None:
    if seconds <= 0:
        return
    before: Usage = usage(subject.pid)
    await asyncio.sleep(seconds)
    after = usage(subject.pid)
    result.idle_wakeups = (after.wakeups - before.wakeups) / seconds
    result.idle_cpu = (after.cpu - before.cpu) / seconds


def _left(database: Path) -> int:
    with closing(sqlite3.connect(database)) as connection:
        (count,) = connection.execute("SELECT count(*) FROM outbox").fetchone()
        return int(count)
