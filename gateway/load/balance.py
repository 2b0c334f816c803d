"""The imbalance rule as things are: what EVSEs load one phase more than another."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.load.tree import PAIRS, tilts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from gateway.load.car import Car
    from gateway.load.site import LoadSite
    from gateway.load.view import View

GUARD = 1.0
"""A of the rule that are not used: what measurements are wrong by."""


def guarded(site: LoadSite, *, beginning: bool = False) -> LoadSite:
    """The site with what its imbalance rules may be used up to.

    Args:
        site: As it is.
        beginning: Keep room for a car that begins over one phase, as far as the biggest that cannot be divided leaves it.
    """
    blocks: dict[str, list[float]] = {}
    for evse in site.evses:
        for above in site.path(evse.node):
            blocks.setdefault(above, []).append(evse.least)
    nodes = []
    for node in site.nodes:
        rule = None if node.imbalance is None else max(0.0, node.imbalance - GUARD)
        if rule is not None and beginning and node.id in blocks:
            rule -= max(0.0, min([*blocks[node.id], rule - max(blocks[node.id])]))
        nodes.append(replace(node, imbalance=rule))
    return replace(site, nodes=tuple(nodes))


def certain(car: Car) -> float:
    """A per phase that an EVSE draws at least, so that it evens something out: none where nobody measures it."""
    return car.surely() if car.tells else 0.0


class Balance:
    """By how much one phase may be above another, per circuit with a rule and pair of phases.

    A car that is known to load both phases of a pair tilts nothing, be it uncertain how much it draws.
    """

    def __init__(self, view: View, high: Callable[[Car], float], low: Callable[[Car], float]) -> None:
        """Add up; ``high`` and ``low`` are A per phase that an EVSE draws at most and at least."""
        self._limit = {node.id: node.imbalance for node in view.site.nodes if node.imbalance is not None}
        self._above = {node: [0.0] * len(PAIRS) for node in self._limit}
        self._begun = {node: [0.0] * len(PAIRS) for node in self._limit}
        self._kept: dict[tuple[str, int], float] = {}
        self._ruled = {
            name: [node for node in view.site.path(car.evse.node) if node in self._limit]
            for name, car in view.cars.items()
        }
        self._cars, self._now = view.cars, view.t
        if self._limit:
            for name, car in view.cars.items():
                self._add(name, high(car), low(car))
                shows = view.policy.starting if car.tells else view.policy.watch
                if car.unsure and car.fresh and car.setpoint > 0 and view.t - car.told_at < shows:
                    self._begins(name, car.setpoint)

    def _add(self, name: str, high: float, low: float) -> None:
        """So much more of one EVSE."""
        up, down = self._tilts(name)
        for node in self._ruled[name]:
            above = self._above[node]
            for pair in up:
                above[pair] += high
            for pair in down:
                above[pair] -= low

    def _tilts(self, name: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Pairs of phases whose first a car may load more, and those whose second it loads more for certain."""
        car = self._cars[name]
        watched = car.fresh and self._now - car.told_at < car.policy.watch
        return tilts(car.phases, known=not car.unsure or watched)

    def _begins(self, name: str, amps: float) -> None:
        """Nobody has seen yet over which phases a car draws: it may be over L1 alone, or over L1 and L2."""
        up, _ = tilts(self._cars[name].phases, known=False)
        for node in self._ruled[name]:
            for pair in up:
                self._begun[node][pair] += amps

    def raised(self, name: str, amps: float, drawn: float) -> None:
        """An EVSE is raised to so much, of which it drew a part before."""
        if self._cars[name].unsure:
            self._begins(name, amps)
        self._add(name, max(0.0, amps - drawn), 0.0)

    def keep(self, name: str, amps: float) -> None:
        """Leave so much to a car that waits, where others would be given more; one begins after the other."""
        for key in self.slack(name):
            self._kept[key] = max(amps, self._kept.get(key, 0.0))

    def room(self, name: str) -> float:
        """A by which an EVSE can be raised before the rule is broken, be it over one or two phases as long as nobody knows."""
        waits = self._cars[name].setpoint <= 0
        return min(
            (amps if waits else amps - self._kept.get(key, 0.0) for key, amps in self.slack(name).items()),
            default=float("inf"),
        )

    def slack(self, name: str) -> dict[tuple[str, int], float]:
        """The same by circuit and pair of phases, with nothing kept for others."""
        car = self._cars[name]
        begins = car.unsure and car.setpoint <= 0
        up, _ = tilts(car.phases, known=not car.unsure)
        found: dict[tuple[str, int], float] = {}
        for node in self._ruled[name]:
            for pair in up:
                # Those that began and are still being watched are not counted as loading one phase more than another.
                begun = self._begun[node][pair] if begins else 0.0
                found[node, pair] = self._limit[node] - GUARD - begun - self._above[node][pair]
        return found

    def tilt(self, name: str) -> list[tuple[str, int]]:
        """Where an EVSE that has some makes it worse: circuit and pair of phases."""
        up, _ = self._tilts(name)
        return [(node, pair) for node in self._ruled[name] for pair in up]

    def broken(self, tolerance: float) -> Iterator[tuple[str, int, int, float]]:
        """Circuit, high and low phase, and A too much."""
        for node, limit in self._limit.items():
            for pair, (p, q) in enumerate(PAIRS):
                excess = self._above[node][pair] - limit
                if excess > tolerance:
                    yield node, p, q, excess

    def tips(self, names: Iterable[str], node: str, p: int, q: int) -> list[str]:
        """Those who load the one phase and not the other, or may do so."""
        pair = PAIRS.index((p, q))
        return [name for name in names if node in self._ruled[name] and pair in self._tilts(name)[0]]
