"""The one thread that writes: group commit, so that many stations share one flush."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import queue
import sqlite3
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gateway.model.errors import GatewayError
from gateway.store.database import open_database

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

logger = logging.getLogger(__name__)

Statement = tuple[str, tuple[Any, ...]]
Rows = list[tuple[Any, ...]]

GROUP_LIMIT = 500

LINGER = 0.05
"""Seconds that patient statements wait for others whose transaction they can share."""

_CALLERS = (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.DataError, OverflowError, ValueError)
"""Faults of the statements and their values, such as an integer of more than 64 bits; the storage itself works."""


@dataclass(slots=True)
class _Job:
    statements: Sequence[Statement]
    future: asyncio.Future[Rows] | None
    durable: bool = True
    patient: bool = False
    rows: Rows = field(default_factory=list)
    error: Exception | None = None


class Writer:
    """Runs statements in the order in which they were given, several callers' in one transaction.

    A caller is answered after the flush that made its statements durable.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._queue: queue.SimpleQueue[list[_Job] | None] = queue.SimpleQueue()
        self._batch: list[_Job] = []
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closing = False
        self._ok = True
        self._owed: list[_Job] = []
        self._durable = True

    @property
    def ok(self) -> bool:
        """False since a write has failed, until one succeeds again."""
        return self._ok

    async def open(self) -> None:
        """Open the database and start the thread.

        Raises:
            GatewayError: see ``open_database``.
        """
        self._loop = asyncio.get_running_loop()
        connection = await self._loop.run_in_executor(None, open_database, self._path)
        self._thread = threading.Thread(target=self._work, args=(connection,), name="store", daemon=True)
        self._thread.start()

    async def close(self) -> None:
        """Write what is waiting, then stop the thread."""
        if self._thread is None:
            return
        self._closing = True
        self._hand_over()
        self._queue.put(None)
        await asyncio.get_running_loop().run_in_executor(None, self._thread.join)
        self._thread = None

    async def commit(self, statements: Sequence[Statement]) -> None:
        """Run statements in one transaction; return when they are durable.

        Raises:
            GatewayError: ``storage-failed``; none of them was kept.
        """
        await self.read(statements)

    async def read(self, statements: Sequence[Statement]) -> Rows:
        """Run statements and return all their rows; what was given to this thread before is seen.

        Raises:
            GatewayError: ``storage-failed``.
        """
        if self._loop is None or self._closing:
            raise GatewayError("storage-failed", cause="not open")
        future: asyncio.Future[Rows] = self._loop.create_future()
        self._add(_Job(statements, future))
        return await future

    def later(self, statements: Sequence[Statement], *, patient: bool = False) -> None:
        """Run statements at once, or within ``LINGER`` if ``patient``, without a flush of their own; nobody waits for them.

        Then they outlive the process, and a power cut from the next commit on: losing them before must do no harm.
        Storage that fails does not lose them: they are tried again.
        """
        self._add(_Job(statements, None, patient=patient))

    async def written(self) -> None:
        """Wait until what was given to ``later`` outlives the process, or the storage has failed."""
        if self._loop is None or self._closing:
            return
        future: asyncio.Future[Rows] = self._loop.create_future()
        self._add(_Job((), future, durable=False))
        with contextlib.suppress(GatewayError):
            await future

    def _add(self, job: _Job) -> None:
        """Collect what this turn of the loop wants written, so that the thread is woken once for all of it."""
        self._batch.append(job)
        if len(self._batch) == 1 and self._loop is not None:
            self._loop.call_soon(self._hand_over)

    def _hand_over(self) -> None:
        if self._batch:
            self._queue.put(self._batch)
            self._batch = []

    def _work(self, connection: sqlite3.Connection) -> None:
        open_ = True
        while open_:
            jobs, open_ = self._gather()
            if jobs:
                self._run(connection, jobs)
        connection.close()

    def _gather(self) -> tuple[list[_Job], bool]:
        """The next group: at least one job, and all that wait behind it. Blocks."""
        jobs: list[_Job] = []
        item = self._queue.get()
        while item is not None:
            jobs.extend(item)
            if len(jobs) >= GROUP_LIMIT:
                return jobs, True
            patient = all(job.patient for job in jobs)
            try:
                item = self._queue.get(timeout=LINGER) if patient else self._queue.get_nowait()
            except queue.Empty:
                return jobs, True
        return jobs, False

    def _run(self, connection: sqlite3.Connection, jobs: list[_Job]) -> None:
        jobs = [*self._owed, *jobs]
        self._flush(connection, durable=any(job.future is not None and job.durable for job in jobs))
        before = connection.total_changes
        if not _attempt(connection, jobs) and len(jobs) > 1:
            # One caller's statements must not cost the others theirs.
            for job in jobs:
                _attempt(connection, [job])
        self._judge(jobs, wrote=connection.total_changes > before)
        self._owed = [job for job in jobs if job.future is None and _is_loss(job.error)]
        waiting = [job for job in jobs if job.future is not None]
        if waiting and self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(_resolve, waiting)

    def _judge(self, jobs: Sequence[_Job], *, wrote: bool) -> None:
        """Say once that the storage fails, and once that it works again: a full disk can still be read."""
        failed = next((job.error for job in jobs if _is_loss(job.error)), None)
        if failed is not None and self._ok:
            logger.error("storage fails, stations are not answered: %s: %s", self._path, failed)
        elif failed is None and wrote and not self._ok:
            logger.warning("storage works again: %s", self._path)
        self._ok = failed is None and (wrote or self._ok)

    def _flush(self, connection: sqlite3.Connection, *, durable: bool) -> None:
        """Choose whether the next commit is flushed to the device. In WAL mode NORMAL writes without a flush."""
        if durable is not self._durable:
            connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
            self._durable = durable


def _is_loss(error: Exception | None) -> bool:
    return error is not None and not isinstance(error, _CALLERS)


def _attempt(connection: sqlite3.Connection, jobs: list[_Job]) -> bool:
    try:
        connection.execute("BEGIN IMMEDIATE")
        for job in jobs:
            job.error = None
            job.rows = [row for sql, values in job.statements for row in connection.execute(sql, values)]
        connection.execute("COMMIT")
    except (sqlite3.Error, OverflowError, ValueError) as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        for job in jobs:
            job.error = error
        return False
    return True


def _resolve(jobs: list[_Job]) -> None:
    for job in jobs:
        if job.future is None or job.future.done():
            continue
        if job.error is None:
            job.future.set_result(job.rows)
        else:
            job.future.set_exception(GatewayError("storage-failed", cause=str(job.error)))
