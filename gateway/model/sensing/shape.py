"""From what a sensor sends to what it means: contacts, scales, current loops, limits of what can be. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isfinite
from typing import TYPE_CHECKING

from gateway.model.sensing.quality import Judged, Quality

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.model.sensing.quality import Value

LOOP_ZERO, LOOP_FULL = 4.0, 20.0
"""mA at the ends of a transmitter's range."""
LOOP_BROKEN, LOOP_SHORTED = 3.6, 21.0
"""mA from which on the loop itself has failed (NAMUR NE 43)."""

_NOTHING = Judged(value=None, quality=Quality.IMPLAUSIBLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A switch: what is sent means active or not.

    Attributes:
        active: The value that means active: true, a number, a text.
    """

    active: Value = True

    def __call__(self, raw: Value) -> Judged:
        """Judge what was sent; a text means active where it is the named one, without regard to case."""
        if isinstance(self.active, str) or isinstance(raw, str):
            return Judged(value=str(raw).casefold() == str(self.active).casefold())
        if not isfinite(raw):
            return _NOTHING
        if isinstance(self.active, bool):
            return Judged(value=bool(raw) is self.active)
        return Judged(value=float(raw) == float(self.active))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """A quantity: ``raw * factor + offset``, refused outside of what can be.

    Attributes:
        factor: From the sensor's unit to that of the variable.
        offset: In the unit of the variable.
        low: Lowest value that can be.
        high: Highest value that can be.
        absent: Codes of the sensor for "no value", such as 85 for a 1-Wire thermometer that has just got power.
    """

    factor: float = 1.0
    offset: float = 0.0
    low: float = float("-inf")
    high: float = float("inf")
    absent: frozenset[float] = field(default_factory=frozenset)

    def __call__(self, raw: Value) -> Judged:
        """Judge what was sent."""
        number = _number(raw)
        if number is None or number in self.absent:
            return _NOTHING
        value = number * self.factor + self.offset
        return Judged(value=value) if self.low <= value <= self.high else _NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """A current loop of 4 to 20 mA.

    Attributes:
        zero: The quantity at 4 mA.
        full: The quantity at 20 mA.
        factor: From what the input module sends to mA.
    """

    zero: float
    full: float
    factor: float = 1.0

    def __call__(self, raw: Value) -> Judged:
        """Judge what was sent; a current between the end of the range and the failure limit counts as that end."""
        number = _number(raw)
        if number is None:
            return _NOTHING
        current = number * self.factor
        if not LOOP_BROKEN <= current <= LOOP_SHORTED:
            return Judged(value=None, quality=Quality.BROKEN)
        share = (min(max(current, LOOP_ZERO), LOOP_FULL) - LOOP_ZERO) / (LOOP_FULL - LOOP_ZERO)
        return Judged(value=self.zero + share * (self.full - self.zero))


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A text of the sensor, in the words of the variable.

    Attributes:
        table: By what is sent, in lower case; empty: as it is sent.
    """

    table: Mapping[str, str]

    def __call__(self, raw: Value) -> Judged:
        """Judge what was sent; a word that the table does not have cannot be."""
        found = self.table.get(str(raw).casefold()) if self.table else str(raw)
        return _NOTHING if found is None else Judged(value=found)


Shape = Contact | Scale | Loop | Words


def _number(raw: Value) -> float | None:
    if isinstance(raw, bool):
        return float(raw)
    try:
        number = float(raw)
    except ValueError:
        return None
    return number if isfinite(number) else None
