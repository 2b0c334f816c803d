"""Frames and answers, whatever stands around them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.modbus.framings import AsciiFraming, Framing, Garbled, OutOfStep, RtuFraming, TcpFraming
from adapters.modbus.messages import Request, reading, words, writing
from tests.adapters.modbus.peers import mbap, rtu


def taken(framing: Framing, request: Request, *chunks: bytes) -> bytes | None:
    sent = framing.encode(request)
    buffer = bytearray()
    for chunk in chunks:
        buffer += chunk
        if (answer := framing.take(buffer, request, sent)) is not None:
            return answer
    return None


VOLTAGES = reading(2, "input", 10, 3)
RECORDED = bytes.fromhex("020406 00ef 00f1 00f0 f003")


def test_rtu_as_it_was_recorded() -> None:
    framing = RtuFraming()
    assert framing.encode(VOLTAGES) == bytes.fromhex("0204000a0003903a")
    answer = taken(framing, VOLTAGES, RECORDED)
    assert answer is not None
    assert words(VOLTAGES, answer) == (239, 241, 240)


def test_rtu_write_as_it_was_recorded() -> None:
    request = writing(1, 16, 258, [4])
    assert RtuFraming().encode(request) == bytes.fromhex("01100102000102 0004 b6b1")
    assert taken(RtuFraming(), request, bytes.fromhex("011001020001a1f5")) == bytes.fromhex("1001020001")


@given(st.lists(st.integers(1, len(RECORDED) - 1), unique=True).map(sorted))
def test_an_answer_may_come_in_any_pieces(cuts: list[int]) -> None:
    chunks = [RECORDED[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(RECORDED)], strict=True)]
    assert taken(RtuFraming(), VOLTAGES, *chunks) == RECORDED[1:-2]


@given(st.binary(max_size=20), st.binary(max_size=20))
def test_noise_around_an_answer_does_no_harm(before: bytes, after: bytes) -> None:
    assert taken(RtuFraming(), VOLTAGES, before + RECORDED + after) == RECORDED[1:-2]


@pytest.mark.parametrize(
    "frame",
    [
        RECORDED[:-1] + b"\x04",  # CRC
        rtu(3, RECORDED[1:-2]),  # unit
        rtu(2, b"\x03" + RECORDED[2:-2]),  # function code
        rtu(2, b"\x04\x04\x00\xef\x00\xf1"),  # too short
        rtu(2, b"\x04\x08" + bytes(8)),  # too long
        RECORDED[:-2],
    ],
)
def test_no_other_frame_is_taken_for_the_answer(frame: bytes) -> None:
    assert taken(RtuFraming(), VOLTAGES, frame) is None


def test_the_unit_that_answers_in_place_of_another_is_told() -> None:
    framing = RtuFraming()
    assert framing.other_unit(rtu(7, RECORDED[1:-2]), VOLTAGES) == 7
    assert framing.other_unit(b"\x00\xff\x13", VOLTAGES) is None


def test_an_echo_before_the_answer_is_passed_over() -> None:
    framing = RtuFraming()
    echo = framing.encode(VOLTAGES)
    assert taken(framing, VOLTAGES, echo, RECORDED) == RECORDED[1:-2]


def test_the_echo_of_a_write_is_not_its_answer_once_a_read_has_shown_the_echo() -> None:
    framing = RtuFraming()
    taken(framing, VOLTAGES, framing.encode(VOLTAGES) + RECORDED)
    write = writing(2, 6, 261, [160])
    echo = framing.encode(write)

    assert taken(framing, write, echo) is None
    assert taken(framing, write, echo + rtu(2, b"\x86\x03")) == b"\x86\x03"
    assert taken(framing, write, echo, echo) == write.pdu


def test_tcp_answers_are_told_apart_by_their_number() -> None:
    framing = TcpFraming()
    first = framing.encode(VOLTAGES)
    sent = framing.encode(VOLTAGES)
    late = first[:2] + mbap(0, 2, b"\x04\x06" + bytes(6))[2:]
    good = mbap(int.from_bytes(sent[:2], "big"), 2, RECORDED[1:-2])

    assert framing.take(bytearray(late + good), VOLTAGES, sent) == RECORDED[1:-2]
    assert framing.take(bytearray(late), VOLTAGES, sent) is None


def test_tcp_that_is_no_modbus_is_out_of_step() -> None:
    with pytest.raises(OutOfStep):
        taken(TcpFraming(), VOLTAGES, b"HTTP/1.1 400 Bad Request\r\n")


def test_tcp_answer_of_another_length_is_refused_at_once() -> None:
    with pytest.raises(Garbled):
        taken(TcpFraming(), VOLTAGES, mbap(1, 2, b"\x04\x02\x00\x01"))


def test_tcp_answer_of_another_unit_is_told() -> None:
    framing = TcpFraming()
    assert taken(framing, VOLTAGES, mbap(1, 9, RECORDED[1:-2])) is None
    assert framing.other_unit(b"", VOLTAGES) == 9


def test_tcp_the_device_itself_may_answer_with_any_unit() -> None:
    request = reading(255, "input", 10, 3)
    assert taken(TcpFraming(), request, mbap(1, 1, RECORDED[1:-2])) == RECORDED[1:-2]


def test_tcp_an_exception_whose_code_is_not_counted_is_read() -> None:
    frame = bytes.fromhex("0001 0000 0002 02 84 02")
    assert taken(TcpFraming(), VOLTAGES, frame) == b"\x84\x02"


def test_ascii_dialect_as_it_was_recorded() -> None:
    framing = AsciiFraming(":", ">", "\r\n")
    request = reading(1, "holding", 0x2E, 5)
    assert framing.encode(request) == b":0103002E0005C9\r\n"
    answer = taken(framing, request, b">01030A2EC29100000", b"100010096D9\r\n")
    assert answer is not None
    assert answer[2:].hex() == "2ec29100000100010096"


def test_ascii_write_as_it_was_recorded() -> None:
    framing = AsciiFraming(":", ">", "\r\n")
    request = writing(1, 16, 0x14, [100])
    assert framing.encode(request) == b":01100014000102006474\r\n"
    assert taken(framing, request, b">011000140001DA\r\n") == bytes.fromhex("1000140001")


@pytest.mark.parametrize(
    "line",
    [
        b">01030204A156\r\n",  # LRC
        b">02030204A154\r\n",  # unit
        b":01030204A155\r\n",  # the wrong mark
        b">01030204\xff155\r\n",
        b">0103020\r\n",
        b"\r\n",
    ],
)
def test_ascii_takes_no_other_line(line: bytes) -> None:
    framing = AsciiFraming(":", ">", "\r\n")
    request = reading(1, "holding", 4, 1)
    assert taken(framing, request, line) is None
    assert taken(framing, request, line + b">01030204A155\r\n") == bytes.fromhex("030204a1")
