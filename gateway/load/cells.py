"""Circuits and phases as numbers: a cell is one phase of one circuit."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gateway.load.site import LoadSite, Phases

PHASES = 3


class Cells:
    """The cells of a site: circuit number times 3 plus phase."""

    def __init__(self, site: LoadSite) -> None:
        """Number the circuits in the order of the site."""
        self.nodes = tuple(each.id for each in site.nodes)
        number = {node: n for n, node in enumerate(self.nodes)}
        self._number = number
        self._first = {node: tuple(PHASES * number[each] for each in site.path(node)) for node in self.nodes}

    def of(self, node: str, phases: Iterable[int]) -> tuple[int, ...]:
        """The cells that a current on these phases below a circuit flows through."""
        return tuple(first + phase for first in self._first[node] for phase in phases)

    def at(self, places: Iterable[tuple[str, Iterable[int]]]) -> tuple[int, ...]:
        """The cells of phases of single circuits."""
        return tuple(PHASES * self._number[node] + phase for node, phases in places for phase in phases)

    def row(self, values: Mapping[str, Phases], other: Mapping[str, Phases]) -> list[float]:
        """One number per cell: of ``values``, or of ``other`` where a circuit is not in them."""
        return [amps for node in self.nodes for amps in (values.get(node) or other[node])]

    def by_node(self, row: Sequence[float]) -> dict[str, Phases]:
        """The same by circuit."""
        return {node: (row[3 * n], row[3 * n + 1], row[3 * n + 2]) for n, node in enumerate(self.nodes)}
