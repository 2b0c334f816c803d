"""Reads that find their way around what a station does not let through, and remember it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from adapters.common.wire import Refused, Unreachable
from adapters.modbus.job import Job
from adapters.modbus.messages import ILLEGAL_ADDRESS, ILLEGAL_FUNCTION, ILLEGAL_VALUE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from adapters.common.wire import Rank
    from adapters.modbus.bus import Bus
    from adapters.modbus.manners import Manners
    from gateway.family.points import RegisterPoint

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
        points: What halves of a read are made ready with.
        brought: What was read, and the answer.
        refused: Reads of places that the station does not have.
        absent: Reads that were answered, but with a failure of the moment.
    """

    bus: Bus
    manners: Manners
    rank: Rank
    points: Mapping[str, RegisterPoint]
    brought: list[tuple[Job, bytes]] = field(default_factory=list)
    refused: list[Job] = field(default_factory=list)
    absent: list[Job] = field(default_factory=list)

    async def run(self, jobs: Iterable[Job]) -> None:
        """Read; what fails is parted until the culprit is alone.

        A time-out teaches nothing. A connection that was closed teaches only once the station has answered again: it
        might as well have lost its power.

        Raises:
            Unreachable: The station does not answer.
        """
        for job in jobs:
            try:
                await self._once(job)
            except Refused as refused:
                if refused.params["exception"] in _PART:
                    await self._part(job, refused)
                else:
                    self.absent.append(job)
            except Unreachable as failure:
                await self._after_close(job, failure)

    async def _after_close(self, job: Job, failure: Unreachable) -> None:
        if not self._closed(failure):
            raise failure
        try:
            await self._once(job)  # it may have been chance
        except Refused as refused:
            await self._part(job, refused)
        except Unreachable as again:
            if not self._closed(again):
                raise
            good = self.bus.good.get(job.request.unit)
            if good is None and job.read.halves is None:
                raise
            await self._part(job, again)

    def _closed(self, failure: Unreachable) -> bool:
        return self.manners.fragile and failure.code == "connection-lost"

    async def _once(self, job: Job) -> None:
        answer = await self.bus.request(job.request, self.manners, self.rank)
        self.bus.good[job.request.unit] = job.request
        self.brought.append((job, answer))

    async def _part(self, job: Job, failure: Refused | Unreachable) -> bool:
        """Deal with a read that has failed; True if a place was found that explains it."""
        halves = job.read.halves
        if halves is None:
            return await self._alone(job, failure)
        explained, before = False, len(self.brought)
        for half in (Job.of(each, self.points) for each in halves):
            try:
                await self._once(half)
            except Refused as refused:
                explained |= await self._part(half, refused)
            except Unreachable as closed:
                if not self._closed(closed):
                    raise
                explained |= await self._part(half, closed)
        if not explained and len(self.brought) > before:
            self.bus.learnt.cut(job.read)
        return explained

    async def _alone(self, job: Job, failure: Refused | Unreachable) -> bool:
        if isinstance(failure, Refused):
            if failure.params["exception"] not in _LACKS:
                self.absent.append(job)
                return False
        else:
            good = self.bus.good.get(job.request.unit)
            if good is None:
                raise failure
            await self.bus.request(good, self.manners, self.rank)  # the station lives: it was this place
        self.bus.learnt.refuse(job.read)
        self.refused.append(job)
        return True
