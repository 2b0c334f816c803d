"""What each box is to have: the allocator over the EVSEs of all boxes. Pure."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from gateway.load.allocator import Claim, Tree, allocate
from gateway.load.sharing.rules import NOTHING, highest, less, lowest, total
from gateway.load.site import LoadSite, Node

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

    from gateway.load.sharing.messages import Need, Want
    from gateway.load.site import Phases

ROOT = "\0"
WORTH = 2.0
"""A by which boxes have to be off what they are to have."""

_ON, _WAITS, _OVER = 0.0, 1.0, 2.0


def allot(needs: Mapping[str, Need], room: Phases, rotation: float) -> dict[str, Phases]:
    """Share current among boxes, as one box would among its EVSEs: by priority, then max-min fair among cars.

    Args:
        needs: Box -> what it needs.
        room: A per phase for all of them.
        rotation: Seconds after which a car makes room for one that waits.

    What a box cannot do without is there for its own cars first, as far as they can use it.

    Returns:
        Box -> A per phase: at least its floor, and above that no more in all than the room.
    """
    found: dict[str, Phases] = {}
    rest, left = room, dict(needs)
    while left:
        shared = _shared(left, rest, rotation)
        short = [box for box, amps in shared.items() if min(less(amps, left[box].floor)) < 0]
        for box in short or tuple(left):
            need = left.pop(box)
            most = less(rest, total(*(other.floor for other in left.values())))
            found[box] = highest(lowest(shared[box], most), need.floor)
            rest = less(rest, found[box])
    return found


def settled(wanted: Mapping[str, Phases], before: Mapping[str, Phases], room: Phases) -> bool:
    """Whether what boxes have is as good as what they are to have: not every ampere is worth telling all stations."""
    if min(less(room, total(*before.values()))) < 0:
        return False
    return all(abs(each) < WORTH for box in wanted for each in less(wanted[box], before[box]))


def keep(wanted: Mapping[str, Phases], before: Mapping[str, Phases], room: Phases) -> dict[str, Phases]:
    """Leave boxes what they have, where nobody else wants it: the next car begins at once, and stations are told less.

    Args:
        wanted: Box -> A per phase that it is to have.
        before: Box -> A per phase that it has.
        room: A per phase for all of them.
    """
    rest = less(room, total(*wanted.values()))
    found = dict(wanted)
    for box in sorted(wanted):
        more = lowest(_positive(less(before[box], wanted[box])), _positive(rest))
        found[box], rest = total(wanted[box], more), less(rest, more)
    return found


def _shared(needs: Mapping[str, Need], room: Phases, rotation: float) -> dict[str, Phases]:
    """The same as if no box had a floor but what it does not control."""
    rest = less(room, total(*(need.base for need in needs.values())))
    rooms = {ROOT: rest} | {box: less(need.most, need.base) for box, need in needs.items()}
    claims = {
        f"{box}\0{want.evse}": _claim(box, want, rotation)
        for box, need in needs.items()
        for want in need.wants
        if 0 < want.least <= want.most
    }
    found = {box: need.base for box, need in needs.items()}
    for name, grant in allocate(_tree(frozenset(needs)), rooms, list(claims.values())).items():
        claim = claims[name]
        first, second, third = (grant.current if phase in claim.phases else 0.0 for phase in range(3))
        found[claim.node] = total(found[claim.node], (first, second, third))
    return found


def _claim(box: str, want: Want, rotation: float) -> Claim:
    turn = _WAITS if not want.on else _ON if want.age < rotation else _OVER
    return Claim(
        evse=f"{box}\0{want.evse}",
        node=box,
        phases=want.phases,
        least=want.least,
        most=want.most,
        step=want.step,
        priority=want.priority,
        rank=(turn, -want.age),
    )


@lru_cache(maxsize=8)
def _tree(boxes: AbstractSet[str]) -> Tree:
    root = Node(id=ROOT, parent="", limit=NOTHING, rated=0.0)
    below = (Node(id=box, parent=ROOT, limit=NOTHING, rated=0.0) for box in sorted(boxes))
    return Tree(LoadSite(name="", nodes=(root, *below), evses=()))


def _positive(amps: Phases) -> Phases:
    return (max(amps[0], 0.0), max(amps[1], 0.0), max(amps[2], 0.0))
