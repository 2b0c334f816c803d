"""Who has more than its share gives it up for others: for those who have much less, and for those whose turn it is."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from gateway.load.balance import Balance, certain
from gateway.load.car import Car
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


def tip(stage: Stage) -> None:
    """Where cars wait as one phase is loaded so much more than another, who does that goes down to a lasting share."""
    view, lasting = stage.view, stage.lasting
    waiting = [name for name in stage.waiting() if view.t - stage.cars[name].called >= stage.policy.pace]
    if not waiting or all(node.imbalance is None for node in view.site.nodes):
        return
    balance = Balance(view, Car.may, certain)
    lacking: dict[tuple[str, int], float] = {}
    for name in waiting:
        for key, amps in balance.slack(name).items():
            if amps < view.claims[name].least:
                lacking[key] = max(lacking.get(key, 0.0), view.claims[name].least - amps)
    if not lacking:
        return
    donors = [name for name in lasting if name not in stage.writes and stage.set(name) > lasting[name].current > 0]
    donors = [name for name in donors if view.t - stage.cars[name].told_at >= stage.policy.pace]
    donors.sort(key=lambda name: (lasting[name].current - stage.set(name), name))
    for name in donors:
        keys = [key for key in balance.tilt(name) if key in lacking]
        needed = max((lacking[key] for key in keys), default=0.0)
        flows = stage.after(stage.cars[name])
        after = max(lasting[name].current, whole(flows - needed, stage.cars[name].evse.step))
        if needed > HAIR and after < flows - HAIR:
            stage.writes[name] = after
            for key in keys:
                lacking[key] -= flows - after
    unsure = [name for name in view.claims if stage.set(name) > 0 and name not in stage.writes]
    unsure = [name for name in unsure if stage.cars[name].used is None and not stage.cars[name].tells]
    unsure.sort(key=lambda name: stage.cars[name].told_at)
    for name in unsure:
        tilts = any(lacking.get(key, 0.0) > HAIR for key in balance.tilt(name))
        if tilts and view.t - stage.cars[name].told_at >= stage.policy.keep and not view.confuses(name):
            stage.writes[name] = 0.0
            return


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
        given = _given_up(stage, lacking)
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


def _given_up(stage: Stage, lacking: dict[int, float]) -> dict[str, float]:
    """Who gives up how much, so that nothing is lacking: first whose turn is over, then what is above a lasting share."""
    view, lasting = stage.view, stage.lasting
    donors = [name for name in view.claims if name not in stage.writes and stage.set(name) > lasting[name].current]
    donors = [name for name in donors if view.t - stage.cars[name].told_at >= stage.policy.pace]
    donors.sort(key=lambda name: (lasting[name].current > 0, lasting[name].current - stage.set(name), name))
    given: dict[str, float] = {}
    for name in donors:
        needed = max((lacking[cell] for cell in view.paths[name] if cell in lacking), default=0.0)
        least, flows = lasting[name].current, stage.after(stage.cars[name])
        if needed <= HAIR:
            continue
        after = max(least, whole(flows - needed, stage.cars[name].evse.step)) if least > 0 else 0.0
        if after < flows - HAIR:
            given[name] = after
            for cell in view.paths[name]:
                if cell in lacking:
                    lacking[cell] -= flows - after
    return given
