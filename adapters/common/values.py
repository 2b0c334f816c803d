"""From what a station has answered to values of points, whatever it has answered."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from gateway.family.documents import decode, read
from gateway.family.interpret import interpret

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adapters.common.complaints import Complaints
    from gateway.family.points import AnyPoint, PathPoint
    from gateway.family.value import Scalar, Value

MAX_BYTES = 256 * 1024
"""The status of a station is a few kilobytes."""

_EXACT = 2**53
"""A whole number above this is no quantity but a name made of digits."""

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
    source: str, points: Mapping[str, PathPoint], data: bytes, complaints: Complaints, *, encoding: str = "utf-8"
) -> dict[str, Value]:
    """The values of points in one document; all None, with one line in the log, where it is none.

    Args:
        source: Name of the topic, request or command that brought it.
        points: By name, all of this source.
        data: JSON, or a plain text.
        complaints: Of the station.
        encoding: Of the text.
    """
    text = data[:MAX_BYTES].decode(encoding, "replace")
    document = read(text)
    if not isinstance(document, dict | list) and any(point.ptr for point in points.values()):
        complaints.once(f"document {source}", "%s is no JSON object: %.80r", source, document)
    else:
        complaints.over(f"document {source}", "%s can be read again", source)
    return {
        name: value_of(name, point, text if _verbatim(point, text, document) else decode(point, document), complaints)
        for name, point in points.items()
    }


def _verbatim(point: PathPoint, text: str, document: object) -> bool:
    """Whether a plain text is the value, though it could be read as JSON: 04E1, or 20 digits, may be a card."""
    if point.ptr != "" or isinstance(document, bool) or not isinstance(document, int | float):
        return False
    return point.format == "text" or abs(document) > _EXACT or "e" in text.casefold()


def _sensible(value: Scalar) -> bool:
    return not isinstance(value, int | float) or (math.isfinite(value) and abs(value) <= _LARGEST)
