"""Requests of Modbus (Application Protocol V1.1b3, 6) and the answers of a simulated station. Pure."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from gateway.bench.family.bank import ILLEGAL_FUNCTION, ILLEGAL_VALUE, ModbusFault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.bench.family.bank import Bank
    from gateway.family.points import Table

_READS: dict[int, Table] = {1: "coil", 2: "discrete", 3: "holding", 4: "input"}
_BIT_READS = {1, 2}
_MOST_REGISTERS = 125
_MOST_BITS = 2000
_ERROR = 0x80
_ON = 0xFF00
_WRITE_COIL, _WRITE_REGISTER, _WRITE_COILS, _WRITE_REGISTERS = 5, 6, 15, 16


def answer(bank: Bank, request: bytes) -> bytes:
    """The answer to a request, both without address and checksum.

    Raises:
        HangUp: the station ends the connection instead.
    """
    try:
        return _answer(bank, request)
    except ModbusFault as fault:
        return bytes((request[0] | _ERROR, fault.code))
    except struct.error:
        return bytes((request[0] | _ERROR, ILLEGAL_VALUE))


def _answer(bank: Bank, request: bytes) -> bytes:
    code = request[0]
    if code in _READS:
        at, count = struct.unpack(">HH", request[1:])
        if not 1 <= count <= (_MOST_BITS if code in _BIT_READS else _MOST_REGISTERS):
            raise ModbusFault(ILLEGAL_VALUE)
        found = bank.read(_READS[code], at, count)
        data = _packed(found) if code in _BIT_READS else struct.pack(f">{count}H", *found)
        return bytes((code, len(data))) + data
    if code in {_WRITE_COIL, _WRITE_REGISTER}:
        at, value = struct.unpack(">HH", request[1:])
        if code == _WRITE_COIL and value not in {0, _ON}:
            raise ModbusFault(ILLEGAL_VALUE)
        table: Table = "coil" if code == _WRITE_COIL else "holding"
        bank.write(table, at, [int(value == _ON) if code == _WRITE_COIL else value], code)
        return request
    if code in {_WRITE_COILS, _WRITE_REGISTERS}:
        at, count, length = struct.unpack(">HHB", request[1:6])
        data = request[6:]
        if len(data) != length or length != (2 * count if code == _WRITE_REGISTERS else -(-count // 8)) or not count:
            raise ModbusFault(ILLEGAL_VALUE)
        if code == _WRITE_COILS:
            bank.write("coil", at, _unpacked(data, count), code)
        else:
            bank.write("holding", at, list(struct.unpack(f">{count}H", data)), code)
        return request[:5]
    raise ModbusFault(ILLEGAL_FUNCTION)


def _packed(bits: Sequence[int]) -> bytes:
    """Bits, eight in a byte, the first one lowest."""
    data = bytearray(-(-len(bits) // 8))
    for place, bit in enumerate(bits):
        data[place // 8] |= bool(bit) << place % 8
    return bytes(data)


def _unpacked(data: bytes, count: int) -> list[int]:
    return [data[place // 8] >> place % 8 & 1 for place in range(count)]


def request_length(head: bytes) -> int | None:
    """Bytes of a request without address and checksum, from its begin; None where more of it is needed, 0: unknown."""
    if not head:
        return None
    if head[0] in {*_READS, _WRITE_COIL, _WRITE_REGISTER}:
        return 5
    if head[0] in {_WRITE_COILS, _WRITE_REGISTERS}:
        return None if len(head) < 6 else 6 + head[5]  # noqa: PLR2004 - the byte count is the sixth byte
    return 0
