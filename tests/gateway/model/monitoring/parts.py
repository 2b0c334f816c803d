"""A small device model, and monitors on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gateway.model.device import DataType, DeviceModel, Mutability, VariableRef, VariableSpec
from gateway.model.monitoring import FRESH, Finding, MonitorType, Seen, VariableMonitor, judge
from gateway.model.station import StationState
from gateway.model.transactions import Transaction

if TYPE_CHECKING:
    from collections.abc import Iterable

START = datetime(2024, 5, 1, 12, 0, 7, tzinfo=UTC)
SPEED = VariableRef(component="Fan", variable="FanSpeed")
STATE = VariableRef(component="EVSE", evse=1, variable="AvailabilityState")
CLOCK = VariableRef(component="ClockCtrlr", variable="DateTime")
TYPES = {
    SPEED: VariableSpec(
        ref=SPEED, type=DataType.INTEGER, mutability=Mutability.READ_WRITE, min_limit=0, max_limit=1000, default="100"
    ),
    STATE: VariableSpec(ref=STATE, type=DataType.OPTION_LIST, values=("Available", "Occupied"), default="Available"),
    CLOCK: VariableSpec(ref=CLOCK, type=DataType.DATE_TIME, live=True),
}
DEVICE = DeviceModel.of(TYPES.values())
IDLE = StationState(id="S")
BUSY = replace(
    IDLE,
    transactions=(Transaction(id="T", number=1, evse=1, connector=1, started_at=START, last_at=START, token=None),),
)


def monitor(type_: MonitorType, value: float = 1, *, ref: VariableRef = SPEED, severity: int = 5) -> VariableMonitor:
    """A monitor with the id 1."""
    return VariableMonitor(id=1, ref=ref, type=type_, value=value, severity=severity)


def judged_in_turn(watched: VariableMonitor, values: Iterable[str], type_: DataType) -> list[Finding]:
    """The events of values that a variable has one after the other."""
    memory, found = FRESH, []
    for value in values:
        memory, finding = judge(watched, memory, Seen(type=type_, value=value, now=START))
        if finding is not None:
            found.append(finding)
    return found
