"""A station with a sensor, as the board looks at it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateway.alerting.board import Board
from gateway.model.device import DataType, DeviceModel, VariableRef, VariableSpec
from gateway.model.evse import ConnectorState, ConnectorStatus
from gateway.model.installation import Alerting, AlertKind, Installation, Outlet
from gateway.model.station import StationState
from tests.fakes.clock import START

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime

ID = "AT+1/a"
FLOOD = VariableRef(component="FloodSensor", variable="Active")
HEAT = VariableRef(component="TemperatureSensor", component_instance="rail #1", variable="Temperature")
LOST = VariableRef(component="TemperatureSensor", component_instance="rail #1", variable="Problem")
POWER = VariableRef(component="EVSE", evse=1, variable="Power")


def _specs() -> list[VariableSpec]:
    flags = [VariableSpec(ref=ref, type=DataType.BOOLEAN, default="false", live=True) for ref in (FLOOD, LOST)]
    return [*flags, *(VariableSpec(ref=ref, type=DataType.DECIMAL, live=True) for ref in (HEAT, POWER))]


@dataclass
class Scene:
    """``View`` of a board, with one station of one EVSE that is wired for 11 kW."""

    sensed: dict[str, str] = field(default_factory=dict)
    power: dict[int, float] = field(default_factory=dict)
    time: datetime = START
    state: StationState = field(init=False)
    board: Board = field(init=False)

    def __post_init__(self) -> None:
        free = ConnectorState(evse=1, connector=1, reported=ConnectorStatus.AVAILABLE, at=START)
        self.state = StationState(id=ID, reachable=True, connectors=(free,))
        self._installation = Installation(
            outlets={(1, 1): Outlet(power=11_000.0)},
            alerts=(
                Alerting(ref=FLOOD, severity=2, equals="true", message="Wasser im Schrank"),
                Alerting(ref=HEAT, severity=4, above=60.0, hysteresis=5.0, message="hot"),
                Alerting(ref=LOST, severity=4, kind=AlertKind.LOST),
            ),
        )
        self._device = DeviceModel.of(_specs())
        self.board = Board(self, pace=0.0)

    def stations(self) -> tuple[str, ...]:
        return (ID,)

    def station(self, station: str) -> StationState:
        assert station == ID
        return self.state

    def device(self, station: str) -> DeviceModel:
        return self._device.at(self.station(station), self.time, self.power, self.sensed)

    def installation(self, station: str) -> Installation:
        assert station == ID
        return self._installation

    def now(self) -> datetime:
        return self.time

    def tell(self, ref: VariableRef, value: str) -> None:
        """A sensor tells something."""
        self.sensed[ref.key] = value
        self.board.on_commit(ID)

    def sees(self, ref: VariableRef, value: str) -> list[tuple[str, int]]:
        """A sensor tells something; what stands then, by its label and severity."""
        self.tell(ref, value)
        return self.stands()

    def stands(self) -> list[tuple[str, int]]:
        """What stands, the most severe first."""
        self.board.look()
        return [(alert.ref.label, alert.severity) for alert in self.board.everywhere()]


@asynccontextmanager
async def running(scene: Scene) -> AsyncIterator[None]:
    """The board looks by itself."""
    task = asyncio.create_task(scene.board.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
