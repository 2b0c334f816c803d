"""The box's own uploads: one at a time for each station, with retries, told from start to end (N01)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from gateway.contracts import Message
from gateway.model.errors import GatewayError
from profiles.diagnostics.results import Result

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from yarl import URL

    from gateway.contracts import Backend, Northbound
    from profiles.diagnostics.files import LogFile

SHELF = "diagnostics"
RETRIES, RETRY_INTERVAL = 3, 60
"""Where the CSMS leaves both to the station (GetLogRequest)."""

MOST_RETRIES = 100


class Carry(Protocol):
    """How a file is brought to a URL."""

    async def __call__(self, station: str, url: URL, file: LogFile) -> Result:
        """Try once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """An order; ``interval`` in seconds."""

    request_id: int
    url: URL
    file: LogFile
    retries: int
    interval: int


@dataclass(slots=True, eq=False)
class _Job:
    request_id: int
    task: asyncio.Task[object] | None = None
    canceled: bool = False


class Uploads:
    """Uploads under way, by station.

    The shelf has the id of each, so that a restart of the box does not leave the CSMS waiting: the upload has failed
    then. The file and the URL, which may have a password in it, are not kept.
    """

    def __init__(
        self,
        northbound: Northbound,
        backend: Backend,
        carry: Carry,
        wait: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._northbound = northbound
        self._backend = backend
        self._carry = carry
        self._wait = wait
        self._jobs: dict[str, _Job] = {}

    def current(self, station: str) -> int | None:
        """The requestId of the upload under way."""
        job = self._jobs.get(station)
        return None if job is None else job.request_id

    def reserve(self, station: str) -> int | None:
        """Make room for another upload: end the one under way; nothing of it is told from now on. Its requestId."""
        job = self._jobs.pop(station, None)
        if job is None:
            return None
        job.canceled = True
        if job.task is not None:
            job.task.cancel()
        return job.request_id

    async def forget(self, station: str, request_id: int) -> None:
        """An upload that was ended is told by now."""
        await self._northbound.shelf(SHELF).keep(station, {_document(request_id): None})

    async def start(self, station: str, upload: Upload) -> None:
        """Tell that an upload is under way, and do it."""
        job = self._jobs[station] = _Job(upload.request_id)
        content = {"requestId": upload.request_id}
        try:
            await self._northbound.shelf(SHELF).keep(station, {_document(upload.request_id): content})
            await self._backend.post(station, notification("Uploading", upload.request_id))
        except GatewayError:
            self._end(station, job)
            raise
        self._northbound.background(self._run(station, upload, job))

    async def give_up(self, station: str, request_id: int | None) -> None:
        """Note which upload by the station itself does not count any more; None: each does."""
        content = None if request_id is None else {"requestId": request_id}
        await self._northbound.shelf(SHELF).keep(station, {_GIVEN_UP: content})

    async def recover(self, station: str) -> tuple[int, ...]:
        """Tell of the uploads that an earlier run of the box has not brought to an end (N01.FR.10).

        Returns:
            The requestIds of uploads by the station itself that do not count any more.
        """
        documents = await self._northbound.shelf(SHELF).documents(station)
        for name, content in documents.items():
            request_id = content["requestId"]
            if name.startswith(_PREFIX) and request_id != self.current(station):
                await self._backend.post(station, notification(Result.FAILURE, request_id))
                await self.forget(station, request_id)
        return (documents[_GIVEN_UP]["requestId"],) if _GIVEN_UP in documents else ()

    async def _run(self, station: str, upload: Upload, job: _Job) -> None:
        if job.canceled:
            return
        job.task = asyncio.current_task()
        try:
            result = await self._bring(station, upload)
        finally:
            self._end(station, job)  # nobody can cancel it any more
        await self._backend.post(station, notification(result, upload.request_id))
        await self.forget(station, upload.request_id)

    async def _bring(self, station: str, upload: Upload) -> Result:
        """Try as often as is wanted; how the last try ended."""
        result = await self._carry(station, upload.url, upload.file)
        for _ in range(upload.retries):
            if result is Result.UPLOADED:
                break
            await self._wait(upload.interval)
            result = await self._carry(station, upload.url, upload.file)
        return result

    def _end(self, station: str, job: _Job) -> None:
        if self._jobs.get(station) is job:
            del self._jobs[station]


def notification(status: str, request_id: int) -> Message:
    """LogStatusNotificationRequest (Part 2, 1.31.1)."""
    return Message(action="LogStatusNotification", payload={"status": str(status), "requestId": request_id})


_PREFIX, _GIVEN_UP = "upload-", "given-up"


def _document(request_id: int) -> str:
    return f"{_PREFIX}{request_id}"
