"""What the Modbus vectors of a family say: registers, or whole frames with their checksums. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.family.checksums import crc16_modbus, lrc
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.family.family import Vector
    from gateway.family.link import AsciiLink
    from gateway.family.points import Table

TABLES: dict[int, Table] = {1: "coil", 2: "discrete", 3: "holding", 4: "input"}
"""Function code of a read -> what it reads (Modbus Application Protocol V1.1b3, 6.1 to 6.4)."""

WRITES: dict[int, Table] = {5: "coil", 6: "holding", 15: "coil", 16: "holding"}
"""Function code of a write -> what it writes (6.5, 6.6, 6.11, 6.12)."""

_SINGLE = frozenset({5, 6})
_BIT_CODES = frozenset({1, 2, 5, 15})
_ON = 0xFF00  # of function 5
_HEADER = 6  # bytes of the TCP header before the unit id
_WORD = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and what it has read or written.

    Attributes:
        fc: Function code.
        at: First address.
        words: Registers, or 0 and 1 for bits.
        data: The same as bytes, as they were on the wire.
    """

    fc: int
    at: int
    words: tuple[int, ...]
    data: bytes = b""

    @property
    def table(self) -> Table:
        """What is read or written."""
        return WRITES[self.fc] if self.fc in WRITES else TABLES[self.fc]

    @property
    def write(self) -> bool:
        """True for a write."""
        return self.fc in WRITES


def exchange(vector: Vector, link: AsciiLink | None = None) -> Exchange:
    """What a vector has recorded.

    Args:
        vector: With ``fc``, ``at`` and ``regs``, or with frames.
        link: Of a family in the ASCII dialect; absent for RTU and TCP.

    Raises:
        GatewayError: ``vector-format`` with ``what``: the part that cannot be; ``answer-checksum``.
    """
    if vector.fc is not None and vector.at is not None and not vector.tx:
        if vector.fc not in TABLES and vector.fc not in WRITES:
            raise _bad(f"fc = {vector.fc}")
        try:
            data = b"".join(word.to_bytes(_WORD, "big") for word in vector.regs)
        except OverflowError as error:
            raise _bad(f"regs = {list(vector.regs)}") from error
        return Exchange(fc=vector.fc, at=vector.at, words=vector.regs, data=data)
    if link is not None:
        request = _ascii(vector.tx, link.tx_start)
        answer = _ascii(vector.rx, link.rx_start) if vector.rx else b""
    else:
        opened = _tcp if vector.frame == "tcp" else _rtu
        request, answer = opened(vector.tx), opened(vector.rx) if vector.rx else b""
    return _paired(request, answer)


def _paired(request: bytes, answer: bytes) -> Exchange:
    """Both without unit id and checksum."""
    if len(request) < 1 + 2 * _WORD:
        raise _bad(f"tx = {request.hex(' ')}")
    fc, at, number = request[0], int.from_bytes(request[1:3], "big"), int.from_bytes(request[3:5], "big")
    if answer and answer[0] != fc:
        raise _bad(f"rx = {answer.hex(' ')}")
    if fc in _SINGLE:
        data = request[3:5]
        return Exchange(fc=fc, at=at, words=(int(number == _ON) if fc in _BIT_CODES else number,), data=data)
    if fc in WRITES:
        data = request[6 : 6 + request[5]] if len(request) > 2 * _WORD + 1 else b""
        size = -(-number // 8) if fc in _BIT_CODES else _WORD * number
        if len(data) != size or len(request) != 6 + size:
            raise _bad(f"tx = {request.hex(' ')}")
    elif fc in TABLES:
        if not answer:
            return Exchange(fc=fc, at=at, words=())
        data = answer[2:]
        size = -(-number // 8) if fc in _BIT_CODES else _WORD * number
        if len(data) != size or answer[1] != size:
            raise _bad(f"rx = {answer.hex(' ')}")
    else:
        raise _bad(f"tx = {request.hex(' ')}")
    words = tuple(_bits(data, number)) if fc in _BIT_CODES else tuple(_words(data))
    return Exchange(fc=fc, at=at, words=words, data=data)


def _words(data: bytes) -> Iterator[int]:
    for place in range(0, len(data), _WORD):
        yield int.from_bytes(data[place : place + _WORD], "big")


def _bits(data: bytes, count: int) -> Iterator[int]:
    for place in range(count):
        yield data[place // 8] >> place % 8 & 1


def _rtu(text: str) -> bytes:
    frame = _hex(text)
    if crc16_modbus(frame[:-2]) != int.from_bytes(frame[-2:], "little"):
        raise GatewayError("answer-checksum", text=text)
    return frame[1:-2]


def _tcp(text: str) -> bytes:
    frame = _hex(text)
    if frame[2:4] != b"\0\0" or int.from_bytes(frame[4:6], "big") != len(frame) - _HEADER:
        raise _bad(text)
    return frame[_HEADER + 1 :]


def _ascii(text: str, start: str) -> bytes:
    line = text.strip()
    if not line.startswith(start):
        raise _bad(text)
    frame = _hex(line.removeprefix(start))
    if lrc(frame[:-1]) != frame[-1]:
        raise GatewayError("answer-checksum", text=text)
    return frame[1:-1]


def _hex(text: str) -> bytes:
    try:
        frame = bytes.fromhex(text)
    except ValueError as error:
        raise _bad(text) from error
    if len(frame) < 1 + _WORD:
        raise _bad(text)
    return frame


def _bad(what: str) -> GatewayError:
    return GatewayError("vector-format", what=what)
