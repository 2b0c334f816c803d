"""Passes on what a poll of an EVSE has shown: to its metering, its session, its limit, and the hub."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.common.flow import SHOWN, flow
from adapters.common.guard import Guard
from adapters.common.metering import COUNTERS
from adapters.common.observe import LIMIT_LOST, NOT_HELD, vehicle_in_bay
from adapters.common.teller import Teller
from adapters.common.wire import Unreachable
from gateway.family.state import Letter
from gateway.model.errors import GatewayError
from gateway.model.session import Presented

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping

    from adapters.common.bounds import Bounds
    from adapters.common.complaints import Complaints
    from adapters.common.metering import Metering
    from adapters.common.mover import Mover
    from adapters.common.poller import Poller
    from adapters.common.sessions import Sessions
    from adapters.common.setpoint import Setpoint
    from gateway.contracts import Southbound
    from gateway.family.evaluate import Condition
    from gateway.family.value import Value
    from gateway.model.evse import Fault
    from gateway.model.ids import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Those whom it concerns what is seen of an EVSE.

    Attributes:
        poller: Has what was read.
        bounds: Learn what station and cable can take.
        metering: Takes what counts.
        sessions: Decide what is to be done.
        setpoint: Is compared with what flows.
        mover: Is told when the station is not as it is wanted.
        found: Called when the EVSE has been seen for the first time since it was connected.
    """

    poller: Poller
    bounds: Bounds
    metering: Metering
    sessions: Sessions
    setpoint: Setpoint
    mover: Mover
    found: Callable[[], Awaitable[None]]


class Witness:
    """Looks at one EVSE poll by poll."""

    def __init__(
        self, hub: Southbound, place: Place, phases: int | None, audience: Audience, complaints: Complaints
    ) -> None:
        """Know whom to tell.

        Args:
            hub: The box.
            place: The connector.
            phases: How many the EVSE is wired with; None: not known.
            audience: Whom it concerns what is seen.
            complaints: Of this EVSE.
        """
        self._hub = hub
        self._place = place
        self._phases = phases
        self._to = audience
        self._complaints = complaints
        self._teller = Teller(hub, place)
        self._guard = Guard()
        self._announced = False
        self._flow_at: float | None = None

    def connecting(self) -> None:
        """Have the EVSE announced by the next poll: it is connected (again)."""
        self._announced = False

    def lost(self) -> None:
        """Have the next state told, whatever it is: the hub hears that the EVSE is away."""
        self._teller.forget()

    async def take(self, found: Condition) -> None:
        """Pass on what a poll has shown; what could not be stored is told by a later one.

        Raises:
            Unreachable: the station does not answer what was asked besides.
        """
        to = self._to
        values, now = to.poller.shown(), asyncio.get_running_loop().time()
        observer = to.poller.observer
        card = observer.card(values)  # first: what comes next may fail, and that a card was taken away has to be known
        to.bounds.take(values, plugged=observer.plugged)
        if observer.plugged is not to.sessions.session.seen.plugged:
            await to.metering.look()
        to.metering.take(to.poller.reach(values), now)
        self._check_flow(found, values, now)
        self._tell_flow(values)
        # Each by itself: that one cannot be stored must not keep a session from being stopped.
        stored = [await self._stored(self._announce(found))]
        if found.letter is not Letter.UNKNOWN:  # else it has not said yet what it is doing
            stored.append(await self._stored(self._teller.tell_bay(vehicle_in_bay(values))))
            stored.append(await self._stored(to.sessions.feed(observer.seen(found))))
            if card is not None:
                await self.count()
                stored.append(await self._stored(to.sessions.feed(Presented(token=card))))
            stored.append(await self._stored(to.sessions.tick()))
        if all(stored):
            self._complaints.over("storage", "told again")
        if to.setpoint.due(to.poller.family, values):
            to.mover.stir()

    async def count(self) -> None:
        """Read the counters anew: at the end of a transaction what they show now counts."""
        poller, metering = self._to.poller, self._to.metering
        await metering.look()
        with contextlib.suppress(Unreachable):  # else what it showed last has to do
            values = await poller.look(*COUNTERS)
            metering.take(poller.reach(values), asyncio.get_running_loop().time())

    async def _stored(self, work: Awaitable[None]) -> bool:
        try:
            await work
        except Unreachable:
            raise
        except GatewayError as error:
            self._complaints.once("storage", "not told now: %s", error)
            return False
        return True

    async def _announce(self, found: Condition) -> None:
        if not self._announced:
            await self._to.found()
            self._announced = True
        if found.letter is not Letter.UNKNOWN:
            await self._teller.tell(found, self._own_faults(), plugged=self._to.poller.observer.plugged)

    def _check_flow(self, found: Condition, values: Mapping[str, Value], now: float) -> None:
        setpoint = self._to.setpoint
        if self._guard.leaks(setpoint, flowing=found.flowing, now=now):
            self._complaints.once("leak", "current flows though it is held back")
            setpoint.forget()
        elif not self._guard.leaking:
            self._complaints.over("leak", "no current flows that is held back")
        if self._guard.exceeds(setpoint, self._to.poller.family, values, now):
            setpoint.distrust("more current flows than that")

    def _tell_flow(self, values: Mapping[str, Value]) -> None:
        """Tell what flows, once for each reading of it."""
        read_at = self._to.poller.reach(values).read_at(SHOWN)
        if read_at is None or read_at == self._flow_at:
            return
        self._flow_at = read_at
        currents = flow(self._to.poller.family, values, self._phases)
        if currents:
            self._hub.flows(self._place, currents)

    def _own_faults(self) -> Iterator[Fault]:
        if self._to.setpoint.failed:
            yield LIMIT_LOST
        if self._guard.leaking:
            yield NOT_HELD
