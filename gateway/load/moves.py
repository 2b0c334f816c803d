"""From how the current ought to be shared to the few setpoints that are worth writing, in a safe order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.load.handover import make_room, share
from gateway.load.lowering import cut, idle, level
from gateway.load.raising import rise
from gateway.load.stage import Stage
from gateway.load.tipping import tip

if TYPE_CHECKING:
    from gateway.load.view import View

LOOK = 3.0
"""Seconds that a station's setpoint may be old where it does not say when it was."""


def decide(view: View) -> Stage:
    """First what is less, then what is more."""
    stage = Stage(view)
    idle(stage)
    cut(stage)
    level(stage)
    share(stage)
    make_room(stage)
    tip(stage)
    rise(stage)
    repeat(stage)
    return stage


def repeat(stage: Stage) -> None:
    """Say again what a station does not show to have understood."""
    policy = stage.policy
    for name, car in stage.cars.items():
        seen = car.seen
        if name in stage.writes or seen is None or not seen.online or seen.setpoint is None:
            continue
        patience = policy.repeat_cut if seen.setpoint > car.setpoint else policy.repeat_raise
        looked = max(seen.t_meas, stage.view.t - LOOK)
        if abs(seen.setpoint - car.setpoint) > car.evse.step / 2 and looked - car.told_at >= patience + car.repeated:
            stage.writes[name] = car.setpoint
