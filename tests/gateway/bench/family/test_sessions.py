"""Whatever bytes come, in whatever pieces: a simulated station answers what is a request, and nothing else harms it."""

from __future__ import annotations

import struct
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.bench.family.ascii import AsciiSession
from gateway.bench.family.bank import Bank, ModbusFault
from gateway.bench.family.banks import banks
from gateway.bench.family.line import LineSession
from gateway.bench.family.modbus import RtuSession, TcpSession
from gateway.family.checksums import crc16_modbus
from gateway.family.family import AsciiFamily, LineFamily, ModbusFamily
from tests.gateway.bench.family.support import Bench, sample

if TYPE_CHECKING:
    from gateway.bench.family.endpoint import Session

_READ = bytes.fromhex("01 04 00 04 00 01")


def _bank() -> Bank:
    bench = Bench(sample("modbus"))
    bench.outlet.heard()  # it is awake now
    assert isinstance(bench.family, ModbusFamily)
    return banks(bench.family, (bench.outlet,), None)[0][1]


def _session(kind: str) -> Session:
    if kind in {"ascii", "line"}:
        bench = Bench(sample(kind))
        if isinstance(bench.family, AsciiFamily):
            return AsciiSession(bench.family, bench.outlet)
        assert isinstance(bench.family, LineFamily)
        return LineSession(bench.family, bench.outlet)
    return (TcpSession if kind == "tcp" else RtuSession)({1: _bank()})


def _frame(request: bytes) -> bytes:
    return request + crc16_modbus(request).to_bytes(2, "little")


@given(pieces=st.lists(st.binary(max_size=40), max_size=12))
@pytest.mark.parametrize("kind", ["tcp", "rtu", "ascii", "line"])
def test_no_bytes_break_a_session(kind: str, pieces: list[bytes]) -> None:
    session = _session(kind)
    for piece in pieces:
        list(session.feed(piece))


@given(cuts=st.lists(st.integers(min_value=0, max_value=24), max_size=6), noise=st.binary(max_size=5))
def test_a_request_is_found_in_any_pieces_and_behind_noise(cuts: list[int], noise: bytes) -> None:
    session = _session("rtu")
    data = noise + _frame(_READ) + _frame(_READ)
    edges = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    answers = [answer for one, other in pairwise(edges) for answer in session.feed(data[one:other])]
    expected = _frame(bytes.fromhex("01 04 02 01 07"))
    # Noise may swallow the request behind it, as it does on a real line.
    assert set(answers) <= {expected}
    assert len(answers) == 2 or noise


@given(cut=st.integers(min_value=0, max_value=24))
def test_requests_over_tcp_may_come_together_or_in_parts(cut: int) -> None:
    session = _session("tcp")
    data = b"".join(struct.pack(">HHH", number, 0, len(_READ)) + _READ for number in (7, 8))
    answers = [*session.feed(data[:cut]), *session.feed(data[cut:])]
    assert [answer[:2] for answer in answers] == [b"\0\7", b"\0\10"]
    assert {answer[6:] for answer in answers} == {bytes.fromhex("01 04 02 01 07")}


@given(at=st.integers(min_value=0, max_value=60), count=st.integers(min_value=1, max_value=12))
def test_a_read_of_many_is_the_reads_of_each_or_none(at: int, count: int) -> None:
    bank = _bank()
    points = sample("modbus").base.points
    try:
        words = bank.read("input", at, count)
    except ModbusFault:
        return
    assert count <= 8
    for point in points.values():
        place = getattr(point, "at", 0)
        span = getattr(point, "span", 1)
        if getattr(point, "table", "") == "input" and at <= place and place + span <= at + count:
            assert words[place - at : place - at + span] == bank.read("input", place, span)


@given(
    text=st.sampled_from(["$GS", "$GG", "$GC", "$GV", "$SC {} V", "$FE", "$FS", "$SY", "$AT", "{}"]),
    number=st.integers(min_value=-99, max_value=9999),
)
def test_a_line_is_answered_once_or_refused(text: str, number: int) -> None:
    answers = list(_session("line").feed(text.format(number).encode() + b"\r"))
    assert len(answers) == 1
    assert answers[0].startswith((b"$OK", b"$NK"))
    assert answers[0].endswith(b"\r")
