"""What a monitor is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from gateway.model.device_types import DataType

if TYPE_CHECKING:
    from gateway.model.device.variable import VariableRef
    from gateway.model.installation import Alerting

LOWEST_SEVERITY = 9
"""Severities go from 0 (danger) to this (debug)."""


class MonitorType(StrEnum):
    """MonitorEnumType (Part 2, 3.55)."""

    UPPER_THRESHOLD = "UpperThreshold"
    LOWER_THRESHOLD = "LowerThreshold"
    DELTA = "Delta"
    PERIODIC = "Periodic"
    PERIODIC_CLOCK_ALIGNED = "PeriodicClockAligned"

    @property
    def threshold(self) -> bool:
        """True where an event is followed by one that says that it is over."""
        return self in {MonitorType.UPPER_THRESHOLD, MonitorType.LOWER_THRESHOLD}

    @property
    def timed(self) -> bool:
        """True where time alone makes an event."""
        return self in {MonitorType.PERIODIC, MonitorType.PERIODIC_CLOCK_ALIGNED}

    def watches(self, type_: DataType) -> bool:
        """Tell whether a variable of this data type can have such a monitor (Part 1, 4.4)."""
        if self.threshold:
            return type_ in NUMERIC
        return self is MonitorType.DELTA or type_ is not DataType.DATE_TIME


NUMERIC = frozenset({DataType.DECIMAL, DataType.INTEGER})


class Origin(StrEnum):
    """Who has set a monitor; its value in EventNotificationEnumType (Part 2, 3.31)."""

    HARD_WIRED = "HardWiredMonitor"
    PRECONFIGURED = "PreconfiguredMonitor"
    CUSTOM = "CustomMonitor"


class MonitoringBase(StrEnum):
    """MonitoringBaseEnumType (Part 2, 3.56)."""

    ALL = "All"
    FACTORY_DEFAULT = "FactoryDefault"
    HARD_WIRED_ONLY = "HardWiredOnly"


@dataclass(frozen=True, slots=True, kw_only=True)
class VariableMonitor:
    """A monitor on a variable.

    Attributes:
        id: Of no other monitor of the station.
        ref: The variable.
        type: What makes an event.
        value: The threshold, or the difference, in the variable's unit (seconds, of a dateTime); the interval in
            seconds of a periodic one.
        severity: 0 to ``LOWEST_SEVERITY``.
        transaction: Only while a transaction runs on the variable's EVSE, or on any for a variable of the station.
        origin: Who has set it.
        hysteresis: How far a value that has passed a threshold has to come back before that is over.
        alert: What is an alert, and what it says, where the site file or the box knows; of others each event is one.
    """

    id: int
    ref: VariableRef
    type: MonitorType
    value: float
    severity: int
    transaction: bool = False
    origin: Origin = Origin.CUSTOM
    hysteresis: float = 0.0
    alert: Alerting | None = None

    @property
    def matches(self) -> bool:
        """True where the values are known that are an alert; any other value is the end of it."""
        return self.alert is not None and not self.type.threshold


_OF_CRITERION = {
    "ThresholdMonitoring": frozenset({MonitorType.UPPER_THRESHOLD, MonitorType.LOWER_THRESHOLD}),
    "DeltaMonitoring": frozenset({MonitorType.DELTA}),
    "PeriodicMonitoring": frozenset({MonitorType.PERIODIC, MonitorType.PERIODIC_CLOCK_ALIGNED}),
}


def monitors_of(criterion: str) -> frozenset[MonitorType]:
    """The types that a MonitoringCriterionEnumType (Part 2, 3.57) means (N02.FR.12 to N02.FR.14)."""
    return _OF_CRITERION[criterion]
