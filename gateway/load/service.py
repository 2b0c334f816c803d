"""Load management at run time: looks every second and at each new reading of a meter, decides, and has limits set."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.load.controller import Controller
from gateway.load.decision import Cause, Decision, Reason
from gateway.load.delays import Delays
from gateway.load.history import History
from gateway.load.observation import Observation
from gateway.load.outcome import Hands
from gateway.load.pace import Paces
from gateway.load.seeing import Eyes
from gateway.load.sharing.rules import lowest
from gateway.load.telling import Watch, why

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateway.load.build import Built
    from gateway.load.observation import EvseSeen, MeterReading
    from gateway.load.ports import Box, Channels, Limits, Meters, Shares
    from gateway.load.site import Evse, Phases
    from gateway.load.telling import Why
    from gateway.model.limits.reason import LimitReason

logger = logging.getLogger(__name__)

PERIOD = 1.0
"""Seconds between two looks without a new reading."""

TOGETHER = 0.1
"""Seconds between two looks at least: readings of several meters that come together are looked at together."""

QUIET = 30.0
"""Seconds without a new setpoint after which the controller may begin anew: cars have followed what they were told by then."""

FIRST = 3.0
"""Seconds that stations have at the start to be found and to take the fall-back, before anything is decided."""

_LOOK = 0.1


class LoadService:
    """Shares the current of the site's circuits.

    Attributes:
        decision: The newest.
        seen: What it was made of; None before the first.
        shares: Connections that are shared with other boxes; None: there are none.
        history: What circuits have carried of late.
    """

    def __init__(
        self,
        built: Built,
        box: Box,
        *,
        meters: Meters,
        channels: Channels,
        limits: Limits,
        shares: Shares | None = None,
        delay: float = 0.0,
        random: Callable[[], float] = lambda: 0.0,
    ) -> None:
        """Take the site; nothing is done before ``run``.

        Args:
            built: What the site file says.
            box: The hub.
            meters: Of circuits.
            channels: Sensors that lower limits.
            limits: What others allow.
            shares: Connections that are shared with other boxes.
            delay: Longest seconds that a begin is put off by chance, after an outage and where a reduction ends.
            random: Between 0 and 1, another one with each call.
        """
        self.built = built
        self.decision = Decision()
        self.seen: Observation | None = None
        self.history = History(built.site)
        self.shares = shares
        self._box = box
        self._meters = meters
        self._channels = channels
        self._hands = Hands(box, built.spots)
        self._eyes = Eyes(built, box, limits)
        self._delays = Delays(delay, random)
        self._paces = Paces(built, box)
        self._written_at = float("-inf")
        self._news = asyncio.Event()
        self._standing: frozenset[int] = frozenset()
        self._own: Mapping[str, Phases] = {}
        self._first: dict[str, MeterReading] = {}
        self._lost: set[str] = set()

    def reason(self, station: str, evse: int) -> LimitReason | None:
        """Why load management allows an EVSE no more now; None: it is on no circuit, or nothing is decided yet."""
        name = f"{station}/{evse}"
        return self._why(name).reason if name in self.decision.reasons else None

    def standing(self, evse: str) -> float:
        """A per phase that an EVSE is allowed by load management; all that it is built for before anything was said."""
        standing = self._hands.standing(evse)
        return self.built.site.evse[evse].maximum if standing is None else standing

    def wake(self) -> None:
        """Look at once: a meter has told something."""
        self._news.set()

    async def run(self) -> None:
        """Share current until cancelled."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        await self._paces.recall()
        self.built = self._paces.applied()
        controller, watch = Controller(self.built.site, self.built.policy), Watch(self.built.policy, began)
        self._first.clear()
        self._lost.clear()
        self._delays.begin((each.id for each in self.built.site.evses), began, outage=True)
        await self._fall_back()
        while True:
            self._news.clear()
            t = loop.time()
            watch.look(self._meters.readings(), t)
            controller = self._renewed(controller, t)
            await self._step(controller, t)
            await self._paces.keep()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(t + PERIOD):
                    await self._news.wait()
            await asyncio.sleep(max(0.0, t + TOGETHER - loop.time()))

    # --- the start ----------------------------------------------------------------------------------------------------

    async def _fall_back(self) -> None:
        """Nobody begins with more than the fall-back; then wait a little until stations have taken that."""
        evses = self.built.site.evses
        least = {each.id: self._least(each) for each in evses}
        await self._hands.impose({evse: (amps, self._why(evse)) for evse, amps in least.items()})
        for _ in range(round(FIRST / _LOOK)):
            if not any(self._awaited(each) for each in evses):
                return
            await asyncio.sleep(_LOOK)

    def _least(self, evse: Evse) -> float:
        """What an EVSE had, but no more than its fall-back; nothing while it has to wait."""
        standing = self._hands.standing(evse.id)
        now = asyncio.get_running_loop().time()
        if not self._delays.over(evse.id, now) and standing is None:
            return 0.0
        allowed = evse.failsafe if standing is None else min(standing, evse.failsafe)
        for node, limit in self._shared(now).items():
            if node in self.built.site.path(evse.node):  # what it has lent to others has first to come back
                allowed = min(allowed, *(limit[phase] for phase in evse.phases))
        return allowed if allowed >= max(evse.minimum, evse.fixed) else 0.0

    def _awaited(self, evse: Evse) -> bool:
        """Whether it is not known what it has: its station may not have been found yet, and would count with all it can take."""
        station, number = self.built.spots[evse.id]
        return self._box.given(station, number) is None

    # --- one look -----------------------------------------------------------------------------------------------------

    def _renewed(self, controller: Controller, t: float) -> Controller:
        """The controller knows once and for all who is measured; where that was found out otherwise, another one goes on.

        It takes the site as it finds it, as after a start. So it only takes over while no car is following a setpoint, and
        while none waits for its turn: whose it is would be forgotten.
        """
        waits = any(each.cause is Cause.WAITING for each in self.decision.reasons.values())
        if not self._paces.news or waits or t - self._written_at < QUIET:
            return controller
        self.built = self._paces.applied()
        return Controller(self.built.site, self.built.policy)

    async def _step(self, controller: Controller, t: float) -> None:
        """Look, decide, and have done what was decided."""
        seen = self._look(t)
        decision = controller.step(seen)
        unread = {node for node, reading in seen.meters.items() if reading is None}
        if decision.writes:
            self._written_at = t
        writes = {evse: self._bounded(evse, amps, unread) for evse, amps in decision.writes.items()}
        self.seen, self.decision = seen, replace(decision, reasons=self._reasons(decision, seen))
        self.history.look(seen, self.decision)
        if self.shares is not None:
            self.shares.report(seen, decision, self._own)
        await self._hands.impose({evse: (amps, self._why(evse)) for evse, amps in writes.items()})
        await self._hands.rename({each.id: self._why(each.id) for each in seen.evses if each.session is not None})

    def _why(self, evse: str) -> Why:
        every = [self.built.restrictions.every[place] for place in sorted(self._standing)]
        path = self.built.site.path(self.built.site.evse[evse].node)
        return why(self.decision.reasons.get(evse), [each for each in every if each.node in path])

    def _look(self, t: float) -> Observation:
        return Observation(
            t=t,
            limits=self._restricted(t) | self._shared(t),
            meters={circuit: self._whole(circuit, each) for circuit, each in self._meters.readings().items()},
            evses=tuple(self._see(each, t) for each in self.built.site.evses),
        )

    def _whole(self, circuit: str, reading: MeterReading | None) -> MeterReading | None:
        """A reading once there was another before it: one whole period of the meter has been seen."""
        if reading is None:
            return None
        first = self._first.setdefault(circuit, reading)
        return reading if reading.t >= first.t + PERIOD else None

    def _see(self, evse: Evse, t: float) -> EvseSeen:
        seen = self._eyes.look(evse)
        self._paces.look(evse.id, seen, t)
        if not (seen.online and self._box.station(self.built.spots[evse.id][0]).reachable):
            self._lost.add(evse.id)
        elif evse.id in self._lost:
            self._lost.remove(evse.id)
            self._delays.begin((evse.id,), t, outage=True)  # power or network have failed
        standing = self._hands.standing(evse.id)
        if seen.setpoint is None and standing is not None:
            # Not heard of since the start: it may be as it was, but is told this before anything else.
            seen = replace(seen, online=False)
        seen = self._delays.held(seen, 0.0 if standing is None else standing, t)
        # What is told now and then does not say what flows meanwhile.
        return seen if evse.measured else replace(seen, i=None, t_meas=float("-inf"))

    def _shared(self, t: float) -> dict[str, Phases]:
        """What circuits may carry now by what other boxes leave them, and by what else lowers them."""
        nodes, shared = self.built.site.node, {} if self.shares is None else self.shares.limits(t)
        return {node: lowest(self._own.get(node, nodes[node].limit), limit) for node, limit in shared.items()}

    def _restricted(self, t: float) -> dict[str, Phases]:
        restrictions = self.built.restrictions
        values = {each.channel: self._channels.value(each.channel) for each in restrictions.every if each.channel}
        before = self._standing
        self._standing = restrictions.standing(self._box.now(), values, before)
        for place in before - self._standing:
            node = restrictions.every[place].node
            below = (e.id for e in self.built.site.evses if node in self.built.site.path(e.node))
            self._delays.begin(below, t, outage=False)
        found = restrictions.limits(self.built.site, self._standing)
        self._own = found
        return found

    def _bounded(self, evse: str, amps: float, unread: set[str]) -> float:
        """Nothing above the fall-back before every meter above was read."""
        keys = self.built.site.evse[evse]
        if unread.isdisjoint(self.built.site.path(keys.node)):
            return amps
        standing = self._hands.standing(evse)
        return min(amps, max(keys.failsafe, 0.0 if standing is None else standing))

    def _reasons(self, decision: Decision, seen: Observation) -> dict[str, Reason]:
        """Why each has no more; that it waits by chance only the service knows."""
        found = dict(decision.reasons)
        for each in seen.evses:
            waits = not self._delays.over(each.id, seen.t)
            if waits and found[each.id].cause is Cause.OTHERS:
                found[each.id] = Reason(cause=Cause.WAITING)
        return found
