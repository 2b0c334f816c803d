"""Messages on their way to the backend: durable, in order, the head of each station's queue in memory."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import orjson

from gateway.contracts import Message
from gateway.link.ports import Queued
from gateway.store import thinning

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gateway.store.writer import Statement, Writer

logger = logging.getLogger(__name__)

TRANSACTION_EVENT = "TransactionEvent"

WINDOW = 64
"""Messages of one station kept in memory; the rest of a backlog stays on disk until its turn."""

_COLUMNS = "id, action, payload, stream, supersedes, requested, attempts, posted_at"
_INSERT = (
    "INSERT INTO outbox (station, id, action, payload, stream, supersedes, requested, posted_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)


@dataclass(slots=True)
class _Queue:
    """One station's part.

    ``length`` counts rows on disk too. ``loaded`` is the highest id that has been in the window. ``more``: rows wait
    behind the window; ``behind``: some came while ``refill`` was reading.
    """

    window: deque[tuple[Queued, float]] = field(default_factory=deque)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    length: int = 0
    loaded: int = 0
    more: bool = False
    behind: bool = False


@dataclass(frozen=True, slots=True)
class Prepared:
    """Messages with their ids: first to be committed, then to be taken over with ``Outbox.posted``."""

    station: str
    entries: tuple[Queued, ...]
    at: float
    statements: tuple[Statement, ...]
    replaced: frozenset[str]


class Outbox:
    """The outbox of all stations."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._queues: dict[str, _Queue] = {}
        self._home: dict[int, _Queue] = {}
        self._last_id = 0

    async def load(self, stations: Iterable[str]) -> None:
        """Take over what an earlier run has left."""
        rows = await self._writer.read([("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'", ())])
        self._last_id = rows[0][0] if rows else 0
        for station in stations:
            queue = self._queues[station] = _Queue()
            rows = await self._writer.read([("SELECT count(*) FROM outbox WHERE station = ?", (station,))])
            queue.length = rows[0][0]
            queue.more = queue.length > 0
            await self.mark_offline(station)
            await self.refill(station)

    async def mark_offline(self, station: str) -> None:
        """Flag every queued TransactionEvent: the backend was away while it waited (E11.FR.07)."""
        flag = (
            "UPDATE outbox SET payload = json_set(payload, '$.offline', json('true'))"
            " WHERE station = ? AND action = ? AND json_extract(payload, '$.offline') IS NOT 1"
        )
        await self._writer.commit([(flag, (station, TRANSACTION_EVENT))])
        queue = self._queues[station]
        queue.window = deque((_offline(item), at) for item, at in queue.window)

    def prepare(self, station: str, messages: Sequence[Message], *, at: float, coalesce: bool) -> Prepared:
        """Give messages their ids.

        Args:
            station: identity.
            messages: in the order in which they are to be sent.
            at: seconds since 1970.
            coalesce: a message that supersedes an older one replaces it (the backend is away).
        """
        entries: list[Queued] = []
        statements: list[Statement] = []
        replaced: set[str] = set()
        for message in _latest(messages) if coalesce else messages:
            self._last_id += 1
            entries.append(Queued(id=self._last_id, message=message, attempts=0))
            if coalesce and message.supersedes:
                replaced.add(message.supersedes)
                delete = "DELETE FROM outbox WHERE station = ? AND supersedes = ?"
                statements.append((delete, (station, message.supersedes)))
            statements.append((_INSERT, (
                station, self._last_id, message.action, orjson.dumps(message.payload).decode(), message.stream,
                message.supersedes, message.requested, at,
            )))  # fmt: skip
        return Prepared(station, tuple(entries), at, tuple(statements), frozenset(replaced))

    def posted(self, prepared: Prepared) -> None:
        """Take over messages that have been committed, and wake the sender."""
        queue = self._queues[prepared.station]
        if prepared.replaced:
            gone = {item[0].id for item in queue.window if item[0].message.supersedes in prepared.replaced}
            queue.window = deque(item for item in queue.window if item[0].id not in gone)
            queue.length -= len(gone)
            for id_ in gone:
                del self._home[id_]
        queue.length += len(prepared.entries)
        if queue.more or len(queue.window) + len(prepared.entries) > WINDOW:
            queue.more = queue.behind = True
        else:
            self._load(queue, [(entry, prepared.at) for entry in prepared.entries if entry.id > queue.loaded])
        queue.changed.set()

    def head(self, station: str, *, skip: frozenset[str], requested_only: bool) -> Queued | None:
        """The first message in memory whose stream need not wait (and, with ``requested_only``, was asked for)."""
        for queued, _ in self._queues[station].window:
            message = queued.message
            if requested_only and not message.requested:
                continue
            if not message.stream or message.stream not in skip:
                return queued
        return None

    def more(self, station: str) -> bool:
        """True if there are messages that ``refill`` could load."""
        queue = self._queues[station]
        return queue.more and len(queue.window) < WINDOW

    async def refill(self, station: str) -> None:
        """Load the next messages from disk."""
        queue = self._queues[station]
        room = WINDOW - len(queue.window)
        queue.behind = False
        select = f"SELECT {_COLUMNS} FROM outbox WHERE station = ? AND id > ? ORDER BY id LIMIT ?"  # noqa: S608 constant
        rows = await self._writer.read([(select, (station, queue.loaded, room))])
        self._load(queue, [_entry(*row) for row in rows])
        queue.more = len(rows) == room or queue.behind
        if not queue.more:
            queue.length = len(queue.window)  # what was replaced on disk had not been counted
        if rows:
            queue.changed.set()

    def _load(self, queue: _Queue, entries: Sequence[tuple[Queued, float]]) -> None:
        for queued, at in entries:
            queue.window.append((queued, at))
            queue.loaded = queued.id
            self._home[queued.id] = queue

    def acknowledge(self, queued: Queued) -> None:
        """The backend has it: forget it. The deletion is not flushed, and that of a status may wait for company."""
        queue = self._home.pop(queued.id, None)
        if queue is None:  # replaced while it was under way
            return
        queue.window = deque(item for item in queue.window if item[0].id != queued.id)
        queue.length -= 1
        # Only what belongs to a transaction is wanted once; a status that comes again says nothing wrong.
        delete = ("DELETE FROM outbox WHERE id = ?", (queued.id,))
        self._writer.later([delete], patient=not queued.message.stream)

    async def thin(self) -> None:
        """Give up every other reading of a backlog that has grown too long (E11.FR.05).

        Raises:
            GatewayError: ``storage-failed``.
        """
        for station, queue in self._queues.items():
            if queue.length > thinning.BACKLOG:
                rows = await self._writer.read(thinning.thin(station, queue.loaded))
                queue.length -= rows[-1][0]
                logger.warning("%s: %d readings given up, %d messages wait", station, rows[-1][0], queue.length)

    async def written(self) -> None:
        """Wait until acknowledgements outlive the process."""
        await self._writer.written()

    def failed(self, queued: Queued) -> None:
        """Count an attempt that the backend did not take (E13)."""
        queue = self._home.get(queued.id)
        if queue is None:
            return
        queue.window = deque(
            (replace(item, attempts=item.attempts + 1), at) if item.id == queued.id else (item, at)
            for item, at in queue.window
        )
        self._writer.later([("UPDATE outbox SET attempts = attempts + 1 WHERE id = ?", (queued.id,))])

    def changed(self, station: str) -> asyncio.Event:
        """Set whenever there may be something new to send; the sender clears it."""
        return self._queues[station].changed

    def length(self, station: str) -> int:
        """How many messages wait."""
        return self._queues[station].length

    def oldest(self, station: str) -> float | None:
        """When the first waiting message was posted, in seconds since 1970."""
        window = self._queues[station].window
        return window[0][1] if window else None


def _latest(messages: Sequence[Message]) -> list[Message]:
    """The messages without those that a later one of them supersedes."""
    last = {message.supersedes: at for at, message in enumerate(messages)}
    return [m for at, m in enumerate(messages) if not m.supersedes or last[m.supersedes] == at]


def _offline(queued: Queued) -> Queued:
    message = queued.message
    if message.action != TRANSACTION_EVENT:
        return queued
    return replace(queued, message=replace(message, payload={**message.payload, "offline": True}))


def _entry(
    id_: int, action: str, payload: str, stream: str, supersedes: str, requested: int, attempts: int, posted_at: float
) -> tuple[Queued, float]:
    message = Message(
        action=action,
        payload=orjson.loads(payload),
        stream=stream,
        supersedes=supersedes,
        requested=bool(requested),
    )
    return Queued(id=id_, message=message, attempts=attempts), posted_at
