"""Shares the current of a site over time: less at once where a circuit has too much, more where it is seen to be free.

Every step takes what is seen, and says which setpoints are to be written. Nothing here knows a clock or a wire.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from gateway.load.allocator import Tree
from gateway.load.base import Base, Drawn
from gateway.load.car import Car
from gateway.load.cells import Cells
from gateway.load.decision import Decision
from gateway.load.moves import Moves
from gateway.load.policy import Policy
from gateway.load.reasons import reasons
from gateway.load.view import View

if TYPE_CHECKING:
    from gateway.load.observation import Observation
    from gateway.load.site import LoadSite


class Controller:
    """Load management of one site."""

    def __init__(self, site: LoadSite, policy: Policy | None = None) -> None:
        """Know the site; nothing has been seen yet."""
        self.site, self.policy = site, policy or Policy()
        self._tree, self._cells = Tree(site), Cells(site)
        self._cars = {each.id: Car(evse=each, policy=self.policy) for each in site.evses}
        self._bases = {each.id: Base(node=each, policy=self.policy) for each in site.nodes if each.metered}
        self._below = {node: [c for c in self._cars.values() if node in site.path(c.evse.node)] for node in self._bases}

    def step(self, seen: Observation) -> Decision:
        """Take what is seen at ``seen.t`` (s, not before the last step's)."""
        t = seen.t
        for each in seen.evses:
            self._cars[each.id].see(each, t)
        for node, base in self._bases.items():
            base.read(seen.meters.get(node), partial(self._drawn, node), t)
        view = View(self.site, (self._tree, self._cells), self._cars, self._bases, seen, self.policy)
        moves = Moves(view)
        moves.decide()
        for evse, setpoint in moves.writes.items():
            self._cars[evse].tell(setpoint, t)
        setpoints = {name: car.setpoint for name, car in self._cars.items()}
        return Decision(writes=moves.writes, setpoints=setpoints, reasons=reasons(view, moves.targets))

    def _drawn(self, node: str, at: float) -> Drawn:
        """What the EVSEs below a circuit have drawn at a time: as measured, and at most."""
        flowed, most, complete = [0.0, 0.0, 0.0], [0.0, 0.0, 0.0], True
        for car in self._below[node]:
            drawn = car.drawn(at)
            upper = car.upper(at)
            complete = complete and car.measured_until(at)
            for phase in range(3):
                flowed[phase] += drawn[phase]
            for phase in car.phases:
                most[phase] += upper
        return Drawn(flowed=(flowed[0], flowed[1], flowed[2]), most=(most[0], most[1], most[2]), complete=complete)
