"""Any small site: a tree of fuses drawn by chance, where much goes wrong within hours."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from gateway.bench.plant.fallback import with_fallback
from gateway.bench.plant.loads import Pulses, Series, even, single, spans, worst
from gateway.bench.plant.scenario import Scenario
from gateway.bench.plant.visit import HOUR, MINUTE, STRONG, USUAL, Visit, draw
from gateway.load.site import Control, Evse, Fuse, LoadSite, Node

_DAY = 86_400.0
_RATINGS = (63.0, 50.0, 40.0, 35.0, 32.0, 25.0)
_ORDERS = ((0, 1, 2), (1, 2, 0), (2, 0, 1), (0, 2, 1))
_HOT = 24.0  # a day's faults come within an hour
_MOST = 0.6  # of a limit that other loads draw at most: with all that starts at once they stay below 0.9
_ON_OFF = 16.0


def anywhere(seed: int, days: float = 1 / 12) -> Scenario:
    """Lay down two hours, or more, at a site that is drawn as well.

    Args:
        seed: Names the site and its time.
        days: How many.
    """
    rng = Random(f"anywhere {seed}")
    seconds = days * _DAY
    nodes, base = _tree(rng, seconds)
    evses = tuple(_evse(number, rng, nodes) for number in range(rng.randint(2, 7)))
    site = with_fallback(LoadSite(name="anywhere", nodes=tuple(nodes), evses=evses))
    names = [evse.id for evse in site.evses]
    root = site.nodes[0]
    low = (root.limit[0] * 0.8, root.limit[1] * 0.8, root.limit[2] * 0.8)
    lowered = spans(rng, seconds, per_day=8, shortest=5, longest=20) if rng.random() < 1 / 2 else ()
    return Scenario(
        name=f"anywhere {seed}",
        site=site,
        seconds=seconds,
        visits=tuple(visit for name in names for visit in _visits(rng, name, seconds)),
        base=base,
        limits={root.id: tuple(edge for since, until in lowered for edge in ((since, low), (until, None)))},
        meters_lost={
            node.id: spans(rng, seconds, per_day=_HOT / 2, shortest=0.2, longest=5) for node in nodes if node.metered
        },
        stations_lost={name: spans(rng, seconds, per_day=_HOT / 4, shortest=0.1, longest=10) for name in names},
        faults={name: spans(rng, seconds, per_day=_HOT / 24, shortest=1, longest=10) for name in names},
        loss=0.02,
    )


def _tree(rng: Random, seconds: float) -> tuple[list[Node], dict[str, Series]]:
    """A root with a meter and other loads, and up to three circuits below it, some below each other."""
    rated = rng.choice(_RATINGS[:4])
    base = {"N0": _loads(rng, seconds, rated)}
    root = Node(
        id="N0", parent="", limit=even(rated), rated=rated, metered=True, imbalance=rng.choice((16.0, 20.0, None))
    )
    nodes = [root]
    for number in range(1, rng.randint(1, 4)):
        parent = rng.choice(nodes)
        rated = rng.choice([each for each in _RATINGS if each <= parent.rated])
        fuse = rng.choice((Fuse.GG, Fuse.GG, Fuse.B))
        # A breaker of curve B stands next to nothing above its rating: its cable or contract allows less.
        limit = rated * (1.0 if fuse is Fuse.GG else 0.8)
        node = Node(
            id=f"N{number}",
            parent=parent.id,
            limit=even(limit),
            rated=rated,
            fuse=fuse,
            metered=rng.random() < 1 / 2,
        )
        if node.metered and fuse is Fuse.GG and rng.random() < 1 / 3:
            base[node.id] = _loads(rng, seconds, limit / 3)
        nodes.append(node)
    site = LoadSite(name="", nodes=tuple(nodes), evses=())
    below = {node.id: [series for name, series in base.items() if node.id in site.path(name)] for node in nodes}
    return [replace(node, base_failsafe=worst(*below[node.id])) for node in nodes], base


def _evse(number: int, rng: Random, nodes: list[Node]) -> Evse:
    on_off = rng.random() < 1 / 8
    phases: tuple[int, ...] = rng.choice(_ORDERS)
    if rng.random() < 1 / 5:
        phases = phases[:1]
    return Evse(
        id=f"E{number}",
        node=rng.choice(nodes).id,
        maximum=_ON_OFF if on_off else rng.choice((16.0, 20.0, 32.0)),
        minimum=rng.choice((6.0, 6.0, 6.0, 8.0)),
        phases=phases,
        control=Control.ONOFF if on_off else Control.AMP,
        fixed=_ON_OFF if on_off else 0.0,
        failsafe_timeout=rng.choice((10.0, 60.0, 300.0)),
        measured=rng.random() < 5 / 6,
    )


def _visits(rng: Random, evse: str, seconds: float) -> list[Visit]:
    visits: list[Visit] = []
    at = rng.uniform(0, HOUR / 2)
    while at < seconds - 10 * MINUTE:
        span = (at, at + rng.uniform(0.3, 2) * HOUR)
        name = f"{evse} {len(visits)}"
        energy = rng.uniform(1, 25) * 1000
        visit = draw(rng, name=name, evse=evse, span=span, energy=energy, mix=rng.choice((USUAL, STRONG)))
        visits.append(replace(visit, allowed=10.0 if rng.random() < 1 / 10 else None))
        at = span[1] + rng.uniform(0.02, 0.5) * HOUR
    return visits


def _loads(rng: Random, seconds: float, rated: float) -> Series:
    """Standing load, small things, something on one phase and something on all."""
    share = rated / 35.0
    loads = Pulses(seconds, (rng.uniform(0.5, 4) * share, rng.uniform(0.5, 4) * share, rng.uniform(0.5, 4) * share))
    loads.hum(15.0, 0.7 * share, rng)
    whole = (0.0, seconds)
    loads.cycle(
        whole, rng.uniform(1, 8) * MINUTE, rng.uniform(3, 20) * MINUTE, single(rng.randrange(3), 10 * share), rng
    )
    loads.cycle(whole, rng.uniform(5, 15) * MINUTE, rng.uniform(5, 25) * MINUTE, even(7 * share), rng)
    loads.cycle(whole, 30.0, rng.uniform(2, 9) * MINUTE, single(rng.randrange(3), 8 * share), rng)
    return loads.series(_MOST * rated)
