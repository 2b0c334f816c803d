"""What flows when the box is gone: every EVSE at what it falls back to, every other load at its worst. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateway.load.site import Evse, LoadSite, Node

PHASES = range(3)
_PAIRS = tuple(permutations(PHASES, 2))
_HAIR = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Overload:
    """A phase of a circuit that would carry too much.

    Attributes:
        node: The circuit.
        phase: 0 to 2.
        total: A that would flow.
        base: A of other loads among them.
        limit: A that may flow all the time.
        rated: A of the fuse.
        falls: EVSE -> A that it has on this phase, the highest first.
    """

    node: str
    phase: int
    total: float
    base: float
    limit: float
    rated: float
    falls: Mapping[str, float]

    @property
    def trips(self) -> bool:
        """Tell whether it is more than the fuse is made for, and not only more than was agreed."""
        return self.total > max(self.rated, self.limit) + _HAIR


def overloads(site: LoadSite, falls: Mapping[str, float]) -> tuple[Overload, ...]:
    """The phases of all circuits that would carry more than their limit.

    Args:
        site: Circuits and EVSEs.
        falls: EVSE -> A per phase that it may have without the box.
    """
    flows: dict[tuple[str, int], dict[str, float]] = {}
    for evse in site.evses:
        for node in site.path(evse.node):
            for phase in evse.phases:
                if falls[evse.id] > 0:
                    flows.setdefault((node, phase), {})[evse.id] = falls[evse.id]
    found = []
    for circuit in site.nodes:
        for phase in PHASES:
            there = flows.get((circuit.id, phase), {})
            total = circuit.base_failsafe[phase] + sum(there.values())
            if total > circuit.limit[phase] + _HAIR:
                found.append(
                    Overload(
                        node=circuit.id,
                        phase=phase,
                        total=total,
                        base=circuit.base_failsafe[phase],
                        limit=circuit.limit[phase],
                        rated=circuit.rated,
                        falls=dict(sorted(there.items(), key=lambda each: -each[1])),
                    )
                )
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tilt:
    """Two phases of a circuit of which EVSEs may load one too much more than the other.

    Attributes:
        node: The circuit.
        high: The phase that is loaded, 0 to 2.
        low: The other one.
        amps: A between them.
        limit: A that may be.
        wired: Whether the wiring alone does that; else cars have to help, which use fewer phases than there are.
        falls: EVSE -> A that it adds, the highest first.
    """

    node: str
    high: int
    low: int
    amps: float
    limit: float
    wired: bool
    falls: Mapping[str, float]


def tilts(site: LoadSite, falls: Mapping[str, float]) -> tuple[Tilt, ...]:
    """The circuits whose rule of imbalance EVSEs may break, each with its worst two phases.

    The worst is that just those charge which load one phase and not the other. A car with one phase hangs on the EVSE's L1,
    one with two on L1 and L2.

    Args:
        site: Circuits and EVSEs.
        falls: EVSE -> A per phase that it may have without the box.
    """
    found = []
    for circuit in site.nodes:
        if circuit.imbalance is None:
            continue
        there = [each for each in site.evses if circuit.id in site.path(each.node) and falls[each.id] > 0]
        worst = [_tilt(circuit, there, falls, pair, wired=wired) for wired in (True, False) for pair in _PAIRS]
        broken = [each for each in worst if each.amps > circuit.imbalance + _HAIR]
        if broken:
            found.append(max(broken, key=lambda each: (each.wired, each.amps)))
    return tuple(found)


def _tilt(
    circuit: Node, evses: Iterable[Evse], falls: Mapping[str, float], pair: tuple[int, int], *, wired: bool
) -> Tilt:
    high, low = pair
    adds = {each.id: falls[each.id] for each in evses if _adds(each.phases, high, low, wired=wired)}
    return Tilt(
        node=circuit.id,
        high=high,
        low=low,
        amps=sum(adds.values()),
        limit=circuit.imbalance or 0.0,
        wired=wired,
        falls=dict(sorted(adds.items(), key=lambda each: -each[1])),
    )


def _adds(phases: tuple[int, ...], high: int, low: int, *, wired: bool) -> bool:
    """Whether an EVSE, or a car at it that uses only its first phases, can load one phase without the other."""
    if high not in phases:
        return False
    return low not in phases or (not wired and phases.index(high) < phases.index(low))
