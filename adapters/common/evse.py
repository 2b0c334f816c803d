"""One EVSE of a family station: polled, led, and kept within its limit."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

from adapters.common.actor import Actor
from adapters.common.bounds import Bounds
from adapters.common.cable import Cable
from adapters.common.complaints import Complaints
from adapters.common.flow import SHOWN
from adapters.common.identity import identity
from adapters.common.kept import Kept
from adapters.common.metering import COUNTERS, Metering
from adapters.common.mover import Mover
from adapters.common.poller import Poller
from adapters.common.preparation import Preparing, prepare
from adapters.common.sessions import Senses, Sessions
from adapters.common.setpoint import Setpoint
from adapters.common.surroundings import was_plugged
from adapters.common.switch import obeys
from adapters.common.watchdog import Feeder
from adapters.common.wear import Wear
from adapters.common.wire import Rank, Unreachable
from adapters.common.witness import Audience, Witness
from gateway.family.readings import MEASURED
from gateway.model.errors import GatewayError
from gateway.model.session import AuthorizationMode, Stop

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from adapters.common.surroundings import Surroundings
    from gateway.contracts import Southbound
    from gateway.family.control import Step
    from gateway.family.expression import Expression
    from gateway.family.family import AnyFamily
    from gateway.family.limit import Ceilings
    from gateway.family.value import Value
    from gateway.model.readings import Sample
    from gateway.model.station import StationIdentity
    from gateway.model.transactions import StopCause

logger = logging.getLogger(__name__)

MISSES = 2
"""Polls in a row without an answer after which an EVSE counts as lost."""

RECONNECT = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds before the next attempt to reach a lost station; the last holds from then on."""

FIRST_LOOK = 5.0
"""Seconds after the start of the box in which a station is expected to be found, if it can be."""

SAFE_WITHIN = 5.0
"""Seconds that an orderly end may take to leave a station in its safe state."""

_MODES = {
    "free_vend": AuthorizationMode.FREE_VEND,
    "token_reader": AuthorizationMode.TOKEN_READER,
    "central": AuthorizationMode.CENTRAL,
}


