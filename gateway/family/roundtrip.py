"""Whether what a simulated station of a family would send is read as what was meant. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.family import documents, frames, lines, registers
from gateway.family.family import AsciiFamily, LineFamily
from gateway.family.interpret import interpret, number, raw_row
from gateway.family.pattern import Pattern
from gateway.family.points import FieldPoint, FramePoint, PathPoint, RegisterPoint
from gateway.family.vectors import agrees
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.family.family import AnyFamily
    from gateway.family.points import Point
    from gateway.family.value import Scalar, Value

_NUMBERS = (0, 1, 5, 100)
_TEXTS = ("1", "12", "AB")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A value that does not come back.

    Attributes:
        point: The point.
        value: What a simulated station would be told to show.
        found: What would be read.
        error: Why it cannot be sent or read at all.
    """

    point: str
    value: Value
    found: Value = None
    error: GatewayError | None = None


def lost(family: AnyFamily) -> tuple[Lost, ...]:
    """Every value that is lost between the two sides, the first one of each point."""
    found = (_first(family, name, point) for name, point in family.points.items() if point.readable)
    return tuple(each for each in found if each is not None)


def _first(family: AnyFamily, name: str, point: Point) -> Lost | None:
    value: Value = None
    for raw in _raws(point):
        try:
            value = interpret(point, _sent(family, point, _row(point, raw)))
            if value is None or (isinstance(value, tuple) and None in value):
                continue
            back = interpret(point, _sent(family, point, raw_row(point, value)))
        except GatewayError as error:
            return Lost(point=name, value=value, error=error)
        if not _near(point, value, back):
            return Lost(point=name, value=value, found=back)
    return None


def _near(point: Point, one: Value, other: Value) -> bool:
    """The same, within the step that is lost by rounding down."""
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(_near(point, each, also) for each, also in zip(one, other, strict=True))
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) <= abs(point.scale) * 1.001
    return agrees(one, other)


def _raws(point: Point) -> Iterator[Scalar]:
    """Raw values that show what the point can say."""
    for key in point.map:
        whole = number(key)
        yield key if whole is None else whole << point.shift
    for key in point.bits:
        yield 1 << (number(key) or 0) << point.shift
    if not point.map and not point.bits:
        yield from _plain(point)


def _plain(point: Point) -> Iterator[Scalar]:
    if isinstance(point, RegisterPoint) and point.table in registers.BITS:
        yield from (0, 1)
    elif isinstance(point, RegisterPoint) and point.type == "bcd":
        yield "1" * 4 * point.n
    elif isinstance(point, RegisterPoint) and point.type == "raw":
        yield "A5" * 2 * point.n
    elif isinstance(point, RegisterPoint) and (point.text or point.type == "char"):
        yield from _TEXTS
    else:
        yield from (each << point.shift for each in _NUMBERS)


def _row(point: Point, raw: Scalar) -> Value:
    count = _count(point)
    return (raw,) * count if count > 1 else raw


def _count(point: Point) -> int:
    match point:
        case RegisterPoint():
            return point.count
        case FramePoint():
            return 1 if point.type == "raw" else point.n
        case FieldPoint():
            return 1 if isinstance(point.from_, str) else len(point.from_)
        case PathPoint():
            return 1 if isinstance(point.ptr, str) else len(point.ptr)
    return 1


def _sent(family: AnyFamily, point: Point, raw: Value) -> Value:
    """A raw value as it is read on the other side of the wire."""
    match point:
        case RegisterPoint():
            return registers.decode(point, registers.encode(point, raw))
        case FramePoint() if isinstance(family, AsciiFamily):
            payload = bytearray(2 * family.frames[point.frame].n) if point.frame in family.frames else bytearray()
            frames.encode(point, raw, payload)
            return frames.decode(point, bytes(payload))
        case FieldPoint() if isinstance(family, LineFamily):
            return _said(family, point, raw)
        case PathPoint():
            document = documents.encode(point, raw, None)
            text = document if isinstance(document, str) else json.dumps(document)
            return documents.decode(point, documents.read(text))
    return raw


def _said(family: LineFamily, point: FieldPoint, raw: Value) -> Value:
    """A row may come from several commands."""
    wanted = (point.from_,) if isinstance(point.from_, str) else point.from_
    row = raw if isinstance(raw, tuple) else (raw,)
    found = tuple(_told(family, place, each) for place, each in zip(wanted, row, strict=True))
    return found[0] if isinstance(point.from_, str) else found


def _told(family: LineFamily, place: str, raw: Scalar) -> Scalar:
    command, _, name = place.partition(".")
    known = family.commands.get(command)
    if known is None:
        raise GatewayError("message-unknown", value=command)
    pattern = Pattern.parse(known.rx, known.optional_fields)
    values: dict[str, Value] = dict.fromkeys(pattern.names, 0)
    values[name] = raw
    line = lines.compose(family.framing, f"{family.framing.ok} {pattern.write(values)}")
    return pattern.read(lines.parse(family.framing, line).text).get(name)
