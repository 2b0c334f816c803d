"""A box whose station takes limits, and short ways to have it do so."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from gateway.limits import Arbiter
from gateway.model import events as ev
from gateway.model.commands import Command, SetLimit
from gateway.model.ids import Place
from gateway.model.installation import Installation, Outlet
from profiles.smart_charging import SmartChargingProfile
from tests.fakes.box import ID, Box
from tests.fakes.clock import START
from tests.profiles.opened import opened_with, running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime
    from pathlib import Path

    from gateway.contracts import Json
    from gateway.model.charging import LimitSource
    from tests.fakes.clock import SettableClock

WIRING = {(1, 1): Outlet(connector_type="cType2", phases=3, power=22_080.0, current=32.0),
          (2, 1): Outlet(connector_type="cType2", phases=3, power=11_040.0, current=16.0)}  # fmt: skip
CONTROLLER = "SmartChargingCtrlr"


def moment(**after: float) -> str:
    """A time after noon, as the backend writes it."""
    return (START + timedelta(**after)).isoformat().replace("+00:00", "Z")


def schedule(*periods: tuple[int, float], **fields: Any) -> Json:
    """A ChargingScheduleType in A, from noon unless told otherwise."""
    fields = {"startSchedule": moment(), **fields}
    listed = [{"startPeriod": start, "limit": limit} for start, limit in periods or ((0, 10.0),)]
    found = {"id": 1, "chargingRateUnit": "A", "chargingSchedulePeriod": listed, **fields}
    return {name: value for name, value in found.items() if value is not None}


def profile(*periods: tuple[int, float], **fields: Any) -> Json:
    """A ChargingProfileType: an absolute TxDefaultProfile unless told otherwise; fields of the schedule with ``in_``."""
    inside = {name.removeprefix("in_"): fields.pop(name) for name in list(fields) if name.startswith("in_")}
    if fields.get("chargingProfileKind") == "Relative":
        inside.setdefault("startSchedule", None)
    return {
        "id": 1, "stackLevel": 0, "chargingProfilePurpose": "TxDefaultProfile", "chargingProfileKind": "Absolute",
        "chargingSchedule": [schedule(*periods, **inside)], **fields,
    }  # fmt: skip


@dataclass
class Rig:
    """The box, what keeps its limits, and what the station was asked."""

    box: Box
    arbiter: Arbiter
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    async def note(self, command: Command) -> None:
        """Take notice of a command."""
        del command
        self.heard.set()

    async def set(self, evse: int, wire: Json) -> Json:
        """SetChargingProfile."""
        return await self.box.call("SetChargingProfile", {"evseId": evse, "chargingProfile": wire})

    async def accept(self, evse: int, wire: Json) -> None:
        """SetChargingProfile that has to be accepted."""
        answer = await self.set(evse, wire)
        assert answer["status"] == "Accepted", answer

    async def refusal(self, evse: int, wire: Json) -> str:
        """The reason code of a SetChargingProfile that has to be rejected."""
        answer = await self.set(evse, wire)
        assert answer["status"] == "Rejected"
        return str(answer["statusInfo"]["reasonCode"])

    async def clear(self, **fields: Any) -> str:
        """ClearChargingProfile: an id, or criteria."""
        payload = {"chargingProfileId": fields["id_"]} if "id_" in fields else {"chargingProfileCriteria": fields}
        return str((await self.box.call("ClearChargingProfile", payload))["status"])

    async def reports(self, evse: int | None = None, **criteria: Any) -> list[Json]:
        """GetChargingProfiles, and the reports that follow."""
        payload: Json = {"requestId": 5, "chargingProfile": criteria}
        if evse is not None:
            payload["evseId"] = evse
        answer = await self.box.call("GetChargingProfiles", payload)
        reports = await self.box.sent_of("ReportChargingProfiles")
        assert bool(reports) is (answer["status"] == "Accepted")
        return reports

    async def ids(self, evse: int | None = None, **criteria: Any) -> list[int]:
        """The ids of the profiles that are reported."""
        return sorted(p["id"] for report in await self.reports(evse, **criteria) for p in report["chargingProfile"])

    async def composite(self, evse: int = 1, duration: int = 400, **fields: Any) -> list[tuple[int, float]]:
        """The periods of GetCompositeSchedule."""
        payload = {"evseId": evse, "duration": duration, **fields}
        answer = await self.box.call("GetCompositeSchedule", payload)
        assert answer["status"] == "Accepted", answer
        return [(p["startPeriod"], p["limit"]) for p in answer["schedule"]["chargingSchedulePeriod"]]

    async def variable(self, name: str, value: str) -> None:
        """SetVariables of SmartChargingCtrlr."""
        data = {"component": {"name": CONTROLLER}, "variable": {"name": name}, "attributeValue": value}
        answer = await self.box.call("SetVariables", {"setVariableData": [data]})
        assert answer["setVariableResult"][0]["attributeStatus"] == "Accepted"

    async def impose(self, current: float | None, evse: int = 0, holder: str = "meter",
                     source: LimitSource | None = None, **fields: Any) -> None:  # fmt: skip
        """Somebody other than the backend limits an EVSE."""
        place = Place(station=ID, evse=evse)
        event = ev.LimitImposed(
            place=place, at=self.box.clock.now(), holder=holder, current=current, source=source, **fields
        )
        await self.box.hub.publish(event)

    async def begin(self, evse: int = 1, **fields: Any) -> str:
        """A transaction begins; its id."""
        await self.box.begin(f"start-{evse}-{self.box.clock.now()}", evse=evse, **fields)
        transaction = self.box.state.transaction_at(evse)
        assert transaction is not None
        return transaction.id

    def given(self) -> dict[int, float | None]:
        """The last limit of each EVSE that the station was given."""
        return {command.place.evse: command.current for command in self.box.adapter.asked(SetLimit)}

    async def until(self, expected: dict[int, float | None]) -> None:
        """Wait until the station has been given these limits."""
        async with asyncio.timeout(10):
            while self.given() != expected:
                self.heard.clear()
                await self.heard.wait()

    async def until_asked(self, count: int) -> None:
        """Wait until the station has been asked so often."""
        async with asyncio.timeout(10):
            while len(self.box.adapter.asked(SetLimit)) < count:
                self.heard.clear()
                await self.heard.wait()


@asynccontextmanager
async def opened(
    path: Path, *, governing: bool = True, clock: SettableClock | None = None, arrive: bool = True
) -> AsyncIterator[Rig]:
    """Open a box on the database in a folder; ``governing``: limits are given to the station."""
    async with opened_with(SmartChargingProfile, path, clock=clock, arrive=False) as (box, smart):
        arbiter = Arbiter(box.hub, [smart])
        box.hub.attach(box.backend, [*sorted([smart, box.profile], key=lambda each: each.rank), arbiter])
        if arrive:
            await box.arrive()
        box.member.installation = Installation(outlets=WIRING)
        rig = Rig(box=box, arbiter=arbiter)
        box.adapter.on_command = rig.note
        if not governing:
            yield rig
            return
        async with running(arbiter):
            yield rig


def at(rig: Rig, **after: float) -> datetime:
    """Let it be some time after noon."""
    rig.box.clock.time = START + timedelta(**after)
    return rig.box.clock.time
