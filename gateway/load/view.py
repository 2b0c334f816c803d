"""The site at one moment: what circuits may carry, what flows in them, and what it comes to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.load.allocator import Grant, allocate
from gateway.load.cells import PHASES
from gateway.load.decision import Cause, Reason
from gateway.load.turns import claim_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from gateway.load.allocator import Claim, Tree
    from gateway.load.base import Base
    from gateway.load.calm import Calm
    from gateway.load.car import Car
    from gateway.load.cells import Cells
    from gateway.load.observation import Observation
    from gateway.load.policy import Policy
    from gateway.load.site import LoadSite, Phases

OFFSET = 1.0
"""A that a car may draw less than allowed and still count as one that takes all."""


class View:
    """All that counts at ``t``."""

    def __init__(
        self,
        site: LoadSite,
        parts: tuple[tuple[Tree, Tree], Cells, Calm],
        cars: Mapping[str, Car],
        bases: Mapping[str, Base],
        seen: Observation,
        policy: Policy,
    ) -> None:
        """Look once; the cars have seen this observation."""
        self.site, self.cars, self.policy, self.t = site, cars, policy, seen.t
        self._trees, self.cells, self._calm = parts
        self._bases = bases
        self._metered = [node.id in bases for node in site.nodes for _ in range(PHASES)]
        self.limit = self.cells.row(seen.limits, {node.id: node.limit for node in site.nodes})
        self.paths = {name: self._path(car) for name, car in cars.items()}
        self._static = {node.id: node.base_failsafe for node in site.nodes}
        self._lost = {
            node
            for car in cars.values()
            if car.seen is not None and not car.seen.online
            for node in site.path(car.evse.node)
        }
        self._rows: dict[float, list[float]] = {}
        self.claims = {
            name: claim
            for name, car in cars.items()
            if (claim := claim_of(car, self.t, site.voltage, self._ceiling(car))) is not None
        }

    def _path(self, car: Car) -> tuple[int, ...]:
        """The cells that a car loads. Which phases it uses is only guessed where nothing measures it: a meter has to see to that."""
        if car.tells or car.used is None:
            return self.cells.of(car.evse.node, car.phases)
        path = self.site.path(car.evse.node)
        return self.cells.at((node, car.phases if node in self._bases else car.evse.phases) for node in path)

    def _ceiling(self, car: Car) -> float | None:
        """Nobody gets more than its fail-safe current before every meter above it was read once."""
        path = self.site.path(car.evse.node)
        unread = any(node in self._bases and self._bases[node].reading is None for node in path)
        return car.evse.failsafe if unread else None

    def base(self, window: float) -> list[float]:
        """Other loads in every cell, as high as for so many seconds."""
        if window not in self._rows:
            self._rows[window] = self._row({node: base.high(window, self.t) for node, base in self._bases.items()})
        return self._rows[window]

    def calm(self) -> list[float]:
        """Other loads in every cell, as high as for so long as has to be free for a car that begins."""
        seconds = self._calm.seconds
        return self._row({node: base.high(seconds(node, self.t), self.t) for node, base in self._bases.items()})

    def paused(self, cells: Iterable[int]) -> None:
        """A car has to be paused as cells have too much."""
        self._calm.paused({self.site.nodes[cell // PHASES].id for cell in cells}, self.t)

    def _row(self, found: Mapping[str, Phases]) -> list[float]:
        """Other loads are not below nothing because a station that is lost draws less than it may: that stays reserved."""
        kept = {
            node: (max(0.0, i[0]), max(0.0, i[1]), max(0.0, i[2])) if node in self._lost else i
            for node, i in found.items()
        }
        return self.cells.row(kept, self._static)

    def worst(self) -> list[float]:
        """Other loads in every cell now; where a meter shows too much, as high as they may be."""
        trips = self.cells.by_node([self.trip(cell) for cell in range(len(self.limit))])
        return self._row({node: base.worst(self.t, trips[node]) for node, base in self._bases.items()})

    def stale(self, name: str) -> str:
        """The circuit above an EVSE whose meter is too old to raise anything, "" if there is none."""
        for node in self.site.path(self.cars[name].evse.node):
            if node in self._bases and self._bases[node].age(self.t) > self.policy.stale:
                return node
        return ""

    def confuses(self, name: str) -> bool:
        """Whether a meter could not tell an EVSE that begins or stops from another that nobody measures either."""
        car = self.cars[name]
        if car.tells or not car.unsure:
            return False
        mine = self._meter(name)
        for other, each in self.cars.items():
            if other != name and not each.evse.measured and self.t - each.told_at < self.policy.telling:
                theirs = self._meter(other)
                if mine in self.site.path(each.evse.node) or theirs in self.site.path(car.evse.node):
                    return True
        return False

    def _meter(self, name: str) -> str:
        return next((node for node in self.site.path(self.cars[name].evse.node) if node in self._bases), "")

    def load(self, base: list[float], draws: Callable[[Car], float]) -> list[float]:
        """What flows in every cell: other loads and what each EVSE draws.

        Where no meter shows the sum, what stations measure a little above their setpoints is not added up.
        """
        total = list(base)
        for name, car in self.cars.items():
            amps = draws(car)
            if amps > 0:
                told = car.believed(amps)
                for cell in self.paths[name]:
                    total[cell] += amps if self._metered[cell] else told
        return total

    def trip(self, cell: int) -> float:
        """A in a cell above which current is taken away: what its meter may be wrong by is not used."""
        if not self._metered[cell]:
            return self.limit[cell]
        return self.limit[cell] * (1 - self.policy.inexact) - self.policy.noise

    def full(self, cell: int) -> float:
        """A in a cell up to which current is given."""
        return self.trip(cell) - (self.policy.margin if self._metered[cell] else 0.0)

    def grants(self, base: list[float], names: Collection[str]) -> dict[str, Grant]:
        """How the current would be shared among some, beside other loads.

        A car that takes nothing keeps its minimum, and counts for nothing until it draws.
        """
        room = [self.full(cell) - base[cell] for cell in range(len(self.limit))]
        drawn = [0.0] * len(room)
        for name, car in self.cars.items():
            if name in names and not car.quiet:
                offset = self._offset(car, self.claims[name])
                for cell in self.paths[name]:
                    room[cell] += offset
            elif (amps := car.will()) > 0:
                for cell in self.paths[name]:
                    room[cell] -= amps
                    drawn[cell] += amps
        by_node = self.cells.by_node
        claims = [self.claims[name] for name in names if not self.cars[name].quiet]
        unknown = any(self.cars[n].unsure and self.cars[n].setpoint <= 0 for n in self.claims)
        found = allocate(self._trees[unknown], by_node(room), claims, by_node(drawn))
        for name in names:
            if self.cars[name].quiet:
                found[name] = Grant(current=self.claims[name].least, reason=Reason(cause=Cause.CAR))
        return found

    def _offset(self, car: Car, claim: Claim) -> float:
        """What a car leaves of its setpoint, all the time."""
        seen = car.seen
        if seen is None or seen.i is None or not car.settled or not car.charging:
            return 0.0
        return min(OFFSET, max(0.0, min(car.setpoint, claim.most) - max(seen.i)))
