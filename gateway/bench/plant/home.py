"""A cabinet of two EVSEs with a home behind 35 A."""

from __future__ import annotations

from random import Random

from gateway.bench.plant.loads import Pulses, even, single, spans, worst
from gateway.bench.plant.scenario import Scenario
from gateway.bench.plant.visit import HOUR, MINUTE, STRONG, Visit, draw
from gateway.load.site import Evse, LoadSite, Node

_DAY = 86_400.0
_MOST = 28.0  # A that the home draws at most on a phase: 0.8 of the fuse
_DIMMED = even(11.0)  # section 14a EnWG for two devices: 7.56 kW


def home(seed: int, days: float = 1.0) -> Scenario:
    """Lay down days at a home, from noon on.

    Args:
        seed: Names the days.
        days: How many.
    """
    rng = Random(f"home {seed}")
    seconds = days * _DAY
    loads = _appliances(rng, seconds)
    site = LoadSite(
        name="home",
        nodes=(
            Node(
                id="main",
                parent="",
                limit=even(35.0),
                rated=35.0,
                metered=True,
                base_failsafe=worst(loads),
                imbalance=20.0,
            ),
            Node(id="cabinet", parent="main", limit=even(32.0), rated=32.0),
        ),
        evses=(
            Evse(id="left", node="cabinet", maximum=32.0, phases=(0, 1, 2), failsafe=6.0, failsafe_timeout=60.0),
            Evse(
                id="right",
                node="cabinet",
                maximum=32.0,
                phases=rng.choice(((1, 2, 0), (2, 0, 1))),
                failsafe=0.0,
                failsafe_timeout=60.0,
            ),
        ),
    )
    dimmed = [day * _DAY + rng.uniform(5, 8) * HOUR for day in range(_ceil(days)) if rng.random() < 1 / 2]
    return Scenario(
        name=f"home {seed}",
        site=site,
        seconds=seconds,
        visits=tuple(_visits(rng, seconds)),
        base={"main": loads},
        limits={"cabinet": tuple(e for at in dimmed for e in ((at, _DIMMED), (at + HOUR, None)))},
        meters_lost={"main": spans(rng, seconds, per_day=2, shortest=1, longest=8)},
        stations_lost={name: spans(rng, seconds, per_day=0.7, shortest=0.3, longest=20) for name in ("left", "right")},
        faults={name: spans(rng, seconds, per_day=0.1, shortest=2, longest=20) for name in ("left", "right")},
    )


def _visits(rng: Random, seconds: float) -> list[Visit]:
    """Each evening a car at both, some days one at noon."""
    visits = []
    for evse in ("left", "right"):
        for day in range(_ceil(seconds / _DAY)):
            start = day * _DAY
            if rng.random() < 1 / 2:
                arrival = start + rng.uniform(0, 2) * HOUR
                leaves = arrival + rng.uniform(1.2, 2.5) * HOUR
                visits.append(_visit(rng, evse, f"{evse} noon {day}", (arrival, leaves), rng.uniform(12, 35)))
            arrival = start + rng.uniform(4.5, 8.5) * HOUR
            leaves = arrival + rng.uniform(4, 9) * HOUR
            visits.append(_visit(rng, evse, f"{evse} evening {day}", (arrival, leaves), rng.uniform(55, 110)))
    return [each for each in visits if each.arrival < seconds]


def _visit(rng: Random, evse: str, name: str, span: tuple[float, float], energy: float) -> Visit:
    return draw(rng, name=name, evse=evse, span=span, energy=energy * 1000, mix=STRONG)


def _appliances(rng: Random, seconds: float) -> tuple[tuple[float, tuple[float, float, float]], ...]:
    loads = Pulses(seconds, (0.8, 1.2, 0.6))
    loads.hum(20.0, 0.6, rng)
    whole = (0.0, seconds)
    loads.cycle(whole, 15 * MINUTE, 30 * MINUTE, single(0, 0.6), rng)  # refrigerator
    loads.cycle(whole, 25 * MINUTE, 40 * MINUTE, even(rng.uniform(4, 7)), rng)  # heat pump
    for day in range(_ceil(seconds / _DAY)):
        start = day * _DAY
        for _ in range(rng.randint(2, 5)):  # kettle
            loads.add(start + rng.uniform(0, 24) * HOUR, rng.uniform(2, 5) * MINUTE, single(1, 9.0))
        dinner = start + rng.uniform(5.5, 8) * HOUR
        loads.cycle((dinner, dinner + 50 * MINUTE), 90.0, 60.0, (0.0, 8.0, 7.0), rng)  # hob
        loads.add(dinner, 10 * MINUTE, single(2, 13.0))  # oven
        loads.cycle((dinner + 10 * MINUTE, dinner + 45 * MINUTE), 2 * MINUTE, 4 * MINUTE, single(2, 13.0), rng)
        wash = start + rng.uniform(0, 22) * HOUR
        loads.add(wash, 18 * MINUTE, single(0, 9.0))
        loads.cycle((wash + 90 * MINUTE, wash + 150 * MINUTE), 8 * MINUTE, 2 * MINUTE, single(0, 10.0), rng)  # dryer
        dishes = dinner + rng.uniform(1, 2) * HOUR
        loads.add(dishes + 5 * MINUTE, 12 * MINUTE, single(1, 9.0))
        loads.add(dishes + 50 * MINUTE, 12 * MINUTE, single(1, 9.0))
        shower = start + rng.uniform(18, 20) * HOUR
        loads.add(shower, rng.uniform(4, 8) * MINUTE, even(rng.uniform(12, 18)))  # instantaneous heater
    return loads.series(_MOST)


def _ceil(value: float) -> int:
    return int(-(-value // 1))
