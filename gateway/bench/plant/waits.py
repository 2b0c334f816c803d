"""Cars that wait: without reason, or while others have more than they need at least."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.load.site import Control

if TYPE_CHECKING:
    from gateway.bench.plant.outlet import Outlet
    from gateway.bench.plant.plant import Plant

_EVERY = 10.0  # s between two looks
_GRACE = 120.0  # s for which a minimum may be free before a car that waits for it counts
_DUST = 0.5  # A


class Waits:
    """Looks every now and then at who waits.

    Args:
        plant: What runs.
    """

    def __init__(self, plant: Plant) -> None:
        self._plant = plant
        self._next = 0.0
        self._free: dict[str, float] = {}
        self._starving: dict[str, float] = {}
        self._waiting: dict[str, float] = {}
        self.waited = 0.0
        """Longest wait of any car, s, for whatever reason."""
        self.idle = 0.0
        """Seconds, over all cars, of waiting though the minimum had been free for a while."""
        self.idle_cars: set[str] = set()
        """Sessions that did."""
        self.starved = 0.0
        """Longest wait, s, while others below the same full fuse had so much above their minimum that it would do."""
        self.starved_car = ""
        """Who did."""

    def watch(self) -> None:
        """A time step has passed."""
        plant = self._plant
        if plant.t < self._next:
            return
        self._next = plant.t + _EVERY
        waiting = [index for index, outlet in enumerate(plant.outlets) if _waits(outlet, plant.t)]
        self._waiting = self._count(self._waiting, waiting)
        self.waited = max(self.waited, *(plant.t - since for since in self._waiting.values()), 0.0)
        self._starving = self._count(self._starving, [index for index in waiting if self._starves(index)])
        for name, since in self._starving.items():
            if plant.t - since > self.starved:
                self.starved, self.starved_car = plant.t - since, name
        self._free = self._count(self._free, self._could(waiting))
        for name, since in self._free.items():
            if plant.t - since > _GRACE:
                self.idle += _EVERY
                self.idle_cars.add(name)

    def _count(self, before: dict[str, float], now: list[int]) -> dict[str, float]:
        names = [car.visit.id for index in now if (car := self._plant.outlets[index].car)]
        return {name: before.get(name, self._plant.t) for name in names}

    def _free_at(self, node: int) -> list[float]:
        plant = self._plant
        return [limit - load for limit, load in zip(plant.limits.now[node], plant.flow(node), strict=True)]

    def _could(self, waiting: list[int]) -> list[int]:
        """Those of them that could have their minimum at the same time, one after the other."""
        plant = self._plant
        free = {node: self._free_at(node) for index in waiting for node in plant.paths[index]}
        flows = {node: plant.controlled[node].copy() for node in free}
        found = []
        for index in waiting:
            outlet, path = plant.outlets[index], plant.paths[index]
            need = _need(outlet)
            if any(plant.site.nodes[n].metered and plant.gauges[plant.site.nodes[n].id].lost for n in path):
                continue
            if any(free[node][phase] < need + _DUST for node in path for phase in outlet.evse.phases):
                continue
            after = {node: flows[node].copy() for node in path}
            for node in path:
                for phase in outlet.phases:
                    after[node][phase] += need
            if any(self._unequal(node, flow, flows[node]) for node, flow in after.items()):
                continue
            flows.update(after)
            found.append(index)
            for node in path:
                for phase in outlet.evse.phases:
                    free[node][phase] -= need
        return found

    def _unequal(self, node: int, flow: list[float], before: list[float]) -> bool:
        rule = self._plant.site.nodes[node].imbalance
        if rule is None:
            return False
        spread = max(flow) - min(flow)
        return spread > rule - _DUST and spread > max(before) - min(before)

    def _starves(self, index: int) -> bool:
        plant = self._plant
        outlet = plant.outlets[index]
        blocked = False
        for node in plant.paths[index]:
            free = self._free_at(node)
            for phase in outlet.phases:
                if free[phase] >= _need(outlet):
                    continue
                blocked = True
                if free[phase] + self._surplus(node, phase, outlet) < _need(outlet):
                    return False
        return blocked

    def _surplus(self, node: int, phase: int, waiting: Outlet) -> float:
        """A that others of no higher priority, below a circuit, draw on a phase above their minimum."""
        plant, own = self._plant, waiting.car.visit.priority if waiting.car else 0
        return sum(
            max(0.0, outlet.current - outlet.evse.minimum)
            for outlet, path in zip(plant.outlets, plant.paths, strict=True)
            if outlet.car is not None
            and outlet.current > outlet.evse.minimum
            and outlet.evse.control is Control.AMP
            and outlet.online
            and node in path
            and phase in outlet.phases
            and outlet.car.visit.priority <= own
        )


def _waits(outlet: Outlet, now: float) -> bool:
    """Whether a car that would charge is given nothing."""
    car = outlet.car
    if car is None or car.full or car.lost or outlet.setpoint > 0 or not outlet.permitted(now):
        return False
    allowed = car.visit.allowed
    return outlet.online and not outlet.faulted and (allowed is None or allowed >= _need(outlet))


def _need(outlet: Outlet) -> float:
    return outlet.evse.fixed if outlet.evse.control is Control.ONOFF else outlet.evse.minimum
