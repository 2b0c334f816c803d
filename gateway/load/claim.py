"""What the allocator is asked, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.load.decision import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """An EVSE that wants current now.

    It can be given 0, ``least``, ``most``, or a multiple of ``step`` between these two. An EVSE that can only be
    switched has ``least == most``. All of them are finite, and finer than a millionth of an ampere says nothing.

    Attributes:
        evse: Its name, unique among the claims.
        node: The circuit that it hangs on.
        phases: Phases of the supply (0 to 2, each once) that its current loads, all of them equally.
        wires: Phases that it counts with in circuits without a meter; empty: the same. ``phases`` may be wrong, and only a
            meter would show it.
        least: A per phase below which it gives nothing.
        most: A per phase that it can or may take, at least ``least``.
        step: A between one setpoint and the next, counted from 0.
        priority: More is served first.
        weight: Share among those of one priority: their currents, counted from 0, are to be as their weights.
        rank: Order of admission where not all can have their minimum; smaller first, then by name.
    """

    evse: str
    node: str
    phases: tuple[int, ...]
    least: float
    most: float
    step: float
    priority: int = 0
    weight: float = 1.0
    rank: tuple[float, ...] = ()
    wires: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a claim gets.

    Attributes:
        current: A per phase; 0, or from its least to its most.
        reason: Why it is not more. ``CAR``: it has its most. ``CIRCUIT``: a circuit is full on a phase. ``IMBALANCE``: more
            would load a phase too much more than another (the phase is the high one), be it above the minimum or at all.
            ``WAITING``: its minimum does not fit into a circuit.
    """

    current: float
    reason: Reason
