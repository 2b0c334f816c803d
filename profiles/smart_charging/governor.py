"""Keeps the EVSEs of one station at what they may draw: at once on a change, and at the next step of a schedule."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.model.commands import SetLimit, Verdict
from gateway.model.errors import GatewayError
from gateway.model.events import LimitImposed
from gateway.model.ids import Place
from gateway.model.throttle import Throttle
from gateway.model.transactions import ChargingState, TriggerReason
from profiles.smart_charging.outlook import Outlook
from profiles.smart_charging.upkeep import tidied
from profiles.smart_charging.variables import ENTRIES, enabled, significant
from profiles.smart_charging.wiring import wiring_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.contracts import Northbound
    from gateway.model.station import StationState
    from profiles.smart_charging.book import Book, Holdings
    from profiles.smart_charging.precedence import Presented

logger = logging.getLogger(__name__)

LONGEST = 60.0
"""Seconds between two looks at a station: the box's clock may be set while somebody waits for a time of day."""

AGAIN = 30.0
"""Seconds until a limit that was not taken is given again."""


class Governor:
    """One station's limits.

    What the station has been given is known as long as nobody says that it may have forgotten it.
    """

    def __init__(self, station: str, northbound: Northbound, book: Book, presented: Presented) -> None:
        self._station = station
        self._northbound = northbound
        self._book = book
        self._presented = presented
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

    def wake(self) -> None:
        """Look again: something has changed."""
        self._news.set()

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
            if not self._storage_failed:
                logger.warning("%s: charging profiles wait: %s", self._station, error)
            self._storage_failed = True
            return AGAIN
        self._storage_failed = False
        return wait

    async def _step(self) -> float:
        """Look once; gives how long nothing will change by itself."""
        if not self._northbound.station(self._station).limitable:
            return LONGEST
        held = await self._upkeep()
        await self._release()
        state = self._northbound.station(self._station)
        if not state.reachable and not self._beside(state):
            self.forget()
            return LONGEST
        device = self._northbound.device(self._station)
        outlook = Outlook(
            state=state,
            held=held,
            installation=self._northbound.installation(self._station),
            device=device,
            enabled=enabled(state, device),
            now=self._northbound.now().replace(microsecond=0),
        )
        limits, until = outlook.limits()
        if not state.reachable:
            limits = {evse: limit for evse, limit in limits.items() if outlook.wiring(evse).throttle is not None}
        self._begin(outlook, limits)
        local = (state.limits, *(outlook.by_others(evse) for evse in limits))
        if self._local is not None and self._local != local:
            self._by_others.update(limits)
        self._local = local
        done = await self._give(limits, outlook)
        passed = (self._northbound.now() - outlook.now).total_seconds()
        return min(max(until - passed, 0.0), LONGEST if done else AGAIN)

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

    async def _upkeep(self) -> Holdings:
        """Bring what is kept in line with the transactions, and note how much it is."""
        held = await self._book.of(self._station)
        if self._tidied(held) is not held:
            held = await self._book.change(self._station, self._tidied)
        count, device = str(len(held.installed)), self._northbound.device(self._station)
        if device.spec(ENTRIES) is not None and device.value(ENTRIES) != count:
            await self._northbound.note_variable(self._station, ENTRIES, count)
        return held

    def _tidied(self, held: Holdings) -> Holdings:
        state, now = self._northbound.station(self._station), self._northbound.now()
        return tidied(held, state, now, self._presented.at(self._station))

    async def _give(self, limits: dict[int, float | None], outlook: Outlook) -> bool:
        """Give each EVSE its limit, less before more; False if one was not taken."""
        changed = [
            evse
            for evse, limit in limits.items()
            if (evse in self._given and self._given[evse] != limit)
            or (evse not in self._given and (limit is not None or self._unsure(evse, outlook)))
        ]
        self._by_others.intersection_update(changed)
        done = True
        for evse in sorted(changed, key=lambda evse: self._raises(evse, limits[evse])):
            if not done and self._raises(evse, limits[evse]):
                break  # what the others were to give up for it, they may still draw
            done = await self._give_one(evse, limits[evse], outlook) and done
        return done

    @staticmethod
    def _unsure(evse: int, outlook: Outlook) -> bool:
        """Tell whether an EVSE may be held down by what was before: means of the box's own know no limit but what they are told."""
        return evse in outlook.held.limited or outlook.wiring(evse).throttle is not None

    def _raises(self, evse: int, limit: float | None) -> bool:
        given = self._given.get(evse)
        return limit is None or (given is not None and given < limit)

    async def _give_one(self, evse: int, limit: float | None, outlook: Outlook) -> bool:
        if limit is not None:
            # Before the station has it: otherwise nobody might take it back.
            await self._note_limited({evse}, limited=True)
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
            await self._note_limited({evse}, limited=False)
        if evse in self._by_others:
            self._by_others.discard(evse)
            await self._tell_rate(evse, before, limit, outlook)
        return True

    async def _note_limited(self, evses: Iterable[int], *, limited: bool) -> None:
        def rule(held: Holdings) -> Holdings:
            now = held.limited | set(evses) if limited else held.limited - set(evses)
            return held if now == held.limited else replace(held, limited=frozenset(now))

        await self._book.change(self._station, rule)

    async def _tell_rate(self, evse: int, before: float | None, limit: float | None, outlook: Outlook) -> None:
        """A transaction charges at another rate because of a limit that is not the backend's (K11.FR.04, K13.FR.03)."""
        after = outlook.wiring(evse).current if limit is None else limit
        running = self._northbound.station(self._station).transaction_at(evse)
        device = self._northbound.device(self._station)
        if running is None or running.charging_state is ChargingState.IDLE or not enabled(outlook.state, device):
            return
        if significant(device, before, after):
            await self._northbound.retell(self._station, running.id, (), TriggerReason.CHARGING_RATE_CHANGED)
