"""Updates that the box leads: it fetches the file, verifies it, and has the station fetch it from the box.

What is next, ``course`` says; here it is done. One task at most works for a station, and none waits for a time: whoever
calls ``look`` gives it the occasion.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from gateway.contracts import Offer
from gateway.model.commands import UpdateFirmware, Verdict
from gateway.model.events import FirmwareOrdered, FirmwareProgress, FirmwareStatus, SecurityReported
from profiles.firmware.course import Next, Step, next_step, waits_for_transactions
from profiles.firmware.depot import Depot

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime
    from pathlib import Path

    from gateway.contracts import Northbound
    from gateway.model.events import Event
    from gateway.model.station import StationState
    from profiles.firmware.order import Order

logger = logging.getLogger(__name__)

INVALID_SIGNATURE = "InvalidFirmwareSignature"
"""Security event (Part 2 Appendices, 1; L01.FR.03 shortens its name)."""

AGAIN = timedelta(minutes=1)
"""Until a station that was not reached is told again to install."""

STATION_RETRIES, STATION_INTERVAL = 3, 30
"""For the station's own way to the box."""

_NOT_TOLD = {Verdict.UNREACHABLE, Verdict.UNANSWERED}


class Fetch(Protocol):
    """How a file is fetched."""

    async def __call__(self, station: str, location: str, target: Path) -> bool:
        """Try once."""


@dataclass(slots=True, eq=False)
class _Job:
    order: Order
    busy: bool = False
    canceled: bool = False
    task: asyncio.Task[object] | None = None
    told_at: datetime | None = None


