"""The fuse tree as rows: what is limited, and who counts in it.

A row is a phase of a circuit, or, at a circuit with an imbalance rule, what one phase carries more than another. Currents
are whole millionths of an ampere (uA), so that sums are exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import permutations
from math import ceil, floor
from typing import TYPE_CHECKING

from gateway.load.decision import Cause, Reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateway.load.site import LoadSite, Phases

UNIT = 1e6
"""uA in one A."""

FUZZ = 1e-3
"""uA by which a value in binary may miss the decimal that was meant."""

ENDLESS = 1e9
"""A; more than any circuit carries."""

PAIRS = tuple(permutations(range(3), 2))
"""(high, low): what a phase carries more than another."""


@cache
def tilts(phases: tuple[int, ...], *, known: bool) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Numbers of the pairs whose first phase a car may load more, and of those whose second it loads more for certain.

    Args:
        phases: That it may load, its L1 first.
        known: Whether it loads all of these; else it may be L1 alone, or L1 and L2.
    """
    up, down = list[int](), list[int]()
    for number, (p, q) in enumerate(PAIRS):
        if p in phases and (q not in phases or (not known and phases.index(p) < phases.index(q))):
            up.append(number)
        elif p not in phases and q in (phases if known else phases[:1]):
            down.append(number)
    return tuple(up), tuple(down)


def down(current: float) -> int:
    """A as uA, rounded down."""
    return floor(max(min(current, ENDLESS), -ENDLESS) * UNIT + FUZZ)


def up(current: float) -> int:
    """A as uA, rounded up."""
    return ceil(max(min(current, ENDLESS), -ENDLESS) * UNIT - FUZZ)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Group:
    """All claims at one circuit on the same phases: they count in the same rows.

    Attributes:
        lines: For each phase the rows of circuits from the root down.
        rows: The same rows in one, from the EVSE up.
        above: Rows of imbalance that their current fills: they load the high phase and not the low one.
        below: Rows of imbalance that their current relieves: they load the low phase and not the high one.
    """

    lines: tuple[tuple[int, ...], ...]
    rows: tuple[int, ...]
    above: tuple[int, ...]
    below: tuple[int, ...]


class Tree:
    """The rows of a site; built once, as a site does not change while the box runs.

    Attributes:
        parents: For each row of a circuit that of the circuit that feeds it, -1 for none; it comes before.
    """

    def __init__(self, site: LoadSite) -> None:
        self._site = site
        self._index = {node.id: 3 * number for number, node in enumerate(site.nodes)}
        self.parents = [
            self._index[node.parent] + phase if node.parent else -1 for node in site.nodes for phase in range(3)
        ]
        self._limits = [max(down(limit), 0) for node in site.nodes for limit in node.limit]
        self._names = [(node.id, phase) for node in site.nodes for phase in range(3)]
        self._rules: dict[str, tuple[int, int]] = {}
        for node in site.nodes:
            if node.imbalance is not None:
                self._rules[node.id] = (len(self._names), down(node.imbalance))
                self._names.extend((node.id, high) for high, _ in PAIRS)
        self._groups: dict[tuple[str, tuple[int, ...], tuple[int, ...]], Group] = {}
        self._reasons: dict[tuple[Cause, int], Reason] = {}

    @property
    def pairs(self) -> int:
        """The first row that is one of imbalance; all before it are of circuits."""
        return len(self._limits)

    def room(self, room: Mapping[str, Phases], drawn: Mapping[str, Phases]) -> list[int]:
        """UA that claims may fill in each row, never below 0.

        Args:
            room: A per phase that claims may load, by circuit; what is not there has the circuit's limit.
            drawn: A per phase that EVSEs below a circuit draw which are not among the claims. Where these alone break the
                rule of imbalance, the claims may not make it worse.

        Raises:
            KeyError: A circuit of ``room`` is not in the tree.
        """
        found = self._limits.copy()
        for node, phases in room.items():
            at = self._index[node]
            found[at : at + 3] = [max(down(each), 0) for each in phases]
        for node, (_, rule) in self._rules.items():
            load = drawn.get(node, (0.0, 0.0, 0.0))
            found.extend(max(rule - up(load[high] - load[low]), 0) for high, low in PAIRS)
        return found

    def group(self, node: str, phases: tuple[int, ...], wires: tuple[int, ...] = ()) -> Group:
        """Who counts in the same rows; in circuits without a meter with all ``wires``.

        Raises:
            KeyError: There is no such circuit.
        """
        found = self._groups.get((node, phases, wires))
        if found is None:
            order, more = tuple(sorted(phases)), tuple(sorted({*wires} - {*phases}))
            found = (
                self._build(node, order, more) if (order, more) == (phases, wires) else self.group(node, order, more)
            )
            self._groups[node, phases, wires] = found
        return found

    def demand(self, groups: Sequence[Group], loads: Sequence[int], slack: Sequence[int]) -> Mapping[int, int]:
        """What groups can bring at most to each row of a circuit, uA.

        Args:
            groups: Who wants something.
            loads: What each of them wants, uA.
            slack: uA left in each row. Where a circuit has less than is wanted of it, no more comes to those above.
        """
        if 4 * len(groups) < len(
            self.parents
        ):  # few groups in a big tree: to leave out a row is not worth a look at all
            found: dict[int, int] = {}
            for group, load in zip(groups, loads, strict=True):
                for row in group.rows:
                    found[row] = found.get(row, 0) + load
            return found
        wanted = [0] * len(self.parents)
        for group, load in zip(groups, loads, strict=True):
            for line in group.lines:
                wanted[line[-1]] += load
        for row in range(len(wanted) - 1, -1, -1):
            parent = self.parents[row]
            if parent >= 0:
                wanted[parent] += min(wanted[row], slack[row])
        return dict(enumerate(wanted))

    def reason(self, cause: Cause, row: int) -> Reason:
        """A reason that names the circuit and phase of a row."""
        found = self._reasons.get((cause, row))
        if found is None:
            node, phase = self._names[row]
            found = self._reasons[cause, row] = Reason(cause=cause, node=node, phase=phase)
        return found

    def _build(self, node: str, phases: tuple[int, ...], more: tuple[int, ...]) -> Group:
        path = self._site.path(node)
        blind = [each for each in path if not self._site.node[each].metered] if more else []
        rules = [self._rules[each][0] for each in path if each in self._rules]
        over, under = tilts(phases, known=True)
        lines = [tuple(self._index[each] + phase for each in reversed(path)) for phase in phases]
        lines += [tuple(self._index[each] + phase for each in reversed(blind)) for phase in more if blind]
        return Group(
            lines=tuple(lines),
            rows=tuple(row for each in path for row in self._at(each, phases, more if each in blind else ())),
            above=tuple(first + number for first in rules for number in over),
            below=tuple(first + number for first in rules for number in under),
        )

    def _at(self, node: str, phases: tuple[int, ...], more: tuple[int, ...]) -> list[int]:
        return [self._index[node] + phase for phase in (*phases, *more)]
