"""``python -m gateway.bench.plant --site park --seed 7``: how controllers do against the plant."""

from __future__ import annotations

import argparse
import sys
import time

from gateway.bench.plant.run import run
from gateway.bench.plant.sites import controllers, scenarios
from gateway.bench.plant.table import table
from gateway.bench.plant.visit import HOUR
from gateway.bench.plant.window import window


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(prog="python -m gateway.bench.plant", description=__doc__)
    parser.add_argument("--site", choices=list(scenarios()), default="home")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--days", type=float, default=1.0)
    parser.add_argument(
        "--controller", choices=list(controllers()), action="append", help="may be repeated; default: all"
    )
    parser.add_argument("--hours", type=float, nargs=2, metavar=("FROM", "UNTIL"), help="of the run, only these")
    parser.add_argument("--late", action="store_true", help="print when and where overloads became late")
    chosen = parser.parse_args()
    scenario = scenarios()[chosen.site](chosen.seed, chosen.days)
    if chosen.hours:
        scenario = window(scenario, chosen.hours[0] * HOUR, chosen.hours[1] * HOUR)
    results = {}
    for name in chosen.controller or list(controllers()):
        began = time.monotonic()
        results[name] = run(scenario, controllers()[name](scenario.site), seed=chosen.seed)
        print(f"{name}: {time.monotonic() - began:.1f} s", file=sys.stderr)
        if chosen.late:
            print(f"{name}:", *(f"{t:.0f}:{where}" for t, where in results[name].late_at))
    print(table(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
