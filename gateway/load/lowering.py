"""Less at once: where nobody may charge, where a circuit has too much, and where phases are loaded too unevenly."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from gateway.load.allocator import Grant
from gateway.load.balance import Balance, certain
from gateway.load.cells import PHASES
from gateway.load.decision import Cause, Reason
from gateway.load.site import Control
from gateway.load.stage import whole

if TYPE_CHECKING:
    from gateway.load.car import Car
    from gateway.load.stage import Stage

TAKES = 10.0
"""A that a car takes for certain where nobody measures it: not more is counted on when it is lowered."""
UNEVEN = 0.2
"""A by which the imbalance rule may seem to be broken: measurements are not better."""


def idle(stage: Stage) -> None:
    """Where no car may charge, nothing is allowed; where one takes nothing, its minimum."""
    claims = stage.view.claims
    for name, car in stage.cars.items():
        seen = car.seen
        if car.setpoint <= 0 or seen is None or not seen.online:
            continue
        least = claims[name].least if name in claims else 0.0
        if name not in claims or (car.quiet and car.setpoint > least):
            stage.writes[name] = least


def cut(stage: Stage) -> None:
    """Where a circuit has too much, as much less as it takes, from few."""
    view, depth = stage.view, stage.policy.depth
    worst = view.worst()
    load = view.load(worst, stage.after)
    over = {cell: amps - view.trip(cell) + depth for cell, amps in enumerate(load) if amps > view.trip(cell)}
    if not over:
        return
    names = [name for name in stage.targets if stage.set(name) > 0 and not over.keys().isdisjoint(view.paths[name])]
    _take(stage, names, {name: stage.targets[name].current for name in names}, over)
    if any(amps > 0 for amps in over.values()):
        # What has just risen is not yet in what is shared.
        now = view.grants([max(a, b) for a, b in zip(worst, view.base(stage.policy.hold), strict=True)], names)
        stage.targets = {**stage.targets, **now}
        _take(stage, names, {name: now[name].current for name in names}, over)
    if any(amps > 0 for amps in over.values()):
        last = sorted(names, key=lambda name: view.claims[name].rank, reverse=True)
        _take(stage, [name for name in last if stage.cars[name].tells], dict.fromkeys(last, 0.0), over)
    for name in names:
        if stage.set(name) < stage.targets[name].current:
            cell = next(cell for cell in view.paths[name] if cell in over)
            reason = Reason(cause=Cause.CIRCUIT, node=view.site.nodes[cell // PHASES].id, phase=cell % PHASES)
            stage.targets[name] = Grant(current=stage.set(name), reason=reason)
        if stage.set(name) <= 0:
            view.paused(cell for cell in view.paths[name] if cell in over)


def _take(stage: Stage, names: list[str], fair: dict[str, float], over: dict[int, float]) -> None:
    """Lower EVSEs to what is fair as far as too much flows; what they give up is taken off that."""
    # Who has most above its share comes first; nobody is paused where that is enough, as it may be over soon.
    names = sorted(names, key=lambda name: (fair[name] <= 0, fair[name] - stage.set(name)))
    # Of a car that nobody measures it is not known whether it draws what it is allowed, and gives up what it is told to:
    # only where all others together are not enough it has to do.
    unsure = [name for name in names if not stage.cars[name].tells]
    hoped = over.copy()
    _spread(stage, [name for name in unsure if fair[name] <= 0], fair, hoped)
    gained = {cell: over[cell] - amps for cell, amps in hoped.items()}
    _spread(stage, [name for name in names if stage.cars[name].tells], fair, over)
    for cell, amps in gained.items():
        over[cell] -= amps
    _spread(stage, [name for name in unsure if fair[name] > 0], fair, over)


def _spread(stage: Stage, names: list[str], fair: dict[str, float], over: dict[int, float]) -> None:
    """Lower one after the other, until it is enough; first by a lump each, then to what is left to them."""
    for lump in (stage.policy.lump, 0.0):
        for name in names:
            needed = max((over[cell] for cell in stage.view.paths[name] if cell in over), default=0.0)
            if needed > 0 and stage.cars[name].will() > 0:
                amps = _lower(stage, name, fair[name], needed, lump)
                for cell in stage.view.paths[name]:
                    if cell in over:
                        over[cell] -= amps


def _lower(stage: Stage, name: str, fair: float, needed: float, lump: float) -> float:
    """Lower an EVSE as far as may be; by how many A."""
    car, before = stage.cars[name], stage.set(name)
    lowest = fair
    if lowest > 0 and car.evse.control is Control.AMP:
        lowest = max(car.evse.minimum, lowest - lump)
    wanted = whole(min(before, car.will()) - needed, car.evse.step) if lowest > 0 and car.tells else 0.0
    after = max(lowest, min(before, wanted))
    if after >= before:
        return 0.0
    stage.writes[name] = after
    return max(0.0, min(before, car.takes(), inf if car.tells else TAKES) - after)


def level(stage: Stage) -> None:
    """Where one phase has too much more than another, less of it."""
    view, fair, cars = stage.view, stage.targets, stage.cars

    def most(car: Car) -> float:
        """A car that is measured does not count before it is seen to draw: then its phases are known."""
        return 0.0 if car.tells and car.used is None else stage.after(car)

    def least(car: Car) -> float:
        """Who is on its way up evens out no more than it draws by now."""
        return min(most(car), certain(car))

    now = Balance(view, most, least)
    for node, p, q, excess in now.broken(UNEVEN):
        names = now.tips((name for name in fair if stage.set(name) > 0), node, p, q)
        names.sort(key=lambda name: (fair[name].current > 0, fair[name].current - stage.set(name), name))
        needed = excess + UNEVEN
        known = [name for name in names if cars[name].used is not None]
        steps = [(name, fair[name].current) for name in known]
        steps += [(name, view.claims[name].least) for name in known]
        # Of whom nobody knows what they load begin anew, one by one: then it shows.
        steps += [(name, 0.0) for name in names if cars[name].used is None] + [(name, 0.0) for name in known]
        for name, lowest in steps:
            if needed > 0:
                needed -= _tip(stage, name, lowest, needed)


def _tip(stage: Stage, name: str, lowest: float, needed: float) -> float:
    """Lower an EVSE by so much if it can be; by how much it was."""
    car, before = stage.cars[name], stage.set(name)
    flowing = min(before, car.will())
    wanted = whole(flowing - needed, car.evse.step)
    minimum = stage.view.claims[name].least
    after = max(lowest, wanted if wanted >= minimum or lowest > 0 else 0.0)
    if after >= before:
        return 0.0
    stage.writes[name] = after
    return max(0.0, flowing - after)
