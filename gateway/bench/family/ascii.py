"""The ASCII dialect of Modbus with frames of fixed address and length, as a simulated station answers it. Pure."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from typing_extensions import override

from gateway.bench.family.bank import FAILURE, ILLEGAL_VALUE
from gateway.bench.family.endpoint import Session
from gateway.family.checksums import lrc
from gateway.family.frames import decode, encode
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.bench.family.outlet import Outlet
    from gateway.family.family import AsciiFamily
    from gateway.family.link import Frame

_MOST = 1024
_READ, _WRITE = 3, 16
_SHORTEST = 6  # unit, code, address, number, checksum


class AsciiSession(Session):
    """Frames of hex digits between a start and an end, with an LRC (Modbus over Serial Line V1.02, 2.5.2).

    A request whose address and length are not those of a frame gets no answer, as with the real ones.
    """

    def __init__(self, family: AsciiFamily, outlet: Outlet, unit: int | None = None) -> None:
        self._family = family
        self._outlet = outlet
        self._unit = family.link.unit if unit is None else unit
        self._rest = b""

    @override
    def feed(self, data: bytes) -> Iterator[bytes]:
        link = self._family.link
        *lines, self._rest = (self._rest + data)[-_MOST:].split(link.end.encode())
        for line in lines:
            request = self._request(line.decode("ascii", "replace"))
            if request is None or request[0] != self._unit or not self._outlet.heard():
                continue
            said = self._answer(request[1:])
            if said is not None:
                frame = request[:1] + said
                frame += bytes((lrc(frame),))
                yield f"{link.rx_start}{frame.hex().upper()}{link.end}".encode()

    def _request(self, line: str) -> bytes | None:
        """The bytes of a line without their checksum; None where it is no request, or damaged."""
        _, start, digits = line.rpartition(self._family.link.tx_start)
        try:
            frame = bytes.fromhex(digits)
        except ValueError:
            return None
        good = bool(start) and len(frame) > _SHORTEST and lrc(frame[:-1]) == frame[-1]
        return frame[:-1] if good else None

    def _answer(self, request: bytes) -> bytes | None:
        code = request[0]
        at, count = struct.unpack(">HH", request[1:5])
        frame = next((name for name, each in self._family.frames.items() if (each.at, each.n) == (at, count)), None)
        if frame is None:
            return None
        try:
            if code == _READ and self._family.frames[frame].access == "r":
                data = self._payload(frame, self._family.frames[frame])
                return bytes((code, len(data))) + data
            if code == _WRITE:
                self._write(frame, request[6:])
                return request[:5]
        except GatewayError:
            return bytes((code | 0x80, ILLEGAL_VALUE if code == _WRITE else FAILURE))
        return None

    def _payload(self, name: str, frame: Frame) -> bytes:
        payload = bytearray(2 * frame.n)
        if not any(point.byte == 0 for point in self._family.points.values() if point.frame == name):
            payload[0] = frame.at & 0xFF  # these stations repeat the register there
        for point_name, point in self._family.points.items():
            if point.frame == name:
                encode(point, self._outlet.raw(point_name), payload)
        return bytes(payload)

    def _write(self, name: str, payload: bytes) -> None:
        for point_name, point in self._family.points.items():
            if point.frame == name and point.writable:
                self._outlet.write(point_name, decode(point, payload))
