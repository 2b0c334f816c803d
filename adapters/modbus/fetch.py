"""Reads that find their way around what a station does not let through, and remember it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from adapters.common.wire import Refused, Unreachable
from adapters.modbus.messages import ILLEGAL_ADDRESS, ILLEGAL_FUNCTION, ILLEGAL_VALUE, reading, words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from adapters.common.wire import Rank
    from adapters.modbus.bus import Bus
    from adapters.modbus.manners import Manners
    from adapters.modbus.planner import Read

_LACKS = frozenset({ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE})
"""Exceptions that tell of registers that are not there."""

_DEVICE_FAILURE = 4
_PART = _LACKS | {_DEVICE_FAILURE}
"""Exceptions that may concern only a part of what was read."""


@dataclass(slots=True)
class Fetch:
    """The reads of one occasion.

    Attributes:
        bus: Where to.
        manners: How.
        rank: How urgent.
        brought: What was read: (read, its registers).
        refused: Reads of places that the station does not have.
        absent: Reads that were answered, but with a failure of the moment.
    """

    bus: Bus
    manners: Manners
    rank: Rank
    brought: list[tuple[Read, tuple[int, ...]]] = field(default_factory=list)
    refused: list[Read] = field(default_factory=list)
    absent: list[Read] = field(default_factory=list)

    async def run(self, reads: Iterable[Read]) -> None:
        """Read; what fails is parted until the culprit is alone.

        A time-out teaches nothing. A connection that was closed teaches only once the station has answered again: it
        might as well have lost its power.

        Raises:
            Unreachable: The station does not answer.
        """
        for read in reads:
            try:
                await self._once(read)
            except Refused as refused:
                if refused.params["exception"] in _PART:
                    await self._part(read, refused)
                else:
                    self.absent.append(read)
            except Unreachable as failure:
                await self._after_close(read, failure)

    async def _after_close(self, read: Read, failure: Unreachable) -> None:
        if not self._closed(failure):
            raise failure
        try:
            await self._once(read)  # it may have been chance
        except Refused as refused:
            await self._part(read, refused)
        except Unreachable as again:
            if not self._closed(again):
                raise
            good = self.bus.good.get(read.unit)
            if good is None and read.halves is None:
                raise
            await self._part(read, again)

    def _closed(self, failure: Unreachable) -> bool:
        return self.manners.fragile and failure.code == "connection-lost"

    async def _once(self, read: Read) -> None:
        request = reading(read.unit, read.table, read.at, read.count)
        answer = await self.bus.request(request, self.manners, self.rank)
        self.bus.good[read.unit] = request
        self.brought.append((read, words(request, answer)))

    async def _part(self, read: Read, failure: Refused | Unreachable) -> bool:
        """Deal with a read that has failed; True if a place was found that explains it."""
        halves = read.halves
        if halves is None:
            return await self._alone(read, failure)
        explained, before = False, len(self.brought)
        for half in halves:
            try:
                await self._once(half)
            except Refused as refused:
                explained |= await self._part(half, refused)
            except Unreachable as closed:
                if not self._closed(closed):
                    raise
                explained |= await self._part(half, closed)
        if not explained and len(self.brought) > before:
            self.bus.learnt.cut(read)
        return explained

    async def _alone(self, read: Read, failure: Refused | Unreachable) -> bool:
        if isinstance(failure, Refused):
            if failure.params["exception"] not in _LACKS:
                self.absent.append(read)
                return False
        else:
            good = self.bus.good.get(read.unit)
            if good is None:
                raise failure
            await self.bus.request(good, self.manners, self.rank)  # the station lives: it was this place
        self.bus.learnt.refuse(read)
        self.refused.append(read)
        return True
