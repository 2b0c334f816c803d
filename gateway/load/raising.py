"""More where it is seen to be free: the minimum for those who wait, and then few setpoints that are worth much each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.load.balance import Balance, certain
from gateway.load.car import Car
from gateway.load.stage import HAIR, whole
from gateway.load.turns import served

if TYPE_CHECKING:
    from gateway.load.stage import Stage


def rise(stage: Stage) -> None:
    """Let cars begin, and raise others, as far as that is seen to be free."""
    waiting = stage.waiting()
    some = [name for name in stage.targets if stage.may_rise(name)]
    if waiting or some:
        raising = Raising(stage)
        for name in waiting:
            raising.begin(name)
        claims, t = stage.view.claims, stage.view.t
        some.sort(key=lambda name: (-claims[name].priority, served(stage.cars[name], t), name))
        # What each has too little is mostly not worth a setpoint: then one after the other gets more than its share.
        for lump in (0.0, stage.policy.lump):
            for name in some:
                if name not in stage.writes:
                    raising.more(name, stage.targets[name].current + lump)


class Raising:
    """What is seen to be free, while it is given to one after the other."""

    def __init__(self, stage: Stage) -> None:
        """What was given up by others counts until it is seen to be gone."""
        self._stage, self._view = stage, stage.view
        self._balance = Balance(self._view, Car.may, certain)
        may = self._view.load([0.0] * len(self._view.limit), Car.may)
        full = [self._view.full(cell) - amps for cell, amps in enumerate(may)]
        self._free = {
            window: [room - amps for room, amps in zip(full, self._view.base(window), strict=True)]
            for window in (stage.policy.hold, *stage.policy.windows)
        }

    def begin(self, name: str) -> None:
        """Start a car that waits if it can have its minimum; what is free is kept for one whose room is being made."""
        least = self._view.claims[name].least
        if self._view.confuses(name):
            return
        after = self._reach(name, 0.0, max(least, self._stage.targets[name].current), self._stage.policy.hold)
        if after > 0:
            self._raise(name, after)
        elif name in self._stage.next:
            for row in self._free.values():
                for cell in self._view.paths[name]:
                    row[cell] -= least
            self._balance.keep(name, least)

    def more(self, name: str, most: float) -> None:
        """Raise a car, up to so many A, if that is worth a setpoint: what has been free for long may be little, and the reverse."""
        policy, car, now = self._stage.policy, self._stage.cars[name], self._stage.set(name)
        most = min(most, self._view.claims[name].most)
        if most <= now + HAIR:
            return
        price = policy.price(car.tokens)
        for window in self._free:
            if self._view.t - car.told_at >= window:
                after = self._reach(name, now, most, window)
                if after > now + HAIR and (after - now) * window >= price:
                    self._raise(name, after)
                    return

    def _reach(self, name: str, now: float, target: float, window: float) -> float:
        """How far an EVSE can be raised with what was free for so long; as it is: not even to its minimum."""
        claim, car = self._view.claims[name], self._stage.cars[name]
        most = min(target, now + min(self._free[window][cell] for cell in self._view.paths[name]))
        drawn = car.may() if now > 0 else 0.0
        most = min(most, max(now, drawn + self._balance.room(name)))
        if most < claim.least - HAIR:
            return now
        return target if most >= target - HAIR else max(claim.least, whole(most, car.evse.step))

    def _raise(self, name: str, after: float) -> None:
        self._stage.writes[name] = after
        drawing = self._stage.cars[name].may()
        self._balance.raised(name, after, drawing)
        for row in self._free.values():
            for cell in self._view.paths[name]:
                row[cell] -= max(0.0, after - drawing)
