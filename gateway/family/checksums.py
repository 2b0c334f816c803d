"""Checksums of serial lines."""

from __future__ import annotations

from functools import reduce
from operator import xor as _xor


def lrc(data: bytes) -> int:
    """Longitudinal redundancy check of Modbus ASCII (Modbus over Serial Line V1.02, 2.5.2.2), 0-255.

    It is made of the bytes of the frame, not of their hexadecimal characters.
    """
    return -sum(data) & 0xFF


def xor(data: bytes) -> int:
    """All bytes combined by exclusive or, 0-255, as OpenEVSE's RAPI uses it (over "$" up to before "^")."""
    return reduce(_xor, data, 0)


def crc16_modbus(data: bytes) -> int:
    """CRC-16 of Modbus RTU (Modbus over Serial Line V1.02, 2.5.1.2), 0-65535; the low byte is sent first."""
    crc = 0xFFFF
    for byte in data:
        crc = crc >> 8 ^ _CRC16[(crc ^ byte) & 0xFF]
    return crc


def _entry(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ 0xA001 if byte & 1 else byte >> 1
    return byte


_CRC16 = tuple(_entry(byte) for byte in range(256))
