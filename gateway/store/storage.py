"""Everything durable, opened and closed as one."""

from __future__ import annotations

import asyncio
import itertools
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from gateway.model.errors import GatewayError
from gateway.store.cache import CacheRows, cache_key
from gateway.store.numbers import EventNumbers, event_numbers
from gateway.store.outbox import Outbox
from gateway.store.repository import Repository, forget_old_transactions
from gateway.store.tokens import TokenBook
from gateway.store.writer import Writer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator
    from datetime import datetime
    from pathlib import Path

REPEATS_RECOGNISED = timedelta(days=90)
"""How long a repeat of a report of an ended transaction is recognised as one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """The store's parts; ``installation`` is this box's own mark in message ids, ``folder`` where the database is."""

    writer: Writer
    queries: Repository
    outbox: Outbox
    tokens: TokenBook
    installation: str
    numbers: Iterator[int]
    events: EventNumbers
    folder: Path

    async def forget_old(self, now: datetime) -> None:
        """Drop the records of transactions that ended so long ago that nobody repeats their reports.

        Raises:
            GatewayError: ``storage-failed``.
        """
        await self.writer.commit([forget_old_transactions(now - REPEATS_RECOGNISED)])

    def new_number(self) -> int:
        """The next integer by which a 1.x station is to know a transaction."""
        return next(self.numbers)


@asynccontextmanager
async def open_storage(path: Path, stations: Iterable[str], now: Callable[[], datetime]) -> AsyncIterator[Storage]:
    """Open the database at ``path`` and take over what an earlier run has left.

    Raises:
        GatewayError: ``storage-unusable``, ``storage-newer`` or ``storage-failed``.
    """
    writer = Writer(path)
    await writer.open()
    try:
        key = await asyncio.to_thread(_key, path.parent)
        queries = Repository(writer)
        outbox = Outbox(writer)
        await outbox.load(stations)
        storage = Storage(
            writer=writer,
            queries=queries,
            outbox=outbox,
            tokens=TokenBook(writer, queries, CacheRows(writer, key), now),
            installation=await queries.installation(),
            numbers=itertools.count(await queries.last_number() + 1),
            events=await event_numbers(writer, now()),
            folder=path.parent,
        )
        await storage.forget_old(now())
        yield storage
    finally:
        await writer.close()


def _key(folder: Path) -> bytes:
    try:
        return cache_key(folder)
    except OSError as error:
        raise GatewayError("storage-unusable", path=str(folder), cause=error.strerror or str(error)) from error
