"""What load management decides at one moment, and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Cause(StrEnum):
    """What keeps an EVSE from more current than it has."""

    NOTHING = "nothing"  # it has all that it can give
    IDLE = "idle"  # no car that may charge
    CAR = "car"  # the car takes no more
    CIRCUIT = "circuit"  # a circuit is full: ``node`` and ``phase``
    IMBALANCE = "imbalance"  # one phase would be loaded too much more than another: ``node``
    OTHERS = "others"  # the backend or somebody else allows no more
    WAITING = "waiting"  # not all can have the minimum; its turn comes: ``node`` and ``phase``
    FAILSAFE = "failsafe"  # a meter or the view of a station is lost: ``node``, or "" for the EVSE itself
    SETTLING = "settling"  # current is free but not yet seen to be, or it has changed just now
    UNREACHABLE = "unreachable"  # the station cannot be told


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why an EVSE has what it has; ``phase`` 0 to 2, -1 where it is not of one phase."""

    cause: Cause
    node: str = ""
    phase: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One step.

    Attributes:
        writes: EVSE -> A per phase to set now; 0 pauses, else from its minimum to its maximum. Only what changes, or
            has to be said again.
        setpoints: EVSE -> A per phase that stands once these are written.
        reasons: EVSE -> why it is not more.
    """

    writes: Mapping[str, float] = field(default_factory=dict)
    setpoints: Mapping[str, float] = field(default_factory=dict)
    reasons: Mapping[str, Reason] = field(default_factory=dict)
