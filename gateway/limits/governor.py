"""Keeps the EVSEs of one station at what they may draw: at once on a change, and at the next step of a schedule."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

from gateway.limits.insight import Insight
from gateway.limits.pauses import Pauses
from gateway.model.commands import SetLimit, Verdict
from gateway.model.errors import GatewayError
from gateway.model.events import LimitImposed
from gateway.model.ids import Place
from gateway.model.limits.allowances import NO_PROFILES
from gateway.model.limits.outlook import Outlook
from gateway.model.limits.wiring import wiring_of
from gateway.model.throttle import Throttle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.contracts import Northbound, Profile
    from gateway.limits.memory import Memory
    from gateway.model.limits.allowances import Allowances
    from gateway.model.station import StationState

logger = logging.getLogger(__name__)

LONGEST = 60.0
"""Seconds between two looks at a station: the box's clock may be set while somebody waits for a time of day."""

AGAIN = 30.0
"""Seconds until a limit that was not taken is given again."""


class Governor:
    """One station's limits.

    What the station has been given is known as long as nobody says that it may have forgotten it.

    Attributes:
        insight: What each limit comes from.
    """

    def __init__(self, station: str, northbound: Northbound, memory: Memory, profiles: Sequence[Profile]) -> None:
        self._station = station
        self._northbound = northbound
        self._memory = memory
        self._profiles = profiles
        self.insight = Insight()
        self._pauses = Pauses(station, northbound)
        self._allowed: Allowances | None = None
        self._news = asyncio.Event()
        self._seen: tuple[object, ...] = ()
        self._state: StationState | None = None
        self._given: dict[int, float | None] = {}
        self._epoch = 0
        self._failing: set[int] = set()
        self._storage_failed = False
        self._local: tuple[object, ...] | None = None
        self._by_others: set[int] = set()
        self._running: dict[int, str] = {}

    def priority(self, evse: int) -> int:
        """Of the transaction at an EVSE, as the backend has said; 0 as long as it has said nothing (K03.FR.06)."""
        running = self._northbound.station(self._station).transaction_at(evse)
        return 0 if running is None or self._allowed is None else self._allowed.priorities.get(running.id, 0)

    def forget(self) -> None:
        """The station may have forgotten its limits: they are given again with the next look."""
        self._given.clear()
        self._epoch += 1

    def on_commit(self, state: StationState) -> None:
        """Look again if what has changed can matter: readings cannot."""
        if not state.limitable:
            return
        seen = (
            state.reachable,
            state.capabilities,
            state.limits,
            tuple((c.evse, c.reported) for c in state.connectors),
            tuple((t.id, t.token is None, t.charging_state, t.remote_start_id) for t in state.transactions),
        )
        # The same state once more: what was committed is a variable.
        if seen != self._seen or state is self._state:
            self._news.set()
        self._seen, self._state = seen, state

    async def run(self) -> None:
        """Keep the limits until cancelled."""
        while True:
            self._news.clear()
            wait = await self._step_or_wait()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._news.wait()

    async def _step_or_wait(self) -> float:
        try:
            wait = await self._step()
        except GatewayError as error:
            self._warn(error)
            return AGAIN
        return wait

    def _warn(self, error: GatewayError) -> None:
        if not self._storage_failed:
            logger.warning("%s: limits wait: %s", self._station, error)
        self._storage_failed = True

    async def _step(self) -> float:
        """Look once; gives how long nothing will change by itself."""
        if not self._northbound.station(self._station).limitable:
            self.insight.clear()
            return LONGEST
        allowed, fresh = await self._asked()
        await self._release()
        state = self._northbound.station(self._station)
        outlook = Outlook(
            state=state,
            allowed=allowed,
            installation=self._northbound.installation(self._station),
            device=self._northbound.device(self._station),
            now=self._northbound.now().replace(microsecond=0),
        )
        limits, until = outlook.limits()
        until = min(until, self.insight.look(outlook, limits))
        if not state.reachable and not self._beside(state):
            self.forget()
            return LONGEST
        if not state.reachable:
            limits = {evse: limit for evse, limit in limits.items() if outlook.wiring(evse).throttle is not None}
        self._begin(outlook, limits)
        local = (state.limits, *(outlook.by_others(evse) for evse in limits))
        if self._local is not None and self._local != local:
            self._by_others.update(limits)
        self._local = local
        done = await self._give(limits, outlook)
        await self._pauses.tell(outlook, self._given)
        if fresh:
            self._storage_failed = False
        passed = (self._northbound.now() - outlook.now).total_seconds()
        return min(max(until - passed, 0.0), LONGEST if done and fresh else AGAIN)

    async def _asked(self) -> tuple[Allowances, bool]:
        """What the backend's profiles allow; what was said last (False), should that not be known anew.

        Limits of others hold whatever becomes of those. But nothing is given as long as none has been said: it might be more
        than the station has been left with.
        """
        try:
            said = [await profile.allowances(self._station) for profile in self._profiles]
        except GatewayError as error:
            if self._allowed is None:
                raise
            self._warn(error)
            return self._allowed, False
        self._allowed = next((each for each in said if each is not None), NO_PROFILES)
        return self._allowed, True

    def _beside(self, state: StationState) -> bool:
        """Tell whether means of the box's own may hold an EVSE down while its station is not reached."""
        installation = self._northbound.installation(self._station)
        return any(wiring_of(installation, evse).throttle is not None for evse in state.evses() if evse)

    def _begin(self, outlook: Outlook, limits: dict[int, float | None]) -> None:
        """An EVSE that can only be switched may have been so by ending its transaction: a new one needs it again."""
        running = {t.evse: t.id for t in outlook.state.transactions}
        for evse in limits:
            if running.get(evse) != self._running.get(evse) and outlook.wiring(evse).throttle is Throttle.SWITCH:
                self._given.pop(evse, None)
        self._running = running

    async def _release(self) -> None:
        """Give up the limits of others whose time is over: the backend hears of it (K13.FR.02)."""
        now = self._northbound.now()
        limits = self._northbound.station(self._station).limits
        over = [held for held in limits if held.ends_at is not None and held.ends_at <= now]
        events = [
            LimitImposed(place=Place(station=self._station, evse=held.evse), at=now, holder=held.holder, current=None)
            for held in over
        ]
        if events:
            await self._northbound.publish(*events)

    async def _give(self, limits: dict[int, float | None], outlook: Outlook) -> bool:
        """Give each EVSE its limit, less before more; False if one was not taken."""
        # Means of the box's own know no limit but what they are told: they may hold an EVSE down by what was before.
        limited = await self._memory.limited(self._station)
        changed = [
            evse
            for evse, limit in limits.items()
            if (evse in self._given and self._given[evse] != limit)
            or (evse not in self._given and (limit is not None or evse in limited or outlook.wiring(evse).throttle))
        ]
        self._by_others.intersection_update(changed)
        done = True
        for evse in sorted(changed, key=lambda evse: self._raises(evse, limits[evse])):
            if not done and self._raises(evse, limits[evse]):
                break  # what the others were to give up for it, they may still draw
            done = await self._give_one(evse, limits[evse], outlook) and done
        return done

    def _raises(self, evse: int, limit: float | None) -> bool:
        given = self._given.get(evse)
        return limit is None or (given is not None and given < limit)

    async def _give_one(self, evse: int, limit: float | None, outlook: Outlook) -> bool:
        if limit is not None:
            # Before the station has it: otherwise nobody might take it back.
            await self._memory.note(self._station, evse, limited=True)
        epoch, before = self._epoch, self._given.get(evse, outlook.wiring(evse).current)
        outcome = await self._northbound.execute(SetLimit(place=Place(station=self._station, evse=evse), current=limit))
        text = "no limit" if limit is None else f"{limit:g} A"
        if not outcome.accepted:
            # That a station is not reached is told by who reaches it.
            if evse not in self._failing and outcome.verdict is not Verdict.UNREACHABLE:
                reason = outcome.reason or outcome.verdict
                logger.warning("%s: EVSE %d does not take %s: %s", self._station, evse, text, reason)
                self._failing.add(evse)
            return False
        if evse in self._failing:
            logger.info("%s: EVSE %d takes its limit again: %s", self._station, evse, text)
        self._failing.discard(evse)
        if epoch == self._epoch:
            self._given[evse] = limit
        if limit is None:
            await self._memory.note(self._station, evse, limited=False)
        if evse in self._by_others:
            self._by_others.discard(evse)
            after = outlook.wiring(evse).current if limit is None else limit
            for profile in self._profiles:
                await profile.rate_changed(self._station, evse, before, after)
        return True
