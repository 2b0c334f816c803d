"""One EVSE of a family station: polled, led, and kept within its limit."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.common.actor import Actor
from adapters.common.board import Board
from adapters.common.identity import identity
from adapters.common.metering import AddedMeter, Metering
from adapters.common.observe import LIMIT_LOST, Observer, status
from adapters.common.schedule import Schedule
from adapters.common.sessions import Senses, Sessions
from adapters.common.setpoint import Setpoint
from adapters.common.watchdog import Feeder
from adapters.common.wear import Wear
from adapters.common.wire import Rank, Unreachable
from gateway.family.evaluate import FLOWING_AMPERES, sources
from gateway.family.limit import Ceilings
from gateway.family.variants import matching
from gateway.model.errors import GatewayError
from gateway.model.events import ConnectorChanged
from gateway.model.session import AuthorizationMode, Presented

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping

    from adapters.common.config import FamilyKeys
    from adapters.common.wire import Wire
    from gateway.contracts import Southbound
    from gateway.family.control import Step
    from gateway.family.evaluate import Condition
    from gateway.family.family import AnyFamily
    from gateway.family.value import Value
    from gateway.model.ids import Place
    from gateway.model.installation import Outlet
    from gateway.model.station import StationIdentity

logger = logging.getLogger(__name__)

MISSES = 2
"""Polls in a row without an answer after which an EVSE counts as lost."""

RECONNECT = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds before the next attempt to reach a lost station; the last holds from then on."""

SAFE_WITHIN = 5.0
"""Seconds that an orderly end may take to leave a station in its safe state."""

