"""``python -m tests.plant.report --site depot --seed 7``: controllers beside each other and beside the optimum."""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from statistics import fmean
from typing import TYPE_CHECKING

from gateway.bench.plant.run import run
from gateway.bench.plant.sites import controllers, scenarios
from gateway.bench.plant.table import table
from gateway.bench.plant.visit import HOUR
from gateway.bench.plant.window import window
from tests.plant.optimum import Optimum, optimum
from tests.plant.required import against, missed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.bench.plant.result import Result

_LINE = "{:<6}{:>5} {:<7}{:>7}{:>7}{:>7}{:>7}{:>8}{:>8}{:>8}{:>7}{:>6}{:>8}{:>9}"
_DIGITS = (1, 2, 0, 0, 2, 2, 0, 1, 0, 0, 0)
_HEAD = (
    "site", "seed", "by", "energy", "least", "late", "strict", "budget", "at all", "uneven", "writes", "ill.", "idle",
    "starved",
)  # fmt: skip


def one(
    site: str, names: tuple[str, ...], days: float, hours: tuple[float, float] | None, seed: int
) -> tuple[int, Optimum, Mapping[str, Result]]:
    """Run all controllers through one scenario."""
    scenario = scenarios()[site](seed, days)
    if hours is not None:
        scenario = window(scenario, hours[0] * HOUR, hours[1] * HOUR)
    results = {name: run(scenario, controllers()[name](scenario.site), seed=seed) for name in names}
    return seed, optimum(scenario), results


def _figures(result: Result, best: Optimum) -> tuple[float, ...]:
    energy, least = against(result, best)
    return (
        100 * energy,
        least,
        result.late,
        result.late_strict,
        100 * result.heat,
        100 * result.budget,
        result.unequal,
        result.writes_per_hour,
        result.illegal,
        result.idle,
        result.starved,
    )


def _line(site: str, seed: int | str, name: str, figures: tuple[float, ...]) -> str:
    texts = [f"{each:.{digits}f}" for each, digits in zip(figures, _DIGITS, strict=True)]
    return _LINE.format(site, seed, name, *texts)


def main() -> int:
    """Run and print; the exit code is 1 where ours does not reach what is required."""
    parser = argparse.ArgumentParser(prog="python -m tests.plant.report", description=__doc__)
    parser.add_argument("--site", choices=list(scenarios()), action="append", help="may be repeated; default: all")
    parser.add_argument("--seed", type=int, default=7, help="the first")
    parser.add_argument("--seeds", type=int, default=1, help="how many from there on; more than one prints lines only")
    parser.add_argument("--days", type=float, default=1.0)
    parser.add_argument("--hours", type=float, nargs=2, metavar=("FROM", "UNTIL"), help="of each run, only these")
    parser.add_argument("--controller", choices=list(controllers()), action="append", help="may be repeated")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    chosen = parser.parse_args()
    names = tuple(chosen.controller or controllers())
    if chosen.seeds > 1:
        _say(_LINE.format(*_HEAD))
    wrong = False
    for site in chosen.site or list(scenarios()):
        lines: dict[str, list[tuple[float, ...]]] = {name: [] for name in names}
        with ProcessPoolExecutor(chosen.jobs) as pool:
            work = partial(one, site, names, chosen.days, chosen.hours and tuple(chosen.hours))
            for seed, best, results in pool.map(work, range(chosen.seed, chosen.seed + chosen.seeds)):
                if chosen.seeds > 1:
                    for name in names:
                        lines[name].append(_figures(results[name], best))
                        _say(_line(site, seed, name, lines[name][-1]))
                else:
                    _say(f"{site}, seed {seed}, optimum {best.energy / 1000:.0f} kWh, least {100 * best.least:.0f} %")
                    _say(table(results, _shares(results, best)))
                wrong |= _wrong(site, seed, results, best)
        for name, rows in lines.items():
            if rows:
                _say(_line(site, "mean", name, tuple(map(fmean, zip(*rows, strict=True)))))
    return int(wrong)


def _wrong(site: str, seed: int, results: Mapping[str, Result], best: Optimum) -> bool:
    """Say what is required of ours and not reached."""
    texts = missed(site, results["ours"], best) if "ours" in results else []
    if texts:
        _say(f"missed at {site}, seed {seed}: {'; '.join(texts)}")
    return bool(texts)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _shares(results: Mapping[str, Result], best: Optimum) -> Mapping[str, Mapping[str, str]]:
    pairs = {name: against(result, best) for name, result in results.items()}
    return {
        "energy / optimum (%)": {name: f"{100 * energy:.1f}" for name, (energy, _) in pairs.items()},
        "least served / best least": {name: f"{least:.2f}" for name, (_, least) in pairs.items()},
    }


if __name__ == "__main__":
    sys.exit(main())
