"""Shares the current of a site over time: less at once where a circuit has too much, more where it is seen to be free.

Every step takes what is seen, and says which setpoints are to be written. Nothing here knows a clock or a wire.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from gateway.load.allocator import Tree
from gateway.load.balance import guarded
from gateway.load.base import Base, Drawn
from gateway.load.calm import Calm
from gateway.load.car import Car
from gateway.load.cells import Cells
from gateway.load.decision import Decision
from gateway.load.guess import Guess
from gateway.load.moves import decide
from gateway.load.policy import Policy
from gateway.load.reasons import reasons
from gateway.load.view import View

if TYPE_CHECKING:
    from gateway.load.observation import Observation
    from gateway.load.site import LoadSite


RECENT = 8.0
"""Seconds of a meter over which it is averaged what cars take that nobody measures."""


class Controller:
    """Load management of one site."""

    def __init__(self, site: LoadSite, policy: Policy | None = None) -> None:
        """Know the site; nothing has been seen yet."""
        self.site, self.policy = site, policy or Policy()
        self._trees = Tree(guarded(site)), Tree(guarded(site, beginning=True))
        self._cells = Cells(site)
        self._calm = Calm(self.policy)
        self._cars = {each.id: Car(evse=each, policy=self.policy) for each in site.evses}
        self._bases = {each.id: Base(node=each, policy=self.policy) for each in site.nodes if each.metered}
        self._meter_of = {
            name: next((node for node in site.path(car.evse.node) if node in self._bases), "")
            for name, car in self._cars.items()
        }
        self._guesses = {
            name: Guess(evse=car.evse)
            for name, car in self._cars.items()
            if not car.evse.measured and self._meter_of[name]
        }
        self._below = {node: [c for c in self._cars.values() if node in site.path(c.evse.node)] for node in self._bases}

    def step(self, seen: Observation) -> Decision:
        """Take what is seen at ``seen.t`` (s, not before the last step's)."""
        t = seen.t
        for each in seen.evses:
            self._cars[each.id].see(each, t)
        for node, base in self._bases.items():
            base.read(seen.meters.get(node), partial(self._drawn, node), t)
        self._guess(t)
        view = View(self.site, (self._trees, self._cells, self._calm), self._cars, self._bases, seen, self.policy)
        stage = decide(view)
        for evse, setpoint in stage.writes.items():
            self._tell(evse, setpoint, t)
        setpoints = {name: car.setpoint for name, car in self._cars.items()}
        return Decision(writes=stage.writes, setpoints=setpoints, reasons=reasons(view, stage.targets))

    def _guess(self, t: float) -> None:
        """See what the meters show of cars that nobody measures."""
        for name, guess in self._guesses.items():
            car, base = self._cars[name], self._bases[self._meter_of[name]]
            self._share(car, base, t)
            if car.since == t:
                guess.forget()
            guess.look(t, base.rest)
            if guess.used is not None:
                car.guessed(guess.used)

    def _share(self, car: Car, base: Base, t: float) -> None:
        """What a meter shows beside measured cars is shared among the others by what they are allowed."""
        rest = base.rest.mean(t - RECENT, t)
        others = [each for each in self._below[base.node.id] if not each.tells]
        if rest is None or not car.charging or not all(each.settled for each in others):
            return
        allowed = [sum(each.assumed()[phase] for each in others) for phase in range(3)]
        shares = [max(0.0, rest[phase]) / allowed[phase] for phase in car.phases if allowed[phase] > 0]
        car.share = min(1.0, *shares, 1.0)

    def _tell(self, evse: str, setpoint: float, t: float) -> None:
        car = self._cars[evse]
        before = car.setpoint
        car.tell(setpoint, t)
        if evse in self._guesses and before != setpoint:
            meter = self._meter_of[evse]
            self._guesses[evse].change(before, setpoint, t, self._bases[meter].rest)
            for other, guess in self._guesses.items():
                if other != evse and self._cars[evse] in self._below[self._meter_of[other]]:
                    guess.spoil()

    def _drawn(self, node: str, at: float) -> Drawn:
        """What the EVSEs below a circuit have drawn at a time: as measured, and at most."""
        measured, assumed, least, most = [0.0] * 3, [0.0] * 3, [0.0] * 3, [0.0] * 3
        known = True
        for car in self._below[node]:
            drawn, upper, lower = car.drawn(at), car.upper(at), car.lower(at)
            known = known and car.known(at)
            row = measured if car.tells else assumed
            for phase in range(3):
                row[phase] += drawn[phase]
            for phase in car.phases:
                most[phase] += upper
                least[phase] += lower
        return Drawn(
            measured=(measured[0], measured[1], measured[2]),
            assumed=(assumed[0], assumed[1], assumed[2]),
            least=(least[0], least[1], least[2]),
            most=(most[0], most[1], most[2]),
            known=known,
        )
