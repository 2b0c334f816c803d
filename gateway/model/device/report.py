"""Which variables belong in a report (OCPP 2.0.1 use cases B07 and B08). Live values must be up to date: ``at``."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from gateway.model.device.model import DeviceModel
    from gateway.model.device.variable import ComponentKey, VariableRef, VariableSpec

_AVAILABILITY = "AvailabilityState"
_PROBLEMS = frozenset({"problem", "tripped", "overload", "fallback"})


class ReportBase(StrEnum):
    """ReportBaseEnumType (Part 2, 3.70)."""

    CONFIGURATION = "ConfigurationInventory"
    FULL = "FullInventory"
    SUMMARY = "SummaryInventory"


class Criterion(StrEnum):
    """ComponentCriterionEnumType (Part 2, 3.19): a Boolean variable that a component has, and it is true."""

    ACTIVE = "Active"
    AVAILABLE = "Available"
    ENABLED = "Enabled"
    PROBLEM = "Problem"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportItem:
    """A variable in a report; ``value`` is None where it may not be read."""

    spec: VariableSpec
    value: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """What to report: the variables that fit every part that is given (B08.FR.20 to B08.FR.25)."""

    component: str
    component_instance: str | None = None
    evse: int | None = None
    connector: int | None = None
    variable: str | None = None
    variable_instance: str | None = None

    def fits(self, ref: VariableRef) -> bool:
        """Tell whether a variable is one of those meant."""
        return (
            self.component.casefold() == ref.component.casefold()
            and _is(self.component_instance, ref.component_instance)
            and (not self.evse or self.evse == ref.evse)
            and (not self.connector or self.connector == ref.connector)
            and _is(self.variable, ref.variable)
            and _is(self.variable_instance, ref.variable_instance)
        )


def inventory(device: DeviceModel, base: ReportBase) -> tuple[ReportItem, ...]:
    """The items of a base report (B07)."""
    match base:
        case ReportBase.FULL:
            return _items(device, lambda _: True)
        case ReportBase.CONFIGURATION:
            return _items(device, lambda spec: spec.writable)
        case ReportBase.SUMMARY:
            return _items(device, lambda spec: _in_summary(device, spec))


def report(device: DeviceModel, criteria: Collection[Criterion], patterns: Sequence[Pattern]) -> tuple[ReportItem, ...]:
    """The items of a custom report (B08): what fits a pattern, of the components that meet a criterion.

    Without patterns every variable fits, without criteria every component.
    """
    chosen = frozenset[object]().union(*(_meeting(device, criterion) for criterion in criteria))
    return _items(
        device,
        lambda spec: (
            (not criteria or spec.ref.component_key in chosen)
            and (not patterns or any(pattern.fits(spec.ref) for pattern in patterns))
        ),
    )


def _items(device: DeviceModel, wanted: Callable[[VariableSpec], bool]) -> tuple[ReportItem, ...]:
    return tuple(
        ReportItem(spec=spec, value=device.value(spec.ref) if spec.readable else None)
        for spec in device.specs.values()
        if wanted(spec)
    )


def _in_summary(device: DeviceModel, spec: VariableSpec) -> bool:
    """B07.FR.09; a connector's availability only where it is not that of its EVSE."""
    ref = spec.ref
    if ref.variable == _AVAILABILITY:
        if ref.component != "Connector":
            return True
        of_evse = next(
            (s.ref for s in device.specs.values() if s.ref.component == "EVSE" and _same_evse(s.ref, ref)),
            None,
        )
        return of_evse is None or device.value(of_evse) != device.value(ref)
    return ref.variable.casefold() in _PROBLEMS and device.value(ref) == "true"


def _same_evse(one: VariableRef, other: VariableRef) -> bool:
    return one.variable == other.variable and one.evse == other.evse


def _meeting(device: DeviceModel, criterion: Criterion) -> frozenset[ComponentKey]:
    """The components that meet a criterion; but for Problem, also those that have no such variable (B08.FR.07-10)."""
    flags = [s.ref for s in device.specs.values() if s.ref.variable.casefold() == criterion.casefold()]
    true = frozenset(ref.component_key for ref in flags if device.value(ref) == "true")
    if criterion is Criterion.PROBLEM:
        return true
    return true | (device.components - frozenset(ref.component_key for ref in flags))


def _is(wanted: str | None, name: str | None) -> bool:
    return not wanted or wanted.casefold() == (name or "").casefold()
