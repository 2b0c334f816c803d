"""The plans of one wire: which jobs bring a set of points, kept until the bus has learnt something new."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.common.wire import Refused
from adapters.modbus.job import Job
from adapters.modbus.planner import Learnt, Limits, Piece, plan
from gateway.family.chain import block_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from adapters.modbus.spots import Spot
    from gateway.family.family import ModbusFamily
    from gateway.family.points import RegisterPoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a set of points is read.

    Attributes:
        version: Of what the bus had learnt.
        jobs: The reads.
        refused: Points that the station is known not to have.
        scaled: Points whose power of ten is another point, which is read along.
    """

    version: int
    jobs: tuple[Job, ...]
    refused: frozenset[str]
    scaled: tuple[str, ...]


class Plans:
    """Plans for one connector of a device.

    Args:
        family: Its points.
        spot: Where the connector is.
        learnt: What the bus does not let through.
        blocks: Where the blocks of its chain are, by number.
    """

    def __init__(
        self, family: ModbusFamily, spot: Spot, learnt: Learnt, blocks: Mapping[int, int] | None = None
    ) -> None:
        link = family.link
        self._points = family.points
        self._limits = Limits(span=link.max_span, gap=link.max_gap, barriers=frozenset(link.barriers))
        self._spot = spot
        self._learnt = learnt
        self._blocks = blocks or {}
        self._plans: dict[tuple[frozenset[str], frozenset[str]], Plan] = {}

    def of(self, names: frozenset[str], known: frozenset[str]) -> Plan:
        """The plan for points; ``known``: powers of ten that need not be read any more."""
        found = self._plans.get((names, known))
        if found is None or found.version != self._learnt.version:
            found = self._plans[names, known] = self._made(names, known)
        return found

    def _made(self, names: frozenset[str], known: frozenset[str]) -> Plan:
        scaled = tuple(name for name in names if self._points[name].exponent)
        needed = names | {self._points[name].exponent for name in scaled} - known
        needed = frozenset(name for name in needed if not self._elsewhere(name))
        reads = plan([piece for name in needed for piece in self._pieces(name)], self._limits, self._learnt)
        return Plan(
            version=self._learnt.version,
            jobs=tuple(Job.of(read, self._points) for read in reads),
            refused=frozenset(name for name in names if self.lacks(name)),
            scaled=scaled,
        )

    def lacks(self, name: str) -> bool:
        """True if the station is known not to have a point."""
        return self._elsewhere(name) or any(self._learnt.refused(piece) for piece in self._pieces(name))

    def _elsewhere(self, name: str) -> bool:
        """True where the device has no block that a point could be in."""
        return block_of(self._points[name], self._blocks) is None

    def place(self, point: RegisterPoint) -> tuple[int, int]:
        """Unit id and address of a point on the wire.

        Raises:
            Refused: ``modbus-block``: the device's chain has not the block that the point is in.
        """
        unit = self._spot.unit if point.unit_id is None else point.unit_id
        block = block_of(point, self._blocks)
        if block is None:
            raise Refused("modbus-block", models=", ".join(map(str, point.model)))
        return unit, block + point.at + (0 if point.shared else self._spot.offset)

    def _pieces(self, name: str) -> Iterable[Piece]:
        """The registers of a point; a row of values that lie far apart, or a long text, is several pieces."""
        point = self._points[name]
        unit, at = self.place(point)
        step = point.stride or point.width
        if step - point.width <= self._limits.gap and point.span <= self._limits.span:
            return [Piece(point=name, unit=unit, table=point.table, at=at, span=point.span)]
        if point.text:
            most, end = self._limits.span, at + point.span
            return [
                Piece(point=name, unit=unit, table=point.table, at=start, span=min(most, end - start))
                for start in range(at, end, most)
            ]
        starts = range(at, at + point.count * step, step)
        return [Piece(point=name, unit=unit, table=point.table, at=start, span=point.width) for start in starts]
