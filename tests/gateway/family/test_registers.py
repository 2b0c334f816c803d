"""Registers: what every type, word order and byte order makes of a value, and that it comes back."""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.family.points import RegisterPoint
from gateway.family.registers import decode, encode
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from gateway.family.value import Value

ORDERS = st.sampled_from(["big", "little"])
RANGES = {
    "u16": (0, 2**16 - 1),
    "bits": (0, 2**16 - 1),
    "s16": (-(2**15), 2**15 - 1),
    "u32": (0, 2**32 - 1),
    "s32": (-(2**31), 2**31 - 1),
    "u64": (0, 2**64 - 1),
    "s64": (-(2**63), 2**63 - 1),
}
PRINTABLE = st.characters(min_codepoint=0x21, max_codepoint=0x7E)


def register_point(**keys: Any) -> RegisterPoint:
    return RegisterPoint(**{"at": 0, **keys})


@given(data=st.data(), kind=st.sampled_from(sorted(RANGES)), word=ORDERS, byte=ORDERS)
def test_whole_numbers_come_back(data: st.DataObject, kind: str, word: str, byte: str) -> None:
    low, high = RANGES[kind]
    number = data.draw(st.integers(low, high))
    point = register_point(type=kind, word=word, byte=byte)
    words = encode(point, number)
    assert len(words) == point.span
    assert decode(point, words) == number


@given(number=st.floats(width=32, allow_nan=False), word=ORDERS, byte=ORDERS)
def test_single_floats_come_back(number: float, word: str, byte: str) -> None:
    point = register_point(type="f32", word=word, byte=byte)
    if math.isinf(number):
        with pytest.raises(GatewayError, match="point-value"):
            encode(register_point(type="s32"), number)
    assert decode(point, encode(point, number)) == number


@given(number=st.floats(allow_nan=False), word=ORDERS, byte=ORDERS)
def test_double_floats_come_back(number: float, word: str, byte: str) -> None:
    point = register_point(type="f64", word=word, byte=byte)
    assert decode(point, encode(point, number)) == number


@given(mantissa=st.integers(-(2**23), 2**23 - 1), exponent=st.integers(-6, 9))
def test_numbers_with_a_power_of_ten_come_back(mantissa: int, exponent: int) -> None:
    number = mantissa * 10.0**exponent
    for kind in ("t6",) if mantissa < 0 else ("t5", "t6"):
        point = register_point(type=kind)
        words = encode(point, number)
        assert len(words) == 2
        assert decode(point, words) == pytest.approx(number, rel=2e-6, abs=1e-6)


@pytest.mark.parametrize(
    ("kind", "words", "number"),
    [("t5", [0xFE00, 0x59E2], 230.1), ("t6", [0x00FF, 0xFF9C], -100.0), ("t5", [0x00FF, 0xFF9C], 16777116.0),
     ("t6", [0x0312, 0xD687], 1234567000.0)],
)  # fmt: skip
def test_a_number_with_a_power_of_ten_is_this(kind: str, words: list[int], number: float) -> None:
    assert decode(register_point(type=kind), words) == pytest.approx(number)


def test_a_number_without_a_sign_is_not_negative() -> None:
    with pytest.raises(GatewayError, match="point-value"):
        encode(register_point(type="t5"), -1.0)


@given(data=st.binary(min_size=8, max_size=8).filter(lambda data: set(data) != {0xFF}), byte=ORDERS)
def test_bytes_come_back_as_hex(data: bytes, byte: str) -> None:
    point = register_point(type="raw", n=4, byte=byte)
    assert decode(point, encode(point, data.hex().upper())) == data.hex().upper()


@given(text=st.text(PRINTABLE, max_size=12), byte=ORDERS, pad=st.sampled_from(["left", "right"]))
@pytest.mark.parametrize(("kind", "registers"), [("str", 6), ("utf16", 12)])
def test_texts_come_back(kind: str, registers: int, text: str, byte: str, pad: str) -> None:
    point = register_point(type=kind, n=registers, byte=byte, pad=pad)
    assert decode(point, encode(point, text)) == text


@given(text=st.text(st.sampled_from("0123456789"), min_size=12, max_size=12), byte=ORDERS)
def test_decimal_digits_come_back(text: str, byte: str) -> None:
    point = register_point(type="bcd", n=3, byte=byte)
    assert decode(point, encode(point, text)) == text


