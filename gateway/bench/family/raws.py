"""What a simulated station puts on its wire: raw values of points, from values in SI units or from texts. Pure.

The way back of ``gateway.family.interpret``, for what is measured: rounded to the nearest, and kept within what the
point can hold, as a meter's register is.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Literal

from gateway.family.points import FieldPoint, FramePoint, PathPoint, RegisterPoint
from gateway.family.registers import BITS, FLOATING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.family.family import AnyFamily
    from gateway.family.points import AnyPoint
    from gateway.family.value import Scalar, Value

Kind = Literal["whole", "number", "text", "any"]
"""What the wire carries: a whole number, a number with a fraction, a text, or whatever JSON can."""

_KILO = {"kW", "kWh", "kVA", "kvar"}
_RANGES = {
    "u8": (0, 0xFF),
    "u16": (0, 0xFFFF),
    "s16": (-0x8000, 0x7FFF),
    "u32": (0, 0xFFFFFFFF),
    "s32": (-0x80000000, 0x7FFFFFFF),
    "u64": (0, 2**64 - 1),
    "s64": (-(2**63), 2**63 - 1),
}
_FIELD_KINDS: Mapping[str, Kind] = {"f": "number", "s": "text"}
_FIELD = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*):(?:0[1-9])?([dxfs])\}")
_DIGITS = re.compile(r"[0-9]+")
_PLACES = 6


def kind_of(family: AnyFamily, point: AnyPoint) -> Kind:
    """What the wire carries for a point."""
    if isinstance(point, RegisterPoint):
        if point.table in BITS:
            return "whole"
        return "text" if point.text or point.type == "char" else "number" if point.type in FLOATING else "whole"
    if isinstance(point, FramePoint):
        return "whole"
    return _kind_of_field(family, point) if isinstance(point, FieldPoint) else "any"


def _kind_of_field(family: AnyFamily, point: FieldPoint) -> Kind:
    source = point.from_ if isinstance(point.from_, str) else point.from_[0]
    command, _, name = source.partition(".")
    rx = getattr(family, "commands", {})[command].rx
    kinds = dict(_FIELD.findall(rx))
    return _FIELD_KINDS.get(kinds.get(name, "d"), "whole")


def count_of(point: AnyPoint) -> int:
    """How many values a point has in a row."""
    if isinstance(point, RegisterPoint):
        return point.count
    if isinstance(point, FramePoint):
        return 1 if point.type == "raw" else point.n
    source = point.ptr if isinstance(point, PathPoint) else point.from_
    return 1 if isinstance(source, str) else len(source)


def measured(point: AnyPoint, kind: Kind, value: float) -> Scalar:
    """The raw value of a number in SI units (A, V, W, Wh, s, degC)."""
    if point.unit in _KILO:
        value /= 1000
    exact = (value - point.offset) / point.scale
    if kind == "number":
        return float(round(exact, _PLACES))
    if kind == "any":
        near = round(exact, _PLACES)
        return int(near) if float(near).is_integer() else near
    whole = math.floor(exact + 0.5) << point.shift
    if kind == "text":
        return str(whole)
    low, high = bounds(point)
    return min(max(whole, low), high)


def bounds(point: AnyPoint) -> tuple[int, int]:
    """The lowest and the highest raw number of a point."""
    if isinstance(point, RegisterPoint) and point.table in BITS:
        return 0, 1
    name = getattr(point, "type", "s32")
    if name == "raw" and isinstance(point, FramePoint):
        return 0, 256**point.n - 1
    return _RANGES.get(name, _RANGES["u16"] if name == "bits" else _RANGES["s32"])


def texted(point: AnyPoint, kind: Kind, text: str) -> Scalar:
    """The raw value of a text: a token, a serial number, a version; numbers carry it as ``format`` says."""
    if kind in ("text", "any"):
        return _fitting(point, text)
    if not text:
        return 0
    low, high = bounds(point)
    if point.format == "hex":
        number = int(text, 16) if re.fullmatch("[0-9A-Fa-f]+", text) else int.from_bytes(text.encode(), "big")
    elif point.format == "dotted":
        number = _dotted(point, text)
    else:
        number = int("".join(_DIGITS.findall(text)) or "1")
    return number % (high + 1) if number > high else max(low, number)


def _dotted(point: AnyPoint, text: str) -> int:
    size = 2 * point.width if isinstance(point, RegisterPoint) else 4
    parts = [min(int(part), 0xFF) for part in _DIGITS.findall(text)][:size]
    return int.from_bytes(bytes(parts).ljust(size, b"\0"), "big")


def _fitting(point: AnyPoint, text: str) -> str:
    if not isinstance(point, RegisterPoint):
        return text
    if point.type == "bcd":
        return "".join(_DIGITS.findall(text))[: 4 * point.width]
    if point.type == "raw":
        return text.encode().hex()[: 4 * point.width]
    return text[: {"utf16": point.width, "char": 1}.get(point.type, 2 * point.width)]


def default(point: AnyPoint, kind: Kind) -> Value:
    """What a point holds of which nothing is known: 0, no text, or the lowest plausible value."""
    if kind == "text":
        return "00" * 2 * point.width if isinstance(point, RegisterPoint) and point.type == "raw" else _row(point, "")
    least: Scalar = 0
    if point.sane is not None and point.sane[0] > 0:
        least = measured(point, kind, point.sane[0] * (1000 if point.unit in _KILO else 1))
    elif kind == "any" and not point.unit and point.map:
        least = next((key for key in point.map if not key.lstrip("-").isdecimal() and not key.startswith("0x")), 0)
    return _row(point, least)


def _row(point: AnyPoint, value: Scalar) -> Value:
    count = count_of(point)
    return value if count == 1 else (value,) * count
