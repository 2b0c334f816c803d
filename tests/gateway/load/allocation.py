"""Cases of sharing current, and what one can say about their result without knowing how it came about."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import floor
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from gateway.load.allocator import Claim, Tree, allocate
from gateway.load.site import LoadSite, Node, Phases

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.load.allocator import Grant

PHASES = ((0,), (1,), (2,), (0, 1), (1, 2), (0, 2), (0, 1, 2), (2, 0, 1))
NEAR = 1e-9


@dataclass(frozen=True, kw_only=True)
class Case:
    """What is asked of the allocator."""

    nodes: tuple[Node, ...]
    claims: tuple[Claim, ...]
    room: Mapping[str, Phases] = field(default_factory=dict)
    drawn: Mapping[str, Phases] = field(default_factory=dict)

    @property
    def site(self) -> LoadSite:
        return LoadSite(name="case", nodes=self.nodes, evses=())

    def share(self) -> dict[str, Grant]:
        return allocate(Tree(self.site), self.room, self.claims, self.drawn)

    def currents(self) -> dict[str, float]:
        return {evse: grant.current for evse, grant in self.share().items()}

    def loads(self, currents: Mapping[str, float]) -> dict[str, list[int]]:
        """What flows on each phase of each circuit, uA."""
        site = self.site
        found = {node.id: [0, 0, 0] for node in self.nodes}
        for claim in self.claims:
            for node in site.path(claim.node):
                for phase in claim.phases:
                    found[node][phase] += round(currents[claim.evse] * 1e6)
        return found

    def broken(self, currents: Mapping[str, float]) -> list[str]:
        """The limits that currents break."""
        loads = self.loads(currents)
        found = []
        for node in self.nodes:
            load = loads[node.id]
            for phase, room in enumerate(self.room.get(node.id, node.limit)):
                if load[phase] > round(max(room, 0) * 1e6):
                    found.append(f"{node.id} L{phase + 1}: {load[phase]} uA of {room} A")
            if node.imbalance is not None:
                others = self.drawn.get(node.id, (0.0, 0.0, 0.0))
                for high in range(3):
                    for low in range(3):
                        alone = round((others[high] - others[low]) * 1e6)
                        if load[high] - load[low] + alone > max(round(node.imbalance * 1e6), alone):
                            found.append(f"{node.id} L{high + 1} over L{low + 1}: {load}")
        return found


def further(claim: Claim, current: float) -> float | None:
    """The next setpoint above a current; None at its most."""
    if current >= claim.most:
        return None
    if current == 0 and claim.least > 0:
        return claim.least
    return min(round((floor(current / claim.step + NEAR) + 1) * claim.step, 6), claim.most)


@st.composite
def nodes(draw: st.DrawFn, rules: st.SearchStrategy[float | None]) -> tuple[Node, ...]:
    """A tree of circuits."""
    found: list[Node] = []
    for number in range(draw(st.integers(1, 6))):
        parent = f"n{draw(st.integers(0, number - 1))}" if number else ""
        limit = draw(st.tuples(*[st.sampled_from((10.0, 16.0, 25.0, 34.7, 63.0))] * 3))
        found.append(Node(id=f"n{number}", parent=parent, limit=limit, rated=63.0, imbalance=draw(rules)))
    return tuple(found)


@st.composite
def claims(draw: st.DrawFn, circuits: tuple[Node, ...], *, most: int = 10, whole: bool = False) -> tuple[Claim, ...]:
    """EVSEs that want current; ``whole``: none has a minimum that is no multiple of its step."""
    found: list[Claim] = []
    for number in range(draw(st.integers(0, most))):
        least = draw(st.sampled_from((6.0, 6.0, 0.0, 8.0) if whole else (6.0, 6.0, 0.0, 6.5, 10.3)))
        found.append(
            Claim(
                evse=f"e{number}",
                node=draw(st.sampled_from(circuits)).id,
                phases=draw(st.sampled_from(PHASES)),
                least=least,
                most=least + draw(st.sampled_from((0.0, 2.0, 10.0, 26.0) if whole else (0.0, 2.0, 4.7, 10.0, 26.0))),
                step=draw(st.sampled_from((1.0, 0.5) if whole else (1.0, 0.5, 0.1, 0.0625, 6.0))),
                priority=draw(st.integers(0, 2)),
                weight=draw(st.sampled_from((1.0, 1.0, 2.0, 0.3))),
                rank=(draw(st.integers(0, 2)),),
            )
        )
    return tuple(found)


@st.composite
def cases(draw: st.DrawFn, *, uneven: bool = True) -> Case:
    """Sites small enough to fill up; ``uneven``: with rules of imbalance, and what others draw."""
    circuits = draw(nodes(st.sampled_from((None, 5.0, 16.0, 20.0)) if uneven else st.none()))
    ampere = st.sampled_from((-10.0, 0.0, 5.5, 12.0, 20.0, 40.0))
    names = st.sampled_from([node.id for node in circuits])
    return Case(
        nodes=circuits,
        claims=draw(claims(circuits)),
        room=draw(st.dictionaries(names, st.tuples(ampere, ampere, ampere), max_size=2)),
        drawn=draw(st.dictionaries(names, st.tuples(*[st.sampled_from((0.0, 3.2, 20.0, 40.0))] * 3), max_size=2))
        if uneven
        else {},
    )
