"""Requests as bytes behind the unit id, and what their answers say (Modbus Application Protocol V1.1b3)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pymodbus.pdu.bit_message import (
    ReadCoilsRequest,
    ReadDiscreteInputsRequest,
    WriteMultipleCoilsRequest,
    WriteSingleCoilRequest,
)
from pymodbus.pdu.register_message import (
    ReadHoldingRegistersRequest,
    ReadInputRegistersRequest,
    WriteMultipleRegistersRequest,
    WriteSingleRegisterRequest,
)

from adapters.common.wire import Refused, Unreachable
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pymodbus.pdu import ModbusPDU

    from gateway.family.points import Table

EXCEPTION = 0x80
"""Added to the function code where the answer is a refusal."""

_READS: dict[Table, type[ModbusPDU]] = {
    "coil": ReadCoilsRequest,
    "discrete": ReadDiscreteInputsRequest,
    "holding": ReadHoldingRegistersRequest,
    "input": ReadInputRegistersRequest,
}
_BITS = frozenset({"coil", "discrete"})
_WRITTEN = 5  # bytes: function code, address, and value or number
_EXCEPTION = 2  # bytes: function code, exception code

ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE = 1, 2, 3
ACKNOWLEDGE, BUSY = 5, 6
GATEWAY_PATH, GATEWAY_SILENT = 10, 11
"""A gateway's word on a device behind it: no way to it, and no answer of it."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request.

    Attributes:
        unit: Unit id.
        pdu: Function code and data.
        size: Bytes of the answer's function code and data, where it is no refusal.
        what: For people: ``read holding 5+2``.
    """

    unit: int
    pdu: bytes
    size: int
    what: str

    @property
    def function(self) -> int:
        """Function code."""
        return self.pdu[0]

    @property
    def writes(self) -> bool:
        """True if it changes something."""
        return self.function in {5, 6, 15, 16}


def _request(unit: int, pdu: ModbusPDU, size: int, what: str) -> Request:
    return Request(unit, bytes((pdu.function_code,)) + pdu.encode(), size, what)


def reading(unit: int, table: Table, at: int, count: int) -> Request:
    """The request for registers, or bits."""
    data = -(-count // 8) if table in _BITS else 2 * count
    return _request(unit, _READS[table](address=at, count=count), 2 + data, f"read {table} {at}+{count}")


def writing(unit: int, function: int, at: int, words: Sequence[int]) -> Request:
    """The request that writes registers, or bits, with function code 5, 6, 15 or 16.

    Raises:
        GatewayError: ``modbus-function``: several words, and a function code that takes one.
    """
    if function in {5, 6} and len(words) != 1:
        raise GatewayError("modbus-function", point=str(at), function=function)
    pdu: ModbusPDU
    match function:
        case 5:
            pdu = WriteSingleCoilRequest(address=at, bits=[bool(words[0])])
        case 6:
            pdu = WriteSingleRegisterRequest(address=at, registers=list(words))
        case 15:
            pdu = WriteMultipleCoilsRequest(address=at, bits=[bool(word) for word in words])
        case 16:
            pdu = WriteMultipleRegistersRequest(address=at, registers=list(words))
        case _:
            raise GatewayError("modbus-function", point=str(at), function=function)
    return _request(unit, pdu, _WRITTEN, f"write {at}+{len(words)}")


def fits(request: Request, answer: bytes) -> bool:
    """Whether function code and data can be the answer to a request.

    The value that the answer to a write repeats is not compared: stations are known that repeat what they have made
    of it, and what was written is read back anyway.
    """
    if len(answer) < _EXCEPTION or answer[0] & ~EXCEPTION != request.function:
        return False
    if answer[0] & EXCEPTION:
        return len(answer) == _EXCEPTION
    if len(answer) != request.size:
        return False
    return answer[1:3] == request.pdu[1:3] if request.writes else answer[1] == len(answer) - 2


def words(request: Request, answer: bytes) -> tuple[int, ...]:
    """The registers of the answer to a read, or its bits as 0 and 1 (some more than were asked: whole bytes)."""
    if request.function in {1, 2}:
        return tuple(byte >> bit & 1 for byte in answer[2:] for bit in range(8))
    return struct.unpack(f">{len(answer) // 2 - 1}H", answer[2:])


def refusal(request: Request, answer: bytes, where: str) -> GatewayError | None:
    """What an answer refuses; None if it does not.

    A gateway's word that a device does not answer is not the device's refusal.
    """
    if answer[0] != request.function | EXCEPTION:
        return None
    code = answer[1]
    if code in {GATEWAY_PATH, GATEWAY_SILENT}:
        return Unreachable("modbus-gateway", where=where, exception=code)
    if code == ACKNOWLEDGE and request.writes:
        return None  # taken, and it takes long: reading back will tell
    return Refused("modbus-exception", where=where, request=request.what, exception=code)