class Carrying:
    """The updates that the box leads, by station. ``news`` is set when there is another one.

    Args:
        northbound: The box.
        fetch: Tries once to fetch a file.
        wait: Sleeps so many seconds between two tries.
    """

    def __init__(
        self, northbound: Northbound, fetch: Fetch, wait: Callable[[float], Awaitable[object]] = asyncio.sleep
    ) -> None:
        self._northbound = northbound
        self._fetch_once = fetch
        self._wait = wait
        self._depot = Depot(northbound)
        self._jobs: dict[str, _Job] = {}
        self.news = asyncio.Event()
        self._does: dict[Step, Callable[[str, _Job], Awaitable[None]]] = {
            Step.FETCH: self._fetch,
            Step.VERIFY: self._verify,
            Step.HAND_OVER: self._hand_over,
            Step.END: self._end,
        }

    async def recall(self) -> None:
        """Go on with what an earlier run has left; a station that was told to install finds its file where it was.

        Raises:
            GatewayError: ``vault-failed``.
        """
        for station in self._northbound.stations():
            if station in self._jobs:
                continue
            order = await self._depot.order(station)
            if station in self._jobs:  # ordered meanwhile
                continue
            if order is None:
                await self._depot.clear(station)
                continue
            self._jobs[station] = _Job(order)
            if order.asked_at is not None:
                await self._northbound.offer(station, self._offered(station, order))

    async def start(self, station: str, order: Order) -> None:
        """Take an order, in place of any before.

        Raises:
            GatewayError: ``vault-failed`` or ``storage-failed``.
        """
        await self.drop(station)
        await self._depot.keep(station, order)
        ordered = FirmwareOrdered(station=station, at=self._northbound.now(), request_id=order.request_id)
        await self._northbound.publish(ordered)
        self._jobs[station] = _Job(order)
        self.news.set()

    async def drop(self, station: str) -> None:
        """Stop what is under way, and keep nothing of it.

        Raises:
            GatewayError: ``vault-failed``.
        """
        job = self._jobs.pop(station, None)
        if job is None:
            return
        job.canceled = True
        if job.task is not None:
            job.task.cancel()
            await asyncio.wait([job.task])
        await self._clear(station)

    def pause(self, longest: float) -> float:
        """Seconds until an update's time comes, at most ``longest``."""
        now = self._northbound.now()
        times = [at for job in self._jobs.values() for at in (job.order.retrieve_at, job.order.install_at) if at]
        return min([longest, *((at - now).total_seconds() for at in times if at > now)])

    def waits(self, state: StationState) -> bool:
        """Tell whether firmware is ready, and waits for the end of transactions only."""
        job = self._jobs.get(state.id)
        return job is not None and waits_for_transactions(job.order, state, self._northbound.now())

    def due(self, station: str) -> bool:
        """Tell whether there is something to do now."""
        job = self._jobs.get(station)
        if job is None or job.busy:
            return False
        found = self._next(station, job)
        return found.step is not Step.WAIT or self._is_news(station, found.status)

    def look(self, station: str) -> None:
        """Do what is to be done now; somebody else waits for it."""
        if self.due(station):
            job = self._jobs[station]
            job.busy = True
            self._northbound.background(self._go(station, job))

    async def _go(self, station: str, job: _Job) -> None:
        if job.canceled:
            return
        job.task = asyncio.current_task()
        try:
            while True:
                found = self._next(station, job)
                if found.status is not None and self._is_news(station, found.status):
                    await self._tell(station, job, found.status)
                if found.step is Step.WAIT:
                    return
                if found.step in self._does:
                    await self._does[found.step](station, job)
                if found.step is Step.END:
                    return
        finally:
            job.task, job.busy = None, False

    def _next(self, station: str, job: _Job) -> Next:
        now = self._northbound.now()
        found = next_step(job.order, self._northbound.station(station), now)
        again = job.told_at is None or now - job.told_at >= AGAIN
        return found if found.step is not Step.HAND_OVER or again else Next(Step.WAIT)

    def _is_news(self, station: str, status: FirmwareStatus | None) -> bool:
        job = self._northbound.station(station).firmware
        return status is not None and job is not None and job.status is not status

    async def _tell(self, station: str, job: _Job, status: FirmwareStatus, *more: Event) -> None:
        at = self._northbound.now()
        own = FirmwareProgress(station=station, at=at, status=status, request_id=job.order.request_id)
        await self._northbound.publish(own, *more)
        logger.info("%s: firmware of order %d: %s", station, job.order.request_id, status)

    async def _fetch(self, station: str, job: _Job) -> None:
        """Try as often as is wanted. A file that is there already was fetched just before the box went down."""
        order, target = job.order, self._depot.file(station, job.order)
        try:
            await self._depot.make_room(station)
            done = await asyncio.to_thread(target.is_file)
        except OSError as error:
            logger.warning("%s: no folder for firmware: %s", station, error.strerror)
            await self._tell(station, job, FirmwareStatus.DOWNLOAD_FAILED)
            return
        for left in range(order.retries, -1, -1):
            if done or await self._fetch_once(station, order.location, target):
                await self._tell(station, job, FirmwareStatus.DOWNLOADED)
                return
            if left:
                await self._wait(order.interval)
        await self._tell(station, job, FirmwareStatus.DOWNLOAD_FAILED)

    async def _verify(self, station: str, job: _Job) -> None:
        order, file = job.order, self._depot.file(station, job.order)
        try:
            good = await asyncio.to_thread(_is_signed, file, order.certificate, order.signature)
        except OSError as error:
            logger.warning("%s: firmware cannot be read: %s", station, error.strerror)
            good = False
        if good:
            await self._tell(station, job, FirmwareStatus.SIGNATURE_VERIFIED)
            return
        event = SecurityReported(station=station, at=self._northbound.now(), type=INVALID_SIGNATURE)
        await self._tell(station, job, FirmwareStatus.INVALID_SIGNATURE, event)

    async def _hand_over(self, station: str, job: _Job) -> None:
        """Tell the station to install the file. What it did not answer it is told again, until it does."""
        job.told_at = now = self._northbound.now()
        if not await asyncio.to_thread(self._depot.file(station, job.order).is_file):
            await self._tell(station, job, FirmwareStatus.INSTALLATION_FAILED)
            return
        url = await self._northbound.offer(station, self._offered(station, job.order))
        if not url:
            return
        await self._note(station, job, replace(job.order, asked_at=job.order.asked_at or now))
        if self._is_news(station, FirmwareStatus.INSTALLING):
            await self._tell(station, job, FirmwareStatus.INSTALLING)
        outcome = await self._northbound.execute(
            UpdateFirmware(
                station=station,
                request_id=job.order.request_id,
                location=url,
                at=now,
                retries=STATION_RETRIES,
                retry_interval=STATION_INTERVAL,
            )
        )
        if outcome.accepted:
            await self._note(station, job, replace(job.order, taken=True))
        elif outcome.verdict not in _NOT_TOLD:
            logger.warning("%s: firmware refused: %s", station, outcome.reason or outcome.verdict)
            await self._tell(station, job, FirmwareStatus.INSTALLATION_FAILED)

    async def _end(self, station: str, job: _Job) -> None:
        if self._jobs.get(station) is job:
            del self._jobs[station]
        await self._clear(station)

    async def _note(self, station: str, job: _Job, order: Order) -> None:
        await self._depot.keep(station, order)
        job.order = order

    async def _clear(self, station: str) -> None:
        await self._northbound.offer(station, None)
        await self._depot.clear(station)

    def _offered(self, station: str, order: Order) -> Offer:
        return Offer(file=self._depot.file(station, order), secret=order.secret)


def _is_signed(file: Path, certificate: str, signature: str) -> bool:
    from profiles.firmware.signature import is_signed  # noqa: PLC0415 - loads cryptography, which not every box needs

    return is_signed(file, certificate, signature)
