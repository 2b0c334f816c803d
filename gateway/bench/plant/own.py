"""Days at a site of one's own: cars, other loads and faults are drawn, circuits and EVSEs are those of its site file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING

from gateway.bench.plant.habits import Habit, stays
from gateway.bench.plant.loads import spans
from gateway.bench.plant.own_limits import limits
from gateway.bench.plant.own_loads import others, with_cars
from gateway.bench.plant.scenario import Scenario
from gateway.bench.plant.visit import draw
from gateway.bench.plant.window import window

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateway.bench.plant.visit import Visit
    from gateway.load.build import Built

_DAY = 86_400.0
_MIXED = (Habit.HOME, Habit.PUBLIC, Habit.WORK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be drawn.

    Attributes:
        seed: Names the days.
        days: How many.
        begin: Seconds after the midnight of a Monday.
        habit: When cars come; None: some come in each way.
        faults: Whether meters and stations are lost at times.
    """

    seed: int
    days: float = 1.0
    begin: float = 0.0
    habit: Habit | None = None
    faults: bool = True


def own(built: Built, wish: Wish) -> Scenario:
    """Lay down days at a site. The day before is drawn, too, for cars that are there when the run begins.

    Args:
        built: The site, as its file says.
        wish: What is to be drawn.
    """
    rng = Random(f"own {wish.seed}")
    site, skip = built.site, _DAY + wish.begin
    seconds = skip + wish.days * _DAY
    stays_of = {
        each.id: tuple(_visits(Random(rng.random()), each.id, seconds, wish.habit or _MIXED[place % len(_MIXED)]))
        for place, each in enumerate(built.whole.evses)
    }
    base = dict(others(built.whole, seconds, Random(rng.random())))
    for name in built.unlimited:
        evse = built.whole.evse[name]
        flow = [evse.fixed if phase in evse.phases else 0.0 for phase in range(3)]
        base[evse.node] = with_cars(base.get(evse.node, ()), stays_of[name], (flow[0], flow[1], flow[2]), site.voltage)
    lost = Random(rng.random())
    rates = (
        {"meter": 2.0, "station": 0.7, "fault": 0.1} if wish.faults else {"meter": 0.0, "station": 0.0, "fault": 0.0}
    )
    names = [each.id for each in site.evses]
    whole = Scenario(
        name=f"{site.name} {wish.seed}",
        site=site,
        seconds=seconds,
        visits=tuple(_prioritised(visit, built.priorities) for name in names for visit in stays_of[name]),
        base=base,
        limits=limits(built, seconds, Random(rng.random())),
        meters_lost={
            node.id: spans(lost, seconds, per_day=rates["meter"], shortest=0.5, longest=8)
            for node in site.nodes
            if node.metered
        },
        stations_lost={
            each: spans(lost, seconds, per_day=rates["station"], shortest=0.3, longest=20) for each in names
        },
        faults={each: spans(lost, seconds, per_day=rates["fault"], shortest=2, longest=20) for each in names},
        loss=0.01 if wish.faults else 0.0,
    )
    return window(whole, skip, seconds)


def _visits(rng: Random, evse: str, seconds: float, habit: Habit) -> Iterator[Visit]:
    for number, (span, energy) in enumerate(stays(rng, seconds, habit)):
        yield draw(rng, name=f"{evse} {number}", evse=evse, span=span, energy=energy)


def _prioritised(visit: Visit, priorities: Mapping[str, int]) -> Visit:
    return replace(visit, priority=priorities.get(visit.evse, 0))
