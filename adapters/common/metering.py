"""The energy of one EVSE: which source it has, and its register."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.common.board import Board
from adapters.common.energy import Register, Source
from adapters.common.schedule import Schedule
from adapters.common.wire import Unreachable
from gateway.family.evaluate import sources
from gateway.family.readings import number, power, readings
from gateway.model.readings import Sample

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Mapping
    from datetime import datetime

    from adapters.common.wire import Wire
    from gateway.family.family import AnyFamily
    from gateway.family.value import Value
    from gateway.model.readings import Reading

logger = logging.getLogger(__name__)

_RETRY = 10.0
COUNTERS = ("energy_total", "energy_session")
"""The counters that a station or meter may have, the better one first."""

_OFTEN = 1000.0
"""Wh after which the state of a meter is noted again."""


class AddedMeter:
    """A meter beside the station, polled on its own."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._board = Board()
        self._schedule = Schedule(wire.family.link)
        self._refused: set[str] = set()
        self._lost = False

    @property
    def family(self) -> AnyFamily:
        """Its family."""
        return self._wire.family

    def values(self) -> dict[str, Value]:
        """What it shows; nothing that is stale."""
        now = asyncio.get_running_loop().time()
        return self._board.fresh(self.family, now, self._schedule.periods(idle=False))

    def reach(self) -> Reach:
        """What it shows, and how fresh that is."""
        return Reach(family=self.family, values=self.values(), absent=self._refused, read_at=self._read_at)

    def _read_at(self, names: Collection[str]) -> float | None:
        return self._board.read_at(sources(self.family, names))

    async def run(self) -> None:
        """Poll until cancelled; a loss is told once."""
        loop, groups = asyncio.get_running_loop(), frozenset({"once"})
        while True:
            try:
                await self._wire.connect()
                groups |= self._schedule.due(loop.time(), idle=False)
                took = await self._wire.read(self._points(groups))
            except Unreachable as error:
                if not self._lost:
                    logger.warning("meter %s: lost: %s", self._wire.address, error)
                self._lost = True
                await asyncio.sleep(_RETRY)
                continue
            if self._lost:
                logger.warning("meter %s: back", self._wire.address)
            self._lost, groups = False, frozenset()
            self._board.take(took.values, loop.time())
            self._refused |= took.refused
            await asyncio.sleep(self._schedule.wait(loop.time()))

    async def look(self) -> None:
        """Read everything that changes, now; nobody waits for one that was lost, or that is lost now."""
        with contextlib.suppress(Unreachable):
            if self._lost:
                return
            took = await self._wire.read(self._points({"fast", "medium", "slow"}))
            self._board.take(took.values, asyncio.get_running_loop().time())

    def _points(self, groups: Collection[str]) -> list[str]:
        points = self.family.points.items()
        return [name for name, p in points if p.poll in groups and p.readable and name not in self._refused]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What a device shows, and how fresh it is.

    Attributes:
        family: With its variants.
        values: Its values now.
        absent: Points that it does not have.
        read_at: When points were read last (s of the loop's clock).
    """

    family: AnyFamily
    values: Mapping[str, Value]
    absent: Collection[str]
    read_at: Callable[[Collection[str]], float | None]

    def has(self, name: str) -> bool:
        """Tell whether it shows a value, now or at other times."""
        return not sources(self.family, (name,)).isdisjoint(self.family.points.keys() - set(self.absent))


class Metering:
    """What an EVSE has taken, from the best source that the site allows."""

    def __init__(
        self, wanted: str, meter: AddedMeter | None, noted: str, note: Callable[[str], Awaitable[None]]
    ) -> None:
        self._wanted = wanted
        self._meter = meter
        text, _, self._counter = noted.partition("@")
        self._register = Register.from_text(text)
        self._noted_total = self._register.total
        self._noted = noted
        self._note = note
        self._known = bool(noted)
        self.source: Source | None = None

    def take(self, station: Reach, now: float) -> None:
        """Take over new values of the station, and the meter's.

        Args:
            station: The station.
            now: Seconds of the loop's clock.
        """
        device, source = station, Source.STATION
        if self._meter is not None and self._wanted != "station":
            device, source = self._meter.reach(), Source.METER
        counters = [name for name in COUNTERS if self._wanted != "integrate" and device.has(name)]
        if counters:
            self._show(device, counters[0], source)
        elif (watts := power(device.family, device.values)) is not None:
            self.source, self._known, self._counter = Source.INTEGRATED, True, Source.INTEGRATED
            self._register = self._register.flowed(watts, now)

    def _show(self, device: Reach, name: str, source: Source) -> None:
        self.source, counter = source, f"{source}.{name}"
        wh, read_at = number(device.family, device.values, name), device.read_at((name,))
        if wh is None or read_at is None:
            return
        if not self._known:
            # The first value that a meter shows is where it stands, not what has flowed.
            self._register = Register(last=wh, read_at=read_at)
        elif self._counter not in {"", counter}:
            self._register = self._register.moved(wh, read_at)
        else:
            self._register = self._register.shown(wh, read_at, restarts=name == COUNTERS[1])
        self._known, self._counter = True, counter

    def recall(self, wh: float | None) -> None:
        """Go on from a register that was told after the last note: what is told never falls."""
        if self._known and wh is not None:
            self._register = self._register.at_least(wh)

    def register(self) -> float | None:
        """Imported energy in Wh; None while nothing has shown any."""
        return round(self._register.total, 1) if self._known else None

    async def keep(self) -> None:
        """Note the register, before anybody hears of it.

        A meter that alone could tell it after a restart is noted now and then, in case that it is changed meanwhile.

        Raises:
            GatewayError: ``storage-failed``.
        """
        text = f"{self._register.as_text()}@{self._counter}"
        alone = self.source is not Source.INTEGRATED and not self._register.base and self._noted
        if not self._known or text == self._noted or (alone and self._register.total < self._noted_total + _OFTEN):
            return
        total = self._register.total
        await self._note(text)
        self._noted, self._noted_total = text, total

    async def look(self) -> None:
        """Read the added meter now, if there is one."""
        if self._meter is not None:
            await self._meter.look()

    def sample(self, family: AnyFamily, values: Mapping[str, Value], at: datetime) -> Sample:
        """Every reading there is; the added meter's come before the station's."""
        total = self.register()
        own = readings(family, values, total)
        if self._meter is None:
            return Sample(at=at, readings=own)
        better = readings(self._meter.family, self._meter.values(), total)
        measured = {reading.measurand for reading in better}
        rest: tuple[Reading, ...] = tuple(reading for reading in own if reading.measurand not in measured)
        return Sample(at=at, readings=(*better, *rest))
