"""Checksums, against recorded frames and the standard's examples."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.family.checksums import crc16_modbus, lrc, xor


@pytest.mark.parametrize(
    "frame",
    [
        "01 03 01 01 00 01 d4 36",
        "01 03 02 3a 98 ab 4e",
        "02 04 04 00 00 c9 4a 1f 23",
        "01 10 01 02 00 01 02 00 04 b6 b1",
    ],
)
def test_crc_of_recorded_frames(frame: str) -> None:
    data = bytes.fromhex(frame)
    assert crc16_modbus(data[:-2]) == int.from_bytes(data[-2:], "little")


def test_crc_check_value() -> None:
    assert crc16_modbus(b"123456789") == 0x4B37


@pytest.mark.parametrize(("line", "expected"), [(b"$GS", 0x30), (b"$GG", 0x24), (b"$F0 1", 0x43), (b"", 0)])
def test_xor_of_openevse_commands(line: bytes, expected: int) -> None:
    assert xor(line) == expected


def test_lrc_of_a_modbus_ascii_request() -> None:
    assert lrc(bytes.fromhex("010300000001")) == 0xFB


@given(st.binary())
def test_a_frame_with_its_lrc_sums_to_zero(data: bytes) -> None:
    assert sum(data + bytes([lrc(data)])) % 256 == 0


@given(st.binary())
def test_a_frame_with_its_crc_has_the_remainder_zero(data: bytes) -> None:
    assert crc16_modbus(data + crc16_modbus(data).to_bytes(2, "little")) == 0
