"""How a request and its answer are framed: Modbus TCP, RTU, and the ASCII dialect."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from pymodbus.framer.rtu import FramerRTU
from pymodbus.framer.socket import FramerSocket
from pymodbus.pdu.decoders import DecodePDU
from typing_extensions import override

from adapters.modbus.messages import EXCEPTION, fits
from gateway.family.checksums import lrc

if TYPE_CHECKING:
    from adapters.modbus.messages import Request

_HEADER = 7  # bytes before the function code (Modbus Messaging on TCP/IP V1.0b, 3.1.3)
_LONGEST = 260  # bytes of a frame of Modbus TCP
_SHORTEST_LENGTH = 2  # what the header counts: unit id and function code
_ANY_UNIT = frozenset({0, 255})  # the device at the address itself (4.4.1.2): it answers with what it likes
_LAST_NUMBER = 0xFFFF
_RTU_AROUND = 3  # unit id, and two bytes of CRC
_RTU_EXCEPTION = 5
_BUFFER = 1024


class Garbled(Exception):
    """The answer is not one to the request, and no other will come."""


class OutOfStep(Garbled):
    """What came is no Modbus TCP, so that nobody knows where the next frame begins."""


class Framing(ABC):
    """One bus's framing.

    Attributes:
        numbered: Answers carry the number of their request, so that a late one is known.
        noise: Something that is no frame has been taken out of the buffer since the request.
    """

    numbered = False
    noise = False

    @abstractmethod
    def encode(self, request: Request) -> bytes:
        """The frame of a request."""

    @abstractmethod
    def take(self, buffer: bytearray, request: Request, sent: bytes) -> bytes | None:
        """Function code and data of the answer, once it is there.

        Args:
            buffer: What has come since the request was sent; what is known to be of no use is taken out.
            request: What was asked.
            sent: Its frame.

        Raises:
            Garbled: No answer can follow any more.
            OutOfStep: Nor can any other on this connection.
        """

    @abstractmethod
    def length(self, request: Request) -> int:
        """Bytes of the answer's frame."""

    def other_unit(self, buffer: bytes, request: Request) -> int | None:
        """The unit that has answered in place of the one that was asked, going by what no answer was found in."""
        del buffer, request
        return None


class TcpFraming(Framing):
    """Modbus TCP: answers are told apart by the number of the transaction."""

    numbered = True

    def __init__(self) -> None:
        self._framer = FramerSocket(DecodePDU(is_server=False))
        self._number = 0
        self._other: int | None = None

    @override
    def encode(self, request: Request) -> bytes:
        self._number = self._number % _LAST_NUMBER + 1
        self._other = None
        return self._framer.encode(request.pdu, request.unit, self._number)

    @override
    def take(self, buffer: bytearray, request: Request, sent: bytes) -> bytes | None:
        while len(buffer) > _HEADER:
            length = int.from_bytes(buffer[4:6], "big")
            size = length + _HEADER - 1
            if buffer[2] or buffer[3] or length < _SHORTEST_LENGTH or size > _LONGEST:
                raise OutOfStep
            if length == _SHORTEST_LENGTH and buffer[_HEADER] & EXCEPTION:
                size += 1  # seen in the field: the exception code is not counted
            if len(buffer) < size:
                return None
            number, unit, answer = bytes(buffer[:2]), buffer[6], bytes(buffer[_HEADER:size])
            del buffer[:size]
            if number not in {sent[:2], b"\0\0"}:
                continue  # a late answer
            if unit != request.unit and request.unit not in _ANY_UNIT:
                self._other = unit
                continue
            if not fits(request, answer):
                raise Garbled
            return answer
        return None

    @override
    def length(self, request: Request) -> int:
        return request.size + _HEADER

    @override
    def other_unit(self, buffer: bytes, request: Request) -> int | None:
        return self._other


class RtuFraming(Framing):
    """Modbus RTU: an answer is found by its unit id, function code, length and CRC, whatever stands around it.

    Some adapters hear what they send themselves. Reads tell: where the request comes back before the answer, the copy
    of a write of one register, which is the same as its answer, is not taken for it.
    """

    def __init__(self) -> None:
        self._framer = FramerRTU(DecodePDU(is_server=False))
        self._echo = False

    @override
    def encode(self, request: Request) -> bytes:
        return self._framer.encode(request.pdu, request.unit, 0)

    @override
    def take(self, buffer: bytearray, request: Request, sent: bytes) -> bytes | None:
        start = 0
        if self._echo and request.writes:
            if len(buffer) < len(sent):
                return None
            start = len(sent) if buffer.startswith(sent) else 0
        for place in range(start, len(buffer) - _RTU_EXCEPTION + 1):
            if buffer[place] != request.unit or buffer[place + 1] & ~EXCEPTION != request.function:
                continue
            answer = self._at(bytes(buffer[place:]), request)
            if answer is not None:
                if not request.writes:
                    self._echo = buffer[:place].startswith(sent)
                return answer
        del buffer[:-_BUFFER]
        return None

    def _at(self, data: bytes, request: Request) -> bytes | None:
        """The answer that begins here, if one does."""
        size = _RTU_EXCEPTION if data[1] & EXCEPTION else self.length(request)
        frame = data[:size]
        if len(frame) < size or not self._framer.check_CRC(frame[:-2], int.from_bytes(frame[-2:], "big")):
            return None
        answer = frame[1:-2]
        return answer if fits(request, answer) else None

    @override
    def length(self, request: Request) -> int:
        return request.size + _RTU_AROUND

    @override
    def other_unit(self, buffer: bytes, request: Request) -> int | None:
        for place in range(len(buffer) - _RTU_EXCEPTION + 1):
            like = buffer[place] != request.unit and buffer[place + 1] & ~EXCEPTION == request.function
            if like and self._at(buffer[place:], request) is not None:
                return buffer[place]
        return None


class AsciiFraming(Framing):
    """Modbus ASCII, with marks of the family's own (Modbus over Serial Line V1.02, 2.5.2).

    Args:
        tx_start: Mark before a request.
        rx_start: Mark before an answer.
        end: Mark behind both.
    """

    def __init__(self, tx_start: str, rx_start: str, end: str) -> None:
        self._tx_start = tx_start
        self._rx_start = rx_start.encode()
        self._end = end.encode()
        self._other: int | None = None

    @override
    def encode(self, request: Request) -> bytes:
        self._other = None
        self.noise = False
        data = bytes((request.unit,)) + request.pdu
        return f"{self._tx_start}{data.hex().upper()}{lrc(data):02X}".encode() + self._end

    @override
    def take(self, buffer: bytearray, request: Request, sent: bytes) -> bytes | None:
        while (end := buffer.find(self._end)) >= 0:
            line = bytes(buffer[:end])
            del buffer[: end + len(self._end)]
            data = self._data(line)
            if data is None or not fits(request, data[1:]):
                self.noise = True
                continue
            if data[0] == request.unit:
                return data[1:]
            self._other = data[0]
        del buffer[:-_BUFFER]
        return None

    def _data(self, line: bytes) -> bytes | None:
        """The bytes of the last frame in a line, if its checksum is right."""
        _, start, digits = line.rpartition(self._rx_start)
        try:
            data = bytes.fromhex(digits.decode("ascii"))
        except ValueError:
            return None
        return data[:-1] if start and data and lrc(data[:-1]) == data[-1] else None

    @override
    def length(self, request: Request) -> int:
        return len(self._rx_start) + 2 * (request.size + 2) + len(self._end)

    @override
    def other_unit(self, buffer: bytes, request: Request) -> int | None:
        return self._other
