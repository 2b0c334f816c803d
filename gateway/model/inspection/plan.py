"""What is to be inspected, and which variables of the device model tell of it.

OCPP 2.0.1 has no variables for inspections (Part 2, Appendix 3): these are the box's own, with plain names.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING

from gateway.model.device.variable import VariableRef, VariableSpec
from gateway.model.device_types import DataType, Mutability

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.model.inspection.interval import Interval

SOON = timedelta(days=14)
LAST, DUE, DUE_SOON, OVERDUE = "InspectionLast", "InspectionDue", "InspectionDueSoon", "InspectionOverdue"
CYCLES, CYCLES_DUE = "SwitchingCycles", "SwitchingCyclesDue"
HOURS, HOURS_DUE = "OperatingHours", "OperatingHoursDue"


class Source(Enum):
    """What tells whether a component works: an added sensor, the flow of energy, or that a transaction runs."""

    SENSOR = "sensor"
    ENERGY = "energy"
    TRANSACTION = "transaction"


SEEN_BY_BOX = {
    "PowerContactor": Source.ENERGY,
    "EVRetentionLock": Source.TRANSACTION,
    "ConnectorPlugRetentionLock": Source.TRANSACTION,
}
"""What works at each EVSE, seen by the box without a sensor: a contactor closes for energy, a lock for a transaction."""

AT_WORK = ("Active", "FanSpeed")
"""The variables of a sensor that tell whether a component works; the first that there is counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """An inspection that comes again; at least one of ``every``, ``cycles`` and ``hours`` says when.

    Attributes:
        component: Its OCPP 2.0.1 name.
        instance: Which one, where there are several.
        evse: Where it is; None: it is of the station.
        every: Time from one to the next.
        cycles: How often the component may work from one to the next.
        hours: How many hours it may.
        last: When it was inspected last, as far as the site file knows.
        soon: How long before it is due that is told; of counts it is the last tenth.
        severity: Of an overdue inspection, 0 (danger) to 9 (debug).
        source: What is counted.
    """

    component: str
    instance: str | None = None
    evse: int | None = None
    every: Interval | None = None
    cycles: int | None = None
    hours: float | None = None
    last: datetime | None = None
    soon: timedelta = SOON
    severity: int = 4
    source: Source = Source.SENSOR

    @property
    def counted(self) -> bool:
        """True where the box has to count."""
        return self.cycles is not None or self.hours is not None

    def ref(self, variable: str) -> VariableRef:
        """The address of a variable of the component."""
        return VariableRef(
            component=self.component, component_instance=self.instance, evse=self.evse, variable=variable
        )

    def variables(self) -> Iterator[VariableSpec]:
        """What the device model has of it."""
        yield VariableSpec(
            ref=self.ref(LAST), type=DataType.DATE_TIME, mutability=Mutability.READ_WRITE, persistent=True, live=True
        )
        yield self._told(DUE_SOON, DataType.BOOLEAN, "false")
        yield self._told(OVERDUE, DataType.BOOLEAN, "false")
        if self.every is not None:
            yield self._told(DUE, DataType.DATE_TIME)
        if self.cycles is not None:
            yield self._told(CYCLES, DataType.INTEGER, "0")
            yield self._told(CYCLES_DUE, DataType.INTEGER, str(self.cycles))
        if self.hours is not None:
            yield self._told(HOURS, DataType.DECIMAL, "0", unit="h")
            yield self._told(HOURS_DUE, DataType.DECIMAL, f"{self.hours:g}", unit="h")

    def _told(self, variable: str, type_: DataType, default: str = "", unit: str = "") -> VariableSpec:
        return VariableSpec(ref=self.ref(variable), type=type_, default=default, unit=unit, live=True)
