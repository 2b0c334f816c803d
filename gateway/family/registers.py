"""Modbus registers as raw values of a point, and back. Pure.

A register is a whole number from 0 to 65535, high byte first as the protocol sends it (Modbus Application Protocol
V1.1b3, 4.2). How several make one value, no standard says: ``word`` and ``byte`` of the point do. The order of words
concerns numbers only; a text always begins in its first register.
"""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING

from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gateway.family.points import RegisterPoint
    from gateway.family.value import Scalar, Value

BITS = frozenset({"coil", "discrete"})
"""Tables whose places are single bits."""

FORMATS = {
    "u16": ">H",
    "bits": ">H",
    "s16": ">h",
    "u32": ">I",
    "s32": ">i",
    "u64": ">Q",
    "s64": ">q",
    "f32": ">f",
    "f64": ">d",
}
FLOATING = frozenset({"f32", "f64", "t5", "t6"})
"""Types that carry fractions."""

_CHARS = 2  # of one register
_MANTISSA = {"t5": (0, (1 << 24) - 1), "t6": (-(1 << 23), (1 << 23) - 1)}
_DIGITS = 6  # of a number in 24 bits
_GRAIN = 1e-6  # what binary fractions may be wrong by, in steps
_NO_TEXT = 0xFF  # in every byte: memory that nothing was written to


def decode(point: RegisterPoint, words: Sequence[int]) -> Value:
    """The raw value of a point: a number or a text, or a tuple of them where the point has several.

    Args:
        point: The point.
        words: The registers from its address on, ``point.span`` of them (more do no harm); 0 or 1 for coils and
            discrete inputs.

    Raises:
        GatewayError: ``answer-format``: there are too few words.
    """
    if len(words) < point.span:
        raise GatewayError("answer-format", text=str(list(words)), expected=str(point.span))
    found = tuple(_value(point, words[place : place + point.width]) for place in _places(point))
    return found if point.count > 1 else found[0]


def encode(point: RegisterPoint, raw: Value) -> list[int]:
    """The ``point.span`` registers of a raw value; registers between its values are 0.

    Raises:
        GatewayError: ``point-value``: the registers cannot hold it.
    """
    row = raw if isinstance(raw, tuple) else (raw,)
    if len(row) != point.count:
        raise GatewayError("point-value", value=raw)
    words = [0] * point.span
    for place, each in zip(_places(point), row, strict=True):
        words[place : place + point.width] = _words(point, each)
    return words


def _places(point: RegisterPoint) -> range:
    step = point.stride or point.width
    return range(0, point.count * step, step)


def _value(point: RegisterPoint, words: Sequence[int]) -> Scalar:
    if point.table in BITS:
        return words[0]
    if point.text or point.type == "char":
        return _text(point, b"".join(_bytes(point, words)))
    ordered = words if point.word == "big" else words[::-1]
    if point.type in _MANTISSA:
        return _scientific(point, b"".join(_bytes(point, ordered)))
    (found,) = struct.unpack(FORMATS[point.type], b"".join(_bytes(point, ordered)))
    return float(found) if point.type.startswith("f") else int(found)


def _scientific(point: RegisterPoint, data: bytes) -> float:
    """A number that is a power of ten (one byte) and 24 bits (types T5 and T6 of Iskra)."""
    exponent = int.from_bytes(data[:1], "big", signed=True)
    return round(int.from_bytes(data[1:], "big", signed=point.type == "t6") * 10.0**exponent, 12)


def _bytes(point: RegisterPoint, words: Sequence[int]) -> Iterator[bytes]:
    for word in words:
        yield word.to_bytes(2, point.byte)


def _text(point: RegisterPoint, data: bytes) -> str | None:
    if set(data) == {_NO_TEXT}:
        return None
    if point.type == "raw":
        return data.hex().upper()
    if point.type == "bcd":
        digits = data.hex()
        return digits if digits.isdecimal() else None
    if point.type == "utf16":
        return data.decode("utf-16-be", "replace").strip("\0 ").partition("\0")[0]
    return data.strip(b"\0 ").partition(b"\0")[0].decode("utf-8", "replace")


def _words(point: RegisterPoint, raw: Scalar) -> list[int]:
    if point.table in BITS:
        if raw not in (0, 1):
            raise GatewayError("point-value", value=raw)
        return [int(raw)]
    if point.text or point.type == "char":
        return _split(point, _written(point, raw))
    words = _split(point, _packed(point, raw))
    return words if point.word == "big" else words[::-1]


def _split(point: RegisterPoint, data: bytes) -> list[int]:
    return [int.from_bytes(data[place : place + 2], point.byte) for place in range(0, len(data), 2)]


def _packed(point: RegisterPoint, raw: Scalar) -> bytes:
    if not isinstance(raw, int | float):
        raise GatewayError("point-value", value=raw)
    if point.type in _MANTISSA:
        return _unscientific(point, raw)
    whole = point.type not in FLOATING
    if whole and raw != raw // 1:  # nothing is rounded here; an infinite number and "not a number" end here too
        raise GatewayError("point-value", value=raw)
    try:
        return struct.pack(FORMATS[point.type], int(raw) if whole else float(raw))
    except (struct.error, OverflowError) as error:
        raise GatewayError("point-value", value=raw) from error


def _unscientific(point: RegisterPoint, raw: float) -> bytes:
    """The power of ten is the least one with which the number is not too large: nothing more can be kept of it."""
    low, high = _MANTISSA[point.type]
    for exponent in range(-_DIGITS, 128):
        mantissa = math.floor(raw / 10.0**exponent + _GRAIN)
        if low <= mantissa <= high:
            return exponent.to_bytes(1, "big", signed=True) + mantissa.to_bytes(3, "big", signed=low < 0)
        if mantissa < low == 0:
            break
    raise GatewayError("point-value", value=raw)


def _written(point: RegisterPoint, raw: Scalar) -> bytes:
    """A text of the length that the point has."""
    size = 2 * point.width
    text = "" if raw is None else str(raw)
    if point.type == "raw":
        data = _unhexed(raw).ljust(size, b"\0")
    elif point.type == "bcd":
        if text and not (text.isascii() and text.isdecimal()):
            raise GatewayError("point-value", value=raw)
        data = bytes.fromhex(text.zfill(2 * size)) if len(text) <= 2 * size else b"\0" * (size + 1)
    elif point.type == "utf16":
        data = text.encode("utf-16-be", "replace")
        data = _padded(point, data, size, " ".encode("utf-16-be"))
    elif point.type == "char":
        # One sign is the value of its register: 0x0041 is A.
        data = text.encode("utf-8", "replace").rjust(_CHARS, b"\0")
    else:
        data = _padded(point, text.encode("utf-8", "replace"), size, b" ")
    if len(data) != size:
        raise GatewayError("point-value", value=raw)
    return data


def _unhexed(raw: Scalar) -> bytes:
    try:
        return bytes.fromhex(str(raw))
    except ValueError as error:
        raise GatewayError("point-value", value=raw) from error


def _padded(point: RegisterPoint, data: bytes, size: int, blank: bytes) -> bytes:
    fill = blank * ((size - len(data)) // len(blank))
    return data + fill if point.pad == "right" else fill + data
