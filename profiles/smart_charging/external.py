"""Limits that others than the backend hold, as the backend hears of them (OCPP 2.0.1 Part 2, K11 to K13)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.contracts import Message
from gateway.model.charging import (
    ChargingPeriod,
    ChargingSchedule,
    LimitSource,
    RateUnit,
    profile_to_json,
    schedule_to_json,
)
from gateway.model.limits.foreign import constraint
from profiles.smart_charging.book import Installed
from profiles.smart_charging.variables import CONTROLLER, significant

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.contracts import Json
    from gateway.model.changes import LimitChanged
    from gateway.model.charging import ChargingProfile
    from gateway.model.device import DeviceModel
    from gateway.model.station import HeldLimit, StationState


class Notices:
    """What the backend has been told of each limit: small steps add up until they are worth telling (K11.FR.02)."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, int, str], HeldLimit] = {}

    def messages(self, change: LimitChanged, device: DeviceModel) -> Iterable[Message]:
        """The messages that a change of a limit calls for."""
        old, new = change.old, change.new
        held = new or old
        if held is None:
            return
        key = (change.place.station, held.evse, held.holder)
        if old is not None and (new is None or new.source is not old.source):
            # Held for somebody else by now, it is another limit to the backend.
            self._told.pop(key, None)
            if old.source is not None:
                yield _message("ClearedChargingLimit", old, {"chargingLimitSource": old.source.value})
        if new is None or new.source is None:
            return
        whole = device.boolean(CONTROLLER, "NotifyChargingLimitWithSchedules")
        told = self._told.get(key, old if old is not None and old.source is new.source else None)
        same = told is not None and _course(told.schedule, whole=whole) == _course(new.schedule, whole=whole)
        if told is not None and same and not significant(device, told.current, new.current):
            return
        self._told[key] = new
        limit: Json = {"chargingLimitSource": new.source.value, "isGridCritical": new.grid_critical}
        payload: Json = {"chargingLimit": limit}
        if whole:
            payload["chargingSchedule"] = [schedule_to_json(each) for each in schedules(new)]  # K11.FR.03, K12.FR.03
        yield _message("NotifyChargingLimit", new, payload)


def _course(schedule: ChargingSchedule | None, *, whole: bool) -> object:
    """What of a schedule the backend is to hear of; that one limit lasts longer is no other limit (K11.FR.02)."""
    return schedule if whole or schedule is None or len(schedule.periods) > 1 else (schedule.unit, schedule.periods)


def constraints(state: StationState) -> tuple[tuple[LimitSource, Installed], ...]:
    """The limits of others as profiles with ids below 0, which no profile of the backend should have (K11.FR.06)."""
    told = [
        (held.source, held.evse, schedule)
        for held in sorted(state.limits, key=lambda each: (each.evse, each.holder))
        for schedule in schedules(held)
        if held.source is not None
    ]
    return tuple((source, _installed(evse, constraint(each, n))) for n, (source, evse, each) in enumerate(told))


def _installed(evse: int, profile: ChargingProfile) -> Installed:
    return Installed(evse=evse, profile=profile, wire=profile_to_json(profile))


def schedules(held: HeldLimit) -> tuple[ChargingSchedule, ...]:
    """A limit as it was set: the schedule of a current that holds all the time, and that which it has."""
    found = [] if held.schedule is None else [replace(held.schedule, id=2)]
    if held.current is not None:
        period = ChargingPeriod(start=0, limit=held.current)
        found.insert(0, ChargingSchedule(id=1, unit=RateUnit.AMPERE, start=held.at, periods=(period,)))
    return tuple(found)


def _message(action: str, held: HeldLimit, payload: Json) -> Message:
    where = {"evseId": held.evse} if held.evse else {}
    # What was never delivered need not be, once the limit is another.
    return Message(
        action=action, payload={**payload, **where}, supersedes=f"limit/{held.evse}/{held.holder}/{held.source}"
    )
