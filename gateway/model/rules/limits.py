"""Limits that others than the backend hold (OCPP 2.0.1 Part 2, K11 to K13)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.model.changes import LimitChanged
from gateway.model.rules.context import Applied
from gateway.model.station import HeldLimit

if TYPE_CHECKING:
    from datetime import datetime

    from gateway.model.events import LimitImposed
    from gateway.model.station import StationState


def imposed(state: StationState, event: LimitImposed, at: datetime) -> Applied:
    """A holder has set, changed or given up its limit at a place; the same again changes nothing."""
    here = (event.holder, event.place.evse)
    old = next((held for held in state.limits if (held.holder, held.evse) == here), None)
    new = None
    schedule = event.schedule
    if schedule is not None and schedule.start is None:
        schedule = replace(schedule, start=at.replace(microsecond=0))  # smart charging counts whole seconds
    if event.current is not None or schedule is not None:
        new = HeldLimit(
            holder=event.holder, evse=event.place.evse, current=event.current, at=at, source=event.source,
            grid_critical=event.grid_critical, schedule=schedule, reason=event.reason,
        )  # fmt: skip
    if _same(old, new):
        return Applied(state=state)
    others = tuple(held for held in state.limits if held is not old)
    after = replace(state, limits=others if new is None else (*others, new))
    return Applied(state=after, changes=(LimitChanged(place=event.place, at=at, old=old, new=new),))


def _same(old: HeldLimit | None, new: HeldLimit | None) -> bool:
    if old is None or new is None:
        return old is new
    return replace(old, at=new.at) == new
