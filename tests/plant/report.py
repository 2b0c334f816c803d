"""``python -m tests.plant.report --site depot --seed 7``: controllers beside each other and beside the optimum."""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

from gateway.bench.plant.run import run
from gateway.bench.plant.sites import controllers, scenarios
from gateway.bench.plant.table import table
from tests.plant.optimum import Optimum, optimum
from tests.plant.required import against, missed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.bench.plant.result import Result

_LINE = "{:<6}{:>5} {:<7}{:>7}{:>7}{:>7}{:>7}{:>8}{:>8}{:>8}{:>7}{:>6}{:>8}{:>9}"
_HEAD = (
    "site", "seed", "by", "energy", "least", "late", "strict", "budget", "at all", "uneven", "writes", "ill.", "idle",
    "starved",
)  # fmt: skip


def one(site: str, names: tuple[str, ...], days: float, seed: int) -> tuple[int, Optimum, Mapping[str, Result]]:
    """Run all controllers through one scenario."""
    scenario = scenarios()[site](seed, days)
    results = {name: run(scenario, controllers()[name](scenario.site), seed=seed) for name in names}
    return seed, optimum(scenario), results


def _line(site: str, seed: int, name: str, result: Result, best: Optimum) -> str:
    energy, least = against(result, best)
    return _LINE.format(
        site,
        seed,
        name,
        f"{100 * energy:.1f}",
        f"{least:.2f}",
        f"{result.late:.0f}",
        f"{result.late_strict:.0f}",
        f"{100 * result.heat:.2f}",
        f"{100 * result.budget:.2f}",
        f"{result.unequal:.0f}",
        f"{result.writes_per_hour:.1f}",
        result.illegal,
        f"{result.idle:.0f}",
        f"{result.starved:.0f}",
    )


def main() -> int:
    """Run and print; the exit code is 1 where ours does not reach what is required."""
    parser = argparse.ArgumentParser(prog="python -m tests.plant.report", description=__doc__)
    parser.add_argument("--site", choices=list(scenarios()), action="append", help="may be repeated; default: all")
    parser.add_argument("--seed", type=int, default=7, help="the first")
    parser.add_argument("--seeds", type=int, default=1, help="how many from there on; more than one prints lines only")
    parser.add_argument("--days", type=float, default=1.0)
    parser.add_argument("--controller", choices=list(controllers()), action="append", help="may be repeated")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    chosen = parser.parse_args()
    names = tuple(chosen.controller or controllers())
    if chosen.seeds > 1:
        _say(_LINE.format(*_HEAD))
    wrong = False
    for site in chosen.site or list(scenarios()):
        with ProcessPoolExecutor(chosen.jobs) as pool:
            work = partial(one, site, names, chosen.days)
            for seed, best, results in pool.map(work, range(chosen.seed, chosen.seed + chosen.seeds)):
                if chosen.seeds > 1:
                    _say("\n".join(_line(site, seed, name, results[name], best) for name in names))
                else:
                    _say(f"{site}, seed {seed}, optimum {best.energy / 1000:.0f} kWh, least {100 * best.least:.0f} %")
                    _say(table(results, _shares(results, best)))
                wrong |= _wrong(site, seed, results, best)
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
