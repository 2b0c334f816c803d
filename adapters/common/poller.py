"""Reads one EVSE: which variants of its family it is, its poll groups, and what it shows now."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

from adapters.common.board import Board
from adapters.common.metering import COUNTERS, Reach
from adapters.common.observe import Observer
from adapters.common.schedule import Schedule
from adapters.common.wire import Rank
from gateway.family.evaluate import sources
from gateway.family.variants import matching

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from adapters.common.config import FamilyKeys
    from adapters.common.wire import Wire
    from gateway.family.evaluate import Condition
    from gateway.family.family import AnyFamily
    from gateway.family.value import Value
    from gateway.model.ids import Place

logger = logging.getLogger(__name__)

_ONCE = {"once", "event"}
"""Poll groups that are read after connecting; ``event`` again whenever the state has changed."""

_BOUNDS = {"cable_current", "max_current"}
"""What a limit must not exceed is read before a vehicle that has just come may draw anything."""


class Poller:
    """Reads one EVSE.

    Attributes:
        family: The family with the variants that the station has turned out to be.
        observer: What was seen.
        refused: Points that the station does not have.
    """

    def __init__(
        self, wire: Wire, keys: FamilyKeys, place: Place, *, plugged: bool, often: Collection[str] = ()
    ) -> None:
        """Know the EVSE.

        Args:
            wire: The way to it.
            keys: Its keys in the site file.
            place: Which it is.
            plugged: Whether a vehicle was there before.
            often: What is read with each fast poll while a vehicle is there.
        """
        self.family: AnyFamily = wire.family
        self.observer = Observer(plugged=plugged)
        self.refused: set[str] = set()
        self._wire = wire
        self._keys = keys
        self._place = place
        self._often = frozenset(often)
        self._board = Board()
        self._schedule = Schedule(self.family.link)
        self._polled = 0.0

    def values(self) -> dict[str, Value]:
        """The values of now, without stale ones."""
        return self._board.fresh(self.family, _time(), self._schedule.periods(idle=not self.observer.plugged))

    def shown(self) -> dict[str, Value]:
        """The values that the poll has shown: how long it has taken to read them, or to begin, makes none of them stale."""
        return self._board.fresh(self.family, self._polled, self._schedule.periods(idle=not self.observer.plugged))

    def reach(self, values: Mapping[str, Value]) -> Reach:
        """What the station shows now, for metering."""
        return Reach(family=self.family, values=values, absent=self.refused, read_at=self._read_at)

    def _read_at(self, names: Collection[str]) -> float | None:
        return self._board.read_at(sources(self.family, names))

    def hurry(self) -> None:
        """Have everything read as soon as possible."""
        self._schedule.hurry()
        self._wire.news.set()

    async def identify(self) -> None:
        """Read what does not change, and find out which variants of the family this station is.

        Raises:
            Unreachable: the station does not answer.
        """
        base = self._keys.family.base
        self._use(base)
        wanted = {name for name, point in base.points.items() if point.poll in _ONCE}
        wanted |= {variant.probe.point for variant in base.variant}
        await self.read(wanted)
        variants = self._keys.variants or matching(base, self.values(), frozenset(self.refused))
        if variants:
            logger.info("%s: %s: variant %s", self._place, base.meta.id, ", ".join(variants))
            self._use(self._keys.family.with_variants(variants))
            await self.read({name for name, point in self.family.points.items() if point.poll in _ONCE})
        self._schedule.hurry()

    def _use(self, family: AnyFamily) -> None:
        """Go on with a family; what was read by another one's rules is not known."""
        self.family = family
        self._wire.use(family)
        self._board.clear()
        self.refused.clear()

    async def poll(self) -> Condition:
        """Read what is due and say what it means.

        Raises:
            Unreachable: the station does not answer.
        """
        now = self._polled = _time()
        was_plugged, letter = self.observer.plugged, self.observer.letter
        groups = self._schedule.due(now, idle=not was_plugged)
        points = self.family.points
        often = sources(self.family, self._often) if was_plugged and "fast" in groups else frozenset()
        await self.read({name for name, point in points.items() if point.poll in groups or name in often})
        found = self.observer.look(self.family, self.shown(), now)
        if found.letter is not letter:
            # What was measured before is of the state before.
            later = {"event", "medium"} - groups
            bounds = _BOUNDS if self.observer.plugged is not was_plugged else set()
            again = {name for name, point in points.items() if point.poll in later}
            again |= sources(self.family, {*COUNTERS, *bounds}) - {n for n in points if points[n].poll in groups}
            await self.read(again)
            found = self.observer.look(self.family, self.shown(), now)
        if self.observer.plugged is not was_plugged:
            self._schedule.sooner(now, idle=False)
        return found

    async def rest(self) -> None:
        """Wait until something is due, or the station tells something by itself."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._schedule.wait(_time())):
                await self._wire.news.wait()
                self._schedule.hurry()
        self._wire.news.clear()

    async def read(self, points: Collection[str], rank: Rank = Rank.POLL) -> None:
        """Read points; those that the station does not have are told once, and left out from then on.

        Raises:
            Unreachable: the station does not answer.
        """
        wanted = [name for name in points if self.family.points[name].readable and name not in self.refused]
        if not wanted:
            return
        family = self.family
        took = await self._wire.read(wanted, rank=rank)
        if family is not self.family:
            return  # it was read by rules that do not hold any more
        self._board.take(took.values, _time())
        for name in took.refused - self.refused:
            if not self.family.points[name].optional:
                logger.warning("%s: %s: the station has no %s", self._place, self.family.meta.id, name)
        self.refused |= took.refused
        self._board.drop(took.refused)

    async def look(self, *points: str, rank: Rank = Rank.POLL) -> Mapping[str, Value]:
        """The values of now, with some points (or what they are derived from) read anew.

        Raises:
            Unreachable: the station does not answer.
        """
        await self.read(sources(self.family, points), rank)
        return self.values()


def _time() -> float:
    return asyncio.get_running_loop().time()
