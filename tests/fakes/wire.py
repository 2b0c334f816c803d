"""A wire at the contract: a small wallbox in memory that does what it is told, or not."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from typing_extensions import override

from adapters.common.wire import Pool, Rank, Refused, Took, Unreachable, Wire
from gateway.config.fields import Section

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from gateway.family.family import AnyFamily
    from gateway.family.value import Scalar, Value


class WallboxWire(Wire):
    """One EVSE: a car that takes all it is offered, a limit, a release, a meter in kWh.

    ``shown`` has other values than these, and other points; writes of points in ``refuses`` are refused, and the next
    answer to a write of a point in ``loses`` is lost.
    """

    def __init__(self, family: AnyFamily) -> None:
        super().__init__(family)
        self.plugged = False
        self.down = False
        self.deaf = False
        self.enable = 0
        self.limit = 0.0
        self.lies: float | None = None
        self.energy = 100.0
        self.card = ""
        self.error = 0
        self.written: list[tuple[str, Scalar]] = []
        self.polled = asyncio.Event()
        self.shown: dict[str, Value] = {}
        self.refuses: set[str] = set()
        self.loses: set[str] = set()
        self.takes = 0.0
        self.on_read: Callable[[Collection[str], Rank], None] = lambda _points, _rank: None
        self.on_write: Callable[[str, Scalar], None] = lambda _point, _value: None

    @property
    def letter(self) -> str:
        if self.error:
            return "F"
        if not self.plugged:
            return "A"
        return "C" if self.enable and self.limit >= 6 else "B"

    @property
    def values(self) -> dict[str, Value]:
        current = self.limit if self.letter == "C" else 0.0
        return {
            "state": self.letter,
            "limit": self.limit if self.lies is None else self.lies,
            "enable": self.enable,
            "current": (current, current, current),
            "voltage": (230.0, 230.0, 230.0),
            "energy_total": self.energy,
            "rfid": self.card,
            "error": ("residual current",) if self.error else (),
            "firmware": "1.0",
            "serial": "4711",
            "offered_current": self.limit if self.enable else 0.0,
            **self.shown,
        }

    @property
    @override
    def address(self) -> str:
        return "memory"

    @override
    async def connect(self) -> None:
        self.polled.set()
        if self.down:
            raise Unreachable("no-answer")

    @override
    async def read(self, points: Collection[str], *, rank: Rank = Rank.POLL) -> Took:
        self.polled.set()
        self.on_read(points, rank)
        if self.takes and rank is Rank.POLL:
            await asyncio.sleep(self.takes)
        if self.down:
            raise Unreachable("no-answer")
        known = self.values
        return Took(
            values={name: known[name] for name in points if name in known},
            refused=frozenset(name for name in points if name not in known),
        )

    @override
    async def write(self, point: str, value: Scalar, *, fc: int | None = None, rank: Rank = Rank.ORDER) -> None:
        if self.down:
            raise Unreachable("no-answer")
        if self.deaf or point in self.refuses:
            raise Refused("modbus-exception", exception=4)
        self.written.append((point, value))
        self.on_write(point, value)
        if point in self.shown:
            self.shown[point] = value
        else:
            setattr(self, point, value)
        if point in self.loses:
            self.loses.remove(point)
            raise Unreachable("no-answer", where=self.address, request=point)

    @override
    async def send(self, name: str, args: Mapping[str, Scalar], *, rank: Rank = Rank.ORDER) -> Mapping[str, Value]:
        raise Refused("no-such-command", name=name)

    @override
    async def aclose(self) -> None:
        """Nothing to close."""


class NoKeys(Section):
    """A connection that needs nothing."""


class MemoryPool(Pool):
    """Wires in memory."""

    kinds = frozenset({"modbus"})
    Connection = NoKeys

    def __init__(self) -> None:
        self.wires: list[WallboxWire] = []

    @override
    def wire(self, connection: object, family: AnyFamily, connector: int) -> WallboxWire:
        self.wires.append(WallboxWire(family))
        return self.wires[-1]

    @override
    async def aclose(self) -> None:
        """Nothing to close."""
