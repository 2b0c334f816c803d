"""GetLog that the box itself answers: the security log of each station, and the diagnostics of those that have none."""

from __future__ import annotations

import asyncio
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from gateway.contracts import Reply
from gateway.model.errors import GatewayError
from profiles.common.replies import refused
from profiles.common.transfers.locations import address
from profiles.diagnostics import files
from profiles.diagnostics.carrier import Carrier
from profiles.diagnostics.files import LogFile
from profiles.diagnostics.journal import Journal
from profiles.diagnostics.uploads import MOST_RETRIES, RETRIES, RETRY_INTERVAL, Upload, Uploads, notification

if TYPE_CHECKING:
    from gateway.contracts import Backend, Northbound
    from profiles.diagnostics.orders import LogOrder


class OwnLogs:
    """The box's own logs, and their uploads."""

    def __init__(self, northbound: Northbound, backend: Backend) -> None:
        self._northbound = northbound
        self._backend = backend
        self.journal = Journal(northbound.stations, northbound.now)
        self.uploads = Uploads(northbound, backend, Carrier(northbound).carry)

    async def recover(self, station: str) -> tuple[int, ...]:
        """Tell of uploads that an earlier run has left; those by the station that were given up then."""
        return await self.uploads.recover(station)

    async def get_log(self, station: str, order: LogOrder, former: int | None) -> Reply:
        """Make the file, answer, then upload (N01.FR.01-05).

        Args:
            station: Whose log it is.
            order: The order.
            former: The requestId of an upload by the station itself that this one takes the place of.
        """
        url = address(order.location)
        if url is None:
            return refused("InvalidURL")
        try:
            file = await self._file(station, order)
        except GatewayError as error:
            return refused("InternalError", error.code)
        if not file.content:
            return refused("NotFound", "nothing was logged at that time")  # N01.FR.05
        ended = self.uploads.reserve(station)
        upload = Upload(
            request_id=order.request_id,
            url=url,
            file=file,
            retries=RETRIES if order.retries is None else max(0, min(order.retries, MOST_RETRIES)),
            interval=RETRY_INTERVAL if order.retry_interval is None else max(0, order.retry_interval),
        )
        status = "Accepted" if former is None and ended is None else "AcceptedCanceled"
        then = partial(self._start, station, upload, tuple(each for each in (former, ended) if each is not None))
        return Reply(payload={"status": status, "filename": file.name}, then=then)

    async def _start(self, station: str, upload: Upload, ended: tuple[int, ...]) -> None:
        await self.tell_ended(station, *(each for each in ended if each != upload.request_id))
        await self.uploads.start(station, upload)

    async def tell_ended(self, station: str, *ended: int) -> None:
        """Uploads were given up for another one (N01.FR.20)."""
        for request_id in ended:
            await self._backend.post(station, notification("AcceptedCanceled", request_id))
            await self.uploads.forget(station, request_id)

    async def _file(self, station: str, order: LogOrder) -> LogFile:
        now = self._northbound.now()
        if order.security:
            kept = await self._northbound.security_log.read(station)
            content = await asyncio.to_thread(files.security_log, kept, order.start, order.stop)
            return LogFile(files.name_of(station, "security", now, "jsonl"), content)
        _, entries = await self._northbound.tokens.local_list(station)
        tokens = [token for token, _ in entries.values()]
        tests = await self._northbound.protocols(station, order.start, order.stop)
        state, logged = self._northbound.station(station), self.journal.entries(station, order.start, order.stop)
        content = await asyncio.to_thread(lambda: files.diagnostics(state, logged, now, _version(), tokens, tests))
        return LogFile(files.name_of(station, "diagnostics", now, "json"), content)


def _version() -> str:
    try:
        return version("stationlift")
    except PackageNotFoundError:  # run from a folder
        return ""
