"""The single writer of station state: events go up through it, commands go down through it.

A change, the messages that it calls for, and the records of its transactions are committed together; only then does the
state in memory follow, and only then is the station answered.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

from gateway.contracts import Admission, CallRefused
from gateway.model import events as ev
from gateway.model.apply import apply
from gateway.model.changes import Change, Phase, StationRestarted, TransactionChanged
from gateway.model.commands import (
    ChangeAvailability,
    Command,
    Outcome,
    ReadVariables,
    Reset,
    ResetKind,
    SetVariable,
    Verdict,
    station_of,
)
from gateway.model.device import SetResult, VariableStatus
from gateway.model.errors import GatewayError
from gateway.model.ids import Place
from gateway.model.rules import commands as command_rules
from gateway.model.rules.context import Applied, Context
from gateway.model.rules.transactions import outside, status_changes, triggered
from gateway.model.station import Capability
from gateway.model.tokens import Authorization, AuthorizationStatus
from gateway.needs import needed
from gateway.repeats import ended_before, merged, too_late
from gateway.store import repository

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from datetime import datetime

    from gateway.clock import Clock
    from gateway.contracts import Json, Line, Message, Profile, Reply, Tokens
    from gateway.fleet import Fleet, Member
    from gateway.model.device import DeviceModel, VariableRef
    from gateway.model.installation import Installation
    from gateway.model.readings import Sample
    from gateway.model.station import StationState
    from gateway.model.tokens import Token
    from gateway.store.storage import Storage

logger = logging.getLogger(__name__)

T = TypeVar("T")

FRESH = timedelta(hours=1)
"""How long a station's own settings are taken as read."""

INTRODUCTION = 20.0
"""Seconds that a station has for its BootNotification before the backend hears of it without one."""


