"""A planned read made ready: its request, and how each point's value comes out of the answer.

What the type of a point decides is decided once, when reads are planned, and not at each of the many polls.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from adapters.modbus.messages import Request, reading, words
from gateway.family.interpret import PLACES, interpret, number
from gateway.family.registers import BITS, FORMATS, decode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from adapters.modbus.planner import Piece, Read
    from gateway.family.points import RegisterPoint
    from gateway.family.value import Value

    Extract = Callable[[bytes], Value]
    Interpret = Callable[[Value], Value]

_HEAD = 2
"""Bytes of an answer before its registers."""


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """A read.

    Attributes:
        read: What it brings.
        request: What is sent.
        whole: Point and how its value is taken from the answer; that of a point with an exponent is its raw value.
        parts: Pieces of rows whose values lie far apart, and how their registers are taken from the answer.
    """

    read: Read
    request: Request
    whole: tuple[tuple[str, Extract], ...]
    parts: tuple[tuple[Piece, Callable[[bytes], tuple[int, ...]]], ...]

    @classmethod
    def of(cls, read: Read, points: Mapping[str, RegisterPoint]) -> Job:
        """Make a read ready."""
        request = reading(read.unit, read.table, read.at, read.count)
        whole, parts = [], []
        for piece in read.pieces:
            point, start = points[piece.point], piece.at - read.at
            if piece.span == point.span:
                whole.append((piece.point, extract(point, request, start)))
            else:
                parts.append((piece, partial(_registers, request, start, start + piece.span)))
        return cls(read=read, request=request, whole=tuple(whole), parts=tuple(parts))


def _registers(request: Request, start: int, end: int, answer: bytes) -> tuple[int, ...]:
    return words(request, answer)[start:end]


def extract(point: RegisterPoint, request: Request, start: int) -> Extract:
    """How the value of a point, which begins ``start`` registers after the first, comes out of an answer."""
    meaning = _identity if point.exponent else interpretation(point)
    form = FORMATS.get(point.type)
    dense = (point.stride or point.width) == point.width
    usual = point.byte == "big" and (point.word == "big" or point.width == 1)
    if form is None or point.table in BITS or not dense or not usual or point.type.startswith("f"):
        end = start + point.span

        def slowly(answer: bytes) -> Value:
            return meaning(decode(point, words(request, answer)[start:end]))

        return slowly
    unpack = struct.Struct(f">{point.count}{form[-1]}").unpack_from
    place = _HEAD + 2 * start
    if point.count > 1:
        return lambda answer: meaning(unpack(answer, place))
    return lambda answer: meaning(unpack(answer, place)[0])


def interpretation(point: RegisterPoint) -> Interpret:
    """What ``interpret`` does with raw values of a point, made ready."""
    unusual = point.nan or point.mask is not None or point.shift or point.bits or point.format or point.text
    if unusual or point.sane is not None or point.type in {"f32", "f64", "t5", "t6", "char"} or point.table in BITS:
        return partial(interpret, point)
    if point.map:
        return _named(point)
    if point.scale == 1.0 and not point.offset:
        return _identity
    return _scaled(point)


def _identity(raw: Value) -> Value:
    return raw


def _named(point: RegisterPoint) -> Interpret:
    names: dict[object, str] = {}
    for key, name in point.map.items():
        names.setdefault(number(key), name)

    def one(raw: Value) -> Value:
        if isinstance(raw, tuple):
            return tuple(names.get(each, each) for each in raw)
        return names.get(raw, raw)

    return one


def _scaled(point: RegisterPoint) -> Interpret:
    scale, offset = point.scale, point.offset

    def one(raw: Value) -> Value:
        if isinstance(raw, tuple):
            return tuple([round(each * scale + offset, PLACES) for each in raw])  # type: ignore[operator] # whole numbers
        return round(raw * scale + offset, PLACES)  # type: ignore[operator]

    return one
