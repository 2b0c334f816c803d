"""A depot of two hundred EVSEs behind a main fuse and ten sub-feeders."""

from __future__ import annotations

from random import Random

from gateway.bench.plant.fallback import with_fallback
from gateway.bench.plant.loads import Pulses, Series, even, single, spans, worst
from gateway.bench.plant.scenario import Scenario
from gateway.bench.plant.visit import HOUR, MINUTE, Visit, draw
from gateway.load.site import Evse, LoadSite, Node

_DAY = 86_400.0
_EVSES = 200
_FEEDERS = (250, 200, 160, 160, 160, 160, 160, 160, 125, 125)
_UNMETERED = (3, 7)
_MAIN = 800.0
_PEAK = even(650.0)  # what the grid operator leaves in the evening peak
_ROTATIONS = ((0, 1, 2), (1, 2, 0), (2, 0, 1))


def depot(seed: int, days: float = 1.0) -> Scenario:
    """Lay down days at a depot, from noon on.

    Args:
        seed: Names the days.
        days: How many.
    """
    rng = Random(f"depot {seed}")
    seconds = days * _DAY
    base = {"main": _building(rng, seconds), "F1": _workshop(rng, seconds), "F2": _workshop(rng, seconds)}
    nodes = [
        Node(
            id="main",
            parent="",
            limit=even(_MAIN),
            rated=_MAIN,
            metered=True,
            base_failsafe=worst(*base.values()),
            imbalance=20.0,
        )
    ]
    for number, rated in enumerate(_FEEDERS, 1):
        name = f"F{number}"
        own = worst(base[name]) if name in base else even(0.0)
        nodes.append(
            Node(
                id=name,
                parent="main",
                limit=even(float(rated)),
                rated=float(rated),
                metered=number not in _UNMETERED,
                base_failsafe=own,
            )
        )
    evses = tuple(_evse(number, rng) for number in range(_EVSES))
    site = with_fallback(LoadSite(name="depot", nodes=tuple(nodes), evses=evses))
    peaks = [day * _DAY + 5 * HOUR for day in range(int(-(-days // 1)))]
    names = [evse.id for evse in site.evses]
    return Scenario(
        name=f"depot {seed}",
        site=site,
        seconds=seconds,
        visits=tuple(visit for evse in site.evses for visit in _visits(rng, evse.id, seconds)),
        base=base,
        limits={"main": tuple(e for at in peaks for e in ((at, _PEAK), (at + 3 * HOUR, None)))},
        meters_lost={
            node.id: spans(rng, seconds, per_day=1, shortest=1, longest=6) for node in site.nodes if node.metered
        },
        stations_lost={name: spans(rng, seconds, per_day=0.15, shortest=0.3, longest=30) for name in names},
        faults={name: spans(rng, seconds, per_day=0.02, shortest=5, longest=40) for name in names},
    )


def _evse(number: int, rng: Random) -> Evse:
    return Evse(
        id=f"D{number + 1:03}",
        node=f"F{number % len(_FEEDERS) + 1}",
        maximum=rng.choice((16.0, 32.0, 32.0)),
        phases=_ROTATIONS[number // len(_FEEDERS) % 3] if rng.random() < 4 / 5 else rng.choice(_ROTATIONS),
        failsafe_timeout=rng.choice((30.0, 60.0, 120.0)),
        measured=rng.random() < 19 / 20,
    )


def _visits(rng: Random, evse: str, seconds: float) -> list[Visit]:
    """Vans come back in the evening and leave in the morning; some stop by in the afternoon."""
    visits = []
    for day in range(int(-(-seconds // _DAY))):
        start = day * _DAY
        if rng.random() < 1 / 4:
            arrival, leaves = start + rng.uniform(0.2, 2) * HOUR, start + rng.uniform(2.5, 4) * HOUR
            visits.append(_visit(rng, evse, f"{evse} noon {day}", (arrival, leaves), rng.uniform(8, 25)))
        if rng.random() < 19 / 20:
            arrival = start + min(10.0, max(4.1, rng.gauss(6, 1.2))) * HOUR
            leaves = start + rng.uniform(16.5, 20) * HOUR
            visits.append(_visit(rng, evse, f"{evse} night {day}", (arrival, leaves), rng.uniform(25, 70)))
    return [each for each in visits if each.arrival < seconds]


def _visit(rng: Random, evse: str, name: str, span: tuple[float, float], energy: float) -> Visit:
    return draw(rng, name=name, evse=evse, span=span, energy=energy * 1000)


def _building(rng: Random, seconds: float) -> Series:
    """Halls and offices."""
    loads = Pulses(seconds, (42.0, 35.0, 38.0))
    loads.hum(10.0, 8.0, rng)
    whole = (0.0, seconds)
    loads.cycle(whole, 12 * MINUTE, 18 * MINUTE, even(28.0), rng)  # compressors
    loads.cycle(whole, 18 * MINUTE, 12 * MINUTE, even(22.0), rng)  # heating
    loads.cycle(whole, 4 * MINUTE, 25 * MINUTE, even(35.0), rng)  # washing of vehicles
    loads.cycle(whole, 3 * MINUTE, 8 * MINUTE, single(1, 12.0), rng)
    for day in range(int(-(-seconds // _DAY))):
        start = day * _DAY
        loads.add(start, 9 * HOUR, (30.0, 34.0, 25.0))
        loads.add(start + 17 * HOUR, 7 * HOUR, (30.0, 34.0, 25.0))
    return loads.series(230.0)


def _workshop(rng: Random, seconds: float) -> Series:
    loads = Pulses(seconds, (4.0, 5.0, 3.0))
    loads.hum(20.0, 2.0, rng)
    loads.cycle((0.0, seconds), 3 * MINUTE, 15 * MINUTE, even(16.0), rng)
    loads.cycle((0.0, seconds), 60.0, 10 * MINUTE, single(0, 12.0), rng)
    return loads.series(50.0)
