"""Where cases of meter values and reservations are played: a wallbox with more to be put in order between two cases."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from gateway.model.readings import ENERGY_REGISTER
from tests.e2e.certification.runner import play
from tests.e2e.certification.stage import at
from tests.e2e.certification.visit import CARD, FAMILY, Visit
from tests.e2e.pair import pair
from tests.e2e.truth import when

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from pathlib import Path

    from gateway.bench.csms.ledger import Payload

POWER = "Power.Active.Import"
BOTH = f"{ENERGY_REGISTER},{POWER}"
SAMPLED, ALIGNED = "SampledDataCtrlr", "AlignedDataCtrlr"
_QUIET = {
    (SAMPLED, "TxUpdatedInterval"): "0", (SAMPLED, "TxEndedInterval"): "0", (ALIGNED, "Interval"): "0",
    (ALIGNED, "TxEndedInterval"): "0", (SAMPLED, "TxEndedMeasurands"): ENERGY_REGISTER,
    (SAMPLED, "TxStartedMeasurands"): ENERGY_REGISTER, (ALIGNED, "TxEndedMeasurands"): "",
    (ALIGNED, "SendDuringIdle"): "false",
}  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Bay(Visit):
    """One wallbox; nothing is sampled but what a case asks for.

    Attributes:
        reserved: The reservations that a case has made.
    """

    reserved: list[int] = field(default_factory=list)

    async def reserve(self, token: Payload = CARD, seconds: float = 600, **more: Any) -> str:
        """ReserveNow; the status."""
        number = next(self._numbers)
        answer = await self.side.call("ReserveNow", id=number, expiryDateTime=at(seconds), idToken=token, **more)
        if answer["status"] == "Accepted":
            self.reserved.append(number)
        return str(answer["status"])

    async def shown(self, status: str, since: int) -> None:
        """The connector's new status is told."""
        await self.side.heard("StatusNotification", since, evseId=1, connectorId=1, connectorStatus=status)

    async def charge(self) -> Payload:
        """State EnergyTransferStarted by cable and card; the event that began it."""
        await self.plug()
        await self.present()
        return await self.charges()

    async def charges(self) -> Payload:
        """Wait until energy flows; the event that began the transaction."""
        await self.side.until(lambda: "Charging" in self._states())
        return self._events()[self._taken]

    def _states(self) -> set[str]:
        return {e["transactionInfo"].get("chargingState", "") for e in self._events()[self._taken :]}

    async def leaves(self) -> Payload:
        """State ParkingBayUnoccupied; the event that ended the transaction."""
        await self.unplug()
        await self.side.until(lambda: self._events()[-1]["eventType"] == "Ended")
        return self._events()[-1]

    def aligned(self, since: int) -> list[Payload]:
        """The meter values that were told by MeterValues."""
        return [value for told in self.side.received("MeterValues", since) for value in told["meterValue"]]

    async def more_aligned(self, number: int) -> list[Payload]:
        """Wait for so many by MeterValues, from now on."""
        since = self.both.world.news
        await self.side.until(lambda: len(self.aligned(since)) >= number)
        return self.aligned(since)

    @override
    async def tidy(self) -> None:
        for number in self.reserved:
            await self.side.call("CancelReservation", reservationId=number)
        self.reserved.clear()
        await self.side.call("ChangeAvailability", operationalStatus="Operative")
        for (component, variable), value in _QUIET.items():
            await self.set_(variable, value, component)
        await Visit.tidy(self)


def contexts(values: list[Payload]) -> list[str]:
    """The one context of each meter value."""
    found = [{each["context"] for each in value["sampledValue"]} for value in values]
    assert all(len(each) == 1 for each in found)
    return [context for each in found for context in each]


def measures(values: list[Payload], *measurands: str) -> bool:
    """Tell whether each meter value has just these measurands, and none is of the car."""
    assert all(each["location"] != "EV" for value in values for each in value["sampledValue"])
    return all({each["measurand"] for each in value["sampledValue"]} == set(measurands) for value in values)


def every(seconds: float, values: list[Payload]) -> bool:
    """Tell whether meter values are so many seconds apart; the wallbox is looked at once in a while."""
    stamps = [when(value["timestamp"]) for value in values]
    gaps = [(b - a).total_seconds() for a, b in pairwise(stamps)]
    return all(abs(gap - seconds) < 0.6 for gap in gaps)


async def play_at_bay(folder: Path, cases: Mapping[str, Callable[[Bay], Awaitable[None]]]) -> Mapping[str, str]:
    """Play cases with one box; what went wrong in each, "" for nothing."""
    async with pair(folder, FAMILY, hurried=True) as both:
        bay = Bay(both=both, side=both.sides[1], since=both.world.news)
        await bay.tidy()
        return await play(bay, cases)
