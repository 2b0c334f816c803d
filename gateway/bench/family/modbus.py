"""Modbus over TCP and over a serial line, as a simulated station answers it. Pure."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from typing_extensions import override

from gateway.bench.family.endpoint import Session
from gateway.bench.family.pdu import answer, request_length
from gateway.family.checksums import crc16_modbus

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateway.bench.family.bank import Bank

_HEAD = struct.Struct(">HHHB")
_NO_TARGET = 0x0B
_MOST = 256
_CRC = 2


class TcpSession(Session):
    """Modbus TCP: a head of seven bytes before each request (Messaging on TCP/IP V1.0b, 3.1.3).

    Args:
        units: Unit id -> registers. Under others a gateway to a serial line answers that there is nobody.
    """

    def __init__(self, units: Mapping[int, Bank]) -> None:
        self._units = units
        self._rest = b""

    @override
    def feed(self, data: bytes) -> Iterator[bytes]:
        self._rest += data
        while len(self._rest) > _HEAD.size:
            number, _, length, unit = _HEAD.unpack_from(self._rest)
            end = _HEAD.size - 1 + length
            if len(self._rest) < end:
                return
            request, self._rest = self._rest[_HEAD.size : end], self._rest[end:]
            if not request:
                continue
            bank = self._units.get(unit)
            if bank is None:
                said = bytes((request[0] | 0x80, _NO_TARGET))
            elif bank.heard():
                said = answer(bank, request)
            else:
                continue
            yield _HEAD.pack(number, 0, len(said) + 1, unit) + said


class RtuSession(Session):
    """Modbus RTU: unit id, request, CRC (Serial Line V1.02, 2.5.1); also behind a converter to TCP.

    The silence between frames is not measured: length and CRC tell where a request ends.
    """

    def __init__(self, units: Mapping[int, Bank]) -> None:
        self._units = units
        self._rest = b""

    @override
    def feed(self, data: bytes) -> Iterator[bytes]:
        self._rest = (self._rest + data)[-_MOST:]
        while len(self._rest) > 1:
            length = request_length(self._rest[1:])
            if length is None:
                return
            end = 1 + length + _CRC
            if length and len(self._rest) < end:
                return
            frame = self._rest[:end]
            if not length or crc16_modbus(frame[:-_CRC]) != int.from_bytes(frame[-_CRC:], "little"):
                # No request begins here: it may with the next byte.
                self._rest = self._rest[1:]
                continue
            self._rest = self._rest[end:]
            bank = self._units.get(frame[0])
            if bank is not None and bank.heard():
                said = frame[:1] + answer(bank, frame[1:-_CRC])
                if frame[0] != bank.broadcast:
                    yield said + crc16_modbus(said).to_bytes(_CRC, "little")
