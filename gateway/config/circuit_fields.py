"""Field types of circuits: currents per phase, days of the week, times of the day."""

from __future__ import annotations

import re
from datetime import time
from math import isfinite
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

PHASES = 3
MAX_CURRENT = 3000
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = 24 * 60
"""Minutes."""

_TIME = re.compile(r"(?P<hour>[0-2][0-9]):(?P<minute>[0-5][0-9])")
_AMPERES = {"type": "number", "minimum": 0, "maximum": MAX_CURRENT}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _per_phase(value: object) -> tuple[float, float, float]:
    several = list(value) if isinstance(value, list | tuple) else [value] * PHASES
    numbers = [float(each) for each in several if isinstance(each, int | float) and _is_number(each)]
    if len(numbers) != PHASES or len(several) != PHASES:
        raise PydanticCustomError("per-phase", "no current per phase", {"value": str(value)})
    if not all(isfinite(each) and 0 <= each <= MAX_CURRENT for each in numbers):
        params = {"value": str(value), "limit": f"0 ... {MAX_CURRENT}"}
        raise PydanticCustomError("out-of-range", "no such current", params)
    return (numbers[0], numbers[1], numbers[2])


def _days(value: object) -> frozenset[int]:
    if isinstance(value, frozenset):
        return value
    if not isinstance(value, list) or not value:
        raise PydanticCustomError("plan-days", "no days", {"value": str(value)})
    return frozenset(day for each in value for day in _span(each))


def _span(value: object) -> list[int]:
    """``mon``, or ``mon-fri``; ``sat-mon`` goes past Sunday."""
    first, dash, last = str(value).strip().lower().partition("-")
    if not isinstance(value, str) or first not in DAYS or (dash and last not in DAYS):
        raise PydanticCustomError("plan-days", "no days", {"value": str(value)})
    start = DAYS.index(first)
    length = (DAYS.index(last) - start) % len(DAYS) if dash else 0
    return [(start + each) % len(DAYS) for each in range(length + 1)]


def _minute(value: object) -> int:
    if isinstance(value, time) and value.tzinfo is None and not (value.second or value.microsecond):
        return value.hour * 60 + value.minute
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    minute = int(found["hour"]) * 60 + int(found["minute"]) if found else DAY + 1
    if minute > DAY:
        raise PydanticCustomError("plan-time", "no time", {"value": str(value)})
    return minute


PerPhase = Annotated[
    tuple[float, float, float],
    BeforeValidator(_per_phase),
    WithJsonSchema({
        "oneOf": [_AMPERES, {"type": "array", "items": _AMPERES, "minItems": PHASES, "maxItems": PHASES}]
    }),
]  # fmt: skip
"""A per phase of the supply: one number for all, or ``[L1, L2, L3]``; 0 where there is no such phase."""

_WORD = f"({'|'.join(DAYS)})"
Days = Annotated[
    frozenset[int],
    BeforeValidator(_days),
    WithJsonSchema({
        "type": "array", "minItems": 1, "items": {"type": "string", "pattern": f"^{_WORD}(-{_WORD})?$"},
    }),
]  # fmt: skip
"""Days of the week, 0 is Monday: ``["mon-fri", "sun"]``."""

Minute = Annotated[
    int,
    BeforeValidator(_minute),
    WithJsonSchema({"type": "string", "pattern": "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"}),
]
"""Minutes since midnight, written ``17:30``; ``24:00`` is the end of the day."""
