"""One added device with a family file: read as its family says, its outputs switched."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

from adapters.common.board import Board
from adapters.common.schedule import GROUPS, Schedule
from adapters.common.wire import Rank, Refused, Unreachable
from adapters.sensors.family_signing import FamilySigner
from gateway.family.evaluate import derived, sources
from gateway.family.points import RegisterPoint, ToldPoint
from gateway.model.commands import ACCEPTED, Outcome, Verdict
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from adapters.common.wire import Wire
    from gateway.contracts.sensing import Panel, SensorSettings
    from gateway.family.points import AnyPoint
    from gateway.family.value import Value as PointValue
    from gateway.model.readings import Signature
    from gateway.model.sensing import Value
    from gateway.model.signing import SigningOrder

logger = logging.getLogger(__name__)

RETRY = 5.0
"""Seconds until a sensor that has failed is tried again."""

_FAST = frozenset({"fast"})

_EXACT, _GRAIN = 0.01, 0.01
"""What an analogue output may show otherwise than it was set: a share, and in its unit."""


def flat(values: Mapping[str, PointValue]) -> dict[str, Value]:
    """What a device tells, one value to a name; what it has no value for is left out."""
    found: dict[str, Value] = {}
    for name, value in values.items():
        if isinstance(value, tuple):
            found |= {f"{name}.{index}": part for index, part in enumerate(value, 1) if part is not None}
        elif value is not None:
            found[name] = value
    return found


def is_analogue(point: AnyPoint) -> bool:
    """True where a point is an output that is set to a value: a register that is read, too, and has a unit."""
    register = isinstance(point, RegisterPoint) and point.count == 1 and point.table == "holding"
    return register and point.access == "rw" and bool(point.unit)


def is_output(point: AnyPoint) -> bool:
    """True where a point is switched: a coil or register that is read, too, or one with messages for on and off."""
    if point.access != "rw" or is_analogue(point):
        return False
    if isinstance(point, ToldPoint):
        return bool(point.on and point.off)
    return isinstance(point, RegisterPoint) and point.count == 1


class FamilyDevice:
    """A sensor on its wire.

    What is to be read fast has a round of its own, which goes first on a shared bus: nothing else that the device
    has to tell holds it up for more than one request.
    """

    def __init__(self, settings: SensorSettings, wire: Wire) -> None:
        self._name = settings.name
        self._wire = wire
        family = wire.family
        asked = {name.partition(".")[0] for name in settings.points}
        self._wanted = {name for name in sources(family, asked) if family.points[name].readable}
        self._urgent = sources(family, {name.partition(".")[0] for name in settings.urgent})
        self._made = {name: sources(family, family.derive[name].names) for name in asked if name in family.derive}
        self._refused: set[str] = set()
        self._failing: set[frozenset[str]] = set()  # rounds
        self._board = Board()
        self._panel: Panel | None = None
        self._signer = FamilySigner(wire)

    async def run(self, panel: Panel) -> None:
        """Poll until cancelled; a loss is told once."""
        self._panel = panel
        async with asyncio.TaskGroup() as group:
            for number, groups in enumerate(self._rounds()):
                group.create_task(self._round(panel, groups, first=number == 0))

    def _rounds(self) -> Iterator[frozenset[str]]:
        """The poll groups that are read together, the fastest first."""
        groups = frozenset(self._group(name) for name in self._wanted)
        yield from (each for each in (groups & _FAST, groups - _FAST) if each)

    async def _round(self, panel: Panel, groups: frozenset[str], *, first: bool) -> None:
        """Read some groups until cancelled; the first round also hears of what is told unasked, and tells of a loss."""
        loop, link = asyncio.get_running_loop(), self._wire.family.link
        schedule = Schedule(link, [group for group in GROUPS if group in groups])
        rank = Rank.INPUT if groups == _FAST else Rank.POLL
        begun = False
        while True:
            start = loop.time()
            told = first and self._wire.news.is_set()
            if told:
                self._wire.news.clear()
            due = schedule.due(start, idle=False) | (frozenset() if begun else groups - set(GROUPS))
            try:
                await self._read(panel, self._due(due, told=told), rank)
            except GatewayError as error:
                self._failed(groups, error)
                if first:
                    panel.lost(self._name, error)
                schedule.hurry()
                self._refused.clear()
                begun, wait = False, RETRY
            else:
                self._worked(groups)
                # Half of the time of a bus is for others, whatever the periods are.
                wait = min(max(schedule.wait(loop.time()), loop.time() - start), link.poll.slow)
                begun = True
            await self._pause(wait, hear=first)

    def _failed(self, groups: frozenset[str], error: GatewayError) -> None:
        if not self._failing:
            logger.warning("sensor %s: %s: %s", self._name, self._wire.address, error)
        self._failing.add(groups)

    def _worked(self, groups: frozenset[str]) -> None:
        if groups not in self._failing:
            return
        self._failing.remove(groups)
        self._wire.news.set()  # everything is to be read again, whatever its period is
        if not self._failing:
            logger.warning("sensor %s: back", self._name)

    async def _pause(self, seconds: float, *, hear: bool) -> None:
        if not hear:
            await asyncio.sleep(seconds)
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wire.news.wait()

    def _due(self, due: Collection[str], *, told: bool) -> list[str]:
        """The points to read: of groups that are due; all of them where the device has told something."""
        return [name for name in self._wanted if told or self._group(name) in due]

    def _group(self, point: str) -> str:
        """The poll group that a point is read with."""
        return "fast" if point in self._urgent else self._wire.family.points[point].poll

    async def _read(self, panel: Panel, due: Iterable[str], rank: Rank) -> None:
        """Read points and tell what they are now, with what is made of them.

        Raises:
            Unreachable: the device does not answer.
            Refused: it has none of them.
        """
        await self._wire.connect()
        names = [name for name in due if name not in self._refused]
        took = await self._wire.read(names, rank=rank)
        self._board.take(took.values, asyncio.get_running_loop().time())
        if missing := took.refused - self._refused:
            shown = ", ".join(sorted(missing))
            self._refused |= missing
            if self._refused >= self._wanted:
                raise Refused("points-absent", where=self._wire.address, points=shown)
            logger.warning("sensor %s: %s has no %s", self._name, self._wire.address, shown)
        if took.values:
            panel.told(self._name, flat({**took.values, **self._derived(took.values)}))

    def _derived(self, fresh: Mapping[str, PointValue]) -> dict[str, PointValue]:
        """What is made of values of which one is new."""
        names = [name for name, parts in self._made.items() if not parts.isdisjoint(fresh)]
        if not names:
            return {}
        family, periods = self._wire.family, Schedule(self._wire.family.link).periods(idle=False)
        known = derived(family, self._board.fresh(family, asyncio.get_running_loop().time(), periods))
        return {name: known.get(name) for name in names}

    async def aclose(self) -> None:
        """Give the way to it back."""
        await self._wire.aclose()

    async def sign(self, order: SigningOrder) -> Signature:
        """Have the meter sign; nobody waits for one that is lost already.

        Raises:
            GatewayError: it is lost, or does not sign.
        """
        if self._panel is None or self._panel.read_only or self._failing:
            raise Unreachable("connection-lost", where=self._wire.address)
        return await self._signer.sign(order)

    async def switch(self, point: str, *, on: bool) -> Outcome:
        """Switch an output, and read at once what has become of it."""
        target = self._wire.family.points.get(point)
        if self._panel is None or self._panel.read_only or target is None or not is_output(target):
            return Outcome(verdict=Verdict.UNSUPPORTED, reason=f"{self._name}: {point} is not switched")
        try:
            if isinstance(target, ToldPoint):
                await self._wire.send(target.on if on else target.off, {})
            else:
                await self._wire.write(point, int(on))
                shown = (await self._wire.read([point], rank=Rank.ORDER)).values.get(point)
                if shown is not None and bool(shown) is not on:
                    return Outcome(verdict=Verdict.REJECTED, reason=f"{self._name}: {point} shows {shown}")
        except Unreachable as error:
            return Outcome(verdict=Verdict.UNREACHABLE, reason=str(error))
        except GatewayError as error:
            return Outcome(verdict=Verdict.REJECTED, reason=str(error))
        self._wire.news.set()
        return ACCEPTED

    async def drive(self, point: str, value: float) -> Outcome:
        """Set an analogue output, and read back what has become of it."""
        target = self._wire.family.points.get(point)
        if self._panel is None or self._panel.read_only or target is None or not is_analogue(target):
            return Outcome(verdict=Verdict.UNSUPPORTED, reason=f"{self._name}: {point} is not set to a value")
        try:
            await self._wire.write(point, value)
            shown = (await self._wire.read([point], rank=Rank.ORDER)).values.get(point)
        except Unreachable as error:
            return Outcome(verdict=Verdict.UNREACHABLE, reason=str(error))
        except GatewayError as error:
            return Outcome(verdict=Verdict.REJECTED, reason=str(error))
        self._wire.news.set()
        if isinstance(shown, int | float) and abs(shown - value) <= abs(value) * _EXACT + _GRAIN:
            return ACCEPTED
        return Outcome(verdict=Verdict.REJECTED, reason=f"{self._name}: {point} shows {shown}, not {value:g}")
