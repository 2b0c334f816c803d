"""Who has more than its share gives it up for others: for those who have much less, and for those whose turn it is."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from gateway.load.stage import HAIR, whole

if TYPE_CHECKING:
    from gateway.load.stage import Stage


def share(stage: Stage) -> None:
    """Who has much more than its share goes down to it where somebody has much less than its own."""
    view, policy = stage.view, stage.policy
    poor = set[int]()
    for name, fair in stage.targets.items():
        if fair.current - stage.set(name) >= policy.unfair and stage.may_rise(name):
            poor.update(view.paths[name])
    for name, fair in stage.targets.items():
        kept = view.t - stage.cars[name].told_at < policy.keep
        if name in stage.writes or kept or fair.current <= 0 or stage.set(name) - fair.current < policy.unfair:
            continue
        if not poor.isdisjoint(view.paths[name]):
            stage.writes[name] = fair.current


def make_room(stage: Stage) -> None:
    """Make room for the minimum of those whose turn it is, one after the other.

    Mostly it becomes free by itself, as other loads go down; only who has waited for that in vain takes it from others.
    """
    view = stage.view
    for name in view.claims:
        called = stage.set(name) <= 0 and stage.lasting[name].current > 0
        stage.cars[name].called = min(stage.cars[name].called, view.t) if called else inf
    waiting = stage.waiting()
    if not waiting:
        return
    load = view.load(view.base(stage.policy.hold), stage.after)
    free = [view.full(cell) - amps for cell, amps in enumerate(load)]
    for name in waiting:
        least, car = view.claims[name].least, stage.cars[name]
        lacking = {cell: least - free[cell] for cell in view.paths[name] if free[cell] < least}
        if lacking and view.t - car.called < stage.policy.patience:
            continue
        given = _given_up(stage, name, lacking)
        if any(amps > HAIR for amps in lacking.values()):
            continue
        for donor, after in given.items():
            gain = stage.after(stage.cars[donor]) - after
            for cell in view.paths[donor]:
                free[cell] += gain
            stage.writes[donor] = after
        for cell in view.paths[name]:
            free[cell] -= least
        stage.next.append(name)


def _given_up(stage: Stage, waiting: str, lacking: dict[int, float]) -> dict[str, float]:
    """Who gives up how much, so that nothing is lacking: first whose turn is over, then what is above a lasting share."""
    view, lasting = stage.view, stage.lasting
    donors = [name for name in view.claims if name not in stage.writes and stage.set(name) > lasting[name].current]
    donors = [name for name in donors if view.t - stage.cars[name].told_at >= stage.policy.pace]
    rank = view.claims[waiting].rank
    donors = [name for name in donors if lasting[name].current > 0 or view.claims[name].rank > rank]
    donors.sort(key=lambda name: (lasting[name].current > 0, lasting[name].current - stage.set(name), name))
    given: dict[str, float] = {}
    for name in donors:
        needed = max((lacking[cell] for cell in view.paths[name] if cell in lacking), default=0.0)
        least, flows = lasting[name].current, stage.after(stage.cars[name])
        if needed <= HAIR:
            continue
        after = max(least, whole(flows - needed, stage.cars[name].evse.step)) if least > 0 else 0.0
        if after < min(flows, stage.set(name)) - HAIR:
            given[name] = after
            for cell in view.paths[name]:
                if cell in lacking:
                    lacking[cell] -= flows - after
    return given
