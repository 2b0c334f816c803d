"""How the current of an EVSE can be held down: by the station itself, by what was added to it, or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

LEAST_CURRENT = 6.0
"""A per phase below which no vehicle charges (IEC 61851-1)."""


class Throttle(StrEnum):
    """How finely an EVSE can be held down."""

    CURRENT = "current"  # to so many A
    SWITCH = "switch"  # it draws what it draws, or nothing
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnLimit:
    """What a kind of station can do by itself.

    Attributes:
        throttle: How finely it can be held down.
        minimum: A per phase below which it gives nothing.
        step: A between one limit and the next.
        maximum: A per phase that it takes at most; None: only its wiring says.
        failsafe: A per phase that it falls to by itself when it hears nothing; None: it keeps the limit that it has.
        failsafe_timeout: Seconds after which it does so; inf: it never does.
        certain: False where each station has to say it itself once it is there.
        tells: Whether stations of that kind tell at each moment what flows; False where only the single one shows it.
    """

    throttle: Throttle = Throttle.CURRENT
    minimum: float = LEAST_CURRENT
    step: float = 1.0
    maximum: float | None = None
    failsafe: float | None = None
    failsafe_timeout: float = float("inf")
    certain: bool = True
    tells: bool = False
