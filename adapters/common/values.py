"""From what a station has answered to values of points, whatever it has answered."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from gateway.family.documents import decode
from gateway.family.interpret import interpret

if TYPE_CHECKING:
    from collections.abc import Iterable

    from adapters.common.complaints import Complaints
    from gateway.family.points import AnyPoint, PathPoint
    from gateway.family.value import Scalar, Value

_LARGEST = 2.0**63
"""No quantity of a station is larger; what comes as more is garbage."""


def value_of(name: str, point: AnyPoint, raw: Value, complaints: Complaints) -> Value:
    """The value of a point; None, with one line in the log, where the raw value makes no sense."""
    try:
        value = interpret(point, raw)
    except (ValueError, ArithmeticError, TypeError):
        complaints.once(f"value {name}", "%s cannot be read from %.80r", name, raw)
        return None
    row = value if isinstance(value, tuple) else (value,)
    if not all(_sensible(each) for each in row):
        complaints.once(f"value {name}", "%s cannot be %.80r", name, raw)
        return tuple(each if _sensible(each) else None for each in row) if isinstance(value, tuple) else None
    complaints.over(f"value {name}", "%s can be read again", name)
    return value


def document_values(
    points: Iterable[tuple[str, PathPoint]], document: object, complaints: Complaints
) -> dict[str, Value]:
    """The values of points in one document: decoded JSON, or a text."""
    return {name: value_of(name, point, decode(point, document), complaints) for name, point in points}


def _sensible(value: Scalar) -> bool:
    return not isinstance(value, int | float) or (math.isfinite(value) and abs(value) <= _LARGEST)
