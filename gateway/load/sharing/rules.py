"""What the boxes of a group have to agree on. Pure."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.load.site import Phases

NOTHING: Phases = (0.0, 0.0, 0.0)

DRIFT = 0.02
"""Share by which two clocks may run apart, and more."""

FOLLOW = 7.0
"""Seconds in which stations and cars follow a lower limit: a write, and 5 s by IEC 61851-1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """One group, the same at each of its boxes.

    Attributes:
        group: Its name.
        limit: A per phase that may flow through the connection all the time.
        base: A per phase that draws at worst what is behind no box.
        shares: Box -> A per phase that it may use when nobody leads. With ``base`` they fit into ``limit``.
        life: Seconds for which a grant holds.
        release: Seconds without a box after which its stations have fallen back by themselves, at any of the boxes.
        rotation: Seconds after which a car makes room for one that waits.
    """

    group: str
    limit: Phases
    shares: Mapping[str, Phases]
    base: Phases = NOTHING
    life: float = 10.0
    release: float = 0.0
    rotation: float = 900.0

    @property
    def keep(self) -> float:
        """Seconds, from the same moment as ``life``, for which a box does not go above its last grant to its share."""
        return self.back + self.release

    @property
    def back(self) -> float:
        """Seconds after which others have given back what a box has lent that is not heard any more."""
        return 2 * self.life + FOLLOW

    @property
    def beat(self) -> float:
        """Seconds between two messages of a kind."""
        return self.life / 10

    @property
    def digest(self) -> str:
        """Tells two rules apart."""
        shares = {box: list(share) for box, share in sorted(self.shares.items())}
        told = [self.group, list(self.limit), list(self.base), shares, self.life, self.release]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]


def highest(*several: Phases) -> Phases:
    """The highest of each phase; 0 if there is nothing."""
    first, second, third = NOTHING
    for one, two, three in several:  # often called: each step of each box
        first = max(first, one)
        second = max(second, two)
        third = max(third, three)
    return (first, second, third)


def lowest(one: Phases, other: Phases) -> Phases:
    """The lower of each phase."""
    return (min(one[0], other[0]), min(one[1], other[1]), min(one[2], other[2]))


def total(*several: Phases) -> Phases:
    """The sum of each phase."""
    first, second, third = NOTHING
    for one, two, three in several:
        first += one
        second += two
        third += three
    return (first, second, third)


def less(one: Phases, other: Phases) -> Phases:
    """The difference of each phase."""
    return (one[0] - other[0], one[1] - other[1], one[2] - other[2])
