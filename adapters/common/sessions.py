"""Leads the session of one EVSE: feeds what happens to the pure engine, and has the hub do what it decides."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import uuid4

from adapters.common.phases import PhaseWatch
from adapters.common.sampler import Sampler
from gateway.model import events as ev
from gateway.model.device import VariableRef
from gateway.model.errors import GatewayError
from gateway.model.rules.holding import claims
from gateway.model.session import (
    Action,
    AskAuthorization,
    Authorized,
    Bay,
    Begin,
    Claim,
    End,
    Operative,
    Policy,
    Presented,
    Recovered,
    Reject,
    Release,
    Seen,
    Session,
    Tick,
    Unlock,
    Update,
    step,
)
from gateway.model.transactions import ChargingState, TriggerReason

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from adapters.common.cable import Cable
    from adapters.common.kept import Kept
    from gateway.contracts import Southbound
    from gateway.model.ids import Place
    from gateway.model.readings import Sample
    from gateway.model.session import AuthorizationMode, Input
    from gateway.model.tokens import Token

logger = logging.getLogger(__name__)

PATIENCE = 20.0
"""Seconds that a driver waits for the backend's word on a token."""

DEEDS_KEPT = 500
"""What waits to be committed at most."""

_HOLD = Release(on=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Senses:
    """What a session needs of its EVSE.

    Attributes:
        sample: Every reading there is now.
        register: Imported energy in Wh; None: nothing measures it.
        keep: Notes the register, before anybody hears of it.
        release: Lets current flow, or holds it back.
        note_spent: Notes whether the cable of the last session is still plugged in.
        kept: Keeps samples for the end of the transaction.
        cable: The driver's; None: nothing locks it.
    """

    sample: Callable[[], Sample]
    register: Callable[[], float | None]
    keep: Callable[[], Awaitable[None]]
    release: Callable[[bool], None]
    note_spent: Callable[[bool], Awaitable[None]]
    kept: Kept
    cable: Cable | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Deed:
    """What is to be done, with the time and the readings of the moment that called for it.

    ``key`` stays the same however often it has to be tried.
    """

    action: Action
    at: datetime
    register: float | None
    sample: Sample
    key: str


class Sessions:
    """The session of one EVSE, input by input.

    What cannot be committed waits, and is done before anything else as soon as it can be. Nothing is let go meanwhile
    that has to be told first; what has to be held back is held back at once.

    Attributes:
        spoken: Gives the EVSEs of the station where somebody is authorised, for reservations of any one of them.
    """

    def __init__(
        self, hub: Southbound, place: Place, mode: AuthorizationMode, senses: Senses, *, attached_cable: bool
    ) -> None:
        self._hub = hub
        self._place = place
        self._mode = mode
        self._senses = senses
        self._attached = attached_cable
        self._session = Session()
        self._number: int | None = None
        self._undone: deque[_Deed] = deque()
        self._noted = False
        self._lock = asyncio.Lock()
        self._asking: set[asyncio.Task[None]] = set()
        self._sampler = Sampler(hub, place, senses.kept)
        self._cable = senses.cable
        self._phases = PhaseWatch()
        self.spoken: Callable[[], frozenset[int]] = frozenset

    @property
    def session(self) -> Session:
        """The session as it is."""
        return self._session

    @property
    def running(self) -> bool:
        """True while a transaction is open."""
        return self._number is not None

    @property
    def free(self) -> bool:
        """True where a token may be given to it: nothing runs, or what runs has none yet."""
        running = self._session.running
        return running is None or running.token is None

    def welcome(self, token: Token, group: Token | None = None) -> int:
        """How well a token fits in here: 2 where it has reserved, 1 where everybody may charge, else 0."""
        policy = self._policy()
        if policy.reservation_of(token, group) is not None:
            return 2
        return int(policy.admits(token, group))

    async def recover(self, *, spent: bool) -> None:
        """Go on where the box was stopped."""
        running = self._hub.station(self._place.station).transaction_at(self._place.evse)
        if running is not None:
            self._number = running.number
            self._sampler.recover(running)
        self._noted = spent
        state = self._hub.station(self._place.station)
        await self.feed(Recovered(running=running, spent=spent, bay=state.bay(self._place.evse)))
        connector = state.connector(self._place.evse, self._place.connector)
        if not state.operative or (connector is not None and not connector.open):
            await self.feed(Operative(operative=False))

    async def feed(self, told: Input) -> None:
        """Take an input and do what follows.

        Raises:
            GatewayError: ``storage-failed``; what was to be told is told with the next input.
        """
        async with self._lock:
            self._session, actions = self._step(told)
            if _HOLD in actions:
                self._hold_back()
            if Unlock() in actions and self._cable is not None:
                self._cable.unlock()
            self._undone.extend(self._deed(action) for action in actions if action != Unlock())
            self._thin()
            await self._do_all()
            if self._session.spent is not self._noted:
                await self._senses.note_spent(self._session.spent)
                self._noted = self._session.spent

    def _step(self, told: Input) -> tuple[Session, tuple[Action, ...]]:
        """One step, and before a look at the station what a sensor has seen of the parking bay meanwhile."""
        policy, now, before = self._policy(), self._hub.now(), self._session
        found: tuple[Action, ...] = ()
        bay = self._hub.station(self._place.station).bay(self._place.evse)
        if isinstance(told, Seen) and bay is not None:
            before, found = step(before, policy, Bay(bay), now)
        after, actions = step(before, policy, told, now)
        return after, (*found, *actions)

    def _hold_back(self) -> None:
        """Hold current back now; what was to be let go earlier and could not be yet is not any more."""
        self._undone = deque(deed for deed in self._undone if deed.action != Release(on=True))
        self._senses.release(_HOLD.on)

    def _deed(self, action: Action) -> _Deed:
        return _Deed(
            action=action,
            at=self._hub.now(),
            register=self._senses.register(),
            sample=self._senses.sample(),
            key=str(uuid4()),
        )

    def _thin(self) -> None:
        """Where nothing can be committed for long, every other change in between is given up (E04.FR.08).

        Not one that brings a token: the backend has to hear of it.
        """
        if len(self._undone) <= DEEDS_KEPT:
            return
        between = [deed.key for deed in self._undone if isinstance(deed.action, Update) and deed.action.token is None]
        given_up = set(between[:-1:2])
        self._undone = deque(deed for deed in self._undone if deed.key not in given_up)

    async def present(self, token: Token) -> bool:
        """Take a token, and wait for what comes of it: True where it starts or ends a session, or frees a cable.

        Raises:
            GatewayError: ``storage-failed``.
        """
        before = self._session
        await self.feed(Presented(token=token))
        await asyncio.gather(*self._asking, return_exceptions=True)
        after = self._session
        return (before.grant is None) is not (after.grant is None) or before.cable_of is not after.cable_of

    async def tick(self) -> None:
        """Time has passed: time-outs, and readings that are due.

        Raises:
            GatewayError: ``storage-failed``.
        """
        await self.feed(Tick(register=self._senses.register()))
        await self._tell_phases()
        purposes = self._sampler.due()
        if purposes:
            await self._senses.keep()
            await self._sampler.take(purposes, self._senses.sample(), self._number)

    async def _tell_phases(self) -> None:
        """Tell that the car, or the station, uses another number of phases (E02.FR.19)."""
        running = self._hub.station(self._place.station).transaction_at(self._place.evse)
        if running is None or running.charging_state is not ChargingState.CHARGING:
            return
        phases = self._phases.changed(running.phases, self._senses.sample().phases_used())
        if phases is None:
            return
        event = ev.TransactionUpdated(
            place=self._place,
            at=self._hub.now(),
            number=running.number,
            trigger=TriggerReason.CHARGING_RATE_CHANGED,
            phases=phases,
        )
        await self._hub.publish(event)

    async def aclose(self) -> None:
        """Ask no more."""
        for task in self._asking:
            task.cancel()
        await asyncio.gather(*self._asking, return_exceptions=True)

    def _setting(self, component: str, variable: str) -> str:
        return self._hub.setting(self._place.station, VariableRef(component=component, variable=variable))

    def _policy(self) -> Policy:
        policy = Policy.of(
            self._setting,
            mode=self._mode,
            attached_cable=self._attached,
            unlocks=self._cable is not None and self._cable.locks(),
            evse=self._place.evse,
        )
        state = self._hub.station(self._place.station)
        if not state.reservations:
            return policy
        kept, usable = claims(state, self._place.evse, self._hub.now(), self.spoken() - {self._place.evse})
        return replace(policy, kept=kept, reservations=usable)

    async def _do_all(self) -> None:
        while self._undone:
            await self._do(self._undone[0])
            self._undone.popleft()

    async def _do(self, deed: _Deed) -> None:
        match deed.action:
            case AskAuthorization() as ask:
                task = asyncio.create_task(self._ask(ask.token))
                self._asking.add(task)
                task.add_done_callback(self._asking.discard)
            case Release() as release:
                self._senses.release(release.on)
            case Begin() as begin:
                await self._begin(begin, deed)
            case Update() as update:
                await self._update(update, deed)
            case End() as end:
                await self._end(end, deed)
            case Claim() as claim:
                used = ev.ReservationUsed(station=self._place.station, at=deed.at, reservation=claim.reservation)
                await self._hub.publish(used)
            case Reject() as reject:
                logger.info("%s: token refused: %s", self._place, reject.status)

    async def _ask(self, token: Token) -> None:
        authorization = await self._hub.authorize(self._place, token, patience=PATIENCE)
        try:
            await self.feed(Authorized(token=token, authorization=authorization))
        except GatewayError as error:
            logger.warning("%s: given up: %s", self._place, error)

    async def _begin(self, action: Begin, deed: _Deed) -> None:
        await self._senses.keep()
        event = ev.TransactionBegan(
            place=self._place,
            at=deed.at,
            token=action.token,
            meter_start=deed.register,
            key=deed.key,
            trigger=action.trigger,
            charging_state=action.charging_state,
            reservation=action.reservation,
            samples=self._sampler.at_begin(deed.sample, deed.at),
            phases=deed.sample.phases_used() if action.charging_state is ChargingState.CHARGING else None,
        )
        admission = await self._hub.begin(event, patience=0)
        self._number = admission.number
        self._sampler.begun(admission.number, deed.sample, deed.at)

    async def _update(self, action: Update, deed: _Deed) -> None:
        if self._number is None:
            return
        event = ev.TransactionUpdated(
            place=self._place,
            at=deed.at,
            number=self._number,
            trigger=action.trigger,
            charging_state=action.charging_state,
            token=action.token,
            reservation=action.reservation,
            phases=deed.sample.phases_used() if action.charging_state is ChargingState.CHARGING else None,
            cause=action.cause,
        )
        await self._hub.publish(event)

    async def _end(self, action: End, deed: _Deed) -> None:
        if self._number is None:
            return
        await self._senses.keep()
        event = ev.TransactionEnded(
            station=self._place.station,
            at=deed.at,
            number=self._number,
            meter_stop=deed.register,
            key=deed.key,
            token=action.token,
            samples=self._sampler.at_end(deed.sample, deed.at),
            cause=action.cause,
            charging_state=action.charging_state,
        )
        await self._hub.publish(event)
        self._number = None
        self._sampler.ended()
