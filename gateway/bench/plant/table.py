"""Figures of several controllers beside each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.bench.plant.result import Result


def table(results: Mapping[str, Result], more: Mapping[str, Mapping[str, str]] | None = None) -> str:
    """Lines of a table: a row for each figure, a column for each controller.

    Args:
        results: Controller -> its figures.
        more: Further rows: label -> controller -> text.
    """
    rows = {label: {name: figures[label] for name, figures in _all(results).items()} for label in _labels(results)}
    rows |= {label: dict(texts) for label, texts in (more or {}).items()}
    wide = max(len(label) for label in rows)
    lines = [" " * wide + "".join(f"{name:>12}" for name in results)]
    lines += [
        f"{label:<{wide}}" + "".join(f"{texts.get(name, ''):>12}" for name in results) for label, texts in rows.items()
    ]
    return "\n".join(lines)


def _all(results: Mapping[str, Result]) -> Mapping[str, Mapping[str, str]]:
    return {name: figures(result) for name, result in results.items()}


def _labels(results: Mapping[str, Result]) -> list[str]:
    return list(figures(next(iter(results.values()))))


def figures(result: Result) -> Mapping[str, str]:
    """What is printed of a run: label -> text."""
    shares = result.shares()
    awake = [share for name, share in shares.items() if name not in result.lost]
    return {
        "overload beyond 10 s of a step (s)": f"{result.late:.0f}",
        "overload beyond its 10th second (s)": f"{result.late_strict:.0f}",
        "overload at all (s)": f"{result.over:.0f}",
        "longest overload (s)": f"{result.longest:.0f}",
        "highest load / limit": f"{result.worst:.2f}",
        "trip budget at once (%)": f"{100 * result.heat:.2f}",
        "trip budget in all (%)": f"{100 * result.budget:.2f}",
        "imbalance beyond 10 s (s)": f"{result.unequal:.0f}",
        "imbalance at all (s)": f"{result.unequal_any:.0f}",
        "energy (kWh)": f"{result.delivered / 1000:.1f}",
        "mean served share (%)": f"{100 * sum(shares.values()) / max(1, len(shares)):.1f}",
        "least served (%)": f"{100 * min(shares.values(), default=1.0):.1f}",
        "least served, awake (%)": f"{100 * min(awake, default=1.0):.1f}",
        "cars asleep for good": f"{len(result.lost)}",
        "writes per EVSE and hour": f"{result.writes_per_hour:.1f}",
        "  of the worst EVSE": f"{result.writes_worst:.1f}",
        "illegal setpoints": f"{result.illegal}",
        "waiting with minimum free (car s)": f"{result.idle:.0f}",
        "  cars": f"{result.idle_cars}",
        "longest wait (s)": f"{result.waited:.0f}",
        "longest starving (s)": f"{result.starved:.0f}",
        "step (ms of processor)": f"{1000 * result.step_time:.2f}",
    }
