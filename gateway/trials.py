"""What a test may do at the running box: look at a sensor, read a meter, switch an output, note an inspection."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Protocol

from gateway.model.catalogue import resolve_component
from gateway.model.commands import Report, TriggerReport
from gateway.model.device import timestamp
from gateway.model.errors import GatewayError
from gateway.model.ids import Place
from gateway.model.inspection.plan import LAST
from gateway.model.installation import Outlet
from gateway.model.station import Capability
from gateway.trial_orders import ShownReading, TrialAnswer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from gateway.model.commands import Command, Outcome
    from gateway.model.device import SetResult, VariableRef
    from gateway.model.installation import Installation
    from gateway.model.readings import Sample
    from gateway.model.station import StationState
    from gateway.trial_orders import ShownChannel, TrialOrder

logger = logging.getLogger(__name__)

PATIENCE = 10.0
"""Seconds that a station has to tell its readings."""

LOOK = 0.2
"""Seconds between two looks whether it has."""


class Stations(Protocol):
    """The part of the hub that tests need."""

    def stations(self) -> tuple[str, ...]:
        """Every station of the site."""

    def station(self, station: str) -> StationState:
        """The state of a station now."""

    def installation(self, station: str) -> Installation:
        """What only the site knows of a station."""

    def now(self) -> datetime:
        """The box's clock, UTC."""

    def measured(self, station: str, evse: int) -> Sample | None:
        """The last readings of an EVSE."""

    async def execute(self, command: Command) -> Outcome:
        """Carry out a command."""

    async def set_variable(self, station: str, ref: VariableRef, value: str) -> SetResult:
        """Set a variable."""


class Sensors(Protocol):
    """The sensors of the box."""

    def shown(self, sensor: str) -> Sequence[ShownChannel]:
        """What the channels of a sensor tell now.

        Raises:
            GatewayError: ``test-unknown-sensor``.
        """

    async def switch(self, output: str, *, on: bool) -> None:
        """Switch an output for a test.

        Raises:
            GatewayError: ``test-output-held``, ``test-not-switched``.
        """


class Trials:
    """Carries out orders; every failure that can be expected is a ``GatewayError``."""

    def __init__(self, stations: Stations, sensors: Sensors) -> None:
        self._stations = stations
        self._sensors = sensors

    async def carry_out(self, order: TrialOrder) -> TrialAnswer:
        """Do what an order asks for."""
        match order.what:
            case "sensor":
                return TrialAnswer(channels=tuple(self._sensors.shown(order.name)))
            case "relay":
                await self._sensors.switch(order.name, on=True)
                logger.warning("%s is switched on for a test", order.name)
                return TrialAnswer()
            case "meter":
                return await self._meter(order)
            case "inspected":
                return await self._inspected(order)

    async def release(self, order: TrialOrder) -> TrialAnswer:
        """Switch off what an order has switched on."""
        await self._sensors.switch(order.name, on=False)
        logger.info("%s is switched off after a test", order.name)
        return TrialAnswer()

    async def _meter(self, order: TrialOrder) -> TrialAnswer:
        place = self._place(order)
        sample = await self._measure(place)
        if sample is None:
            raise GatewayError("test-no-readings", station=order.station, evse=order.evse)
        outlet = self._stations.installation(order.station).outlets.get((order.evse, 1), Outlet())
        return TrialAnswer(
            readings=tuple(
                ShownReading(
                    measurand=r.measurand, value=r.base_value, unit=r.unit.removeprefix("k"), phase=r.phase or ""
                )
                for r in sample.readings
            ),
            age=(self._stations.now() - sample.at).total_seconds(),
            phases=outlet.phases,
            max_current=outlet.current,
        )

    async def _measure(self, place: Place) -> Sample | None:
        """Readings that are taken now, where the station can be asked; else the last ones."""
        before = self._stations.measured(place.station, place.evse)
        if Capability.TRIGGER in self._stations.station(place.station).capabilities:
            asked = await self._stations.execute(TriggerReport(place=place, report=Report.METER_VALUES))
            for _ in range(round(PATIENCE / LOOK) if asked.accepted else 0):
                if self._stations.measured(place.station, place.evse) is not before:
                    break
                await asyncio.sleep(LOOK)  # a station of OCPP 1.6 tells it in a message of its own
        return self._stations.measured(place.station, place.evse)

    async def _inspected(self, order: TrialOrder) -> TrialAnswer:
        self._known(order)
        component = (resolve_component(order.name) or order.name).casefold()
        found = [
            each
            for each in self._stations.installation(order.station).inspections
            if each.component.casefold() == component and (each.evse or 0) in {0, order.evse}
        ]
        if not found:
            raise GatewayError("test-no-inspection", value=order.name, station=order.station)
        # Of one at the EVSE and one of the station, the nearer is meant.
        nearest = max(found, key=lambda each: each.evse or 0)
        now = timestamp(self._stations.now())
        result = await self._stations.set_variable(order.station, nearest.ref(LAST), now)
        if not result.accepted:
            raise GatewayError("test-no-inspection", value=order.name, station=order.station)
        return TrialAnswer()

    def _known(self, order: TrialOrder) -> None:
        if order.station not in self._stations.stations():
            known = ", ".join(self._stations.stations())
            raise GatewayError("limit-unknown-station", value=order.station, known=known)

    def _place(self, order: TrialOrder) -> Place:
        self._known(order)
        if order.evse not in self._stations.station(order.station).evses():
            raise GatewayError("limit-unknown-evse", value=order.station, evse=order.evse)
        return Place(station=order.station, evse=order.evse, connector=1)
