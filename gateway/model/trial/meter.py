"""Whether what a meter tells during a charge can be: direction, range, which current belongs to which phase, sums."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateway.model.readings import CURRENT_IMPORT, POWER_IMPORT
from gateway.model.trial.check import Check, Verdict, verdict
from gateway.model.trial.judge import FLOWS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateway.model.readings import Reading

LOWEST, HIGHEST = 207.0, 253.0
"""V between phase and neutral: 10 % about 230 V (EN 50160)."""

OVER = 1.1
"""A current above the wiring's by more than this is none that the station can draw."""

IN_PHASE = 0.7
"""Cosine above which current and voltage are of one phase. Those of two phases are 120 degrees apart: -0.5 and below 0.5."""

SUM_SHARE, SUM_LEAST = 0.05, 50.0
"""By how much the sum of the phases may differ from the total: share, and W."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measured:
    """Values by phase (L1, L2, L3; "" the total), in A, V, W."""

    current: Mapping[str, float] = field(default_factory=dict)
    voltage: Mapping[str, float] = field(default_factory=dict)
    power: Mapping[str, float] = field(default_factory=dict)
    export: Mapping[str, float] = field(default_factory=dict)


def judge_meter(readings: Iterable[Reading], phases: int | None, max_current: float | None) -> tuple[Check, ...]:
    """Judge readings that were taken at one time while a vehicle charges.

    Args:
        readings: Of one EVSE.
        phases: Wired ones; None: not known.
        max_current: Of the wiring, A per phase; None: not known.
    """
    seen = _measured(readings)
    lines = {phase: value for phase, value in seen.current.items() if phase}
    currents = [*lines.values()] or [*seen.current.values()]
    flowing = any(abs(value) >= FLOWS for value in currents) or any(
        abs(value) >= FLOWS * LOWEST for value in (*seen.power.values(), *seen.export.values())
    )
    found = ", ".join(f"{value:.1f} A" for value in currents) or ", ".join(f"{w:.0f} W" for w in seen.power.values())
    if not flowing:
        return (Check(name="charging", verdict=Verdict.UNCLEAR, found=found or "-", expected=f">= {FLOWS:g} A"),)
    checks = [Check(name="charging", verdict=Verdict.PASSED, found=found), _direction(seen)]
    if max_current is not None and currents:
        most = max(abs(value) for value in currents)
        good = most <= max_current * OVER
        expected = f"<= {max_current * OVER:.1f} A"
        checks.append(Check(name="current", verdict=verdict(good=good), found=f"{most:.1f} A", expected=expected))
    checks += [*_voltage(seen, phases), *_phases(lines, phases), _order(seen), *_sum(seen)]
    return tuple(checks)


def _direction(seen: _Measured) -> Check:
    """A current transformer that is put on the wrong way round makes import of export."""
    imported = [*seen.current.values(), *seen.power.values()]
    exported = [value for value in seen.export.values() if value > FLOWS * LOWEST]
    good = not exported and all(value > -FLOWS for value in imported)
    found = ", ".join(f"{value:.0f} W" for value in exported) or f"{min(imported, default=0):.1f}"
    return Check(name="direction", verdict=verdict(good=good), found=found, expected=">= 0")


def _voltage(seen: _Measured, phases: int | None) -> Iterable[Check]:
    volts = [value for value in seen.voltage.values() if value > LOWEST / 4]
    if volts:
        good = all(LOWEST <= value <= HIGHEST for value in volts)
        good = good and (phases is None or len(seen.voltage) < phases or len(volts) >= phases)
        found = ", ".join(f"{value:.0f} V" for value in seen.voltage.values())
        yield Check(name="voltage", verdict=verdict(good=good), found=found, expected=f"{LOWEST:g} .. {HIGHEST:g} V")


def _phases(lines: Mapping[str, float], phases: int | None) -> Iterable[Check]:
    if lines and phases is not None:
        used = [phase for phase, value in sorted(lines.items()) if abs(value) >= FLOWS]
        good = len(used) <= phases
        yield Check(name="phases", verdict=verdict(good=good), found=", ".join(used) or "-", expected=f"<= {phases}")


def _order(seen: _Measured) -> Check:
    """The cosine of each phase shows a current that is of another phase than the voltage that it is taken with."""
    cosines = {
        phase: seen.power[phase] / (seen.current[phase] * seen.voltage[phase])
        for phase in sorted(seen.power.keys() & seen.current.keys() & seen.voltage.keys())
        if phase and abs(seen.current[phase]) >= FLOWS and seen.voltage[phase] > LOWEST / 4
    }
    if not cosines:
        return Check(name="order", verdict=Verdict.UNCLEAR, found="-", expected=f">= {IN_PHASE:g}")
    found = ", ".join(f"{phase} {cosine:.2f}" for phase, cosine in cosines.items())
    # What flows backwards in its own phase is told by the direction.
    good = all(abs(cosine) >= IN_PHASE for cosine in cosines.values())
    return Check(name="order", verdict=verdict(good=good), found=found, expected=f">= {IN_PHASE:g}")


def _sum(seen: _Measured) -> Iterable[Check]:
    parts = [value for phase, value in seen.power.items() if phase]
    if "" in seen.power and parts:
        total, summed = seen.power[""], sum(parts)
        good = abs(total - summed) <= max(SUM_LEAST, SUM_SHARE * abs(total))
        yield Check(name="sum", verdict=verdict(good=good), found=f"{summed:.0f} W", expected=f"{total:.0f} W")


def _measured(readings: Iterable[Reading]) -> _Measured:
    found: dict[str, dict[str, float]] = {}
    for reading in readings:
        phase = (reading.phase or "").removesuffix("-N")
        if phase in {"", "L1", "L2", "L3"}:
            found.setdefault(reading.measurand, {})[phase] = reading.base_value
    return _Measured(
        current=found.get(CURRENT_IMPORT, {}),
        voltage=found.get("Voltage", {}),
        power=found.get(POWER_IMPORT, {}),
        export=found.get("Power.Active.Export", {}),
    )
