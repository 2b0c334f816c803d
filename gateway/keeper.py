"""Making changes durable: a change, its messages and its records are one commit; only then are they real."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

from gateway.model.device import measured_after, power_after
from gateway.model.errors import GatewayError
from gateway.model.rules.context import Applied, Context
from gateway.store import repository

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from gateway.clock import Clock
    from gateway.contracts import Line, Message, Profile
    from gateway.fleet import Fleet, Member
    from gateway.model import events as ev
    from gateway.model.changes import Change
    from gateway.model.station import StationState
    from gateway.store.storage import Storage

logger = logging.getLogger(__name__)

BACKLOG = 50
"""Messages that may wait while the backend is there before outdated ones of them are dropped."""

T = TypeVar("T")


class Keeper:
    """Commits what changes, and owns the tasks that the box starts by itself.

    Attributes:
        fleet: the stations at run time.
        storage: what is durable.
        clock: the box's.
        line: what is known of the way to the backend; None until it is attached.
        profiles: asked for the messages that a change calls for, in this order.
        react: called after a commit, with what has changed.
    """

    def __init__(self, fleet: Fleet, storage: Storage, clock: Clock) -> None:
        self.fleet = fleet
        self.storage = storage
        self.clock = clock
        self.line: Line | None = None
        self.profiles: tuple[Profile, ...] = ()
        self.react: Callable[[Member, Sequence[Change]], None] = lambda _member, _changes: None
        self._tasks: set[asyncio.Task[Any]] = set()

    async def aclose(self) -> None:
        """Cancel what was started by the box itself."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def idle(self) -> None:
        """Wait until nothing that the box has started by itself runs any more."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def accepted(self, station: str) -> bool:
        """True while the backend is connected and has accepted the station."""
        return self.line is not None and self.line.accepted(station)

    def context(self, member: Member) -> Context:
        """What the rules need to know of the world now."""
        return Context(
            now=self.clock.now(),
            online_since=self.line.online_since(member.id) if self.line else None,
            offline_threshold=timedelta(
                seconds=self.fleet.device(member.id).integer("OCPPCommCtrlr", "OfflineThreshold")
            ),
            new_id=lambda: str(uuid4()),
            new_number=self.storage.new_number,
        )

    def messages(self, changes: Sequence[Change], state: StationState) -> list[Message]:
        """The messages that changes call for."""
        return [message for change in changes for p in self.profiles for message in p.on_change(change, state)]

    async def change(self, member: Member, rule: Callable[[StationState], Applied]) -> None:
        """Apply a rule to a station's state, alone, and commit the result."""
        async with member.lock:
            await self.commit(member, rule(member.state))

    async def commit(
        self,
        member: Member,
        applied: Applied,
        *,
        messages: Sequence[Message] = (),
        settings: tuple[ev.StationVariable, ...] | None = None,
        coalesce: bool = False,
    ) -> None:
        """Make a result durable, then real. The member's lock is held.

        Goes on to its end when the caller is cancelled: memory must never fall behind what is on disk.
        """
        work = self.spawn(self._keep(member, applied, messages, settings, coalesce=coalesce))
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError:
            await asyncio.wait([work])
            raise

    async def _keep(
        self,
        member: Member,
        applied: Applied,
        messages: Sequence[Message],
        settings: tuple[ev.StationVariable, ...] | None,
        *,
        coalesce: bool,
    ) -> None:
        state, before = applied.state, member.state
        all_messages = [*self.messages(applied.changes, state), *messages]
        outbox = self.storage.outbox
        # What a backend that is away, or cannot keep up, has not been told yet need not be told once it is outdated.
        late = coalesce or not self.accepted(member.id) or outbox.length(member.id) > BACKLOG
        prepared = outbox.prepare(member.id, all_messages, at=self.clock.now().timestamp(), coalesce=late)
        statements = [
            repository.put_transaction(member.id, t) for t in {t.id: t for t in applied.transactions}.values()
        ]
        learnt = settings is not None and settings != member.settings
        if learnt or not repository.same_state(state, member.state):
            statements.append(repository.put_state(state))
        if learnt and settings is not None:
            statements.append(repository.put_settings(member.id, settings))
        statements.extend(prepared.statements)
        if statements:
            await self.storage.writer.commit(statements)
        self.fleet.take(member, state, settings)
        if all_messages:
            outbox.posted(prepared)
        member.power.update(power_after(applied.changes))
        member.measured.update(measured_after(applied.changes))
        self.react(member, applied.changes)
        if applied.changes or learnt or state is not before:
            self.changed(member.id)

    def changed(self, station: str) -> None:
        """Have the profiles look at a station that has changed."""
        for profile in self.profiles:
            profile.on_commit(station)

    def background(self, work: Coroutine[Any, Any, object]) -> None:
        """Do something that nobody waits for; a failure that can be expected is logged."""
        self.spawn(logged(work))

    def spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Start something that goes on when its caller is cancelled."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


async def logged(work: Coroutine[Any, Any, object]) -> None:
    """Do something that nobody waits for; a failure that can be expected is logged."""
    try:
        await work
    except GatewayError as error:
        logger.warning("given up: %s", error)
