"""Values in frames of fixed length."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.family.frames import decode, encode, span
from gateway.family.points import FramePoint
from gateway.model.errors import GatewayError

RANGES = {"u8": (0, 255), "u16": (0, 65_535), "s16": (-32_768, 32_767), "u32": (0, 2**32 - 1)}


def frame_point(**keys: Any) -> FramePoint:
    return FramePoint(**{"frame": "status", **keys})


@given(data=st.data(), kind=st.sampled_from(sorted(RANGES)), count=st.integers(1, 4), byte=st.integers(0, 5))
def test_numbers_come_back_and_touch_no_other_byte(data: st.DataObject, kind: str, count: int, byte: int) -> None:
    low, high = RANGES[kind]
    order = data.draw(st.permutations(range(count))) if count > 1 else ()
    row = tuple(data.draw(st.lists(st.integers(low, high), min_size=count, max_size=count)))
    point = frame_point(type=kind, n=count, byte=byte, order=tuple(order))
    payload = bytearray(b"\xee" * (byte + span(point) + 2))
    raw = row if count > 1 else row[0]
    encode(point, raw, payload)
    assert decode(point, bytes(payload)) == raw
    assert payload[:byte] == b"\xee" * byte
    assert payload[-2:] == b"\xee\xee"


def test_currents_that_come_in_reverse_order_are_given_in_the_order_of_the_phases() -> None:
    point = frame_point(type="u16", n=3, byte=4, order=(2, 1, 0))
    assert decode(point, bytes.fromhex("2EC29100 0003 0002 0001")) == (1, 2, 3)


def test_raw_bytes_are_one_number() -> None:
    point = frame_point(type="raw", n=3, byte=1)
    payload = bytearray(5)
    encode(point, 0x010203, payload)
    assert payload.hex() == "0001020300"
    assert decode(point, bytes(payload)) == 0x010203


@pytest.mark.parametrize(
    ("keys", "raw"),
    [
        ({}, 256),
        ({}, -1),
        ({}, "1"),
        ({}, 1.5),
        ({"n": 2}, (1,)),
        ({"byte": 4}, 1),
        ({"n": 2, "order": (0, 0)}, (1, 2)),
    ],
)
def test_what_a_frame_cannot_hold_is_refused(keys: dict[str, Any], raw: Any) -> None:
    with pytest.raises(GatewayError, match="point-value"):
        encode(frame_point(**keys), raw, bytearray(4))


def test_a_payload_that_is_too_short_is_no_value() -> None:
    with pytest.raises(GatewayError, match="answer-format"):
        decode(frame_point(type="u16", byte=3), b"1234")
