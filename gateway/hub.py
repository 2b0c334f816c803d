"""The single writer of station state: events go up through it, commands go down through it.

A change, the messages that it calls for, and the records of its transactions are committed together; only then does the
state in memory follow, and only then is the station answered.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from gateway.contracts import Admission, CallRefused
from gateway.keeper import Keeper
from gateway.known import Known
from gateway.load.flows import Flows
from gateway.model import events as ev
from gateway.model.apply import apply
from gateway.model.changes import Change, Phase, StationRestarted, TransactionChanged
from gateway.model.commands import (
    Command,
    Outcome,
    Verdict,
)
from gateway.model.errors import GatewayError
from gateway.model.rules.commands import without_lapsed_starts
from gateway.model.rules.context import Applied
from gateway.model.rules.transactions import outside, status_changes, triggered
from gateway.model.tokens import Authorization, AuthorizationStatus
from gateway.model.transactions import TriggerReason
from gateway.orders import Orders
from gateway.repeats import ended_before, merged, too_late
from gateway.store.repository import forget_visits, put_note
from gateway.timekeeper import Timekeeper
from gateway.visitors import Visitors
from gateway.words import said, word_on

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping, Sequence
    from datetime import datetime, timedelta

    from gateway.clock import Clock
    from gateway.contracts import Extension, Json, Line, Message, Offer, Profile, Refusal, Reply
    from gateway.fleet import Fleet, Member
    from gateway.model.commands import StartCharging
    from gateway.model.device import SetResult, VariableRef
    from gateway.model.ids import Place
    from gateway.model.notices import Notice
    from gateway.model.readings import Sample
    from gateway.model.tokens import Token
    from gateway.store.storage import Storage

logger = logging.getLogger(__name__)

INTRODUCTION = 20.0
"""Seconds that a station has for its BootNotification before the backend hears of it without one."""


class Hub(Known):
    """Serves adapters (``Southbound``), profiles (``Northbound``, ``Backend.post``) and the link (``Handlers``)."""

    def __init__(self, fleet: Fleet, storage: Storage, clock: Clock, *, read_only: bool = False) -> None:
        super().__init__(fleet, storage, clock)
        self.read_only = read_only
        self._keeper = Keeper(fleet, storage, clock)
        self._keeper.react = self._react
        self._orders = Orders(self._keeper)
        self.brakes = self._orders.brakes
        self._timekeeper = Timekeeper(clock, self.stations, self.setting)
        self.visitors = Visitors(fleet, clock.now, self._orders.execute)
        self.flowing = Flows()
        self._extensions: tuple[type[Extension], ...] = ()

    def attach(self, line: Line, profiles: Sequence[Profile], extensions: Sequence[type[Extension]] = ()) -> None:
        """Wire the way to the backend, the profiles and the extensions for vendors' messages, before ``running``."""
        self._keeper.line = line
        self._extensions = tuple(extensions)
        self._keeper.profiles = tuple(profiles)
        # Of two specs of a variable the later one counts: the one of the profile that is asked first elsewhere, too.
        self._fleet.describe_by(
            lambda state: (spec for p in reversed(self._keeper.profiles) for spec in p.variables(state))
        )

    async def aclose(self) -> None:
        """Cancel what the box has started by itself."""
        await self._keeper.aclose()

    async def idle(self) -> None:
        """Wait until nothing that the box has started by itself runs any more."""
        await self._keeper.idle()

    # --- southbound ---------------------------------------------------------------------------------------------------

    async def publish(self, *events: ev.Event) -> None:
        """Apply and commit events of one station, in order."""
        member = self._fleet.member(ev.station_of(events[0]))
        events = tuple(member.equipped(event) for event in events)
        async with member.lock:
            applied, before = Applied(state=member.state), member.state.connectors
            settings = member.settings
            for event in events:
                if isinstance(event, ev.VariablesReported):
                    settings = event.variables if event.complete else merged(settings, event.variables)
                else:
                    applied = applied.then(await self._step(member, applied, event))
            await self._keeper.commit(member, applied, settings=settings)
        if any(isinstance(event, ev.StationFound) for event in events):
            self.background(self._introduce(member))
        self._orders.after(member, events, before)

    async def begin(self, event: ev.TransactionBegan, *, patience: float) -> Admission:
        """Apply and commit the begin of a transaction, then wait for the backend's word on its token."""
        member = self._fleet.member(event.place.station)
        async with member.lock:
            known = await self._storage.queries.transaction_by_key(member.id, event.key)
            if known is None:
                applied = apply(member.state, event, self._keeper.context(member))
                known = applied.transactions[-1]
                member.awaited[known.id] = asyncio.get_running_loop().create_future()
                try:
                    await self._keeper.commit(member, applied)
                except GatewayError:
                    del member.awaited[known.id]
                    raise
        if event.token is None:
            member.awaited.pop(known.id, None)
            return Admission(number=known.number, authorization=Authorization(status=AuthorizationStatus.ACCEPTED))
        authorization = await word_on(self._keeper, member, known.id, event.token, patience)
        return Admission(number=known.number, authorization=authorization)

    async def authorize(self, place: Place, token: Token, *, patience: float) -> Authorization:
        """Ask the profiles in their order; the first that knows decides."""
        member = self._fleet.member(place.station)
        for profile in self._keeper.profiles:
            found = await profile.authorize(place, token, patience=patience)
            if found is not None:
                member.note_word(token, found)
                self.visitors.presented(place, token)
                self.presented(place, token, found)
                return found
        return Authorization(status=AuthorizationStatus.INVALID)

    def presented(self, place: Place, token: Token, authorization: Authorization) -> None:
        """Tell the profiles what was said of a token that somebody has presented."""
        for profile in self._keeper.profiles:
            profile.on_authorization(place, token, authorization)

    async def vendor_message(self, station: str, vendor: str, message: str | None, data: str | None) -> Outcome:
        """Ask the profiles in their order; the first that carries vendors' messages answers."""
        for profile in self._keeper.profiles:
            outcome = await profile.vendor_message(station, vendor, message, data)
            if outcome is not None:
                return outcome
        return Outcome(verdict=Verdict.UNKNOWN, reason="no profile carries vendors' messages")

    async def refused(self, claimed_identity: str, peer: str) -> None:
        """Note that somebody called with an identity that no station of the site has."""
        self._fleet.note_stranger(claimed_identity, peer, self.now())

    def flows(self, place: Place, currents: Sequence[float]) -> None:
        """Take what flows into a car now."""
        self.flowing.take(place, currents)

    def sensed(self, station: str, values: Mapping[str, str]) -> None:
        """Take over what added sensors tell, by ``VariableRef.key``; it is told anew after a restart."""
        member = self._fleet.member(station)
        member.sensed.update(values)
        self._keeper.changed(station)

    async def note(self, station: str, name: str, value: str) -> None:
        """Keep something of a station over restarts."""
        await self._storage.writer.commit([put_note(station, name, value)])

    # --- northbound: profiles -----------------------------------------------------------------------------------------

    def extensions(self) -> tuple[type[Extension], ...]:
        """What is installed for messages of vendors."""
        return self._extensions

    async def erase(self, station: str, token: Token) -> None:
        """Forget a token, but for the Local Authorization List and what still runs."""
        member, visits = self._fleet.member(station), await self.visits(station, token)
        await self._keeper.change(member, lambda state: without_lapsed_starts(state, self.now()))
        entry = self._storage.tokens.forgetting(station, token)
        await self._storage.writer.commit([entry, *forget_visits(station, token, visits)])
        member.last_word.pop(token.key, None)

    async def trigger(self, station: str, message: str, evse: int) -> Reply | None:
        """Ask the profiles for a message that the CSMS wants; the first that has it answers."""
        for profile in self._keeper.profiles:
            reply = await profile.triggered(station, message, evse)
            if reply is not None:
                return reply
        return None

    async def execute(self, command: Command) -> Outcome:
        """Carry out a command."""
        return await self._orders.execute(command)

    async def offer(self, station: str, offer: Offer | None) -> str:
        """Let a station fetch a file from its adapter's server."""
        return await self._fleet.member(station).adapter.offer(station, offer)

    async def set_variable(self, station: str, ref: VariableRef, value: str) -> SetResult:
        """Set the actual value of a variable."""
        return await self._orders.set_variable(station, ref, value)

    async def note_variable(self, station: str, ref: VariableRef, value: str) -> None:
        """Give a variable that the CSMS only reads the value that it has by now."""
        await self._orders.note_variable(station, ref, value)

    async def refresh_variables(self, station: str) -> None:
        """Have the station's own settings read again, if they are not fresh."""
        await self._orders.refresh_variables(station)

    def notices(self, station: str) -> tuple[Notice, ...]:
        """What the driver in front of a station is to see now, profile by profile."""
        return tuple(notice for profile in self._keeper.profiles for notice in profile.notices(station))

    def allowances_changed(self, station: str) -> None:
        """Have what the EVSEs of a station may draw looked at again."""
        self._keeper.changed(station)

    def offer_stops(self, station: str) -> None:
        """Let whoever stands at the box's page choose for a while what a master pass stops."""
        self.visitors.offer_stops(station)

    def background(self, work: Coroutine[Any, Any, object]) -> None:
        """Do something that nobody waits for; a failure that can be expected is logged."""
        self._keeper.background(work)

    def authorized(self, station: str, transaction: str, authorization: Authorization) -> None:
        """Note the backend's word on a transaction's token, and wake whoever waits for it."""
        said(self._fleet.member(station), transaction, authorization)

    async def retell(
        self, station: str, transaction: str, samples: tuple[Sample, ...], trigger: TriggerReason | None = None
    ) -> None:
        """Post a TransactionEvent of a running transaction as it is now."""
        member, why = self._fleet.member(station), trigger or TriggerReason.TRIGGER
        await self._keeper.change(
            member, lambda s: triggered(s, transaction, samples, self._keeper.context(member), why)
        )

    async def start_with(self, start: StartCharging, charging_profile: Json) -> Refusal | None:
        """Hand the charging profile of a start to the profiles; the first that refuses decides."""
        for profile in self._keeper.profiles:
            refusal = await profile.start_with(start, charging_profile)
            if refusal is not None:
                return refusal
        return None

    async def post(self, station: str, *messages: Message) -> None:
        """Commit messages to the outbox."""
        member = self._fleet.member(station)
        async with member.lock:
            await self._keeper.commit(member, Applied(state=member.state), messages=messages)

    # --- the link -----------------------------------------------------------------------------------------------------

    async def handle(self, station: str, action: str, payload: Json) -> Reply:
        """Answer a CALL of the CSMS.

        Raises:
            CallRefused: no profile has a handler, or the handler refuses.
        """
        for profile in self._keeper.profiles:
            handler = profile.handlers().get(action)
            if handler is not None:
                return await handler(station, payload)
        raise CallRefused("NotSupported", action=action)

    async def responded(self, station: str, message: Message, response: Json) -> None:
        """Hand the CSMS's answer to the profiles."""
        for profile in self._keeper.profiles:
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
            messages = self._keeper.messages(changes, member.state)
            await self._keeper.commit(member, Applied(state=member.state), messages=messages, coalesce=True)
            member.registered = True
        self._orders.hold_until_accepted(member)

    def synchronise(self, _station: str, current_time: datetime) -> None:
        """Follow the backend's clock, or the box's own where the backend wants that; it is the clock of every station."""
        for station, step in self._timekeeper.follow(current_time):
            self.background(self.noticed(station, "SettingSystemTime", step))

    async def noticed(self, station: str, event: str, info: str = "") -> None:
        """Take a security event of the box's own."""
        await self.publish(ev.SecurityReported(station=station, at=self.now(), type=event, info=info))

    # --- inside -------------------------------------------------------------------------------------------------------

    async def _step(self, member: Member, before: Applied, event: ev.Event) -> Applied:
        """Apply one event after others of the same commit, unless it repeats what has been taken before."""
        state, queries = before.state, self._storage.queries
        if isinstance(event, ev.TransactionEnded) and await ended_before(queries, member.id, before, event):
            return Applied(state=state)
        if isinstance(event, ev.Measured) and await too_late(queries, member.id, before, event):
            return outside(state, event, self._keeper.context(member))
        return apply(state, event, self._keeper.context(member))

    def _react(self, member: Member, changes: Sequence[Change]) -> None:
        for change in changes:
            if isinstance(change, StationRestarted):
                member.settings_read_at, member.registered = None, False
                if self._keeper.line is not None:
                    self._keeper.line.boot_again(member.id, change.reason)
                self.background(self._orders.after_boot(member))
            elif isinstance(change, TransactionChanged) and change.phase is Phase.ENDED:
                member.awaited.pop(change.transaction.id, None)
                self._orders.reset_if_idle(member)

    async def _introduce(self, member: Member) -> None:
        """Let the backend hear of a station. One that has not said what it is gets a while to do so first."""
        if member.state.identity is None:
            await asyncio.sleep(INTRODUCTION)
        if self._keeper.line is not None:
            self._keeper.line.hello(member.id)
