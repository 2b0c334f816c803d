"""What sharing current costs: sites of 100, 1,000 and 10,000 EVSEs, from plenty for all to every limit in the way.

    python -m benchmarks.allocate [--sizes 100,1000,10000] [--rounds N] [--json FILE]

Exit code 1 when a goal is missed, a limit is broken, or the floor lets others in.
"""

from __future__ import annotations

import argparse
import gc
import random
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import orjson

from gateway.load.allocator import Claim, Tree, allocate
from gateway.load.site import LoadSite, Node

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

GOAL_MS = {100: 5.0, 1_000: 50.0, 10_000: 250.0}
"""Goal: no case takes longer, by number of EVSEs."""

STRING = 10
"""EVSEs on one circuit; as many circuits are on one feeder."""

ROTATIONS = ((0,), (0,), (0, 1), (0, 1, 2), (0, 1, 2))
"""What cars and wiring load, before the wiring is turned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of site; ``share``: how much of what is wanted its circuits carry, about."""

    share: float
    imbalance: float | None = None
    spread: bool = False
    priorities: int = 1


KINDS = {
    "plenty": Kind(share=4.0),
    "usual": Kind(share=1.0),
    "most limits bind": Kind(share=0.5),
    "not all can charge": Kind(share=0.35),
    "each its own cap and weight": Kind(share=0.5, spread=True),
    "five priorities": Kind(share=0.5, priorities=5),
    "imbalance rules bind": Kind(share=0.7, imbalance=20.0),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Milliseconds of CPU to share once, by number of EVSEs and kind, and by who does it; what went wrong."""

    box_ms: dict[str, dict[str, float]]
    floor_ms: dict[str, float]
    wrong: list[str]


def site(evses: int, kind: Kind, seed: int = 7) -> tuple[LoadSite, list[Claim]]:
    """A site of depth three, where each circuit has a limit of its own, and what its EVSEs want."""
    dice = random.Random(seed)  # noqa: S311 - a site made up, not a secret

    def limit(amperes: float) -> tuple[float, float, float]:
        return (
            round(amperes * kind.share * dice.uniform(0.6, 1.2), 1),
            round(amperes * kind.share * dice.uniform(0.6, 1.2), 1),
            round(amperes * kind.share * dice.uniform(0.6, 1.2), 1),
        )

    strings = max(evses // STRING, 1)
    feeders = max(strings // STRING, 1)
    nodes = [Node(id="root", parent="", limit=limit(evses * 15.0), rated=4000.0)]
    nodes += [
        Node(id=f"f{k}", parent="root", limit=limit(evses / feeders * 16.0), rated=1000.0, imbalance=kind.imbalance)
        for k in range(feeders)
    ]
    nodes += [
        Node(
            id=f"s{k}",
            parent=f"f{min(k // STRING, feeders - 1)}",
            limit=limit(STRING * 18.0),
            rated=250.0,
            imbalance=kind.imbalance,
        )
        for k in range(strings)
    ]
    claims = []
    for number in range(evses):
        turn = dice.randrange(3)
        claims.append(
            Claim(
                evse=f"e{number}",
                node=f"s{min(number // STRING, strings - 1)}",
                phases=tuple((phase + turn) % 3 for phase in dice.choice(ROTATIONS)),
                least=6.0,
                most=round(dice.uniform(6, 32), 1) if kind.spread else dice.choice((16.0, 32.0)),
                step=dice.choice((0.1, 1.0)) if kind.spread else 1.0,
                priority=dice.randrange(kind.priorities),
                weight=dice.uniform(0.5, 3.0) if kind.spread else 1.0,
                rank=(dice.random(),),
            )
        )
    return LoadSite(name="bench", nodes=tuple(nodes), evses=()), claims


def floor(plan: list[tuple[str, int, list[int]]], limits: list[int]) -> dict[str, int]:
    """The least that plain Python needs to give current without overload: each its minimum, once around, if it fits.

    No fairness, no priority, no rest: one look at each circuit and phase of each EVSE.
    """
    slack = limits.copy()
    found = {}
    for evse, least, rows in plan:
        if all(slack[row] >= least for row in rows):
            for row in rows:
                slack[row] -= least
            found[evse] = least
        else:
            found[evse] = 0
    return found


def flat(found: LoadSite, claims: list[Claim]) -> tuple[list[tuple[str, int, list[int]]], list[int]]:
    """A site as plain lists in the order of rank: all that the floor need not do."""
    index = {node.id: 3 * number for number, node in enumerate(found.nodes)}
    plan = [
        (
            claim.evse,
            round(claim.least * 1000),
            [index[node] + phase for node in found.path(claim.node) for phase in claim.phases],
        )
        for claim in sorted(claims, key=lambda each: each.rank)
    ]
    return plan, [int(limit * 1000) for node in found.nodes for limit in node.limit]


def broken(built: LoadSite, claims: list[Claim], currents: Mapping[str, float]) -> list[str]:
    """Limits that currents break."""
    loads = {node.id: [0, 0, 0] for node in built.nodes}
    for claim in claims:
        for name in built.path(claim.node):
            for phase in claim.phases:
                loads[name][phase] += round(currents[claim.evse] * 1000)
    wrong = []
    for node in built.nodes:
        load = loads[node.id]
        if any(load[phase] > round(node.limit[phase] * 1000) for phase in range(3)):
            wrong.append(f"{node.id} carries {load} mA, its limit is {node.limit} A")
        if node.imbalance is not None and max(load) - min(load) > node.imbalance * 1000:
            wrong.append(f"{node.id} is uneven: {load} mA")
    return wrong


def timed(work: Callable[[], object]) -> float:
    """Milliseconds of CPU for one call."""
    gc.collect()
    before = time.process_time()
    work()
    return 1000 * (time.process_time() - before)


def measure(sizes: list[int], rounds: int) -> Result:
    """Box and floor in turn; the medians of the rounds."""
    box: dict[str, dict[str, float]] = {}
    least: dict[str, float] = {}
    wrong: list[str] = []
    for size in sizes:
        box[str(size)] = {}
        floors = []
        for name, kind in KINDS.items():
            found, claims = site(size, kind)
            tree = Tree(found)
            plan, limits = flat(found, claims)
            shared = allocate(tree, {}, claims)
            currents = {evse: grant.current for evse, grant in shared.items()}
            wrong += [f"{size} EVSEs, {name}: {each}" for each in broken(found, claims, currents)]
            if kind.imbalance is None and {e for e, got in floor(plan, limits).items() if got} != {
                e for e, got in currents.items() if got
            }:
                wrong.append(f"{size} EVSEs, {name}: the floor lets others in")
            times = [
                (timed(lambda t=tree, c=claims: allocate(t, {}, c)), timed(lambda p=plan, s=limits: floor(p, s)))  # type: ignore[misc]
                for _ in range(rounds)
            ]
            box[str(size)][name] = median(each[0] for each in times)
            floors.append(median(each[1] for each in times))
        least[str(size)] = median(floors)
    return Result(box_ms=box, floor_ms=least, wrong=wrong)


def misses(result: Result) -> list[str]:
    """The goals that are missed."""
    slow = [
        f"{size} EVSEs, {name}: {ms:.1f} ms, goal {GOAL_MS[int(size)]:.0f}"
        for size, times in result.box_ms.items()
        for name, ms in times.items()
        if ms > GOAL_MS.get(int(size), float("inf"))
    ]
    return slow + result.wrong


def table(result: Result) -> str:
    """The figures as text."""
    sizes = list(result.box_ms)
    lines = ["sharing current once, ms" + " " * 6 + "".join(f"{int(size):>10,} EVSEs" for size in sizes)]
    lines += [f"  {name:28}" + "".join(f"{result.box_ms[size][name]:16.2f}" for size in sizes) for name in KINDS]
    lines.append(f"  {'floor':28}" + "".join(f"{result.floor_ms[size]:16.2f}" for size in sizes))
    ratios = [max(result.box_ms[size].values()) / result.floor_ms[size] for size in sizes]
    lines.append(f"  {'worst case to floor':28}" + "".join(f"{each:15.1f}x" for each in ratios))
    return "\n".join(lines)


def main() -> int:
    """Run the benchmark; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.allocate", description="What sharing current costs.")
    parser.add_argument("--sizes", default="100,1000,10000", help="numbers of EVSEs (100,1000,10000)")
    parser.add_argument("--rounds", type=int, default=7, help="rounds, box and floor in turn (7)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here, too")
    args = parser.parse_args()
    result = measure([int(each) for each in args.sizes.split(",")], args.rounds)
    if args.json is not None:
        args.json.write_bytes(orjson.dumps(asdict(result), option=orjson.OPT_INDENT_2))
    print(table(result))
    missed = misses(result)
    for each in missed:
        print(f"missed: {each}")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
