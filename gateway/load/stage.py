"""One step of the controller while it is being decided: how current ought to be shared, and what is to be written so far."""

from __future__ import annotations

from math import floor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.load.allocator import Grant
    from gateway.load.car import Car
    from gateway.load.view import View

HAIR = 1e-6


class Stage:
    """What the parts of a step share.

    Attributes:
        view: The site as it is.
        lasting: How current would be shared with other loads as high as they have been for long: who has the minimum so.
        targets: How it would be shared now, among those who have some and those who have it for long.
        writes: EVSE -> setpoint, A; decided so far.
        next: Who is waiting, and has room made for it.
    """

    def __init__(self, view: View) -> None:
        """Nothing is decided yet."""
        self.view, self.cars, self.policy = view, view.cars, view.policy
        self.writes: dict[str, float] = {}
        self.next: list[str] = []
        now = view.base(view.policy.hold)
        waiting = any(self.cars[name].setpoint <= 0 for name in view.claims)
        self.lasting: dict[str, Grant] = view.grants(view.calm() if waiting else now, view.claims)
        some = {name for name in view.claims if self.cars[name].setpoint > 0 or self.lasting[name].current > 0}
        self.targets = {**self.lasting, **view.grants(now, some)} if waiting else dict(self.lasting)

    def set(self, name: str) -> float:
        """The setpoint of an EVSE with what has been decided so far, A."""
        return self.writes.get(name, self.cars[name].setpoint)

    def after(self, car: Car) -> float:
        """A per phase that an EVSE will draw with what has been decided so far."""
        told = self.writes.get(car.evse.id)
        return car.will() if told is None else min(told, car.will())

    def waiting(self) -> list[str]:
        """Who has nothing and may have the minimum for long, in the order of rank."""
        view = self.view
        names = [name for name in view.claims if self.set(name) <= 0 and name not in self.writes]
        names = [name for name in names if self.lasting[name].current > 0 and not view.stale(name)]
        return sorted(
            (name for name in names if not self.cars[name].resting(view.t)),
            key=lambda name: (view.claims[name].rank, name),
        )

    def may_rise(self, name: str) -> bool:
        """Whether an EVSE that has some may be given more in this step."""
        car = self.cars[name]
        if name in self.writes or car.setpoint <= 0 or self.view.stale(name) or not car.settled:
            return False
        return self.view.t - car.told_at >= self.policy.pace


def whole(amps: float, step: float) -> float:
    """Rounded down to a whole number of steps."""
    return round(floor(amps / step + HAIR) * step, 6)
