"""Where cases of device management are played: short ways to set monitors and to ask for reports."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from tests.e2e.plan import TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.bench.csms.ledger import Payload
    from tests.e2e.pair import Pair, Side

EVSE = {"name": "EVSE", "evse": {"id": 1}}
STATION = {"name": "ChargingStation"}
AVAILABILITY, POWER = "AvailabilityState", "Power"


def of(component: Payload, variable: str = AVAILABILITY) -> Payload:
    """The address of a variable."""
    return {"component": component, "variable": {"name": variable}}


def delta(component: Payload | None = None, **changes: Any) -> Payload:
    """A SetMonitoringDataType: any change of an availability."""
    return {**of(component or EVSE), "type": "Delta", "value": 1, "severity": 8, **changes}


def threshold(value: float, kind: str = "UpperThreshold", **changes: Any) -> Payload:
    """A SetMonitoringDataType: a threshold of the power at the EVSE."""
    return {**of(EVSE, POWER), "type": kind, "value": value, "severity": 6, **changes}


@dataclass(slots=True, kw_only=True)
class Watcher:
    """One station and its CSMS.

    Attributes:
        made: The monitors that the case has made.
    """

    both: Pair
    side: Side
    made: list[int] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: count(100))

    @property
    def news(self) -> int:
        """Where the CSMS's list of messages ends now."""
        return self.both.world.news

    async def ask_for(self, *data: Payload) -> list[Payload]:
        """SetVariableMonitoring; the results, in the order of what was asked."""
        answer = await self.side.call("SetVariableMonitoring", setMonitoringData=list(data))
        found: list[Payload] = answer["setMonitoringResult"]
        assert len(found) == len(data)
        for result, asked in zip(found, data, strict=True):
            assert (result["type"], result["severity"]) == (asked["type"], asked["severity"])
            assert (result["component"], result["variable"]) == (asked["component"], asked["variable"])
            assert ("id" in result) == (result["status"] == "Accepted")
        self.made += [result["id"] for result in found if result["status"] == "Accepted"]
        return found

    async def monitor(self, data: Payload) -> int:
        """Set a monitor that has to be accepted; its id."""
        (found,) = await self.ask_for(data)
        assert found["status"] == "Accepted", found
        return int(found["id"])

    async def monitors(self, *where: Payload, criteria: tuple[str, ...] = ()) -> list[Payload]:
        """GetMonitoringReport: everything that is reported; nothing for ``EmptyResultSet``."""
        number, since = next(self._numbers), self.news
        asked: Payload = {"requestId": number}
        if where:
            asked["componentVariable"] = list(where)
        if criteria:
            asked["monitoringCriteria"] = list(criteria)
        answer = await self.side.call("GetMonitoringReport", **asked)
        if answer["status"] == "EmptyResultSet":
            return []
        assert answer["status"] == "Accepted"
        pages = await self.side.report("NotifyMonitoringReport", since, requestId=number)
        return [item for page in pages for item in page["monitor"]]

    async def report(self, *where: Payload, criteria: tuple[str, ...] = ()) -> list[Payload]:
        """GetReport: everything that is reported; nothing for ``EmptyResultSet``."""
        number, since = next(self._numbers), self.news
        asked: Payload = {"requestId": number}
        if where:
            asked["componentVariable"] = list(where)
        if criteria:
            asked["componentCriteria"] = list(criteria)
        answer = await self.side.call("GetReport", **asked)
        if answer["status"] == "EmptyResultSet":
            return []
        assert answer["status"] == "Accepted"
        pages = await self.side.report("NotifyReport", since, requestId=number)
        return [item for page in pages for item in page["reportData"]]

    async def base(self, name: str) -> str:
        """SetMonitoringBase; the status."""
        return str((await self.side.call("SetMonitoringBase", monitoringBase=name))["status"])

    async def clear(self, *ids: int) -> list[tuple[int, str]]:
        """ClearVariableMonitoring: id and status of each."""
        answer = await self.side.call("ClearVariableMonitoring", id=list(ids))
        return [(result["id"], result["status"]) for result in answer["clearMonitoringResult"]]

    def events(self, monitor: int, since: int) -> list[Payload]:
        """What a monitor has told."""
        told = self.side.received("NotifyEvent", since)
        events = [event for payload in told for event in payload["eventData"]]
        return [event for event in events if event.get("variableMonitoringId") == monitor]

    async def event(self, monitor: int, since: int, *, cleared: bool = False) -> Payload:
        """Wait for what a monitor tells."""

        def found() -> list[Payload]:
            return [event for event in self.events(monitor, since) if event.get("cleared", False) is cleared]

        await self.side.until(lambda: bool(found()))
        return found()[0]

    async def plug(self, *, into: bool = True) -> None:
        """Put the plug in, or pull it; the CSMS has been told."""
        sim, since = self.both.world.station.sim, self.news
        await (sim.plug_in(1) if into else sim.plug_out(1))
        await self.side.heard("StatusNotification", since, connectorStatus="Occupied" if into else "Available")
        await self.both.world.settled()

    async def charge(self) -> str:
        """State EnergyTransferStarted; the transaction."""
        since = self.news
        await self.both.world.station.charge(TOKEN)
        started = await self.side.heard("TransactionEvent", since, eventType="Started")
        return str(started["transactionInfo"]["transactionId"])

    async def tidy(self) -> None:
        """No transaction, no vehicle, and only the monitors that were there at first."""
        if self.both.world.station.sim.connector(1).evse.car is not None:
            await self.plug(into=False)
        if self.made:
            await self.clear(*dict.fromkeys(self.made))
            self.made.clear()
        await self.base("FactoryDefault")
        await self.base("All")
        await self.side.call("SetMonitoringLevel", severity=9)