_MODES = {
    "free_vend": AuthorizationMode.FREE_VEND,
    "token_reader": AuthorizationMode.TOKEN_READER,
    "central": AuthorizationMode.CENTRAL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the driver of an EVSE is given.

    Attributes:
        place: The connector.
        keys: The station's keys in the site file.
        outlet: Its wiring.
        wire: The way to it.
        meter: Its added meter, if it has one.
        notes: What has been noted of the station.
        found: Called with the driver when the EVSE answers (again).
        lost: Called with the driver when it does not any more.
    """

    place: Place
    keys: FamilyKeys
    outlet: Outlet
    wire: Wire
    meter: AddedMeter | None
    notes: Mapping[str, str]
    found: Callable[[EvseDriver], Awaitable[None]]
    lost: Callable[[EvseDriver], Awaitable[None]]


class EvseDriver:
    """Polls one EVSE, tells the hub what it sees, and does what the session and the limits ask."""

    def __init__(self, hub: Southbound, around: Surroundings) -> None:
        self.place = around.place
        self.family: AnyFamily = around.wire.family
        self.reached = False
        self._hub = hub
        self._around = around
        self._keys = around.keys
        self._wire = around.wire
        self._board = Board()
        self._schedule = Schedule(self.family.link)
        self._refused: set[str] = set()
        self._observer = Observer()
        self._told: ConnectorChanged | None = None
        self._move = asyncio.Event()
        self._again = False
        self._found_before = False
        name = f"evse{around.place.evse}"
        actor = Actor(around.wire, self._look, read_only=hub.read_only)
        wear = Wear(f"{name}.writes", around.notes, self._note)
        self.setpoint = Setpoint(actor, self._look, self._ceilings, wear=wear, now=hub.now)
        self._actor = actor
        self._feeder = Feeder(actor, self._look, self.setpoint)
        energy = f"{name}.energy"
        self.metering = Metering(
            around.keys.energy, around.meter, around.notes.get(energy, ""), lambda text: self._note(energy, text)
        )
        senses = Senses(
            sample=lambda: self.metering.sample(self.family, self.values(), hub.now()),
            register=self.metering.register,
            release=self._release,
            note_spent=lambda spent: self._note(f"{name}.spent", "1" if spent else ""),
        )
        attached = around.outlet.connector_type.startswith("c")
        self.sessions = Sessions(hub, around.place, _MODES[around.keys.authorization], senses, attached_cable=attached)
        self._spent = bool(around.notes.get(f"{name}.spent"))

    async def run(self) -> None:
        """Drive until cancelled; then the station is left in its safe state."""
        await self.sessions.recover(spent=self._spent)
        attempt = 0
        try:
            while True:
                try:
                    await self._connect()
                    attempt = 0
                    await self._serve()
                except Unreachable as error:
                    await self._lose(error)
                await asyncio.sleep(RECONNECT[min(attempt, len(RECONNECT) - 1)])
                attempt += 1
        finally:
            await self.sessions.aclose()
            if self.reached and not self._hub.read_only:
                await self.setpoint.safe(self.family, self._keys.failsafe_current, within=SAFE_WITHIN)

    def values(self) -> dict[str, Value]:
        """The values of now, without stale ones."""
        now = asyncio.get_running_loop().time()
        return self._board.fresh(self.family, now, self._schedule.periods(idle=not self._observer.plugged))

    def identity(self) -> StationIdentity:
        """What the station says that it is."""
        return identity(self.family, self.values())

    def hold(self, holder: str, current: float | None) -> None:
        """Hold a limit in A per phase, or (None) no more; takes effect by itself."""
        self.setpoint.wanted.hold(holder, current)
        self._stir()

    def restart(self) -> None:
        """Begin anew, as after a start of the station."""
        self._again = True
        self._wire.news.set()

    async def write(self, point: str, value: float) -> None:
        """Write a setting of the station.

        Raises:
            Unreachable: whether it was written is not known.
            Refused: the station does not take it.
        """
        if not self._hub.read_only:
            await self._wire.write(point, value)
            await self._read({point})

    async def run_steps(self, steps: Iterable[Step], **known: float | str) -> None:
        """Carry out a verb of the family.

        Raises:
            Unreachable: how far it has come is not known.
            Refused: the station does not do it.
            GatewayError: a step has no value, or a wait has failed.
        """
        await self._actor.run(steps, Rank.ORDER, **known)
        self._schedule.hurry()
        self._wire.news.set()

    # --- connecting ---------------------------------------------------------------------------------------------------

    async def _connect(self) -> None:
        await self._wire.connect()
        await self._identify()
        self.setpoint.forget()
        try:
            if self.family.init is not None:
                await self._actor.run(self.family.init.seq)
            await self._arm()
        except Unreachable:
            raise
        except GatewayError as error:
            logger.warning("%s: %s: not all set up: %s", self.place, self.family.meta.id, error)
        self._schedule.hurry()
        self.reached = self._found_before = True
        await self._around.found(self)

    async def _identify(self) -> None:
        """Read what does not change, and find out which variants of the family this station is."""
        base = self._keys.family.base
        self._use(base)
        self._refused.clear()
        wanted = {name for name, point in base.points.items() if point.poll == "once"}
        wanted |= {variant.probe.point for variant in base.variant}
        await self._read(wanted)
        variants = self._keys.variants or matching(base, self.values(), frozenset(self._refused))
        if variants:
            logger.info("%s: %s: variant %s", self.place, base.meta.id, ", ".join(variants))
            self._use(self._keys.family.with_variants(variants))
            self._refused.clear()
            await self._read({name for name, point in self.family.points.items() if point.poll == "once"})

    def _use(self, family: AnyFamily) -> None:
        self.family = family
        self._wire.use(family)

    async def _arm(self) -> None:
        """Set what the station falls back to when the box is away."""
        dog, points = self.family.watchdog, self.family.points
        if dog.setup:
            keys = self._keys
            await self._actor.run(dog.setup, fallback=keys.failsafe_current, timeout=keys.failsafe_timeout)
        if dog.recover and self._found_before:
            await self._actor.run(dog.recover)  # it has heard nothing for a while
        for name, wanted in ((dog.fallback, self._keys.failsafe_current), (dog.timeout, self._keys.failsafe_timeout)):
            if wanted is None or name not in points or not points[name].writable or self._hub.read_only:
                continue
            if points[name].readable:
                await self._read({name})
                if self.values().get(name) == wanted:
                    continue  # it may be kept in a memory that wears
            await self._wire.write(name, wanted)

    # --- polling ------------------------------------------------------------------------------------------------------

    async def _serve(self) -> None:
        misses, self._again = 0, False
        # What is to be done follows from what is seen: a session that was open when the box stopped is not held back.
        await self._poll()
        helpers = [asyncio.create_task(self._mover()), asyncio.create_task(self._feeder.run(self.family))]
        if self._hub.read_only:
            helpers.pop().cancel()
        self._stir()
        try:
            while not self._again:
                await self._rest()
                try:
                    await self._poll()
                    misses = 0
                except Unreachable:
                    misses += 1
                    if misses >= MISSES:
                        raise
                    self._schedule.hurry()
        finally:
            for task in helpers:
                task.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)

    async def _rest(self) -> None:
        """Wait until something is due, or the station tells something by itself."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._schedule.wait(asyncio.get_running_loop().time())):
                await self._wire.news.wait()
                self._schedule.hurry()
        self._wire.news.clear()

    async def _poll(self) -> None:
        now = asyncio.get_running_loop().time()
        was_plugged, letter = self._observer.plugged, self._observer.letter
        groups = self._schedule.due(now, idle=not was_plugged)
        await self._read({name for name, point in self.family.points.items() if point.poll in groups})
        found = self._observer.look(self.family, self.values(), now)
        if found.letter is not letter:
            # What was measured before is of the state before.
            later = {"event", "medium"} - groups
            await self._read({name for name, point in self.family.points.items() if point.poll in later})
            found = self._observer.look(self.family, self.values(), now)
        if self._observer.plugged is not was_plugged:
            self._schedule.sooner(now, idle=False)
        await self._take(found)

    async def _read(self, points: Collection[str]) -> None:
        wanted = [name for name in points if self.family.points[name].readable and name not in self._refused]
        if not wanted:
            return
        took = await self._wire.read(wanted)
        self._board.take(took.values, asyncio.get_running_loop().time())
        for name in took.refused - self._refused:
            if not self.family.points[name].optional:
                logger.warning("%s: %s: the station has no %s", self.place, self.family.meta.id, name)
        self._refused |= took.refused
        self._board.drop(took.refused)

    async def _look(self, *points: str) -> Mapping[str, Value]:
        await self._read(sources(self.family, points))
        return self.values()

    # --- what is seen -------------------------------------------------------------------------------------------------

    async def _take(self, found: Condition) -> None:
        values = self.values()
        self.metering.take(self.family, values, asyncio.get_running_loop().time())
        try:
            await self._tell(found)
            await self.sessions.feed(self._observer.seen(found))
            card = self._observer.card(values)
            if card is not None:
                await self.sessions.feed(Presented(token=card))
            await self.sessions.tick()
        except GatewayError as error:
            if isinstance(error, Unreachable):
                raise
            logger.warning("%s: not told now: %s", self.place, error)
        if self.setpoint.due(self.family, values):
            self._stir()

    async def _tell(self, found: Condition) -> None:
        faults = {fault.key: fault for fault in reversed(found.faults)}
        if self.setpoint.failed:
            faults[LIMIT_LOST.key] = LIMIT_LOST
        event = ConnectorChanged(
            place=self.place,
            at=self._hub.now(),
            status=status(found, plugged=self._observer.plugged),
            faults=tuple(faults.values()),
        )
        before = self._told
        if before is None or (before.status, before.faults) != (event.status, event.faults):
            await self._hub.publish(event)
            self._told = event

    async def _lose(self, error: Unreachable) -> None:
        if self.reached:
            logger.warning("%s: lost: %s", self.place, error)
        self.reached = False
        self._told = None
        await self._wire.aclose()
        await self._around.lost(self)

    # --- what is done -------------------------------------------------------------------------------------------------

    def _release(self, on: bool) -> None:  # noqa: FBT001 the session's own word
        self.setpoint.wanted.released = on
        self._stir()

    def _stir(self) -> None:
        self.setpoint.change()
        self._move.set()

    async def _mover(self) -> None:
        """Bring the station to what is wanted whenever that changes, beside the poll."""
        while True:
            await self._move.wait()
            self._move.clear()
            if self._hub.read_only:
                continue
            try:
                await self.setpoint.apply(self.family)
            except Unreachable as error:
                logger.debug("%s: %s", self.place, error)  # the poll notices
            except GatewayError as error:
                logger.warning("%s: %s", self.place, error)

    def _ceilings(self, values: Mapping[str, Value]) -> tuple[Ceilings, int]:
        both = {**self.values(), **values}
        limit, outlet = self.family.control.limit, self._around.outlet
        phases = self._phases(both)
        family = limit.max if limit is not None else float("inf")
        if limit is not None and limit.unit == "W":
            family = limit.max / phases  # W per phase is more than any A: setpoint() clamps the W themselves
        return Ceilings(
            family=family,
            site=outlet.current if outlet.current is not None else 0.0,
            nameplate=self._keys.nameplate_current,
            station=_amps(both.get("max_current")),
            cable=_amps(both.get("cable_current")),
        ), phases

    def _phases(self, values: Mapping[str, Value]) -> int:
        """Phases that a limit in W is shared among: those that are seen to carry current, at least one.

        A vehicle on one phase draws all of it there.
        """
        limit = self.family.control.limit
        if limit is None or limit.unit == "A":
            return self._around.outlet.phases or 3
        current = values.get("current")
        row = current if isinstance(current, tuple) else (current,)
        return max(1, sum(isinstance(each, int | float) and each > FLOWING_AMPERES for each in row))

    async def _note(self, name: str, value: str) -> None:
        await self._hub.note(self.place.station, name, value)


def _amps(value: Value) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
