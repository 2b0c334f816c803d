"""Whether a monitor may be set (Part 2, N04)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from gateway.model.monitoring.monitor import LOWEST_SEVERITY, MonitorType, Origin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.model.device.model import DeviceModel
    from gateway.model.device.variable import VariableRef, VariableSpec
    from gateway.model.monitoring.monitor import VariableMonitor

SHORTEST_INTERVAL = 1.0
"""Seconds: no variable is looked at more often."""

LONGEST_INTERVAL = 366 * 86_400.0
"""Seconds: what is longer is a mistake, and times must stay within the calendar."""


class SetStatus(StrEnum):
    """SetMonitoringStatusEnumType (Part 2, 3.77)."""

    ACCEPTED = "Accepted"
    UNKNOWN_COMPONENT = "UnknownComponent"
    UNKNOWN_VARIABLE = "UnknownVariable"
    UNSUPPORTED_MONITOR_TYPE = "UnsupportedMonitorType"
    REJECTED = "Rejected"
    DUPLICATE = "Duplicate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A monitor that the backend wants; ``id`` is that of the one to replace, None for another one."""

    ref: VariableRef
    type: MonitorType
    value: float
    severity: int
    transaction: bool = False
    id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The answer to a wish; ``reason`` is a reason code (Part 2 Appendices, 5), "" if there is nothing to say."""

    status: SetStatus
    reason: str = ""
    info: str = ""


ACCEPTED = Verdict(status=SetStatus.ACCEPTED)


def judged(wish: Wish, device: DeviceModel, existing: Sequence[VariableMonitor]) -> Verdict:
    """Say what becomes of a wish. Of a secret nobody knows more than that it has changed, so that is all that can be told.

    Args:
        wish: What is wanted.
        device: Of the station.
        existing: The monitors that the station has.
    """
    # Before the address: that of another monitor's variable is wrong whether or not there is such a variable.
    if refusal := _replacing(wish, existing):
        return refusal
    spec = device.spec(wish.ref)
    if spec is None:
        known = wish.ref.component_key in device.components
        return Verdict(status=SetStatus.UNKNOWN_VARIABLE if known else SetStatus.UNKNOWN_COMPONENT, reason="NotFound")
    if refusal := _out_of_range(wish):
        return refusal
    if (spec.secret and wish.type is not MonitorType.DELTA) or not wish.type.watches(spec.type):
        return Verdict(status=SetStatus.UNSUPPORTED_MONITOR_TYPE, reason="UnsupportedParam", info=spec.type)
    if not _keeps_value(wish, existing) and (refusal := _beyond_variable(wish, spec)):
        return refusal
    if any(_same(wish, monitor) for monitor in existing):
        return Verdict(status=SetStatus.DUPLICATE)
    return ACCEPTED


def _replacing(wish: Wish, existing: Sequence[VariableMonitor]) -> Verdict | None:
    """N04.FR.13, N04.FR.16, N04.FR.18."""
    if wish.id is None:
        return None
    replaced = next((monitor for monitor in existing if monitor.id == wish.id), None)
    if replaced is None:
        return _rejected("NotFound", "id")
    if replaced.ref != wish.ref:
        return _rejected("InvalidValue", "the monitor is of another variable")
    if replaced.origin is Origin.HARD_WIRED:
        return _rejected("ReadOnly", "the monitor is hard-wired")
    return None


def _out_of_range(wish: Wish) -> Verdict | None:
    """A severity or a value that no variable could have."""
    if not 0 <= wish.severity <= LOWEST_SEVERITY:
        return _rejected("ValueOutOfRange", f"severity 0 to {LOWEST_SEVERITY}")
    if wish.type is MonitorType.DELTA and wish.value < 0:
        return _rejected("ValueOutOfRange", "min 0")  # N04.FR.14
    if wish.type.timed and not SHORTEST_INTERVAL <= wish.value <= LONGEST_INTERVAL:
        return _rejected("ValueOutOfRange", f"{SHORTEST_INTERVAL:g} s to {LONGEST_INTERVAL:.0f} s")
    return None


def _keeps_value(wish: Wish, existing: Sequence[VariableMonitor]) -> bool:
    """A preconfigured threshold may lie beyond the limits, as one that tells of a wrong wiring does; it may stay there."""
    return any((each.id, each.type, each.value) == (wish.id, wish.type, wish.value) for each in existing)


def _beyond_variable(wish: Wish, spec: VariableSpec) -> Verdict | None:
    """A threshold that the variable's limits exclude (N04.FR.06)."""
    if not wish.type.threshold:
        return None
    if spec.min_limit is not None and wish.value < spec.min_limit:
        return _rejected("ValueOutOfRange", f"min {spec.min_limit:g}")
    if spec.max_limit is not None and wish.value > spec.max_limit:
        return _rejected("ValueOutOfRange", f"max {spec.max_limit:g}")
    return None


def _same(wish: Wish, monitor: VariableMonitor) -> bool:
    """N04.FR.10."""
    return monitor.id != wish.id and (monitor.ref, monitor.type, monitor.severity) == (
        wish.ref, wish.type, wish.severity,
    )  # fmt: skip


def _rejected(reason: str, info: str) -> Verdict:
    return Verdict(status=SetStatus.REJECTED, reason=reason, info=info)
