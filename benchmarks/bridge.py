"""What a message costs from the old station's SOAP to the backend's acknowledgement, as a ratio to the floor.

    python -m benchmarks.bridge [--stations 1,20,200] [--messages N] [--rounds N] [--rate N] [--keep-alive] [--json FILE]

Exit code 1 when a goal is missed or a message was lost.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import orjson

from benchmarks.measure import Plan, Result, measure
from benchmarks.report import as_json, misses, table
from gateway.cli.loop import run_loop


async def run(counts: list[int], plan: Plan) -> list[Result]:
    """Measure with each number of stations."""
    results: list[Result] = []
    for count in counts:
        print(f"{count} station(s) ...", file=sys.stderr)
        results.append(await measure(count, plan))
    return results


def main() -> int:
    """Run the benchmark; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bridge", description="What a message costs.")
    parser.add_argument("--stations", default="1,20,200", help="numbers of stations, with commas (1,20,200)")
    parser.add_argument("--messages", type=int, default=2000, help="messages in a round (2000)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each scenario, box and floor in turn (3)")
    parser.add_argument("--idle", type=float, default=5.0, help="seconds of watching the idle box (5)")
    parser.add_argument("--rate", type=float, default=0.0, help="messages per second, all stations (0: all they can)")
    parser.add_argument("--keep-alive", action="store_true", help="stations keep their connection")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here, too")
    args = parser.parse_args()
    plan = Plan(messages=args.messages, rounds=args.rounds, idle=args.idle, keep_alive=args.keep_alive, rate=args.rate)
    results = run_loop(run([int(count) for count in args.stations.split(",")], plan))
    if args.json is not None:
        args.json.write_bytes(orjson.dumps(as_json(results), option=orjson.OPT_INDENT_2))
    print(table(results))
    missed = misses(results)
    for each in missed:
        print(f"missed: {each}")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
