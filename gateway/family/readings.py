"""Values of canonical points as readings in OCPP's measurands and units. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.model.installation import NOMINAL_VOLTAGE
from gateway.model.readings import ENERGY_REGISTER, POWER_IMPORT, Location, Reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateway.family.family import AnyFamily
    from gateway.family.value import Value

_FACTORS = {"kW": 1000.0, "kWh": 1000.0, "mA": 0.001, "mV": 0.001, "Ws": 1 / 3600.0, "kvar": 1000.0, "MWh": 1e6}
"""From a family's unit to OCPP's; units that are not here are OCPP's already."""

_WHOLE = {
    "power": (POWER_IMPORT, "W"),
    "offered_current": ("Current.Offered", "A"),
    "frequency": ("Frequency", "Hertz"),
    "power_factor": ("Power.Factor", ""),
    "reactive_power": ("Power.Reactive.Import", "var"),
    "soc": ("SoC", "Percent"),
}
_PHASES = {
    "voltage": ("Voltage", "V", "-N"),
    "current": ("Current.Import", "A", ""),
    "power_phase": (POWER_IMPORT, "W", ""),
}
MEASURED = (*_WHOLE, *_PHASES)
"""The canonical points that readings are made of, but for those that count energy."""


def number(family: AnyFamily, values: Mapping[str, Value], name: str) -> float | None:
    """A canonical value in OCPP's unit (W, Wh, A, V); None where there is none."""
    value = values.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    unit = family.points[name].unit if name in family.points else ""
    return float(value) * _FACTORS.get(unit, 1.0)


def power(family: AnyFamily, values: Mapping[str, Value]) -> float | None:
    """Active power in W: the total, the sum of the phases, or what voltage and current make."""
    whole = number(family, values, "power")
    if whole is not None:
        return whole
    phases = _row(family, values, "power_phase")
    if phases:
        return sum(phases)
    amperes = currents(family, values)
    if not amperes:
        return None
    voltages = _row(family, values, "voltage")
    if len(voltages) == 1:
        voltages *= len(amperes)
    return sum(
        current * ((voltages[index] if index < len(voltages) else 0.0) or NOMINAL_VOLTAGE)
        for index, current in enumerate(amperes)
    )


def currents(family: AnyFamily, values: Mapping[str, Value]) -> tuple[float, ...]:
    """Current of each phase in A; nothing where it is not measured."""
    return _row(family, values, "current")


def readings(family: AnyFamily, values: Mapping[str, Value], register: float | None) -> tuple[Reading, ...]:
    """Every reading that the values allow.

    Args:
        family: Says in which units the values are.
        values: By point, with the derived ones.
        register: Imported energy in Wh, from wherever it comes; None: not known.
    """
    found = list(_all(family, values))
    if register is not None:
        found.insert(0, Reading(value=round(register, 1), measurand=ENERGY_REGISTER, unit="Wh"))
    return tuple(found)


def _all(family: AnyFamily, values: Mapping[str, Value]) -> Iterator[Reading]:
    total = power(family, values)
    for name, (measurand, unit) in _WHOLE.items():
        value = total if name == "power" else number(family, values, name)
        if value is not None:
            # Only the car itself knows its state of charge.
            location = Location.EV if measurand == "SoC" else Location.OUTLET
            yield Reading(value=round(value, 3), measurand=measurand, unit=unit, location=location)
    for name, (measurand, unit, suffix) in _PHASES.items():
        row = _row(family, values, name)
        if name == "power_phase" and total is not None:
            continue  # the total says it, and a sum would count it twice
        for index, value in enumerate(row):
            phase = f"L{index + 1}{suffix}" if len(row) > 1 else None
            yield Reading(value=round(value, 3), measurand=measurand, unit=unit, phase=phase)


def _row(family: AnyFamily, values: Mapping[str, Value], name: str) -> tuple[float, ...]:
    """A value for each phase; a phase that has none counts as 0 if another has one."""
    value = values.get(name)
    row = value if isinstance(value, tuple) else (value,)
    if all(each is None for each in row):
        return ()
    unit = family.points[name].unit if name in family.points else ""
    factor = _FACTORS.get(unit, 1.0)
    return tuple(float(each) * factor if isinstance(each, int | float) else 0.0 for each in row)