class Hub:
    """Serves adapters (``Southbound``), profiles (``Northbound``, ``Backend.post``) and the link (``Handlers``)."""

    def __init__(self, fleet: Fleet, storage: Storage, clock: Clock) -> None:
        self._fleet = fleet
        self._storage = storage
        self._clock = clock
        self._line: Line | None = None
        self._profiles: tuple[Profile, ...] = ()
        self._tasks: set[asyncio.Task[Any]] = set()

    def attach(self, line: Line, profiles: Sequence[Profile]) -> None:
        """Wire the way to the backend and the profiles, before ``running``."""
        self._line = line
        self._profiles = tuple(profiles)
        self._fleet.describe_by(lambda state: (spec for p in self._profiles for spec in p.variables(state)))

    async def aclose(self) -> None:
        """Cancel what the hub has started by itself."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # --- southbound ---------------------------------------------------------------------------------------------------

    async def publish(self, *events: ev.Event) -> None:
        """Apply and commit events of one station, in order."""
        member = self._fleet.member(ev.station_of(events[0]))
        async with member.lock:
            applied = Applied(state=member.state)
            settings = member.settings
            for event in events:
                if isinstance(event, ev.VariablesReported):
                    settings = event.variables if event.complete else merged(settings, event.variables)
                else:
                    applied = applied.then(await self._step(member, applied, event))
            await self._commit(member, applied, settings=settings)
        if any(isinstance(event, ev.StationFound) for event in events):
            if self._line is not None:
                self.background(self._introduce(member))
            self._reset_if_idle(member)

    async def begin(self, event: ev.TransactionBegan, *, patience: float) -> Admission:
        """Apply and commit the begin of a transaction, then wait for the backend's word on its token."""
        member = self._fleet.member(event.place.station)
        async with member.lock:
            known = await self._storage.queries.transaction_by_key(member.id, event.key)
            if known is None:
                applied = apply(member.state, event, self._context(member))
                known = applied.transactions[-1]
                member.awaited[known.id] = asyncio.get_running_loop().create_future()
                try:
                    await self._commit(member, applied)
                except GatewayError:
                    del member.awaited[known.id]
                    raise
        authorization = await self._word_on(member, known.id, event.token, patience)
        return Admission(number=known.number, authorization=authorization)

    async def _word_on(self, member: Member, transaction: str, token: Token, patience: float) -> Authorization:
        """What the backend says of a transaction's token in time, else what it said last, else that it may charge."""
        future = member.awaited.get(transaction)
        if future is not None and self._accepted(member.id):
            try:
                return await asyncio.wait_for(asyncio.shield(future), patience)
            except TimeoutError:
                logger.info("%s: no word from the backend in %.0f s, answered locally", member.id, patience)
        member.awaited.pop(transaction, None)
        if token.key in member.last_word:
            return member.last_word[token.key]
        cached = await self._storage.tokens.recall(member.id, token)
        return cached[1] if cached else Authorization(status=AuthorizationStatus.ACCEPTED)

    async def authorize(self, place: Place, token: Token, *, patience: float) -> Authorization:
        """Ask the profiles in their order; the first that knows decides."""
        member = self._fleet.member(place.station)
        for profile in self._profiles:
            found = await profile.authorize(place, token, patience=patience)
            if found is not None:
                member.note_word(token, found)
                return found
        return Authorization(status=AuthorizationStatus.INVALID)

    async def vendor_message(self, station: str, vendor: str, message: str | None, data: str | None) -> Outcome:
        """Ask the profiles in their order; the first that carries vendors' messages answers."""
        for profile in self._profiles:
            outcome = await profile.vendor_message(station, vendor, message, data)
            if outcome is not None:
                return outcome
        return Outcome(verdict=Verdict.UNKNOWN, reason="no profile carries vendors' messages")

    async def refused(self, claimed_identity: str, peer: str) -> None:
        """Note that somebody called with an identity that no station of the site has."""
        self._fleet.note_stranger(claimed_identity, peer, self.now())

    def station(self, station: str) -> StationState:
        """The state of a station now."""
        return self._fleet.member(station).state

    # --- northbound: profiles -----------------------------------------------------------------------------------------

    def stations(self) -> tuple[str, ...]:
        """Every station of the site."""
        return tuple(member.id for member in self._fleet.members())

    def now(self) -> datetime:
        """The box's clock, UTC."""
        return self._clock.now()

    @property
    def tokens(self) -> Tokens:
        """What the box knows of tokens."""
        return self._storage.tokens

    def device(self, station: str) -> DeviceModel:
        """The device model of a station now, with its live values."""
        return self._fleet.device(station).at(self._fleet.member(station).state, self.now())

    def installation(self, station: str) -> Installation:
        """What only the site knows of a station."""
        return self._fleet.member(station).installation

    async def execute(self, command: Command) -> Outcome:
        """Carry out a command: checked against the state, done by the station, and noted in the state.

        Goes on to its end when the caller is cancelled: what a station has been asked must be noted.
        """
        member = self._fleet.member(station_of(command))
        return await asyncio.shield(self._spawn(self._execute(member, command)))

    async def _execute(self, member: Member, command: Command) -> Outcome:
        if member.state.capabilities and needed(command) not in member.state.capabilities:
            return Outcome(verdict=Verdict.UNSUPPORTED, reason="the station cannot do that")
        if not member.state.reachable:
            return Outcome(verdict=Verdict.UNREACHABLE, reason="the station is not reached")
        if isinstance(command, Reset) and command.kind is ResetKind.ON_IDLE and member.state.transactions:
            # A 1.x station's own soft reset would end the transactions.
            await self._change(member, lambda s: Applied(state=replace(s, reset=command.kind, reset_due=True)))
            return Outcome(verdict=Verdict.SCHEDULED)
        await self._change(member, lambda s: command_rules.intend(s, command, self.now()))
        outcome = await member.adapter.execute(command)
        if not outcome.accepted:
            logger.info("%s: %s refused: %s", member.id, type(command).__name__, outcome.reason or outcome.verdict)
        await self._change(member, lambda s: command_rules.settle(s, command, outcome, self.now()))
        if (
            isinstance(command, ChangeAvailability)
            and command.operative
            and outcome.accepted
            and not command.place.evse
        ):
            # The station has opened all; what the CSMS had closed by itself stays so (G04.FR.08).
            self.background(self._close_again(member))
        return outcome

    async def set_variable(self, station: str, ref: VariableRef, value: str) -> SetResult:
        """Set the actual value of a variable: checked, done by the station where it holds it, committed.

        Goes on to its end when the caller is cancelled, as ``execute`` does.
        """
        return await asyncio.shield(self._spawn(self._set_variable(self._fleet.member(station), ref, value)))

    async def _set_variable(self, member: Member, ref: VariableRef, value: str) -> SetResult:
        station = member.id
        device = self._fleet.device(station)
        result = device.check_set(ref, value)
        if not result.accepted:
            return result
        key = device.station_key(ref)
        if key is not None:
            outcome = await self.execute(SetVariable(station=station, key=key, value=value))
            if not outcome.accepted:
                unknown = outcome.verdict is Verdict.UNKNOWN
                status = VariableStatus.UNKNOWN_VARIABLE if unknown else VariableStatus.REJECTED
                return SetResult(status=status, info=outcome.reason)
            if outcome.verdict is Verdict.REBOOT_REQUIRED:
                result = replace(result, status=VariableStatus.REBOOT_REQUIRED)
            changed = tuple(replace(s, value=value) if s.key == key else s for s in member.settings)
            async with member.lock:
                await self._commit(member, Applied(state=member.state), settings=changed)
        else:
            await self._storage.writer.commit([repository.put_variable(station, ref.key, value)])
        self._fleet.set_value(station, ref, value)
        self._storage.outbox.changed(station).set()
        return result

    async def note_variable(self, station: str, ref: VariableRef, value: str) -> None:
        """Give a variable that the CSMS only reads the value that it has by now."""
        await self._storage.writer.commit([repository.put_variable(station, ref.key, value)])
        self._fleet.set_value(station, ref, value)

    async def refresh_variables(self, station: str) -> None:
        """Have the station's own settings read again, if they are not fresh."""
        member = self._fleet.member(station)
        if member.settings_read_at is not None and self.now() - member.settings_read_at < FRESH:
            return
        if Capability.CONFIGURATION_READ in member.state.capabilities:
            outcome = await self.execute(ReadVariables(station=station))
            if outcome.accepted:
                member.settings_read_at = self.now()

    def authorized(self, station: str, transaction: str, authorization: Authorization) -> None:
        """Note the backend's word on a transaction's token, and wake whoever waits for it."""
        member = self._fleet.member(station)
        running = member.state.transaction(transaction)
        if running is not None and running.token is not None:
            member.note_word(running.token, authorization)
        future = member.awaited.pop(transaction, None)
        if future is not None and not future.done():
            future.set_result(authorization)

    async def retell(self, station: str, transaction: str, samples: tuple[Sample, ...]) -> None:
        """Post a TransactionEvent of a running transaction as it is now."""
        member = self._fleet.member(station)
        await self._change(member, lambda s: triggered(s, transaction, samples, self._context(member)))

    async def queued(self, station: str, transaction: str | None) -> bool:
        """True if messages of this transaction (None: of any) are still to be delivered."""
        return await self._storage.queries.queued(station, transaction)

    async def post(self, station: str, *messages: Message) -> None:
        """Commit messages to the outbox."""
        member = self._fleet.member(station)
        async with member.lock:
            await self._commit(member, Applied(state=member.state), messages=messages)

    # --- the link -----------------------------------------------------------------------------------------------------

    async def handle(self, station: str, action: str, payload: Json) -> Reply:
        """Answer a CALL of the CSMS.

        Raises:
            CallRefused: no profile has a handler, or the handler refuses.
        """
        for profile in self._profiles:
            handler = profile.handlers().get(action)
            if handler is not None:
                return await handler(station, payload)
        raise CallRefused("NotSupported", action=action)

    async def responded(self, station: str, message: Message, response: Json) -> None:
        """Hand the CSMS's answer to the profiles."""
        for profile in self._profiles:
            await profile.on_response(station, message, response)

    async def reconnected(self, station: str, offline_for: timedelta) -> None:
        """After a long time offline every connector is reported; after a short one only what changed (B04)."""
        await self._storage.outbox.mark_offline(station)
        if offline_for.total_seconds() > self.integer(station, "OCPPCommCtrlr", "OfflineThreshold"):
            await self.booted(station)

    async def booted(self, station: str) -> None:
        """The CSMS has accepted the station: report every connector (B01.FR.05)."""
        member = self._fleet.member(station)
        async with member.lock:
            changes = status_changes(member.state, self.now())
            messages = self._messages(changes, member.state)
            await self._commit(member, Applied(state=member.state), messages=messages, coalesce=True)

    def integer(self, station: str, component: str, variable: str, instance: str | None = None) -> int:
        """The value of an integer variable."""
        return self._fleet.device(station).integer(component, variable, instance)

    def synchronise(self, _station: str, current_time: datetime) -> None:
        """Follow the backend's clock."""
        self._clock.synchronise(current_time)

    # --- inside -------------------------------------------------------------------------------------------------------

    def _accepted(self, station: str) -> bool:
        return self._line is not None and self._line.accepted(station)

    def _context(self, member: Member) -> Context:
        return Context(
            now=self.now(),
            online_since=self._line.online_since(member.id) if self._line else None,
            offline_threshold=timedelta(seconds=self.integer(member.id, "OCPPCommCtrlr", "OfflineThreshold")),
            new_id=lambda: str(uuid4()),
            new_number=self._storage.new_number,
        )

    async def _step(self, member: Member, before: Applied, event: ev.Event) -> Applied:
        """Apply one event after others of the same commit, unless it repeats what has been taken before."""
        state, queries = before.state, self._storage.queries
        if isinstance(event, ev.TransactionEnded) and await ended_before(queries, member.id, before, event):
            return Applied(state=state)
        if isinstance(event, ev.Measured) and await too_late(queries, member.id, before, event):
            return outside(state, event, self._context(member))
        return apply(state, event, self._context(member))

    def _messages(self, changes: Sequence[Change], state: StationState) -> list[Message]:
        return [message for change in changes for p in self._profiles for message in p.on_change(change, state)]

    async def _change(self, member: Member, rule: Callable[[StationState], Applied]) -> None:
        async with member.lock:
            await self._commit(member, rule(member.state))

    async def _commit(
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
        work = self._spawn(self._keep(member, applied, messages, settings, coalesce=coalesce))
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
        state = applied.state
        all_messages = [*self._messages(applied.changes, state), *messages]
        outbox = self._storage.outbox
        away = coalesce or not self._accepted(member.id)
        prepared = outbox.prepare(member.id, all_messages, at=self.now().timestamp(), coalesce=away)
        statements = [
            repository.put_transaction(member.id, t) for t in {t.id: t for t in applied.transactions}.values()
        ]
        learnt = settings is not None and settings != member.settings
        if learnt or replace(state, transactions=()) != replace(member.state, transactions=()):
            statements.append(repository.put_state(state))
        if learnt and settings is not None:
            statements.append(repository.put_settings(member.id, settings))
        statements.extend(prepared.statements)
        if statements:
            await self._storage.writer.commit(statements)
        self._fleet.take(member, state, settings)
        if all_messages:
            outbox.posted(prepared)
        self._react(member, applied.changes)

    def _react(self, member: Member, changes: Sequence[Change]) -> None:
        for change in changes:
            if isinstance(change, StationRestarted):
                member.settings_read_at = None
                if self._line is not None:
                    self._line.boot_again(member.id, change.reason)
                self.background(self._after_boot(member))
            elif isinstance(change, TransactionChanged) and change.phase is Phase.ENDED:
                member.awaited.pop(change.transaction.id, None)
                self._reset_if_idle(member)

    async def _introduce(self, member: Member) -> None:
        """Let the backend hear of a station. One that has not said what it is gets a while to do so first."""
        if member.state.identity is None:
            await asyncio.sleep(INTRODUCTION)
        if self._line is not None:
            self._line.hello(member.id)

    async def _after_boot(self, member: Member) -> None:
        """A station forgets by a restart what the CSMS has set; read its settings, and set it again (G01.FR.02)."""
        if not member.state.operative:
            await self.execute(ChangeAvailability(place=Place(station=member.id), operative=False))
        await self._close_again(member)
        await self.refresh_variables(member.id)

    async def _close_again(self, member: Member) -> None:
        for connector in member.state.connectors:
            if not connector.operative:
                place = Place(station=member.id, evse=connector.evse, connector=connector.connector)
                await self.execute(ChangeAvailability(place=place, operative=False))

    def _reset_if_idle(self, member: Member) -> None:
        """Do the reset that waits for the last transaction; one that a lost station missed waits for its return."""
        if member.state.reset_due and member.state.reachable and not member.state.transactions:
            self.background(self.execute(Reset(place=Place(station=member.id), kind=ResetKind.ON_IDLE)))

    def background(self, work: Coroutine[Any, Any, object]) -> None:
        """Do something that nobody waits for; a failure that can be expected is logged."""
        self._spawn(_logged(work))

    def _spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


async def _logged(work: Coroutine[Any, Any, object]) -> None:
    try:
        await work
    except GatewayError as error:
        logger.warning("given up: %s", error)
