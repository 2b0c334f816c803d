"""One EVSE, or a meter, behind Modbus registers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from typing_extensions import override

from adapters.common.wire import Rank, Refused, Took, Wire
from adapters.modbus.fetch import Fetch
from adapters.modbus.manners import Manners
from adapters.modbus.messages import reading, words, writing
from adapters.modbus.planner import Limits, Piece, Read, plan
from gateway.family.interpret import interpret, raw_of
from gateway.family.registers import BITS, decode, encode
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from adapters.modbus.bus import Bus
    from gateway.family.family import AnyFamily, ModbusFamily
    from gateway.family.points import RegisterPoint
    from gateway.family.value import Scalar, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where a connector of a device is on its bus: unit id, and what is added to its addresses."""

    unit: int
    offset: int = 0


class ModbusWire(Wire):
    """A device's points on a shared bus."""

    family: ModbusFamily

    def __init__(self, family: ModbusFamily, bus: Bus, spot: Spot) -> None:
        super().__init__(family)
        self._bus = bus
        self._spot = spot
        self._prepare()

    def _prepare(self) -> None:
        link = self.family.link
        self._manners = Manners.of(link)
        self._limits = Limits(span=link.max_span, gap=link.max_gap, barriers=frozenset(link.barriers))
        self._fixed: dict[str, Value] = {}
        self._plans: dict[frozenset[str], tuple[int, tuple[Read, ...]]] = {}

    @override
    def use(self, family: AnyFamily) -> None:
        super().use(family)
        self._prepare()

    @property
    @override
    def address(self) -> str:
        return f"{self._bus.name} unit {self._spot.unit}"

    @override
    async def connect(self) -> None:
        await self._bus.connect(self._manners, self)

    @override
    async def aclose(self) -> None:
        await self._bus.release(self)

    @override
    async def read(self, points: Collection[str], *, rank: Rank = Rank.POLL) -> Took:
        wanted = frozenset(points)
        reads = self._planned(wanted | self._exponents(wanted))
        fetch = Fetch(self._bus, self._manners, rank)
        await fetch.run(reads)
        raws = self._raws(fetch.brought)
        for read in fetch.absent:
            raws.update((piece.point, None) for piece in read.pieces)
        refused = frozenset(name for name in wanted if self._lacks(name))
        values = {name: self._value(name, raw, raws) for name, raw in raws.items() if name in wanted - refused}
        return Took(values=values, refused=refused)

    def _exponents(self, names: Iterable[str]) -> frozenset[str]:
        """Points that hold powers of ten of others, and are not known for good."""
        points = self.family.points
        found = {points[name].exponent for name in names} - {""}
        return frozenset(name for name in found if name not in self._fixed)

    def _planned(self, names: frozenset[str]) -> tuple[Read, ...]:
        learnt = self._bus.learnt
        version, reads = self._plans.get(names, (-1, ()))
        if version != learnt.version:
            pieces = [piece for name in names for piece in self._pieces(name)]
            reads = plan(pieces, self._limits, learnt)
            self._plans[names] = (learnt.version, reads)
        return reads

    def _pieces(self, name: str) -> Iterable[Piece]:
        """The registers of a point; a row of values that lie far apart is as many pieces."""
        point = self.family.points[name]
        unit, at = self._place(point)
        step = point.stride or point.width
        if step - point.width <= self._limits.gap and point.span <= self._limits.span:
            return [Piece(point=name, unit=unit, table=point.table, at=at, span=point.span)]
        starts = range(at, at + point.count * step, step)
        return [Piece(point=name, unit=unit, table=point.table, at=start, span=point.width) for start in starts]

    def _place(self, point: RegisterPoint) -> tuple[int, int]:
        unit = self._spot.unit if point.unit_id is None else point.unit_id
        return unit, point.at + (0 if point.shared else self._spot.offset)

    def _lacks(self, name: str) -> bool:
        return any(self._bus.learnt.refused(piece) for piece in self._pieces(name))

    def _raws(self, brought: Iterable[tuple[Read, tuple[int, ...]]]) -> dict[str, Value]:
        """Raw values by point."""
        raws: dict[str, Value] = {}
        scattered: dict[str, list[int]] = {}
        for read, data in brought:
            for piece in read.pieces:
                point = self.family.points[piece.point]
                start = piece.at - read.at
                if piece.span == point.span:
                    raws[piece.point] = decode(point, data[start : start + piece.span])
                    continue
                row = scattered.setdefault(piece.point, [0] * point.span)
                place = piece.at - self._place(point)[1]
                row[place : place + piece.span] = data[start : start + piece.span]
        raws.update((name, decode(self.family.points[name], row)) for name, row in scattered.items())
        return raws

    def _value(self, name: str, raw: Value, raws: Mapping[str, Value]) -> Value:
        point = self.family.points[name]
        if not point.exponent:
            return interpret(point, raw)
        exponent = self._exponent(point.exponent, raws)
        return None if exponent is None else interpret(point, raw, exponent=exponent)

    def _exponent(self, name: str, raws: Mapping[str, Value]) -> int | None:
        """A power of ten; kept for good where the family reads it only once."""
        point = self.family.points[name]
        value = self._fixed[name] if name in self._fixed else interpret(point, raws.get(name))
        if not isinstance(value, int | float):
            return None
        if point.poll == "once":
            self._fixed[name] = value
        return int(value)

    @override
    async def write(self, point: str, value: Scalar, *, fc: int | None = None, rank: Rank = Rank.ORDER) -> None:
        target = self.family.points[point]
        if not target.writable or target.table in {"discrete", "input"}:
            raise Refused("point-not-writable", point=point)
        scaled = await self._scaled(target, rank)
        raw = raw_of(scaled, value)
        unit, at = self._place(target)
        if target.mask is not None and target.access == "rw" and isinstance(raw, int):
            raw = raw & target.mask | await self._rest(target, rank)
        data = encode(target, raw)
        request = writing(unit, _function(point, target, fc), at, data)
        await self._bus.request(request, self._manners, rank)

    async def _scaled(self, point: RegisterPoint, rank: Rank) -> RegisterPoint:
        """The point with its power of ten in its scale."""
        if not point.exponent:
            return point
        value = self._fixed.get(point.exponent)
        if value is None:
            value = (await self.read([point.exponent], rank=rank)).values.get(point.exponent)
        if not isinstance(value, int | float):
            raise GatewayError("point-value", value=value)
        return point.model_copy(update={"scale": point.scale * 10.0 ** int(value)})

    async def _rest(self, point: RegisterPoint, rank: Rank) -> int:
        """The bits of a register that are not the point's."""
        unit, at = self._place(point)
        request = reading(unit, point.table, at, point.span)
        answer = await self._bus.request(request, self._manners, rank)
        return cast("int", decode(point, words(request, answer))) & ~cast("int", point.mask)

    @override
    async def send(self, name: str, args: Mapping[str, Scalar], *, rank: Rank = Rank.ORDER) -> Mapping[str, Value]:
        raise GatewayError("message-unknown", value=name)


def _function(name: str, point: RegisterPoint, asked: int | None) -> int:
    """The function code of a write. Several registers are one value: they are written with one frame.

    Raises:
        GatewayError: ``modbus-function``: the point cannot be written so.
    """
    single, several = (5, 15) if point.table in BITS else (6, 16)
    function = asked or point.fc or single
    if function not in {single, several}:
        raise GatewayError("modbus-function", point=name, function=function)
    if point.stride is not None and point.stride != point.width and point.count > 1:
        raise GatewayError("modbus-function", point=name, function=function)  # what lies between would be lost
    return several if point.span > 1 else function
