"""Raw values of the wire as values of points, and back. Pure.

A number that goes to a station is never rounded up: what it limits stays below what was asked.
"""

from __future__ import annotations

import math
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from gateway.family.points import PathPoint, RegisterPoint
from gateway.family.registers import FLOATING
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from gateway.family.points import Point
    from gateway.family.value import Scalar, Value

PLACES = 9
_GRAIN = 1e-6  # what binary fractions may be wrong by, in raw steps
_BYTE = 8


def interpret(point: Point, raw: Value, *, exponent: int = 0) -> Value:
    """The value of a point; None where the raw value says that there is none.

    Args:
        point: What the raw value means.
        raw: As the codec gives it: a number, a text, a truth value, or a row of them.
        exponent: Power of ten that another point gives.
    """
    if isinstance(raw, tuple):
        return tuple(_one(point, each, exponent) for each in raw)
    if point.bits and isinstance(raw, int):
        return None if _absent(point, raw) else _bits(point, raw)
    return _one(point, raw, exponent)


def _one(point: Point, raw: Scalar, exponent: int) -> Scalar:
    if isinstance(raw, str):
        raw = raw.strip(" \0\r\n\t")
    if raw is None or _absent(point, raw):
        return None
    if isinstance(raw, bool):
        return point.map.get(str(raw).lower(), raw)
    if isinstance(raw, str):
        return _text(point, raw)
    return _number(point, raw, exponent)


def _absent(point: Point, raw: Scalar) -> bool:
    return (isinstance(raw, float) and not math.isfinite(raw)) or raw in point.nan


def _text(point: Point, raw: str) -> Scalar:
    if point.map:
        return _named(point, raw)
    if point.unit or point.scale != 1.0:
        # A number that the station writes as text.
        try:
            return _number(point, float(raw), 0)
        except ValueError:
            return None
    return raw


def _number(point: Point, raw: float, exponent: int) -> Scalar:
    if isinstance(raw, int):
        if point.mask is not None:
            raw &= point.mask
        raw >>= point.shift
    if point.map:
        return _named(point, raw)
    if point.format:
        return _formatted(point, int(raw))
    if point.scale == 1.0 and not point.offset and not exponent:
        value: float = raw
    else:
        value = round(raw * point.scale * 10.0**exponent + point.offset, PLACES)
    if point.sane is not None and not point.sane[0] <= value <= point.sane[1]:
        return None
    return value


def _named(point: Point, raw: float | str) -> Scalar:
    """The name of a value. One that has none stays what it is: it is for the log, and no rule knows it."""
    for key, name in point.map.items():
        if key == raw or number(key) == raw:
            return name
    return raw


def number(text: str) -> int | None:
    """A key of a TOML table as a number: decimal, or hex with 0x."""
    try:
        return int(text, 0)
    except ValueError:
        return None


def _bits(point: Point, raw: int) -> Value:
    if point.mask is not None:
        raw &= point.mask
    return tuple(name for key, name in point.bits.items() if raw >> (number(key) or 0) >> point.shift & 1)


def _formatted(point: Point, raw: int) -> str:
    size = 2 * point.width if isinstance(point, RegisterPoint) else max(1, -(-raw.bit_length() // _BYTE))
    bits = raw & (1 << _BYTE * size) - 1  # of a negative number, too
    if point.format == "hex":
        return f"{bits:0{point.digits or 2 * size}X}"
    if point.format == "dotted":
        return ".".join(str(byte) for byte in bits.to_bytes(size, "big")[: point.digits or size])
    return str(raw)


def raw_of(point: Point, value: Scalar) -> Scalar:
    """The raw value that a point has to be written as.

    Raises:
        GatewayError: ``point-value``: the point cannot be that.
    """
    for table in (point.map, point.bits):
        for key, name in table.items():
            if value == name:
                whole = number(key)
                if whole is None:
                    return key
                return (1 << whole if table is point.bits else whole) << point.shift
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float):
        exact = (value - point.offset) / point.scale
        if not math.isfinite(exact):
            raise GatewayError("point-value", value=value)
        if _fractional(point):
            exact = round(exact, PLACES)
            return int(exact) if exact.is_integer() else exact
        return math.floor(exact + _GRAIN) << point.shift
    if value is None:
        raise GatewayError("point-value", value=value)
    return _unformatted(point, value) if point.format else value


def _unformatted(point: Point, text: str) -> int:
    """The number that has been formatted as this text."""
    try:
        if point.format == "dotted":
            data = bytes(int(part) for part in text.split("."))
            # The text may have the first bytes only.
            return int.from_bytes(data.ljust(2 * point.width if isinstance(point, RegisterPoint) else 0, b"\0"), "big")
        return int(text, 16 if point.format == "hex" else 10)
    except ValueError as error:
        raise GatewayError("point-value", value=text) from error


def raw_row(point: Point, value: Value) -> Value:
    """As ``raw_of``, also for a row of values and for a set of bits.

    Raises:
        GatewayError: ``point-value``: the point cannot be that.
    """
    if not isinstance(value, tuple):
        return raw_of(point, value)
    raws = [raw_of(point, each) for each in value]
    if not point.bits:
        return tuple(raws)
    if not all(isinstance(each, int) for each in raws):
        raise GatewayError("point-value", value=value)
    return reduce(or_, (each for each in raws if isinstance(each, int)), 0)


def _fractional(point: Point) -> bool:
    """True where the wire itself carries fractions: nothing is lost, so nothing is rounded down."""
    return isinstance(point, PathPoint) or (isinstance(point, RegisterPoint) and point.type in FLOATING)
