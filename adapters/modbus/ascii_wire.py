"""One EVSE behind frames of Modbus' ASCII dialect, which are read and written as a whole."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from typing_extensions import override

from adapters.common.wire import Rank, Refused, Took, Wire
from adapters.modbus.manners import Manners
from adapters.modbus.messages import BUSY, reading, words, writing
from gateway.family.frames import decode, encode
from gateway.family.interpret import interpret, raw_of
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from adapters.modbus.bus import Bus
    from gateway.family.family import AnyFamily, AsciiFamily
    from gateway.family.link import Frame
    from gateway.family.value import Scalar, Value

_WRITE_CODE = 16


class AsciiWire(Wire):
    """A device's frames on a shared bus."""

    family: AsciiFamily

    def __init__(self, family: AsciiFamily, bus: Bus, unit: int) -> None:
        super().__init__(family)
        self._bus = bus
        self._unit = unit
        self._manners = Manners.of(family.link)
        self._lacking: set[str] = set()

    @override
    def use(self, family: AnyFamily) -> None:
        super().use(family)
        self._manners = Manners.of(self.family.link)

    @property
    @override
    def address(self) -> str:
        return f"{self._bus.name} unit {self._unit}"

    @override
    async def connect(self) -> None:
        await self._bus.connect(self._manners, self)

    @override
    async def aclose(self) -> None:
        await self._bus.release(self)

    @override
    async def read(self, points: Collection[str], *, rank: Rank = Rank.POLL) -> Took:
        values: dict[str, Value] = {}
        refused: set[str] = set()
        frames: dict[str, list[str]] = {}
        for name in points:
            frames.setdefault(self.family.points[name].frame, []).append(name)
        for frame, names in frames.items():
            if frame in self._lacking:
                refused.update(names)
                continue
            try:
                payload = await self._payload(self.family.frames[frame], rank)
            except Refused as refusal:
                if refusal.params["exception"] == BUSY:
                    values.update(dict.fromkeys(names))
                else:
                    self._lacking.add(frame)
                    refused.update(names)
                continue
            for name in names:
                point = self.family.points[name]
                values[name] = interpret(point, decode(point, payload))
        return Took(values=values, refused=frozenset(refused))

    async def _payload(self, frame: Frame, rank: Rank) -> bytes:
        request = reading(self._unit, "holding", frame.at, frame.n)
        found = words(request, await self._bus.request(request, self._manners, rank))
        return struct.pack(f">{len(found)}H", *found)

    @override
    async def write(self, point: str, value: Scalar, *, fc: int | None = None, rank: Rank = Rank.ORDER) -> None:
        target = self.family.points[point]
        frame = self.family.frames[target.frame]
        payload = bytearray(2 * frame.n)
        if not target.writable or frame.access == "r":
            raise Refused("point-not-writable", point=point)
        encode(target, raw_of(target, value), payload)
        data = struct.unpack(f">{frame.n}H", payload)
        await self._bus.request(writing(self._unit, fc or _WRITE_CODE, frame.at, data), self._manners, rank)

    @override
    async def send(self, name: str, args: Mapping[str, Scalar], *, rank: Rank = Rank.ORDER) -> Mapping[str, Value]:
        raise GatewayError("message-unknown", value=name)
