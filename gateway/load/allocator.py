"""Shares the current of a moment: who gets how much, so that no circuit is overloaded.

1. Who can have its minimum gets it, in the order of rank (``admission``).
2. From the highest priority to the lowest, what is left is shared max-min fair by weight (``filling``), down to whole
   setpoints, and what that leaves is handed out in setpoints (``steps``).

At a circuit with an imbalance rule the sharing is done without the rule first. Where that breaks it, the high phases get a
cap from what the low ones came to, and it is done again.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from gateway.load.admission import admit
from gateway.load.bids import Bid, Crowd, crowds
from gateway.load.claim import Claim, Grant
from gateway.load.decision import Cause, Reason
from gateway.load.filling import Filling
from gateway.load.steps import hand_out, obstacle, take_back
from gateway.load.tree import Tree

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateway.load.site import Phases
    from gateway.load.tree import Group

__all__ = ["Claim", "Grant", "Tree", "allocate"]

ROUNDS = 2
"""How often levels are looked for; what is broken after the last is mended in single setpoints. More gave no more."""

FULL = Reason(cause=Cause.CAR)


def allocate(
    tree: Tree,
    room: Mapping[str, Phases],
    claims: Sequence[Claim],
    drawn: Mapping[str, Phases] | None = None,
) -> dict[str, Grant]:
    """Share current among claims.

    For each circuit and phase the grants below never sum to more than the room, nor to anything where it is negative. No
    grant could be one setpoint higher with the others as they are.

    Args:
        tree: The site's circuits.
        room: A per phase that the claims below a circuit may load in all; a circuit that is not there has its limit.
        claims: Who wants current; their order does not matter.
        drawn: A per phase that other EVSEs anywhere below a circuit draw, for circuits with an imbalance rule.

    Returns:
        By EVSE, for each claim.

    Raises:
        KeyError: A circuit is not in the tree.
    """
    slack = tree.room(room, drawn or {})
    bids = [Bid(claim, tree) for claim in claims]
    groups = crowds(bids)
    out = admit(bids, groups, slack, tree)
    # What others get may even out the phases for who is out, or for a higher priority; so these are looked at again.
    again = [bid for bid, row in out.items() if row >= tree.pairs]
    classes = [list(each) for _, each in groupby(groups, key=_priority)]
    for number, peers in enumerate(classes, 1):
        _serve(peers, slack, tree)
        served = [bid for crowd in peers for bid in crowd.bids]
        hand_out(served if number < len(classes) else [*again, *served], slack, tree.pairs)
        again.extend(bid for bid in served if bid.group.above)
    if min(slack, default=0) < 0:  # no rounding of levels comes to it, but a fuse is at stake
        take_back(groups, slack, [row for row, left in enumerate(slack) if left < 0])
    return _grants(bids, tree, slack)


def _priority(crowd: Crowd) -> int:
    return crowd.priority


def _serve(groups: list[Crowd], slack: list[int], tree: Tree) -> None:
    """Raise crowds of one priority to their levels, down to setpoints."""
    caps: dict[int, int] = {}
    broken: dict[int, int] = {}
    filling = Filling(groups, slack, tree)
    for _ in range(ROUNDS):
        filling.fill(caps)
        broken = _uneven(groups, slack)
        if not broken:
            break
        for row, cap in broken.items():
            caps[row] = min(cap, caps.get(row, cap))
    for crowd in groups:
        crowd.move(crowd.reach, slack)
    if broken:
        take_back(groups, slack, broken)


def _uneven(groups: Sequence[Crowd], slack: Sequence[int]) -> dict[int, int]:
    """Rows of imbalance that the levels break, with what would not."""
    given: dict[int, int] = {}
    taken: dict[int, int] = {}
    for crowd in groups:
        if crowd.group.above:
            rise = sum(crowd.reach) - crowd.low
            for row in crowd.group.above:
                taken[row] = taken.get(row, 0) + rise
            for row in crowd.group.below:
                given[row] = given.get(row, 0) + rise
    return {row: slack[row] + given.get(row, 0) for row, rise in taken.items() if rise > slack[row] + given.get(row, 0)}


def _grants(bids: Sequence[Bid], tree: Tree, slack: Sequence[int]) -> dict[str, Grant]:
    found: dict[str, Grant] = {}
    made: dict[tuple[float, int, bool], Grant] = {}  # many get the same, for the same reason
    fullest: dict[Group, int] = {}
    for bid in bids:
        row = -1
        if bid.now < bid.high:
            group = bid.group
            circuit = fullest.get(group)
            if circuit is None:
                circuit = fullest[group] = min(group.rows, key=slack.__getitem__)
            row = _limit(bid, circuit, slack)
        key = (bid.current, row, bid.now < bid.low)
        grant = made.get(key)
        if grant is None:
            grant = made[key] = Grant(current=bid.current, reason=_reason(bid, row, tree))
        found[bid.claim.evse] = grant
    return found


def _limit(bid: Bid, circuit: int, slack: Sequence[int]) -> int:
    """The row that holds a bid below its most; ``circuit``: where its circuits have the least left."""
    more = bid.further - bid.now
    if slack[circuit] < more:
        return circuit
    row = obstacle(bid, more, slack)
    return -1 if row is None else row


def _reason(bid: Bid, row: int, tree: Tree) -> Reason:
    if row < 0:
        return FULL
    if row >= tree.pairs:
        return tree.reason(Cause.IMBALANCE, row)
    return tree.reason(Cause.WAITING if bid.now < bid.low else Cause.CIRCUIT, row)
