"""Recurring inspections in the device model: when components are due, and what they have done since (the box's own variables)."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from gateway.contracts import Profile
from gateway.model.device import SetResult, VariableRef, VariableStatus, rejected, timestamp
from gateway.model.errors import GatewayError
from gateway.model.inspection import AT_WORK, Record, Source, standing
from gateway.model.inspection.plan import CYCLES, CYCLES_DUE, DUE, DUE_SOON, HOURS, HOURS_DUE, LAST, OVERDUE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from gateway.contracts import Backend, Handler, Northbound
    from gateway.model.device import DeviceModel, VariableSpec
    from gateway.model.inspection import Inspection
    from gateway.model.station import StationState

logger = logging.getLogger(__name__)

MINUTE = 60.0
"""Seconds between two looks at the calendar. What was counted is written no more often, and a kill loses no more."""

AHEAD = timedelta(minutes=5)
"""An inspection cannot have been later than now, but for clocks that differ."""


class MaintenanceProfile(Profile):
    """Says when inspections are due, counts what components do, and takes the word that one has been inspected."""

    name: ClassVar[str] = "maintenance"

    def __init__(self, northbound: Northbound, backend: Backend, ticks: Callable[[], float] = time.monotonic) -> None:
        """Take the box.

        Args:
            northbound: The box.
            backend: Not needed: monitors tell of what is due.
            ticks: A clock that nobody sets, in s.
        """
        del backend
        self._northbound = northbound
        self._ticks = ticks
        self._shelf = northbound.shelf(self.name)
        self._records: dict[str, dict[str, Record]] = {}
        self._kept: dict[str, dict[str, Record]] = {}

    @override
    def handlers(self) -> Mapping[str, Handler]:
        return {}

    @override
    def variables(self, state: StationState) -> Iterable[VariableSpec]:
        return (spec for each in self._plan(state.id) for spec in each.variables())

    @override
    async def run(self) -> None:
        try:
            await self.load()
            while True:
                await self.look()
                await asyncio.sleep(MINUTE)
        finally:
            with suppress(GatewayError):
                for station in self._records:
                    await self._keep(station)

    async def load(self) -> None:
        """Read what was kept."""
        for station in self._northbound.stations():
            await self._load(station)

    async def look(self) -> None:
        """Look at the calendar and the counts of every station; keep what has changed."""
        for station in self._records:
            self.on_commit(station)
            try:
                await self._keep(station)
            except GatewayError as error:
                logger.warning("%s: what was counted for inspections is not kept: %s", station, error)
            # Only now: what has been told is not taken back by a kill.
            self._tell(station)

    @override
    def on_commit(self, station: str) -> None:
        """Count. The variables follow once a minute: a contactor that flutters must not fill the way to the backend."""
        records = self._records.get(station)
        if not records:
            return
        device, state, now = self._northbound.device(station), self._northbound.station(station), self._ticks()
        for each in self._plan(station):
            record = records[_name(each)]
            if each.counted:
                tally = record.tally.seen(_at_work(each, device, state), now)
                if tally is not record.tally:
                    records[_name(each)] = record.counted(tally)

    @override
    async def take_variable(self, station: str, ref: VariableRef, value: str) -> SetResult | None:
        inspection = next((each for each in self._plan(station) if each.ref(LAST) == ref), None)
        if inspection is None:
            return None
        at = datetime.fromisoformat(value)
        if at > self._northbound.now() + AHEAD:
            return rejected("ValueOutOfRange", "in the future")
        if station not in self._records:
            await self._load(station)
        name, records = _name(inspection), self._records[station]
        inspected = records[name].inspected(at, self._ticks())
        await self._shelf.keep(station, {name: inspected.document()})
        self._kept[station][name] = inspected
        records[name] = replace(inspected, tally=records[name].tally)
        self._tell(station)
        logger.info("%s: %s was inspected at %s", station, inspection.component, value)
        return SetResult(status=VariableStatus.ACCEPTED)

    async def _load(self, station: str) -> None:
        documents = await self._shelf.documents(station)
        kept = {name: Record.of(document) for name, document in documents.items()}
        known = {_name(each): kept.get(_name(each), Record()).known_to(each) for each in self._plan(station)}
        self._records.setdefault(station, known)
        self._kept.setdefault(station, kept)

    async def _keep(self, station: str) -> None:
        """Write what has changed, in one commit; what is no longer inspected stays, it may come back."""
        now = self._ticks()
        records = {name: record.counted(record.tally.at(now)) for name, record in self._records[station].items()}
        changed = {name: record for name, record in records.items() if _differs(record, self._kept[station].get(name))}
        self._records[station] = records
        if changed:
            await self._shelf.keep(station, {name: record.document() for name, record in changed.items()})
            self._kept[station] |= changed

    def _tell(self, station: str) -> None:
        """Give the variables the values that they have by now."""
        now, records = self._northbound.now(), self._records[station]
        values: dict[str, str] = {}
        for each in self._plan(station):
            values |= _values(each, records[_name(each)], now)
        device = self._northbound.device(station)
        refs = {spec.ref.key: spec.ref for each in self._plan(station) for spec in each.variables()}
        changed = {key: value for key, value in values.items() if key in refs and device.value(refs[key]) != value}
        if changed:
            self._northbound.sensed(station, changed)

    def _plan(self, station: str) -> tuple[Inspection, ...]:
        return self._northbound.installation(station).inspections


def _name(inspection: Inspection) -> str:
    """Of the document that is kept."""
    return inspection.ref(LAST).key.rpartition("/")[0]


def _differs(record: Record, kept: Record | None) -> bool:
    return kept is None or record.document() != kept.document()


def _at_work(inspection: Inspection, device: DeviceModel, state: StationState) -> bool | None:
    """Whether the component works now; None: that cannot be seen."""
    match inspection.source:
        case Source.SENSOR:
            return _sensed(inspection, device)
        case Source.ENERGY if not state.reachable:
            return None
        case Source.ENERGY:
            return any(each.charges and inspection.evse in {None, each.evse} for each in state.transactions)
        case Source.TRANSACTION:
            return any(inspection.evse in {None, each.evse} for each in state.transactions)


def _sensed(inspection: Inspection, device: DeviceModel) -> bool | None:
    for variable in AT_WORK:
        ref = inspection.ref(variable)
        spec = device.spec(ref)
        if spec is not None and spec.live:
            value = device.value(ref)
            return None if not value else value == "true" if variable == "Active" else float(value) > 0
    return None


def _values(inspection: Inspection, record: Record, now: datetime) -> dict[str, str]:
    """Value by key of each variable of an inspection."""
    found = standing(inspection, record, now)
    values = {
        LAST: timestamp(record.last) if record.last else "",
        DUE: timestamp(found.due) if found.due else "",
        DUE_SOON: str(found.soon).lower(),
        OVERDUE: str(found.overdue).lower(),
        CYCLES: str(record.tally.cycles),
        CYCLES_DUE: "" if found.cycles is None else str(found.cycles),
        HOURS: f"{record.tally.hours:.2f}",
        HOURS_DUE: "" if found.hours is None else f"{found.hours:.2f}",
    }
    return {inspection.ref(name).key: value for name, value in values.items()}
