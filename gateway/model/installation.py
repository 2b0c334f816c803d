"""What only the site file knows of a station: how it is wired, and how its way to the backend is secured."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.model.device.variable import VariableRef, VariableSpec
    from gateway.model.inspection import Inspection
    from gateway.model.throttle import Throttle

NOMINAL_VOLTAGE = 230.0
"""Between a phase and neutral, V (EN 60038)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """What is known of a connector's wiring; None where it is not known.

    ``power`` is the highest power in W of the EVSE, ``current`` the highest in A per phase. ``throttle`` is how finely it
    can be held down, None where the station itself says so; ``draws`` the current in A per phase that flows when it is let
    charge, where it can only be switched; ``least`` the current below which it gives nothing, where that is more than a vehicle
    needs.
    """

    connector_type: str = "Unknown"
    phases: int | None = None
    power: float | None = None
    current: float | None = None
    throttle: Throttle | None = None
    draws: float | None = None
    least: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorRelay:
    """Messages of a vendor that a program beside the box answers, at ``url``; ``messages`` empty: all of them."""

    vendor: str
    url: str
    messages: tuple[str, ...] = ()


class AlertKind(StrEnum):
    """What an alert is about."""

    SENSOR = "sensor"
    LOST = "lost"  # a sensor that tells nothing usable
    DUE = "due"  # an inspection, soon
    OVERDUE = "overdue"  # an inspection
    OVERLOAD = "overload"  # an EVSE that draws more than it is wired for
    FAULT = "fault"  # of the station, or what a sensor makes of it
    ALARM = "alarm"  # a sensor keeps drivers away
    BOX = "box"  # what the self test of the box finds


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerting:
    """An alert of the box: a variable above or below a value, or equal or unlike a word; with none of these: true.

    Attributes:
        ref: The variable.
        severity: 0 (danger) to 9 (debug), as of monitors.
        above: In the unit of the variable.
        below: In the unit of the variable.
        hysteresis: How far a number has to come back.
        equals: As OCPP writes the value.
        unlike: As OCPP writes the value.
        message: For people, "" where the site file has none.
        kind: What it is about, where there is no message.
    """

    ref: VariableRef
    severity: int
    above: float | None = None
    below: float | None = None
    hysteresis: float = 0.0
    equals: str | None = None
    unlike: str | None = None
    message: str = ""
    kind: AlertKind = AlertKind.SENSOR

    @property
    def threshold(self) -> bool:
        """True where a number is compared with a limit."""
        return self.above is not None or self.below is not None

    def met(self, value: str, *, standing: bool = False) -> bool | None:
        """Whether a value is what the alert is for.

        Args:
            value: As OCPP writes it, "" for none.
            standing: It was so before, and has to come back by the hysteresis.

        Returns:
            None where that cannot be told: nothing changes then.
        """
        if not value:
            return None
        if not self.threshold:
            return value != self.unlike if self.unlike is not None else value == (self.equals or "true")
        try:
            number = float(value)
        except ValueError:
            return None
        back = self.hysteresis if standing else 0.0
        if self.above is not None:
            return number > self.above - back
        return self.below is not None and number < self.below + back


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """The security profile of the backend's connection, the wiring by (EVSE, connector).

    ``display``: the box has a page of its own, for drivers to read; ``keypad``: they can type and choose there, too.
    ``roots`` are the authorities that the site file trusts for the backend at ``url``, ``certificate`` is the station's own
    with its chain: PEM, "" where there is none. ``root_check``: a new root certificate of the CSMS has to be signed by the one that it replaces. ``wildcards``: at first a
    name with an asterisk in the CSMS's certificate will do. ``password`` is the site file's, and no report shows it.
    ``equipment`` are the variables of added hardware, ``alerts`` what the backend hears of them by itself.
    ``inspections`` are what is inspected again and again. ``signs``: a meter of the box signs its transactions.
    """

    security_profile: int = 1
    url: str = ""
    roots: str = ""
    certificate: str = ""
    password: str = field(default="", repr=False)
    root_check: bool = False
    wildcards: bool = False
    display: bool = False
    keypad: bool = False
    outlets: Mapping[tuple[int, int], Outlet] = field(default_factory=dict)
    relays: tuple[VendorRelay, ...] = ()
    equipment: tuple[VariableSpec, ...] = ()
    alerts: tuple[Alerting, ...] = ()
    inspections: tuple[Inspection, ...] = ()
    signs: bool = False
