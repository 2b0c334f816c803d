"""A station at the contract of a wire, with physics and vices: slow, deaf, of another unit, forgetful, losing answers."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from typing_extensions import override

from adapters.common.wire import Rank, Refused, Took, Unreachable, Wire

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from gateway.family.family import AnyFamily
    from gateway.family.value import Scalar, Value


@dataclass(slots=True, kw_only=True)
class Vices:
    """What is wrong with a station.

    Attributes:
        slow: Seconds until a write takes effect.
        deaf: It answers, and does nothing.
        factor: What it makes of a limit, times this.
        refuses: It refuses writes.
        lost: What happens to the next answers to writes: "before" (nothing was done), "after" (it was done).
    """

    slow: float = 0.0
    deaf: bool = False
    factor: float = 1.0
    refuses: bool = False
    lost: list[str] = field(default_factory=list)


class Plant(Wire):
    """One EVSE with a vehicle that takes all that it is offered."""

    def __init__(self, family: AnyFamily, vices: Vices, *, limit: float, enable: int) -> None:
        super().__init__(family)
        self.vices = vices
        self.limit = self._default_limit = limit
        self.enable = self._default_enable = enable
        self.written: list[tuple[float, str, float]] = []
        self.seen_over: list[str] = []
        self._late: list[asyncio.TimerHandle] = []

    @property
    def current(self) -> float:
        """What flows, in A per phase."""
        return self.limit if self.enable and self.limit >= 6 else 0.0

    def reboot(self) -> None:
        """It forgets what it was told."""
        for each in self._late:
            each.cancel()
        self.limit, self.enable = self._default_limit, self._default_enable

    @property
    @override
    def address(self) -> str:
        return "plant"

    @override
    async def connect(self) -> None:
        """It is there."""

    @override
    async def read(self, points: Collection[str], *, rank: Rank = Rank.POLL) -> Took:
        await asyncio.sleep(0.01)
        known: dict[str, Value] = {"limit": self.limit, "enable": self.enable, "current": (self.current,) * 3}
        return Took(values={name: known[name] for name in points if name in known})

    @override
    async def write(self, point: str, value: Scalar, *, fc: int | None = None, rank: Rank = Rank.ORDER) -> None:
        await asyncio.sleep(0.01)
        number = float(value or 0)
        loop = asyncio.get_running_loop()
        self.written.append((loop.time(), point, number))
        if self.vices.refuses:
            raise Refused("modbus-exception", exception=4)
        fate = self.vices.lost.pop(0) if self.vices.lost else ""
        if fate == "before":
            raise Unreachable("no-answer", where=self.address, request=point)
        if not self.vices.deaf:
            self._late.append(loop.call_later(self.vices.slow, self._take, point, number))
        if fate == "after":
            raise Unreachable("no-answer", where=self.address, request=point)

    def _take(self, point: str, value: float) -> None:
        if point == "limit":
            self.limit = value * self.vices.factor
        else:
            self.enable = int(value)

    @override
    async def send(self, name: str, args: Mapping[str, Scalar], *, rank: Rank = Rank.ORDER) -> Mapping[str, Value]:
        raise Refused("no-such-command", name=name)

    @override
    async def aclose(self) -> None:
        """Nothing to close."""
