"""From how the current ought to be shared to the few setpoints that are worth writing, in a safe order."""

from __future__ import annotations

from math import floor
from typing import TYPE_CHECKING

from gateway.load.balance import Balance
from gateway.load.car import Car
from gateway.load.site import Control
from gateway.load.turns import served

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.load.allocator import Grant
    from gateway.load.view import View

HAIR = 1e-6
LOOK = 3.0
"""Seconds that a station's setpoint may be old where it does not say when it was."""
UNEVEN = 0.2
"""A by which the imbalance rule may seem to be broken: measurements are not better."""


class Moves:
    """The setpoints of one step; ``writes`` is what has been decided so far."""

    def __init__(self, view: View) -> None:
        """Nothing is decided yet."""
        self._view, self._cars, self._policy = view, view.cars, view.policy
        self.writes: dict[str, float] = {}
        self.targets = view.grants(view.policy.hold)
        self._settled = self.targets  # who has the minimum, as far as it will last
        if any(car.setpoint <= 0 for name, car in self._cars.items() if name in view.claims):
            self._settled = view.grants(view.policy.calm)
        self._balance: Balance | None = None
        self._rows: dict[float, list[float]] = {}

    def _set(self, name: str) -> float:
        return self.writes.get(name, self._cars[name].setpoint)

    def decide(self) -> None:
        """First what is less, then what is more."""
        self.idle()
        self.cut()
        self.level()
        self.share()
        self.rise()
        self.repeat()

    # --- less -------------------------------------------------------------------------------------------------------

    def idle(self) -> None:
        """Where no car may charge, nothing is allowed."""
        for name, car in self._cars.items():
            seen = car.seen
            if name not in self._view.claims and car.setpoint > 0 and seen is not None and seen.online:
                self.writes[name] = 0.0

    def cut(self) -> None:
        """Where a circuit has too much, as much less as it takes, from few."""
        view = self._view
        load = view.load(view.worst(), self._after)
        over = {cell: amps - view.trip(cell) for cell, amps in enumerate(load) if amps > view.trip(cell)}
        if not over:
            return
        over = {cell: amps + self._policy.depth for cell, amps in over.items()}
        fair = self.targets
        names = [name for name in fair if self._set(name) > 0 and not over.keys().isdisjoint(view.paths[name])]
        # The pauses that have to be come first, then those who have most above their share.
        # Of a car that nobody measures it is not known whether it draws what it is allowed, and gives up what it is told to.
        names.sort(
            key=lambda name: (
                fair[name].current > 0,
                not self._cars[name].tells,
                fair[name].current - self._set(name),
                name,
            )
        )
        for lump in (self._policy.lump, 0.0):
            for name in names:
                needed = max((over[cell] for cell in view.paths[name] if cell in over), default=0.0)
                if needed > 0 and self._cars[name].will() > 0:
                    self._lower(name, fair[name], needed, lump, over)

    def _lower(self, name: str, fair: Grant, needed: float, lump: float, over: dict[int, float]) -> None:
        car, before = self._cars[name], self._set(name)
        lowest = fair.current
        if lowest > 0 and car.evse.control is Control.AMP:
            lowest = max(car.evse.minimum, lowest - lump)
        step = car.evse.step
        wanted = whole(min(before, car.will()) - needed, step) if lowest > 0 and car.tells else 0.0
        after = max(lowest, min(before, wanted))
        if after >= before:
            return
        self.writes[name] = after
        gain = min(before, car.will()) - after
        for cell in self._view.paths[name]:
            if cell in over:
                over[cell] -= max(0.0, gain)

    def level(self) -> None:
        """Where one phase has too much more than another, less of it."""
        view, fair = self._view, self.targets
        now = Balance(view, self._seen, self._seen)
        for node, p, q, excess in now.broken(UNEVEN):
            names = now.tips((name for name in fair if self._set(name) > 0), node, p, q)
            names.sort(key=lambda name: (fair[name].current > 0, fair[name].current - self._set(name), name))
            needed = excess + UNEVEN
            known = [name for name in names if self._cars[name].used is not None]
            steps = [(name, fair[name].current) for name in known]
            steps += [(name, view.claims[name].least) for name in known]
            # Of whom nobody knows what they load begin anew, one by one: then it shows.
            steps += [(name, 0.0) for name in names if self._cars[name].used is None] + [(name, 0.0) for name in known]
            for name, lowest in steps:
                if needed > 0:
                    needed -= self._tip(name, lowest, needed)

    def _tip(self, name: str, lowest: float, needed: float) -> float:
        """Lower an EVSE by so much if it can be; by how much it was."""
        car, before = self._cars[name], self._set(name)
        flowing = min(before, car.will())
        wanted = whole(flowing - needed, car.evse.step)
        least = self._view.claims[name].least
        after = max(lowest, wanted if wanted >= least or lowest > 0 else 0.0)
        if after >= before:
            return 0.0
        self.writes[name] = after
        return max(0.0, flowing - after)

    def _seen(self, car: Car) -> float:
        """The same, where a car that is measured does not count before it is seen to draw: then its phases are known."""
        return 0.0 if car.tells and car.used is None else self._after(car)

    def _after(self, car: Car) -> float:
        """What an EVSE will draw with what has been decided so far."""
        told = self.writes.get(car.evse.id)
        return car.will() if told is None else min(told, car.will())

    # --- for others ----------------------------------------------------------------------------------------------------

    def share(self) -> None:
        """Who has more than its share gives it up where somebody is short of it."""
        view = self._view
        short, poor = set[int](), set[int]()
        for name, fair in self.targets.items():
            now = self._set(name)
            if name in self.writes or view.stale(name) or fair.current <= now + HAIR:
                continue
            if now <= 0 and self._settled[name].current > 0 and not self._resting(name):
                short.update(view.paths[name])
            elif now > 0 and fair.current - now >= self._policy.unfair and self._may_rise(name):
                poor.update(view.paths[name])
        for name, fair in self.targets.items():
            surplus, cells = self._set(name) - fair.current, view.paths[name]
            if surplus <= HAIR or name in self.writes:
                continue
            kept = view.t - self._cars[name].told_at < self._policy.keep
            lasting = self._settled[name].current > 0
            paced = view.t - self._cars[name].told_at >= self._policy.pace
            for_minimum = paced and not short.isdisjoint(cells) and (not lasting or surplus >= self._policy.unfair / 2)
            for_share = lasting and surplus >= self._policy.unfair and not kept and not poor.isdisjoint(cells)
            if for_minimum or for_share:
                self.writes[name] = fair.current

    # --- more -------------------------------------------------------------------------------------------------------

    def rise(self) -> None:
        """Raise who has less than its share, as far as that is seen to be free."""
        view = self._view
        wanting = [
            name
            for name, fair in self.targets.items()
            if fair.current > self._set(name) + HAIR and self._may_rise(name)
        ]
        waiting = [name for name in view.claims if self._set(name) <= 0 and name not in self.writes]
        if not wanting and not waiting:
            return
        self._balance = Balance(view, Car.may, Car.surely)
        self._rows = {window: self._free(window) for window in self._policy.windows}
        calm, recent = self._free(self._policy.calm), self._rows[self._policy.hold]
        rows = (calm, *self._rows.values())
        for name in sorted(waiting, key=lambda name: (view.claims[name].rank, name)):
            if not view.stale(name) and not self._resting(name):
                least = view.claims[name].least
                lasting = self._lasting(name, calm)
                after = self._reach(name, 0.0, least, min(lasting[cell] for cell in view.paths[name]))
                if after > 0:
                    most = max(least, self.targets[name].current)
                    after = self._reach(name, 0.0, most, min(recent[cell] for cell in view.paths[name])) or after
                self._raise(name, 0.0, after, rows)
                if name not in self.writes and self._settled[name].current > 0:
                    # What is free is kept for it, until it is enough.
                    for row in rows:
                        for cell in view.paths[name]:
                            row[cell] -= least
        wanting.sort(key=lambda name: (-view.claims[name].priority, self._set(name) - self.targets[name].current, name))
        for name in wanting:
            self._more(name, self.targets[name].current, 0.0, rows)
        # What is left in pieces too small to be worth a setpoint each goes to one after the other.
        some = [name for name in self.targets if self._set(name) > 0 and self._may_rise(name)]
        some.sort(key=lambda name: (-view.claims[name].priority, served(self._cars[name], view.t), name))
        for name in some:
            self._more(name, self.targets[name].current + self._policy.lump, self._policy.unfair / 4, rows)

    def _more(self, name: str, most: float, extra: float, rows: tuple[list[float], ...]) -> None:
        """Raise an EVSE that has some, up to so much; the more it was told lately, the longer current has to be free."""
        now = self._set(name)
        if now > 0:
            most = min(most, self._view.claims[name].most)
            window, worth = self._policy.price(self._cars[name].tokens)
            after = self._free_for(name, now, most, window)
            if after - now < worth + extra and not extra:
                # Little that lasts is worth a setpoint, too.
                worth, after = self._policy.worth, self._free_for(name, now, most, max(self._policy.windows))
            if after - now >= worth + extra or (after > now + HAIR and after >= self._view.claims[name].most - HAIR):
                self._raise(name, now, after, rows)

    def _free_for(self, name: str, now: float, most: float, window: float) -> float:
        """How far an EVSE could be raised with what was free for so many seconds."""
        if self._view.t - self._cars[name].told_at < window:
            return now
        return self._reach(name, now, most, min(self._rows[window][cell] for cell in self._view.paths[name]))

    def _lasting(self, name: str, calm: list[float]) -> list[float]:
        """What is free for long enough that a car may begin: the longer it has waited, the less long that is."""
        car, policy = self._cars[name], self._policy
        waited = 0.0 if car.off_since is None else self._view.t - car.off_since
        if waited >= policy.rotation:
            return self._rows[policy.hold]
        return self._rows[policy.thrifty[-2][1]] if waited >= policy.rotation / 4 else calm

    def _resting(self, name: str) -> bool:
        car = self._cars[name]
        return car.off_since is not None and car.since != car.off_since and view_rest(car, self._view.t)

    def _reach(self, name: str, now: float, target: float, free: float) -> float:
        """How far an EVSE can be raised with so much current free; 0: not even to its minimum."""
        car = self._cars[name]
        most = min(target, now + free)
        claim = self._view.claims[name]
        if self._balance is not None:
            drawn = self._cars[name].may() if now > 0 else 0.0
            most = min(most, max(now, drawn + self._balance.room(name)))
        if most < claim.least - HAIR:
            return now
        return target if most >= target - HAIR else max(claim.least, whole(most, car.evse.step))

    def _raise(self, name: str, now: float, after: float, rows: Iterable[list[float]]) -> None:
        if after <= now + HAIR:
            return
        self.writes[name] = after
        drawing = self._cars[name].may()
        if self._balance is not None:
            self._balance.raised(name, after, drawing)
        for row in rows:
            for cell in self._view.paths[name]:
                row[cell] -= max(0.0, after - drawing)

    def _may_rise(self, name: str) -> bool:
        car = self._cars[name]
        if name in self.writes or self._view.stale(name) or not car.settled:
            return False
        return car.setpoint <= 0 or self._view.t - car.told_at >= self._policy.pace

    def _free(self, window: float) -> list[float]:
        """What is seen to be free in every cell; what was given up counts until it is seen to be gone."""
        view = self._view
        load = view.load(view.base(window), lambda car: car.may())
        return [view.full(cell) - amps for cell, amps in enumerate(load)]

    # --- again ------------------------------------------------------------------------------------------------------

    def repeat(self) -> None:
        """Say again what a station does not show to have understood."""
        for name, car in self._cars.items():
            seen = car.seen
            if name in self.writes or seen is None or not seen.online or seen.setpoint is None:
                continue
            patience = self._policy.repeat_cut if seen.setpoint > car.setpoint else self._policy.repeat_raise
            looked = max(seen.t_meas, self._view.t - LOOK)
            if (
                abs(seen.setpoint - car.setpoint) > car.evse.step / 2
                and looked - car.told_at >= patience + car.repeated
            ):
                self.writes[name] = car.setpoint


def view_rest(car: Car, t: float) -> bool:
    """Whether a paused car has to stay so for a while yet."""
    return car.off_since is not None and t - car.off_since < car.policy.rest


def whole(amps: float, step: float) -> float:
    """Rounded down to a whole number of steps."""
    return round(floor(amps / step + HAIR) * step, 6)
