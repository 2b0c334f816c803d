"""What flows when the box is gone: every EVSE at what it falls back to, every other load at its worst. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.load.site import LoadSite

PHASES = range(3)
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
