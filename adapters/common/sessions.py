"""Leads the session of one EVSE: feeds what happens to the pure engine, and has the hub do what it decides."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import uuid4

from gateway.model import events as ev
from gateway.model.device import VariableRef
from gateway.model.errors import GatewayError
from gateway.model.session import (
    Action,
    AskAuthorization,
    Authorized,
    Begin,
    End,
    Operative,
    Policy,
    Purpose,
    Recovered,
    Reject,
    Release,
    Sampling,
    Session,
    Tick,
    Update,
    Watch,
    chosen,
    due,
    kept,
    step,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gateway.contracts import Southbound
    from gateway.model.ids import Place
    from gateway.model.readings import Sample
    from gateway.model.session import AuthorizationMode, Input
    from gateway.model.tokens import Token

logger = logging.getLogger(__name__)

PATIENCE = 20.0
"""Seconds that a driver waits for the backend's word on a token."""

SAMPLES_KEPT = 200
"""Samples for the end of a transaction; more are thinned out (E06.FR.13)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Senses:
    """What a session needs of its EVSE.

    Attributes:
        sample: Every reading there is now.
        register: Imported energy in Wh, noted before it is told; None: nothing measures it.
        release: Lets current flow, or holds it back.
        note_spent: Notes whether the cable of the last session is still plugged in.
    """

    sample: Callable[[], Sample]
    register: Callable[[], Awaitable[float | None]]
    release: Callable[[bool], None]
    note_spent: Callable[[bool], Awaitable[None]]


class Sessions:
    """The session of one EVSE, input by input; a step that could not be committed is repeated before anything else."""

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
        self._undone: deque[Action] = deque()
        self._lock = asyncio.Lock()
        self._asking: set[asyncio.Task[None]] = set()
        self._watch = Watch(checked=hub.now())
        self._kept: tuple[Sample, ...] = ()

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

    async def recover(self, *, spent: bool) -> None:
        """Go on where the box was stopped."""
        running = self._hub.station(self._place.station).transaction_at(self._place.evse)
        if running is not None:
            self._number = running.number
            self._watch = Watch(checked=self._hub.now(), begun=running.started_at)
        await self.feed(Recovered(running=running, spent=spent))
        state = self._hub.station(self._place.station)
        connector = state.connector(self._place.evse, self._place.connector)
        if not state.operative or (connector is not None and not connector.operative):
            await self.feed(Operative(operative=False))

    async def feed(self, told: Input) -> None:
        """Take an input and do what follows.

        Raises:
            GatewayError: ``storage-failed``; what was to be told is told with the next input.
        """
        async with self._lock:
            await self._do_all()
            before = self._session.spent
            self._session, actions = step(self._session, self._policy(), told, self._hub.now())
            self._undone.extend(actions)
            await self._do_all()
            if self._session.spent is not before:
                await self._senses.note_spent(self._session.spent)

    async def tick(self) -> None:
        """Time has passed: time-outs, and readings that are due.

        Raises:
            GatewayError: ``storage-failed``.
        """
        await self.feed(Tick())
        sampling = Sampling.of(self._setting)
        watch, purposes = due(self._watch, sampling, self._hub.now())
        if not purposes:
            self._watch = watch
            return
        await self._senses.register()
        full = self._senses.sample()
        for purpose in (Purpose.ENDED, Purpose.ALIGNED_ENDED):
            sample = chosen(full, sampling, purpose) if purpose in purposes else None
            if sample is not None:
                self._kept = kept(self._kept, sample, SAMPLES_KEPT)
        told = [
            chosen(full, sampling, purpose) for purpose in (Purpose.UPDATED, Purpose.ALIGNED) if purpose in purposes
        ]
        samples = tuple(sample for sample in told if sample is not None)
        if samples:
            await self._hub.publish(ev.Measured(place=self._place, samples=samples, number=self._number))
        self._watch = watch

    async def aclose(self) -> None:
        """Ask no more."""
        for task in self._asking:
            task.cancel()
        await asyncio.gather(*self._asking, return_exceptions=True)

    def _setting(self, component: str, variable: str) -> str:
        return self._hub.setting(self._place.station, VariableRef(component=component, variable=variable))

    def _policy(self) -> Policy:
        return Policy.of(self._setting, mode=self._mode, attached_cable=self._attached, evse=self._place.evse)

    async def _do_all(self) -> None:
        while self._undone:
            await self._do(self._undone[0])
            self._undone.popleft()

    async def _do(self, action: Action) -> None:
        match action:
            case AskAuthorization():
                task = asyncio.create_task(self._ask(action.token))
                self._asking.add(task)
                task.add_done_callback(self._asking.discard)
            case Release():
                self._senses.release(action.on)
            case Begin():
                await self._begin(action)
            case Update():
                await self._update(action)
            case End():
                await self._end(action)
            case Reject():
                logger.info("%s: token refused: %s", self._place, action.status)

    async def _ask(self, token: Token) -> None:
        authorization = await self._hub.authorize(self._place, token, patience=PATIENCE)
        try:
            await self.feed(Authorized(token=token, authorization=authorization))
        except GatewayError as error:
            logger.warning("%s: given up: %s", self._place, error)

    async def _begin(self, action: Begin) -> None:
        register = await self._senses.register()
        now, sampling = self._hub.now(), Sampling.of(self._setting)
        full = self._senses.sample()
        first = chosen(full, sampling, Purpose.BEGIN)
        event = ev.TransactionBegan(
            place=self._place,
            at=now,
            token=action.token,
            meter_start=register,
            key=str(uuid4()),
            trigger=action.trigger,
            charging_state=action.charging_state,
            samples=(replace(first, at=now),) if first else (),
        )
        admission = await self._hub.begin(event, patience=0)
        self._number = admission.number
        self._watch = Watch(checked=now, begun=now)
        at_begin = chosen(full, sampling, Purpose.ENDED_BEGIN)
        self._kept = (at_begin,) if at_begin else ()

    async def _update(self, action: Update) -> None:
        if self._number is None:
            return
        event = ev.TransactionUpdated(
            place=self._place,
            at=self._hub.now(),
            number=self._number,
            trigger=action.trigger,
            charging_state=action.charging_state,
            token=action.token,
        )
        await self._hub.publish(event)

    async def _end(self, action: End) -> None:
        if self._number is None:
            return
        register = await self._senses.register()
        last = chosen(self._senses.sample(), Sampling.of(self._setting), Purpose.END)
        samples = self._kept if last is None else kept(self._kept, last, SAMPLES_KEPT)
        event = ev.TransactionEnded(
            station=self._place.station,
            at=self._hub.now(),
            number=self._number,
            meter_stop=register,
            key=str(uuid4()),
            token=action.token,
            samples=samples,
            cause=action.cause,
            charging_state=action.charging_state,
        )
        await self._hub.publish(event)
        self._number, self._kept = None, ()
        self._watch = Watch(checked=self._hub.now())
