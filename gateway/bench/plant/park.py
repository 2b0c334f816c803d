"""A car park of twenty EVSEs behind a main fuse and two sub-feeders."""

from __future__ import annotations

from random import Random

from gateway.bench.plant.fallback import with_fallback
from gateway.bench.plant.loads import Pulses, Series, even, single, spans, worst
from gateway.bench.plant.scenario import Scenario
from gateway.bench.plant.visit import HOUR, MINUTE, Visit, draw
from gateway.load.site import Control, Evse, Fuse, LoadSite, Node

_DAY = 86_400.0
_WEST = 12
_EVSES = 20
_ON_OFF = (3, 9, 15)
_ON_OFF_ONE_PHASE = (18,)
_UNMEASURED = (1, 6, 9, 13, 17)
_ROTATIONS = ((0, 1, 2), (1, 2, 0), (2, 0, 1))


def park(seed: int, days: float = 1.0) -> Scenario:
    """Lay down days at a car park, from midnight on.

    Args:
        seed: Names the days.
        days: How many.
    """
    rng = Random(f"park {seed}")
    seconds = days * _DAY
    main, small = _building(rng, seconds)
    nodes = (
        Node(
            id="main",
            parent="",
            limit=even(100.0),
            rated=100.0,
            metered=True,
            base_failsafe=worst(main, small),
            imbalance=20.0,
        ),
        Node(id="west", parent="main", limit=even(63.0), rated=63.0, metered=True, base_failsafe=worst(small)),
        Node(id="east", parent="main", limit=even(40.0), rated=50.0, fuse=Fuse.B),
    )
    site = with_fallback(LoadSite(name="park", nodes=nodes, evses=tuple(_evse(n, rng) for n in range(_EVSES))))
    names = [evse.id for evse in site.evses]
    return Scenario(
        name=f"park {seed}",
        site=site,
        seconds=seconds,
        visits=tuple(visit for evse in site.evses for visit in _visits(rng, evse.id, seconds)),
        base={"main": main, "west": small},
        meters_lost={name: spans(rng, seconds, per_day=1.5, shortest=1, longest=8) for name in ("main", "west")},
        stations_lost={name: spans(rng, seconds, per_day=0.4, shortest=0.3, longest=30) for name in names},
        faults={name: spans(rng, seconds, per_day=0.05, shortest=2, longest=30) for name in names},
    )


def _evse(number: int, rng: Random) -> Evse:
    phases: tuple[int, ...] = _ROTATIONS[number % 3] if rng.random() < 9 / 10 else rng.choice(_ROTATIONS)
    on_off = number in _ON_OFF or number in _ON_OFF_ONE_PHASE
    if number in _ON_OFF_ONE_PHASE:
        phases = phases[:1]
    return Evse(
        id=f"P{number + 1:02}",
        node="west" if number < _WEST else "east",
        maximum=16.0 if on_off else rng.choice((16.0, 32.0, 32.0)),
        phases=phases,
        control=Control.ONOFF if on_off else Control.AMP,
        fixed=16.0 if on_off else 0.0,
        failsafe_timeout=rng.choice((30.0, 60.0, 120.0)),
        measured=number not in _UNMEASURED,
    )


def _visits(rng: Random, evse: str, seconds: float) -> list[Visit]:
    """Commuters or customers by day, residents by night."""
    visits = []
    for day in range(int(-(-seconds // _DAY))):
        start = day * _DAY
        stays = []
        if rng.random() < 3 / 4:
            stays.append((rng.uniform(6.5, 9.5), rng.uniform(14.5, 17), rng.uniform(12, 45)))
        else:
            stays.append((rng.uniform(8, 10), rng.uniform(10.5, 12.5), rng.uniform(8, 25)))
            stays.append((rng.uniform(12.7, 14), rng.uniform(14.5, 16.8), rng.uniform(8, 25)))
        if rng.random() < 3 / 5:
            stays.append((rng.uniform(17.2, 20), rng.uniform(23, 24), rng.uniform(15, 50)))
        for number, (begin, end, energy) in enumerate(stays):
            name = f"{evse} {day}-{number}"
            span = (start + begin * HOUR, start + end * HOUR)
            if span[0] < seconds:
                visits.append(draw(rng, name=name, evse=evse, span=span, energy=energy * 1000))
    return visits


def _building(rng: Random, seconds: float) -> tuple[Series, Series]:
    """Ventilation, air conditioning, lifts and light on the main fuse; a gate and light on the western feeder."""
    main = Pulses(seconds, (9.0, 6.0, 7.0))
    main.hum(15.0, 1.5, rng)
    for day in range(int(-(-seconds // _DAY))):
        start = day * _DAY
        open_ = (start + 6 * HOUR, start + 21 * HOUR)
        main.add(open_[0], open_[1] - open_[0], (5.0, 4.0, 7.0))  # light
        main.cycle(open_, 14 * MINUTE, 11 * MINUTE, even(rng.uniform(9, 14)), rng)  # air conditioning
        main.cycle((start, start + _DAY), 20 * MINUTE, 40 * MINUTE, even(6.0), rng)  # ventilation
        for lift in (11.0, 8.0):
            main.cycle(open_, 25.0, 240.0, even(lift), rng)
    small = Pulses(seconds, (1.0, 0.5, 0.5))
    small.cycle((0.0, seconds), 20.0, 420.0, single(1, 3.0), rng)
    return main.series(55.0), small.series(10.0)
