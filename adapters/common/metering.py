"""The energy of one EVSE: which source it has, and its register."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from adapters.common.board import Board
from adapters.common.energy import Register, Source
from adapters.common.schedule import Schedule
from adapters.common.wire import Unreachable
from gateway.family.readings import number, power, readings
from gateway.model.readings import Sample

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import datetime

    from adapters.common.wire import Wire
    from gateway.family.family import AnyFamily
    from gateway.family.value import Value
    from gateway.model.readings import Reading

logger = logging.getLogger(__name__)

_RETRY = 10.0


class AddedMeter:
    """A meter beside the station, polled on its own."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._board = Board()
        self._schedule = Schedule(wire.family.link)

    @property
    def family(self) -> AnyFamily:
        """Its family."""
        return self._wire.family

    def values(self) -> dict[str, Value]:
        """What it shows; nothing that is stale."""
        now = asyncio.get_running_loop().time()
        return self._board.fresh(self.family, now, self._schedule.periods(idle=False))

    async def run(self) -> None:
        """Poll until cancelled; a loss is told once."""
        loop, lost, groups = asyncio.get_running_loop(), False, frozenset({"once"})
        while True:
            try:
                await self._wire.connect()
                groups |= self._schedule.due(loop.time(), idle=False)
                points = [name for name, point in self.family.points.items() if point.poll in groups and point.readable]
                took = await self._wire.read(points)
            except Unreachable as error:
                if not lost:
                    logger.warning("meter %s: lost: %s", self._wire.address, error)
                lost = True
                await asyncio.sleep(_RETRY)
                continue
            if lost:
                logger.warning("meter %s: back", self._wire.address)
            lost, groups = False, frozenset()
            self._board.take(took.values, loop.time())
            await asyncio.sleep(self._schedule.wait(loop.time()))


class Metering:
    """What an EVSE has taken, from the best source that the site allows."""

    def __init__(
        self, wanted: str, meter: AddedMeter | None, noted: str, note: Callable[[str], Awaitable[None]]
    ) -> None:
        self._wanted = wanted
        self._meter = meter
        self._register = Register.from_text(noted)
        self._noted = noted
        self._note = note
        self._known = bool(noted)
        self.source: Source | None = None

    def take(self, family: AnyFamily, values: Mapping[str, Value], now: float) -> None:
        """Take over new values of the station, and the meter's.

        Args:
            family: The station's.
            values: The station's.
            now: Seconds of a steady clock.
        """
        if self._meter is not None and self._wanted in {"auto", "meter"}:
            total = number(self._meter.family, self._meter.values(), "energy_total")
            self._show(total, Source.METER, restarts=False)
        elif self._wanted in {"auto", "station"} and "energy_total" in family.points:
            self._show(number(family, values, "energy_total"), Source.STATION, restarts=False)
        elif self._wanted in {"auto", "station"} and "energy_session" in family.points:
            self._show(number(family, values, "energy_session"), Source.STATION, restarts=True)
        elif (watts := self._power(family, values)) is not None:
            self.source, self._known = Source.INTEGRATED, True
            self._register = self._register.flowed(watts, now)

    def _show(self, wh: float | None, source: Source, *, restarts: bool) -> None:
        self.source = source
        if wh is not None:
            # The first value that a meter shows is where it stands, not what has flowed.
            self._register = self._register.shown(wh, restarts=restarts) if self._known else Register(last=wh)
            self._known = True

    def _power(self, family: AnyFamily, values: Mapping[str, Value]) -> float | None:
        if self._meter is not None:
            return power(self._meter.family, self._meter.values())
        return power(family, values)

    async def register(self) -> float | None:
        """Imported energy in Wh; None while nothing has shown any. Noted before anybody hears of it."""
        if not self._known:
            return None
        await self.keep()
        return round(self._register.total, 1)

    async def keep(self) -> None:
        """Note the register, if the meter alone could not tell it after a restart."""
        text = self._register.as_text()
        alone = self.source in {Source.METER, Source.STATION} and not self._register.base and self._noted
        if text != self._noted and not alone:
            await self._note(text)
            self._noted = text

    def sample(self, family: AnyFamily, values: Mapping[str, Value], at: datetime) -> Sample:
        """Every reading there is; the added meter's come before the station's."""
        total = round(self._register.total, 1) if self._known else None
        own = readings(family, values, total)
        if self._meter is None:
            return Sample(at=at, readings=own)
        better = readings(self._meter.family, self._meter.values(), total)
        measured = {reading.measurand for reading in better}
        rest: tuple[Reading, ...] = tuple(reading for reading in own if reading.measurand not in measured)
        return Sample(at=at, readings=(*better, *rest))
