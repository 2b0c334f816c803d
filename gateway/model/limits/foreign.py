"""Limits that others than the backend hold, as charging profiles, so that they are counted as these are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.model.charging import ChargingProfile, Kind, Purpose, Question, composite

if TYPE_CHECKING:
    from datetime import datetime

    from gateway.model.charging import ChargingSchedule
    from gateway.model.station import HeldLimit


def constraint(schedule: ChargingSchedule, number: int = 0) -> ChargingProfile:
    """A schedule of somebody other than the backend as a profile; they are numbered from 0."""
    return ChargingProfile(
        id=-1 - number,
        stack_level=number,
        purpose=Purpose.EXTERNAL_CONSTRAINTS,
        kind=Kind.ABSOLUTE,
        schedules=(schedule,),
    )


def amps(held: HeldLimit, now: datetime) -> float | None:
    """What a limit allows now, in A per phase; None where it limits nothing."""
    if held.schedule is None:
        return held.current
    bounds = () if held.current is None else (held.current,)
    return composite((), Question(start=now, duration=1, bounds=bounds, others=(constraint(held.schedule),)))[0].limit
