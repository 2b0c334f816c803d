"""What is made ready when a read is planned gives the same values as the codec and its meaning step by step."""

from __future__ import annotations

import struct
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from adapters.modbus.job import Job
from adapters.modbus.messages import words
from adapters.modbus.planner import Piece, Read
from gateway.family.interpret import interpret
from gateway.family.points import RegisterPoint
from gateway.family.registers import decode

TYPES = ["u16", "s16", "u32", "s32", "u64", "s64", "f32", "f64", "bits", "char", "str", "utf16", "bcd"]


@st.composite
def points(draw: st.DrawFn) -> RegisterPoint:
    """Points of every type, with every way to have a meaning."""
    keys: dict[str, Any] = {
        "at": 7,
        "table": draw(st.sampled_from(["holding", "input", "coil"])),
        "type": draw(st.sampled_from(TYPES)),
        "n": draw(st.integers(1, 4)),
        "word": draw(st.sampled_from(["big", "little"])),
        "byte": draw(st.sampled_from(["big", "little"])),
        "scale": draw(st.sampled_from([1.0, 0.1, 0.001, 1000.0])),
        "offset": draw(st.sampled_from([0.0, -40.0])),
    }
    optional: dict[str, Any] = {
        "stride": draw(st.integers(4, 6)),
        "mask": draw(st.sampled_from([0xFF, 0x0FFF])),
        "shift": draw(st.integers(0, 7)),
        "nan": draw(st.sampled_from([[0], [0xFFFF], [1, 1000]])),
        "sane": [0.0, 100.0],
        "map": {"0": "A", "0x1": "B", "7": "C"},
        "bits": {"0": "ground", "3": "heat"},
        "format": draw(st.sampled_from(["hex", "decimal", "dotted"])),
    }
    for name in draw(st.sets(st.sampled_from(sorted(optional)), max_size=2)):
        keys[name] = optional[name]
    return RegisterPoint.model_validate(keys)


@given(points(), st.integers(0, 3), st.binary(min_size=80, max_size=80), st.booleans())
def test_values_are_the_same(point: RegisterPoint, before: int, data: bytes, small: bool) -> None:  # noqa: FBT001 drawn
    if small:  # values that maps, absent codes and bits speak of
        data = bytes(byte & 7 if index % 2 else 0 for index, byte in enumerate(data))
    read = Read.of(
        [
            Piece(point="first", unit=1, table=point.table, at=point.at - before, span=1),
            Piece(point="point", unit=1, table=point.table, at=point.at, span=point.span),
        ]
    )
    first = RegisterPoint.model_validate({"at": point.at - before, "table": point.table})
    job = Job.of(read, {"first": first, "point": point})
    size = job.request.size - 2
    answer = struct.pack("BB", job.request.function, size) + data[:size]

    (_, _), (_, extract) = job.whole

    registers = words(job.request, answer)[before : before + point.span]
    expected = interpret(point, decode(point, registers))
    assert repr(extract(answer)) == repr(expected)
