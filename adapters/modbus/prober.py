"""Asking one bus, reading only, whether somebody is at a unit id, and who it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from adapters.common.wire import Rank, Refused, Took, Unreachable
from adapters.modbus.ascii_wire import AsciiWire
from adapters.modbus.manners import Manners
from adapters.modbus.messages import reading
from adapters.modbus.recognise import STATE, Judgement, first_point, judge, telling_points
from adapters.modbus.spots import spot_of
from adapters.modbus.wire import ModbusWire
from gateway.family.family import AsciiFamily, ModbusFamily
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from adapters.common.wire import Wire
    from adapters.modbus.bus import Bus
    from adapters.modbus.messages import Request
    from adapters.modbus.recognise import WireFamily

_GAP = 0.02
"""Seconds between two requests at least: other devices are on the bus, too."""

_MS = 1000


@dataclass(slots=True)
class Heard:
    """What a bus has shown beside answers.

    Attributes:
        others: Units that have answered in place of another.
        garbled: Something came that was not understood.
        gateway: A gateway said that it does not reach the device.
        hung_up: Somebody has closed the connection over what was asked last: there are devices that do.
    """

    others: set[int] = field(default_factory=set)
    garbled: bool = False
    gateway: bool = False
    hung_up: bool = False


@dataclass(slots=True)
class Prober:
    """One bus, and the families that devices on it may be of."""

    bus: Bus
    families: Sequence[WireFamily]
    timeout: float
    heard: Heard = field(default_factory=Heard)

    async def present(self, unit: int) -> bool:
        """Whether somebody answers with this unit id."""
        self.heard.hung_up = False
        manners = Manners(timeout=self.timeout, retries=0, gap=_GAP)
        for request in self._greetings(unit):
            try:
                await self.bus.request(request, manners, Rank.ORDER)
            except Refused:
                return True
            except Unreachable as failure:
                self._note(failure)
                if failure.code in {"no-connection", "modbus-gateway"}:
                    return False
            else:
                return True
        return False

    def _greetings(self, unit: int) -> Iterable[Request]:
        """Reads that a device answers, if with a refusal: of the states of families. The first may only wake it up."""
        if self.families and isinstance(self.families[0], AsciiFamily):
            frames = [family.frames[point.frame] for family in self.families if isinstance(family, AsciiFamily)
                      for name, point in family.points.items() if name == STATE]  # fmt: skip
            return [reading(unit, "holding", frame.at, frame.n) for frame in frames for _ in range(2)]
        states = [point for family in self.families if isinstance(family, ModbusFamily)
                  for name, point in family.points.items() if name == STATE]  # fmt: skip
        inputs = [point for point in states if point.table == "input"]
        holdings = [point for point in states if point.table == "holding"]
        greetings = [(each[0].at if each else 0, table) for each, table in ((inputs, "input"), (holdings, "holding"))]
        return [reading(unit, "input" if table == "input" else "holding", at, 1) for at, table in greetings]

    def _note(self, failure: Unreachable) -> None:
        match failure.code:
            case "modbus-other-unit":
                other = failure.params["other"]
                if isinstance(other, int):
                    self.heard.others.add(other)
            case "modbus-garbled":
                self.heard.garbled = True
            case "modbus-gateway":
                self.heard.gateway = True
            case "connection-lost":
                self.heard.hung_up = True

    async def recognise(self, unit: int) -> list[Judgement]:
        """The families that the device at a unit id may be of, the likeliest first."""
        judged = [await self._judged(family, unit) for family in self.families]
        found = [judgement for judgement in judged if judgement is not None and judgement.fits]
        return sorted(found, key=lambda judgement: judgement.rank, reverse=True)

    async def _judged(self, family: WireFamily, unit: int) -> Judgement | None:
        """Ask for what tells most; where that is there, for everything else that tells."""
        wire = self._wire(family, unit)
        try:
            first = first_point(family)
            if first is not None and (await wire.read([first], rank=Rank.ORDER)).refused:
                return None
            took = await wire.read(telling_points(family), rank=Rank.ORDER)
        except Unreachable as failure:
            self._note(failure)
            return None
        except GatewayError:
            return None
        return judge(family, Took(values=took.values, refused=took.refused))

    def _wire(self, family: WireFamily, unit: int) -> Wire:
        """A wire that is patient enough for a device that is there, and no more."""
        timeout = max(round(self.timeout * _MS), 1)
        gap = max(family.link.gap_ms, round(_GAP * _MS))
        change = {"timeout_ms": timeout, "retries": 0, "gap_ms": gap, "wake_retry": min(1, family.link.wake_retry)}
        changed = family.model_copy(update={"link": family.link.model_copy(update=change)})
        if isinstance(changed, AsciiFamily):
            return AsciiWire(changed, self.bus, unit)
        return ModbusWire(changed, self.bus, spot_of(changed, unit, 1))
