"""Values inside the payload of a frame that is only read as a whole (Modbus' ASCII dialect of ABL). Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from gateway.family.points import FramePoint
    from gateway.family.value import Scalar, Value

_SIZES = {"u8": 1, "u16": 2, "s16": 2, "u32": 4}


def span(point: FramePoint) -> int:
    """Bytes of a point, from its first one."""
    return point.n * _SIZES.get(point.type, 1)


def decode(point: FramePoint, payload: bytes) -> Value:
    """The raw value of a point: a number, or a tuple in the order L1, L2, L3 where it has several.

    Bytes of the type ``raw`` are one number, high byte first.

    Args:
        point: The point.
        payload: The frame's data, without address, function code and byte count.

    Raises:
        GatewayError: ``answer-format``: the payload is too short.
    """
    found = payload[point.byte : point.byte + span(point)]
    if len(found) < span(point):
        raise GatewayError("answer-format", text=payload.hex(), expected=str(point.byte + span(point)))
    if point.type == "raw":
        return int.from_bytes(found, "big")
    size = _SIZES[point.type]
    row = [_number(point, found[place : place + size]) for place in range(0, len(found), size)]
    if len(row) == 1:
        return row[0]
    return tuple(row[place] for place in point.order) if point.order else tuple(row)


def encode(point: FramePoint, raw: Value, payload: bytearray) -> None:
    """Write a raw value into a payload, whose other bytes stay as they are.

    Raises:
        GatewayError: ``point-value``: the bytes cannot hold it, or the payload ends before them.
    """
    end = point.byte + span(point)
    if point.type == "raw":
        data = _bytes(point, raw, point.n)
    else:
        row = raw if isinstance(raw, tuple) else (raw,)
        order = point.order or tuple(range(point.n))
        if len(row) != len(order) or sorted(order) != list(range(point.n)):
            raise GatewayError("point-value", value=raw)
        data = b"".join(_bytes(point, row[order.index(place)], _SIZES[point.type]) for place in range(point.n))
    if end > len(payload):
        raise GatewayError("point-value", value=raw)
    payload[point.byte : end] = data


def _number(point: FramePoint, data: bytes) -> Scalar:
    return int.from_bytes(data, "big", signed=point.type == "s16")


def _bytes(point: FramePoint, raw: Value, size: int) -> bytes:
    if not isinstance(raw, int | float) or raw != raw // 1:
        raise GatewayError("point-value", value=raw)
    try:
        return int(raw).to_bytes(size, "big", signed=point.type == "s16")
    except OverflowError as error:
        raise GatewayError("point-value", value=raw) from error
