"""Meter readings, normalised to OCPP 2.0.1's measurands, units, contexts and phases."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

ENERGY_REGISTER = "Energy.Active.Import.Register"
POWER_IMPORT = "Power.Active.Import"
CURRENT_IMPORT = "Current.Import"

_FLOWS = 1.0
"""A per phase from which on a car charges; less is what its control pilot, heating or the meter's noise takes."""

MEASURANDS = frozenset({
    "Current.Export", "Current.Import", "Current.Offered",
    "Energy.Active.Export.Interval", "Energy.Active.Export.Register",
    "Energy.Active.Import.Interval", "Energy.Active.Import.Register", "Energy.Active.Net",
    "Energy.Apparent.Export", "Energy.Apparent.Import", "Energy.Apparent.Net",
    "Energy.Reactive.Export.Interval", "Energy.Reactive.Export.Register",
    "Energy.Reactive.Import.Interval", "Energy.Reactive.Import.Register", "Energy.Reactive.Net",
    "Frequency",
    "Power.Active.Export", "Power.Active.Import", "Power.Factor", "Power.Offered",
    "Power.Reactive.Export", "Power.Reactive.Import",
    "SoC", "Voltage",
})  # fmt: skip
"""MeasurandEnumType (OCPP 2.0.1 Part 2, 3.48)."""


class Context(StrEnum):
    """ReadingContextEnumType (OCPP 2.0.1 Part 2, 3.66)."""

    INTERRUPTION_BEGIN = "Interruption.Begin"
    INTERRUPTION_END = "Interruption.End"
    OTHER = "Other"
    SAMPLE_CLOCK = "Sample.Clock"
    SAMPLE_PERIODIC = "Sample.Periodic"
    TRANSACTION_BEGIN = "Transaction.Begin"
    TRANSACTION_END = "Transaction.End"
    TRIGGER = "Trigger"


class Location(StrEnum):
    """LocationEnumType (OCPP 2.0.1 Part 2, 3.46)."""

    BODY = "Body"
    CABLE = "Cable"
    EV = "EV"
    INLET = "Inlet"
    OUTLET = "Outlet"


PHASES = frozenset({"L1", "L2", "L3", "N", "L1-N", "L2-N", "L3-N", "L1-L2", "L2-L3", "L3-L1"})
"""PhaseEnumType (OCPP 2.0.1 Part 2, 3.57)."""

_LINES = frozenset({"L1", "L2", "L3", "L1-N", "L2-N", "L3-N"})

_UNIT_BY_PREFIX = (
    ("Energy.Active", "Wh"), ("Energy.Reactive", "varh"), ("Energy.Apparent", "VAh"),
    ("Power.Active", "W"), ("Power.Offered", "W"), ("Power.Reactive", "var"), ("Power.Factor", ""),
    ("Current", "A"), ("Voltage", "V"), ("SoC", "Percent"), ("Frequency", "Hertz"),
)  # fmt: skip


_UNITS = {
    measurand: next(unit for prefix, unit in _UNIT_BY_PREFIX if measurand.startswith(prefix))
    for measurand in MEASURANDS
}


def default_unit(measurand: str) -> str:
    """The unit that a measurand has when none is given; "" where it has none.

    OCPP 1.5 says Wh for everything, which is wrong for all but energy.
    """
    return _UNITS.get(measurand, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What a meter has signed (SignedMeterValueType; OCPP 2.0.1 Part 2, 2.46); passed on as it is, never checked.

    ``data`` and ``public_key`` are Base64, ``public_key`` "" where it is not told. ``method`` is "" where it stands in
    the data.
    """

    data: str
    method: str
    encoding: str
    public_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One value as the meter gave it; ``unit`` is OCPP 2.0.1's name ("Wh", "kWh", "A", ...)."""

    value: float
    measurand: str = ENERGY_REGISTER
    unit: str = "Wh"
    context: Context = Context.SAMPLE_PERIODIC
    location: Location = Location.OUTLET
    phase: str | None = None
    signed: Signature | None = None

    @property
    def base_value(self) -> float:
        """The value in the unit without "k"."""
        return self.value * 1000 if self.unit.startswith("k") else self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Readings taken at one time."""

    at: datetime
    readings: tuple[Reading, ...]

    def energy(self) -> float | None:
        """The import register of all phases in Wh, if the sample has one."""
        return self._total(ENERGY_REGISTER)

    def power(self) -> float | None:
        """The imported active power of all phases in W, if the sample has one."""
        return self._total(POWER_IMPORT)

    def phases_used(self) -> int | None:
        """The number of phases that current flows over; None if the sample does not show it, or nothing flows.

        A phase counts from 30 % of the current of the strongest on: a car loads its phases alike, and what little flows
        over the others is no charging.
        """
        currents = [r.base_value for r in self.readings if r.measurand == CURRENT_IMPORT and r.phase in _LINES]
        most = max(currents, default=0.0)
        return sum(current >= 0.3 * most for current in currents) if most >= _FLOWS else None

    def _total(self, measurand: str) -> float | None:
        values = [r for r in self.readings if r.measurand == measurand]
        whole = next((r.base_value for r in values if r.phase is None), None)
        if whole is not None or not values:
            return whole
        return sum(r.base_value for r in values)


def register(value: float, at: datetime, context: Context) -> Sample:
    """A sample of the import register alone; value in Wh."""
    return Sample(at=at, readings=(Reading(value=value, context=context),))