class EvseDriver:
    """Polls one EVSE, tells the hub what it sees, and does what the session and the limits ask.

    Attributes:
        reached: The station answers, and it is known which variant it is.
        alone: This EVSE has been reset by itself, and is not there again.
    """

    def __init__(self, hub: Southbound, around: Surroundings) -> None:
        self.place = around.place
        self.reached = self.alone = False
        self.bounds = Bounds(around.outlet, around.keys.nameplate_current)
        self._hub = hub
        self._around = around
        self._keys = around.keys
        self._wire = around.wire
        self._again = self._led = self._found_before = False
        self._attempt = 0
        self._seen = asyncio.Event()
        self._complaints = Complaints(logger, str(around.place))
        name = f"evse{around.place.evse}"
        self._spent = bool(around.notes.get(f"{name}.spent"))
        running = hub.station(around.place.station).transaction_at(around.place.evse)
        plugged = self._spent or was_plugged(running)
        often = SHOWN if around.watched else ()
        self._poller = Poller(around.wire, around.keys, around.place, plugged=plugged, often=often)
        self._actor = Actor(around.wire, self._poller.look, read_only=hub.read_only)
        wear = Wear(f"{name}.writes", around.notes, self._note)
        self.setpoint = Setpoint(self._actor, self._poller.look, self._ceilings, wear=wear, now=hub.now)
        self._mover = Mover(around.place, self._poller, self.setpoint, self._complaints)
        self._feeder = Feeder(self._actor, self._poller.look, self.setpoint)
        energy = f"{name}.energy"
        self.metering = Metering(
            around.keys.energy, around.meter, around.notes.get(energy, ""), lambda text: self._note(energy, text)
        )
        if running is not None:
            self.metering.recall(running.meter_last)
        self.cable = Cable(self, self._poller.look)
        senses = Senses(
            sample=lambda: self.metering.sample(self.family, self.values(), hub.now()),
            register=self.metering.register,
            keep=self.metering.keep,
            release=self._release,
            note_spent=lambda spent: self._note(f"{name}.spent", "1" if spent else ""),
            kept=Kept(around.notes.get(f"{name}.kept", ""), lambda text: self._note(f"{name}.kept", text)),
            cable=self.cable,
        )
        mode = _MODES[around.keys.authorization]
        self.sessions = Sessions(hub, around.place, mode, senses, attached_cable=around.cable_attached)
        audience = Audience(
            poller=self._poller,
            bounds=self.bounds,
            metering=self.metering,
            sessions=self.sessions,
            setpoint=self.setpoint,
            mover=self._mover,
            found=lambda: around.found(self),
        )
        self._witness = Witness(hub, around.place, around.outlet.phases, audience, self._complaints)

    @property
    def family(self) -> AnyFamily:
        """The family, with the variants that the station has turned out to be."""
        return self._poller.family

    async def run(self) -> None:
        """Drive until cancelled; then the station is left in its safe state."""
        await self.sessions.recover(spent=self._spent)
        try:
            while True:
                try:
                    await self._connect()
                    await self._serve()
                except* Unreachable as errors:
                    await self._lose(errors.exceptions[0])
                await asyncio.sleep(RECONNECT[min(self._attempt, len(RECONNECT) - 1)])
                self._attempt += 1
        finally:
            await self.sessions.aclose()
            await self.cable.aclose()
            if self._led and not self._hub.read_only:
                await self.setpoint.safe(self.family, self._failsafe(), within=SAFE_WITHIN)

    def values(self) -> dict[str, Value]:
        """The values of now, without stale ones."""
        return self._poller.values()

    def identity(self) -> StationIdentity:
        """What the station says that it is."""
        return identity(self.family, self.values())

    def hold(self, holder: str, current: float | None) -> None:
        """Hold a limit in A per phase, or (None) no more; takes effect by itself."""
        self.setpoint.wanted.hold(holder, current)
        self._mover.stir()

    async def seen(self) -> None:
        """Wait a moment for the first look at the station since the box has started: what its meter shows, say."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FIRST_LOOK):
                await self._seen.wait()

    def restart(self, *, alone: bool = False) -> None:
        """Begin anew, as after a start of the station; ``alone``: of this EVSE only."""
        self.setpoint.pardon()
        self.alone = self.alone or alone
        self._again = True
        self._wire.news.set()

    async def stop(self, cause: StopCause) -> None:
        """Stop the session, with what its meter shows now.

        Raises:
            GatewayError: ``storage-failed``; it is stopped, and told of later.
        """
        if self.reached:
            await self._witness.count()
        await self.sessions.feed(Stop(cause=cause))

    async def measure(self) -> Sample:
        """Every reading there is, read now; raises as ``settle`` does."""
        self._check()
        await self.metering.look()
        values = await self._poller.look(*COUNTERS, *MEASURED)
        self.metering.take(self._poller.reach(values), asyncio.get_running_loop().time())
        await self.metering.keep()
        return self.metering.sample(self.family, values, self._hub.now())

    async def settle(self) -> None:
        """Bring the station to what is wanted now.

        Raises:
            Unreachable: the station is away, or does not answer.
            GatewayError: it cannot be done.
        """
        self._check()
        await self.setpoint.apply(self.family)

    async def write(self, point: str, value: float) -> None:
        """Write a setting of the station.

        Raises:
            Unreachable: whether it was written is not known.
            Refused: the station does not take it.
        """
        self._check()
        await self._actor.write(point, value)
        await self._poller.look(point)

    async def obeys(self, when: Expression | None) -> bool:
        """Tell whether the station obeys a verb with this condition now.

        Raises:
            Unreachable: the station does not answer.
        """
        return when is None or obeys(when, await self._poller.look(*when.names))

    async def run_steps(self, steps: Iterable[Step], **known: float | str) -> None:
        """Carry out a verb of the family.

        Raises:
            Unreachable: how far it has come is not known.
            Refused: the station does not do it.
            GatewayError: a step has no value, or a wait has failed.
        """
        self._check()
        await self._actor.run(steps, Rank.ORDER, **known)
        self._poller.hurry()

    def _check(self) -> None:
        if not self.reached:
            raise Unreachable("connection-lost", where=self._wire.address)

    # --- connecting ---------------------------------------------------------------------------------------------------

    async def _connect(self) -> None:
        self.reached = False
        self._witness.connecting()
        await self._wire.connect()
        await self._poller.identify()
        self.setpoint.forget()
        preparing = Preparing(
            family=self.family,
            actor=self._actor,
            look=self._poller.look,
            bounds=self.bounds,
            fallback=self._failsafe(),
            timeout=self._keys.failsafe_timeout,
            again=self._found_before,
        )
        await prepare(preparing, self._complaints)
        self.reached = self._found_before = True

    def _failsafe(self) -> float | None:
        wanted = self._keys.failsafe_current
        return None if wanted is None else self.bounds.fallback(self.family, wanted)

    # --- serving ------------------------------------------------------------------------------------------------------

    async def _serve(self) -> None:
        self._again = False
        async with asyncio.TaskGroup() as group:
            helpers = []
            try:
                if not self._hub.read_only:
                    helpers.append(group.create_task(self._feeder.run(self.family)))
                # What is to be done follows from what is seen: a session that was open when the box stopped is not
                # held back, and a cable is known before a limit is raised.
                await self._witness.take(await self._poller.poll())
                self._attempt, self._led = 0, True
                self._seen.set()
                self._complaints.over("away", "found again")
                if not self._hub.read_only:
                    helpers.append(group.create_task(self._mover.run(self.sessions)))
                self._mover.stir()
                await self._watch()
            finally:
                for task in helpers:
                    task.cancel()

    async def _watch(self) -> None:
        """Poll until the station is lost or begins anew."""
        misses = 0
        while not self._again:
            await self._poller.rest()
            try:
                await self._witness.take(await self._poller.poll())
                misses = 0
            except Unreachable:
                misses += 1
                if misses >= MISSES:
                    raise
                self._poller.hurry()

    async def _lose(self, error: Exception) -> None:
        self._complaints.once("away", "lost: %s" if self.reached else "not reached: %s", error)
        self.reached = self._led = False
        self._witness.lost()
        await self._wire.aclose()
        try:
            await self._around.lost(self)
        except GatewayError as untold:
            self._complaints.once("storage", "not told now: %s", untold)

    # --- what is done -------------------------------------------------------------------------------------------------

    def _release(self, on: bool) -> None:  # noqa: FBT001 the session's own word
        self.setpoint.wanted.released = on
        self._mover.stir()

    def _ceilings(self, values: Mapping[str, Value]) -> tuple[Ceilings, int]:
        return self.bounds.ceilings(self.family, {**self.values(), **values})

    async def _note(self, name: str, value: str) -> None:
        await self._hub.note(self.place.station, name, value)
