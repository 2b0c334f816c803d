"""The figures as a table, as JSON, and against the goals."""

from __future__ import annotations

import os
import platform
from dataclasses import asdict
from typing import TYPE_CHECKING

from benchmarks.subjects import BOX, FLOOR

if TYPE_CHECKING:
    from collections.abc import Iterable

    from benchmarks.measure import Figures, Result

RATIO = 3.0
"""Goal: the box's CPU per message is at most so many times the floor's."""

RSS = 150.0
"""Goal: the box with up to 20 stations stays below so many MiB."""

RSS_STATIONS = 20


def misses(results: Iterable[Result]) -> list[str]:
    """The goals that are missed."""
    found: list[str] = []
    for result in results:
        for scenario, figures in result.figures.items():
            where = f"{result.stations} stations, {scenario}"
            if result.ratio(scenario) > RATIO:
                found.append(f"{where}: {result.ratio(scenario):.2f} times the floor's CPU, goal {RATIO}")
            for subject, each in figures.items():
                if each.lost or each.faults or each.strays:
                    found.append(
                        f"{where}: {subject} lost {each.lost}, refused {each.faults}, sent {each.strays} too many"
                    )
        if result.left:
            found.append(f"{result.stations} stations: {result.left} messages left in the outbox")
        if result.stations <= RSS_STATIONS and result.rss[BOX] >= RSS:
            found.append(f"{result.stations} stations: {result.rss[BOX]:.0f} MiB, goal below {RSS:.0f}")
    return found


def table(results: Iterable[Result]) -> str:
    """The figures as text."""
    lines = [
        f"{'':24}{'':6}{'msg/s':>8}{'msg/s':>9}{'CPU/msg':>9}  {'request to CALL':>17}  {'request to answer':>17}",
        f"{'stations, scenario':24}{'':6}{'':8}{'per core':>9}{'us':>9}  {'p50 / p99 ms':>17}  {'p50 / p99 ms':>17}  ratio",
    ]
    memory = ["", f"{'stations':10}{'RSS box':>10}{'floor':>8}  MiB   idle: wake-ups/s   CPU"]
    for result in results:
        for scenario, figures in result.figures.items():
            label = f"{result.stations}, {scenario}"
            lines.append(f"{label:24}{BOX:6}{_row(figures[BOX])}  {result.ratio(scenario):5.2f}")
            lines.append(f"{'':24}{FLOOR:6}{_row(figures[FLOOR])}")
        memory.append(
            f"{result.stations:<10}{result.rss[BOX]:10.1f}{result.rss[FLOOR]:8.1f}"
            f"{result.idle_wakeups:24.1f}{result.idle_cpu:7.2%}"
        )
    return "\n".join([*lines, *memory, *_per_station(list(results))])


def _row(figures: Figures) -> str:
    forward, answer = (f"{p50:.1f} / {p99:.1f}" for p50, p99 in (figures.forward_ms, figures.answer_ms))
    return f"{figures.rate:8.0f}{figures.per_core:9.0f}{figures.cpu_us:9.0f}  {forward:>17}  {answer:>17}"


def _per_station(results: list[Result]) -> list[str]:
    few, many = min(results, key=lambda r: r.stations), max(results, key=lambda r: r.stations)
    if few.stations == many.stations:
        return []
    each = (many.rss[BOX] - few.rss[BOX]) * 1024 / (many.stations - few.stations)
    return [f"each further station: {each:.0f} KiB"]


def as_json(results: Iterable[Result]) -> dict[str, object]:
    """The figures for a machine."""
    return {
        "machine": {"processor": platform.machine(), "cores": os.cpu_count(), "python": platform.python_version()},
        "results": [
            {**asdict(result), "ratio": {scenario: result.ratio(scenario) for scenario in result.figures}}
            for result in results
        ],
    }