@given(text=st.text(PRINTABLE, min_size=1, max_size=2), byte=ORDERS)
def test_one_or_two_signs_in_a_register_come_back(text: str, byte: str) -> None:
    point = register_point(type="char", byte=byte)
    assert decode(point, encode(point, text)) == text


@given(row=st.lists(st.integers(0, 2**32 - 1), min_size=2, max_size=5), stride=st.integers(2, 9), word=ORDERS)
def test_a_row_with_a_stride_comes_back(row: list[int], stride: int, word: str) -> None:
    point = register_point(type="u32", n=len(row), stride=stride, word=word)
    words = encode(point, tuple(row))
    assert len(words) == point.span == (len(row) - 1) * stride + 2
    assert decode(point, words) == tuple(row)


@given(row=st.lists(st.integers(0, 1), min_size=2, max_size=16), table=st.sampled_from(["coil", "discrete"]))
def test_bits_of_a_coil_table_come_back(row: list[int], table: str) -> None:
    point = register_point(table=table, n=len(row))
    assert encode(point, tuple(row)) == row
    assert decode(point, row) == tuple(row)


def test_a_coil_takes_a_truth_value_and_nothing_else() -> None:
    point = register_point(table="coil")
    assert encode(point, True) == [1]  # noqa: FBT003 - the value of a coil
    assert encode(point, 0) == [0]
    with pytest.raises(GatewayError, match="point-value"):
        encode(point, 2)


@pytest.mark.parametrize(
    ("keys", "words", "value"),
    [
        ({"type": "u32"}, [0x0001, 0x0002], 0x0001_0002),
        ({"type": "u32", "word": "little"}, [0x0001, 0x0002], 0x0002_0001),
        ({"type": "u32", "byte": "little"}, [0x0001, 0x0002], 0x0100_0200),
        ({"type": "u32", "word": "little", "byte": "little"}, [0x0001, 0x0002], 0x0200_0100),
        ({"type": "s16"}, [0xFFF6], -10),
        ({"type": "f32"}, [0x4048, 0xF5C3], struct.unpack(">f", bytes.fromhex("4048f5c3"))[0]),
        ({"type": "char"}, [0x4332], "C2"),
        ({"type": "char"}, [0x0041], "A"),
        ({"type": "char"}, [0x4100], "A"),
        ({"type": "char"}, [0x4220], "B"),
        ({"type": "str", "n": 3}, [0x5031, 0x3000, 0xFFFF], "P10"),
        ({"type": "str", "n": 2}, [0x2020, 0x4142], "AB"),
        ({"type": "str", "n": 2}, [0xFFFF, 0xFFFF], None),
        ({"type": "str", "n": 2, "word": "little"}, [0x4142, 0x4344], "ABCD"),
        ({"type": "utf16", "n": 2}, [0x00DC, 0x0042], "ÜB"),
        ({"type": "bcd"}, [0x0107], "0107"),
        ({"type": "bcd"}, [0x01A7], None),
        ({"n": 3}, [6, 7, 8], (6, 7, 8)),
        ({"n": 2, "stride": 3}, [6, 0, 0, 8], (6, 8)),
    ],
)
def test_registers_mean(keys: dict[str, Any], words: list[int], value: Value) -> None:
    assert decode(register_point(**keys), words) == value


@pytest.mark.parametrize(
    ("keys", "raw"),
    [
        ({}, -1),
        ({}, 65_536),
        ({}, 6.5),
        ({}, math.nan),
        ({}, "6"),
        ({}, None),
        ({"type": "s16"}, 32_768),
        ({"type": "f32"}, 1e300),
        ({"type": "str", "n": 2}, "longer"),
        ({"type": "bcd"}, "12345"),
        ({"type": "bcd"}, "1A"),
        ({"type": "char"}, "abc"),
        ({"n": 3}, (1, 2)),
        ({"n": 3}, 1),
    ],
)
def test_what_registers_cannot_hold_is_refused(keys: dict[str, Any], raw: Value) -> None:
    with pytest.raises(GatewayError, match="point-value"):
        encode(register_point(**keys), raw)


def test_an_answer_that_is_too_short_is_no_value() -> None:
    with pytest.raises(GatewayError, match="answer-format"):
        decode(register_point(type="u32"), [1])
