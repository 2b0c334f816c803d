"""Whether an inspection is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.model.inspection.plan import Inspection
    from gateway.model.inspection.record import Record

LATE_COUNT = 0.9
"""Share of a count from which on it is soon due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How an inspection stands.

    Attributes:
        due: When it is or was due by the calendar.
        cycles: Count at which it is due.
        hours: Hours at which it is due.
        soon: It is due soon, or overdue.
        overdue: It is due.
    """

    due: datetime | None = None
    cycles: int | None = None
    hours: float | None = None
    soon: bool = False
    overdue: bool = False


def standing(inspection: Inspection, record: Record, now: datetime) -> Standing:
    """How an inspection stands now: what comes first counts.

    Args:
        inspection: What is to be inspected, and when.
        record: What is known of it. Never inspected is due, where the calendar counts.
        now: The time, UTC.
    """
    due = _due(inspection, record, now)
    cycles = None if inspection.cycles is None else record.cycles_before + inspection.cycles
    hours = None if inspection.hours is None else record.seconds_before / 3600 + inspection.hours
    used = [0.0]
    if inspection.cycles is not None:
        used.append((record.tally.cycles - record.cycles_before) / inspection.cycles)
    if inspection.hours is not None:
        used.append((record.tally.seconds - record.seconds_before) / 3600 / inspection.hours)
    overdue = max(used) >= 1 or (due is not None and now >= due)
    soon = overdue or max(used) >= LATE_COUNT or (due is not None and due - now <= max(inspection.soon, timedelta(0)))
    return Standing(due=due, cycles=cycles, hours=hours, soon=soon, overdue=overdue)


def _due(inspection: Inspection, record: Record, now: datetime) -> datetime | None:
    if inspection.every is None:
        return None
    return now if record.last is None else inspection.every.after(record.last)
