"""One EVSE, or a meter, behind Modbus registers."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from typing_extensions import override

from adapters.common.wire import Rank, Refused, Took, Unreachable, Wire
from adapters.modbus.chains import find_blocks
from adapters.modbus.fetch import Fetch
from adapters.modbus.manners import Manners
from adapters.modbus.messages import reading, words, writing
from adapters.modbus.plans import Plan, Plans
from gateway.family.interpret import interpret, raw_of
from gateway.family.registers import BITS, decode, encode
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from adapters.modbus.bus import Bus
    from adapters.modbus.spots import Spot
    from gateway.family.family import AnyFamily, ModbusFamily
    from gateway.family.points import RegisterPoint
    from gateway.family.value import Scalar, Value


MOST_WRITTEN = 123
"""Registers of one write (Modbus Application Protocol V1.1b3, 6.12)."""


class ModbusWire(Wire):
    """A device's points on a shared bus."""

    family: ModbusFamily

    def __init__(self, family: ModbusFamily, bus: Bus, spot: Spot) -> None:
        super().__init__(family)
        self._bus = bus
        self._spot = spot
        self._prepare()

    def _prepare(self) -> None:
        self._manners = Manners.of(self.family.link)
        self._blocks: Mapping[int, int] | None = None if self.family.link.chain else {}
        self._plans = Plans(self.family, self._spot, self._bus.learnt)
        self._powers: dict[str, int] = {}
        self._known: frozenset[str] = frozenset()

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
        await self._find_blocks(rank)
        plan = self._plans.of(wanted, self._known)
        fetch = Fetch(self._bus, self._manners, rank, self.family.points)
        try:
            await fetch.run(plan.jobs)
        except Unreachable:
            self._forget_blocks()
            raise
        values = self._values(fetch)
        if plan.scaled:
            self._scale(plan, values)
            values = {name: value for name, value in values.items() if name in wanted}
        if not fetch.refused:
            return Took(values=values, refused=plan.refused)
        refused = frozenset(name for name in wanted if self._plans.lacks(name))
        return Took(values={name: values[name] for name in values if name not in refused}, refused=refused)

    async def _find_blocks(self, rank: Rank) -> None:
        """Walk the chain of the device, once while it answers."""
        chain = self.family.link.chain
        if chain is None or self._blocks is not None:
            return
        key = self._spot.unit, chain
        if key not in self._bus.chains:
            self._bus.chains[key] = await find_blocks(chain, self._spot.unit, self._bus, self._manners, rank)
        self._blocks = self._bus.chains[key]
        self._plans = Plans(self.family, self._spot, self._bus.learnt, self._blocks)

    def _forget_blocks(self) -> None:
        """What comes back may be another device."""
        if self.family.link.chain is not None:
            self._bus.chains.pop((self._spot.unit, self.family.link.chain), None)
            self._blocks = None

    def _values(self, fetch: Fetch) -> dict[str, Value]:
        """Values by point; those with an exponent as they came."""
        values: dict[str, Value] = {}
        rows: dict[str, list[int]] = {}
        for job, answer in fetch.brought:
            for name, extract in job.whole:
                values[name] = extract(answer)
            for piece, registers in job.parts:
                point = self.family.points[piece.point]
                place = piece.at - self._plans.place(point)[1]
                rows.setdefault(piece.point, [0] * point.span)[place : place + piece.span] = registers(answer)
        for name, row in rows.items():
            point = self.family.points[name]
            raw = decode(point, row)
            values[name] = raw if point.exponent else interpret(point, raw)
        for job in fetch.absent:
            values.update((piece.point, None) for piece in job.read.pieces)
        return values

    def _scale(self, plan: Plan, values: dict[str, Value]) -> None:
        """Make values of raw values whose power of ten is another point."""
        for name in plan.scaled:
            if name not in values:
                continue
            point = self.family.points[name]
            power = self._power(point.exponent, values)
            values[name] = None if power is None else interpret(point, values[name], exponent=power)

    def _power(self, name: str, values: Mapping[str, Value]) -> int | None:
        """A power of ten; kept for good where the family reads it only once."""
        if name in self._powers:
            return self._powers[name]
        value = values.get(name)
        if not isinstance(value, int | float):
            return None
        if self.family.points[name].poll == "once":
            self._powers[name] = int(value)
            self._known = frozenset(self._powers)
        return int(value)

    @override
    async def write(self, point: str, value: Scalar, *, fc: int | None = None, rank: Rank = Rank.ORDER) -> None:
        target = self.family.points[point]
        if not target.writable or target.table in {"discrete", "input"}:
            raise Refused("point-not-writable", point=point)
        await self._find_blocks(rank)
        raw = raw_of(await self._with_power(target, rank), value)
        unit, at = self._plans.place(target)
        if target.mask is not None and target.access == "rw" and isinstance(raw, int):
            raw = raw & target.mask | await self._rest(target, rank)
        function, row = _function(point, target, fc), encode(target, raw)
        # A text is as long as its register area; no frame has room for all of a long one.
        most = min(self.family.link.max_span, MOST_WRITTEN) if target.text else len(row)
        for start in range(0, len(row), most):
            request = writing(unit, function, at + start, row[start : start + most])
            await self._bus.request(request, self._manners, rank)

    async def _with_power(self, point: RegisterPoint, rank: Rank) -> RegisterPoint:
        """The point with its power of ten in its scale."""
        if not point.exponent:
            return point
        power = self._powers.get(point.exponent)
        if power is None:
            values = (await self.read([point.exponent], rank=rank)).values
            power = self._power(point.exponent, values)
        if power is None:
            raise GatewayError("point-value", value=power)
        return point.model_copy(update={"scale": point.scale * 10.0**power})

    async def _rest(self, point: RegisterPoint, rank: Rank) -> int:
        """The bits of a register that are not the point's."""
        unit, at = self._plans.place(point)
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
