"""A box with monitoring, and short ways to drive it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from gateway.model import events as ev
from gateway.model.device import VariableRef
from gateway.model.ids import Place
from gateway.model.installation import Installation, Outlet
from gateway.model.monitoring import MonitorType, Origin, VariableMonitor
from gateway.model.readings import POWER_IMPORT, Reading, Sample
from profiles.monitoring import MonitoringProfile
from profiles.monitoring.built_in import built_in
from tests.fakes.box import ID
from tests.profiles.opened import opened_with

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from gateway.contracts import Backend, Json, Northbound
    from gateway.model.evse import ConnectorStatus
    from gateway.model.station import StationState
    from tests.fakes.box import Box
    from tests.fakes.clock import SettableClock

RATED = 11_000.0
HARD_WIRED = 900
POWER = {"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "Power"}}
AVAILABILITY = {"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "AvailabilityState"}}
HEARTBEAT = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}}


def _monitors(state: StationState, installation: Installation) -> Iterator[VariableMonitor]:
    """Those of every station, and one that is hard-wired."""
    yield from built_in(state, installation)
    yield VariableMonitor(
        id=HARD_WIRED,
        ref=VariableRef(component="ChargingStation", variable="AvailabilityState"),
        type=MonitorType.DELTA,
        value=1,
        severity=0,
        origin=Origin.HARD_WIRED,
    )


class HardWired(MonitoringProfile):
    """The profile of a station that has a hard-wired monitor."""

    name: ClassVar[str] = "hard-wired"

    def __init__(self, northbound: Northbound, backend: Backend) -> None:
        super().__init__(northbound, backend, _monitors)


@dataclass(frozen=True)
class Station:
    """A station whose monitors are set and looked at."""

    box: Box
    profile: MonitoringProfile

    async def set(self, address: Json, type_: str, value: float, severity: int = 5, **more: object) -> Json:
        """Set a monitor; the result."""
        item = {**address, "type": type_, "value": value, "severity": severity, **more}
        answer = await self.box.call("SetVariableMonitoring", {"setMonitoringData": [item]})
        await self.box.settled()
        result: Json = answer["setMonitoringResult"][0]
        return result

    async def clear(self, *ids: int) -> list[str]:
        """Clear monitors; the statuses."""
        answer = await self.box.call("ClearVariableMonitoring", {"id": list(ids)})
        return [result["status"] for result in answer["clearMonitoringResult"]]

    async def base(self, name: str) -> str:
        """Set the monitoring base; the status."""
        status: str = (await self.box.call("SetMonitoringBase", {"monitoringBase": name}))["status"]
        await self.box.settled()
        return status

    async def level(self, severity: int) -> str:
        """Set the monitoring level; the status."""
        status: str = (await self.box.call("SetMonitoringLevel", {"severity": severity}))["status"]
        await self.box.settled()
        return status

    async def variable(self, name: str, value: str, component: str = "MonitoringCtrlr") -> None:
        """Set a variable."""
        item = {"component": {"name": component}, "variable": {"name": name}, "attributeValue": value}
        answer = await self.box.call("SetVariables", {"setVariableData": [item]})
        assert answer["setVariableResult"][0]["attributeStatus"] == "Accepted"
        await self.box.settled()

    async def report(self, **criteria: object) -> list[Json]:
        """Ask for a report; the monitors in it, each with its address."""
        answer = await self.box.call("GetMonitoringReport", {"requestId": 7, **criteria})
        if answer["status"] == "EmptyResultSet":
            return []
        assert answer["status"] == "Accepted"
        pages = await self.box.sent_of("NotifyMonitoringReport")
        return [
            {**data, **monitor} for page in pages for data in page["monitor"] for monitor in data["variableMonitoring"]
        ]

    async def draws(self, watts: float, evse: int = 1) -> None:
        """The meter of an EVSE shows this power."""
        reading = Reading(value=watts, measurand=POWER_IMPORT, unit="W")
        place = Place(station=ID, evse=evse, connector=1)
        sample = Sample(at=self.box.clock.now(), readings=(reading,))
        await self.box.hub.publish(ev.Measured(place=place, samples=(sample,)))
        await self.box.settled()

    async def shows(self, status: ConnectorStatus, evse: int = 1) -> None:
        """A connector has this status."""
        place = Place(station=ID, evse=evse, connector=1)
        await self.box.hub.publish(ev.ConnectorChanged(place=place, at=self.box.clock.now(), status=status))
        await self.box.settled()

    async def wait(self, seconds: float) -> None:
        """Time passes, and what is due then is done."""
        self.box.clock.pass_(seconds=seconds)
        self.profile.watch.look_at_due()
        await self.box.settled()

    async def told(self) -> list[Json]:
        """The events that the backend is to hear of."""
        payloads = await self.box.sent_of("NotifyEvent")
        return [event for payload in payloads for event in payload["eventData"]]

    async def values(self) -> list[str]:
        """The values of those events."""
        return [event["actualValue"] for event in await self.told()]


@asynccontextmanager
async def monitored(
    path: Path,
    kind: type[MonitoringProfile] = MonitoringProfile,
    *,
    clock: SettableClock | None = None,
    online: bool = True,
    arrive: bool = True,
    rated: bool = False,
) -> AsyncIterator[Station]:
    """Open a box with a station; ``rated``: it is known what its EVSEs are wired for."""
    async with opened_with(kind, path, clock=clock, online=online, arrive=False) as (box, profile):
        if rated:
            outlet = Outlet(power=RATED)
            box.member.installation = Installation(outlets={(1, 1): outlet, (2, 1): outlet})
        if arrive:
            await box.arrive()
        await profile.watch.book(ID)
        profile.watch.look(ID)
        await box.settled()
        yield Station(box, profile)
