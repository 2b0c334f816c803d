"""Connectors: what the station reports, what the CSMS has set, and the status that results."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ConnectorStatus(StrEnum):
    """ConnectorStatusEnumType (OCPP 2.0.1 Part 2, 3.23)."""

    AVAILABLE = "Available"
    OCCUPIED = "Occupied"
    RESERVED = "Reserved"
    UNAVAILABLE = "Unavailable"
    FAULTED = "Faulted"


class Closure(StrEnum):
    """Why the box itself keeps drivers away from a connector, whatever the CSMS has set."""

    FIRMWARE = "firmware"  # it waits for transactions to end (L02)
    BOOT = "boot"  # the CSMS has not accepted the station (TxBeforeAcceptedEnabled)
    ALARM = "alarm"  # sensors of the box see something: the connector's ``alarms``


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A problem of a component: its standard name and the Boolean variable that says so.

    ``code`` is the station's own error code; ``vendor_code`` and ``info`` are kept as the station gave them.
    """

    component: str
    variable: str = "Problem"
    code: str = ""
    vendor_code: str = ""
    info: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What identifies the fault; details may differ from report to report."""
        return (self.component, self.variable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Something that a sensor of the box sees, and that keeps drivers away as long as it lasts.

    ``holder`` names the sensor. ``evse`` is where it sees it, 0 for the whole station. ``fault`` is what the connectors
    are Faulted for; None: they are Unavailable.
    """

    holder: str
    evse: int = 0
    fault: Fault | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorState:
    """One connector of one EVSE.

    ``reported`` is the station's word, ``operative`` the CSMS's (persistent, G03.FR.08), ``at`` the time of the last
    change of ``reported``. ``closures``: why the box itself keeps drivers away. ``scheduled``: it was closed while it was in
    use, and is so as long as the cable is in it. ``held``: it is reserved, and a cable that is in it by now is not that of who has reserved
    (G01.FR.09).
    """

    evse: int
    connector: int
    reported: ConnectorStatus
    at: datetime
    operative: bool = True
    closures: tuple[Closure, ...] = ()
    scheduled: bool = False
    held: bool = False
    faults: tuple[Fault, ...] = ()
    alarms: tuple[Alarm, ...] = ()

    @property
    def open(self) -> bool:
        """True where neither the CSMS nor the box keeps drivers away."""
        return self.operative and not self.closures

    @property
    def status(self) -> ConnectorStatus:
        """The status northbound: a fault outranks Unavailable, which outranks what the station reports."""
        if self.reported is ConnectorStatus.FAULTED or any(alarm.fault for alarm in self.alarms):
            return ConnectorStatus.FAULTED
        if self.open:
            return ConnectorStatus.RESERVED if self.held else self.reported
        if self.reported is ConnectorStatus.OCCUPIED and self.scheduled:
            # Scheduled: the change takes effect when the transaction has ended (G03.FR.05).
            return self.reported
        return ConnectorStatus.UNAVAILABLE
