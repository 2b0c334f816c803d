"""Setpoints on their way to the stations: each is a limit that load management holds at an EVSE."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from gateway.model.errors import GatewayError
from gateway.model.events import LimitImposed
from gateway.model.ids import Place
from gateway.model.limits.binding import LOAD

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from gateway.config.circuit import Spot
    from gateway.load.ports import Box
    from gateway.load.telling import Why
    from gateway.model.station import HeldLimit

logger = logging.getLogger(__name__)

PAUSE = 60.0
"""Seconds between two names of one limit whose current stays the same."""


class Hands:
    """Imposes limits: several stations at a time, and less before more."""

    def __init__(self, box: Box, spots: Mapping[str, Spot]) -> None:
        self._box = box
        self._spots = spots
        self._told_at: dict[str, float] = {}
        self._failing = False

    def standing(self, evse: str) -> float | None:
        """A per phase that load management allows an EVSE now; None: it has not said anything yet."""
        held = self._held(evse)
        return None if held is None else held.current

    def _held(self, evse: str) -> HeldLimit | None:
        station, number = self._spots[evse]
        limits = self._box.station(station).limits
        return next((each for each in limits if each.holder == LOAD and each.evse == number), None)

    async def impose(self, writes: Mapping[str, tuple[float, Why]]) -> None:
        """Let these EVSEs have so many A per phase; what they have already is had given to them again."""
        writes = {evse: (round(amps, 3), why) for evse, (amps, why) in writes.items()}
        less = {evse for evse, (amps, _) in writes.items() if amps < self._before(evse)}
        for some in (less, writes.keys() - less):
            changed = []
            for evse in sorted(some):
                if self.standing(evse) == writes[evse][0]:
                    # It does not show it: whoever gives it looks again.
                    self._box.allowances_changed(self._spots[evse][0])
                else:
                    changed.append(evse)
            await self._publish({evse: writes[evse] for evse in changed})

    async def rename(self, names: Mapping[str, Why]) -> None:
        """Say why limits hold that stay as they are, where that is for another kind of reason by now."""
        now, changed = asyncio.get_running_loop().time(), {}
        for evse, why in names.items():
            held = self._held(evse)
            if held is None or held.current is None or now - self._told_at.get(evse, float("-inf")) < PAUSE:
                continue
            code = None if held.reason is None else held.reason.code
            if (code, held.source) != (why.reason.code, why.source):
                changed[evse] = (held.current, why)
        await self._publish(changed)

    def _before(self, evse: str) -> float:
        standing = self.standing(evse)
        return float("inf") if standing is None else standing

    async def _publish(self, writes: Mapping[str, tuple[float, Why]]) -> None:
        if not writes:
            return
        events: dict[str, list[LimitImposed]] = {}
        now = asyncio.get_running_loop().time()
        for evse, (amps, why) in writes.items():
            station, number = self._spots[evse]
            place = Place(station=station, evse=number)
            event = LimitImposed(
                place=place, at=self._box.now(), holder=LOAD, current=amps, source=why.source, reason=why.reason
            )
            events.setdefault(station, []).append(event)
            self._told_at[evse] = now
        self._look_at(await asyncio.gather(*(self._tell(each) for each in events.values())))

    async def _tell(self, events: Iterable[LimitImposed]) -> GatewayError | None:
        try:
            await self._box.publish(*events)
        except GatewayError as error:
            return error
        return None

    def _look_at(self, told: Iterable[GatewayError | None]) -> None:
        """Log once that limits cannot be stored, and once that they can; they are set again as long as they do not show."""
        error = next((each for each in told if each is not None), None)
        if error is not None and not self._failing:
            logger.error("load management: limits are not set: %s", error)
        elif error is None and self._failing:
            logger.warning("load management: limits are set again")
        self._failing = error is not None


async def release(box: Box, stations: Iterable[str], managed: Collection[Spot]) -> None:
    """Give up the limits of an earlier run at EVSEs that are on no circuit any more.

    Raises:
        GatewayError: ``storage-failed``.
    """
    for station in stations:
        events = [
            LimitImposed(place=Place(station=station, evse=held.evse), at=box.now(), holder=LOAD, current=None)
            for held in box.station(station).limits
            if held.holder == LOAD and (station, held.evse) not in managed
        ]
        if events:
            await box.publish(*events)
