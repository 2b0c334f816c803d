"""Where cars cannot begin as one phase is loaded so much more than another, those who do that give way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.load.balance import Balance, certain
from gateway.load.car import Car
from gateway.load.stage import HAIR, whole

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.load.stage import Stage

Lack = dict[tuple[str, int], float]
"""A that are lacking, by circuit and pair of phases."""


def tip(stage: Stage) -> None:
    """Make room for those who wait: who has more than lasts gives that up, and for who has waited for long others all they can."""
    view = stage.view
    waiting = [name for name in stage.waiting() if view.t - stage.cars[name].called >= stage.policy.pace]
    if not waiting or all(node.imbalance is None for node in view.site.nodes):
        return
    balance = Balance(view, Car.may, certain)
    lacking = _lacking(stage, balance, waiting)
    if not lacking:
        return
    claims, lasting = view.claims, stage.lasting
    donors = [name for name in claims if name not in stage.writes and stage.set(name) > 0]
    donors = [name for name in donors if view.t - stage.cars[name].told_at >= stage.policy.pace]
    some = [name for name in donors if lasting[name].current > 0]
    some.sort(key=lambda name: (lasting[name].current - stage.set(name), name))
    _give(stage, balance, {name: lasting[name].current for name in some}, lacking)
    _begin_anew(stage, balance, donors, lacking)
    owed = [name for name in waiting if _waited(stage, name)]
    lacking = {key: amps for key, amps in lacking.items() if key in _lacking(stage, balance, owed)}
    if lacking:
        donors.sort(key=lambda name: (claims[name].rank, name), reverse=True)
        _give(stage, balance, {name: claims[name].least for name in donors}, lacking)
        _give(stage, balance, {name: 0.0 for name in donors if claims[name].rank > claims[owed[0]].rank}, lacking)


def _waited(stage: Stage, name: str) -> bool:
    """Whether a car has waited for longer than anybody has to."""
    return stage.cars[name].waited >= stage.policy.rotation


def _lacking(stage: Stage, balance: Balance, waiting: Iterable[str]) -> Lack:
    """What the one who needs most needs more than there is; one begins after the other."""
    found: Lack = {}
    for name in waiting:
        least = stage.view.claims[name].least
        for key, amps in balance.slack(name).items():
            if amps < least - HAIR:
                found[key] = max(found.get(key, 0.0), least - amps)
    return found


def _give(stage: Stage, balance: Balance, lowest: dict[str, float], lacking: Lack) -> None:
    """Lower one after the other, to no less than its lowest, as far as it helps."""
    for name, least in lowest.items():
        keys = [key for key in balance.tilt(name) if key in lacking]
        needed = max((lacking[key] for key in keys), default=0.0)
        flows, step = stage.after(stage.cars[name]), stage.cars[name].evse.step
        after = max(least, whole(flows - needed, step)) if least > 0 else 0.0
        if needed > HAIR and after < min(flows, stage.set(name)) - HAIR:
            stage.writes[name] = after
            for key in keys:
                lacking[key] -= flows - after


def _begin_anew(stage: Stage, balance: Balance, donors: list[str], lacking: Lack) -> None:
    """Of whom nobody knows what it loads is paused, one at a time: when it stops or begins, its circuit's meter may show it."""
    cars, t = stage.cars, stage.view.t
    unsure = [name for name in donors if cars[name].unsure and not cars[name].tells and name not in stage.writes]
    for name in sorted(unsure, key=lambda name: cars[name].told_at):
        tilts = any(lacking.get(key, 0.0) > HAIR for key in balance.tilt(name))
        if tilts and t - cars[name].told_at >= stage.policy.keep and not stage.view.confuses(name):
            stage.writes[name] = 0.0
            return
