"""Charging profiles from and to OCPP 2.0.1's JSON (Part 2, 2.10 to 2.12). ``salesTariff`` is for ISO 15118 only."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from gateway.model.charging.profile import (
    ChargingPeriod,
    ChargingProfile,
    ChargingSchedule,
    Kind,
    Purpose,
    RateUnit,
    Recurrency,
)

Json = dict[str, Any]


def profile_from_json(wire: Json) -> ChargingProfile:
    """The profile in a ChargingProfileType that meets its schema.

    Raises:
        ValueError: one of its times is none.
    """
    recurrency = wire.get("recurrencyKind")
    return ChargingProfile(
        id=wire["id"],
        stack_level=wire["stackLevel"],
        purpose=Purpose(wire["chargingProfilePurpose"]),
        kind=Kind(wire["chargingProfileKind"]),
        recurrency=Recurrency(recurrency) if recurrency else None,
        valid_from=_moment(wire.get("validFrom")),
        valid_to=_moment(wire.get("validTo")),
        transaction=wire.get("transactionId"),
        schedules=tuple(_schedule_from(each) for each in wire["chargingSchedule"]),
    )


def profile_to_json(profile: ChargingProfile) -> Json:
    """A ChargingProfileType; what is not set is left out."""
    return _present(
        {
            "id": profile.id,
            "stackLevel": profile.stack_level,
            "chargingProfilePurpose": profile.purpose.value,
            "chargingProfileKind": profile.kind.value,
            "recurrencyKind": profile.recurrency.value if profile.recurrency else None,
            "validFrom": _text(profile.valid_from),
            "validTo": _text(profile.valid_to),
            "transactionId": profile.transaction,
            "chargingSchedule": [schedule_to_json(each) for each in profile.schedules],
        }
    )


def schedule_to_json(schedule: ChargingSchedule) -> Json:
    """A ChargingScheduleType."""
    return _present(
        {
            "id": schedule.id,
            "startSchedule": _text(schedule.start),
            "duration": schedule.duration,
            "chargingRateUnit": schedule.unit.value,
            "minChargingRate": schedule.minimum,
            "chargingSchedulePeriod": [period_to_json(each) for each in schedule.periods],
        }
    )


def period_to_json(period: ChargingPeriod) -> Json:
    """A ChargingSchedulePeriodType."""
    return _present(
        {
            "startPeriod": period.start,
            "limit": period.limit,
            "numberPhases": period.phases,
            "phaseToUse": period.phase_to_use,
        }
    )


def _schedule_from(wire: Json) -> ChargingSchedule:
    return ChargingSchedule(
        id=wire["id"],
        unit=RateUnit(wire["chargingRateUnit"]),
        start=_moment(wire.get("startSchedule")),
        duration=wire.get("duration"),
        minimum=wire.get("minChargingRate"),
        periods=tuple(
            ChargingPeriod(
                start=each["startPeriod"],
                limit=each["limit"],
                phases=each.get("numberPhases"),
                phase_to_use=each.get("phaseToUse"),
            )
            for each in wire["chargingSchedulePeriod"]
        ),
    )


def _moment(text: str | None) -> datetime | None:
    """Aware UTC; a time without an offset is UTC (Part 2, 3.1)."""
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except OverflowError as error:  # the year 9999 west of Greenwich is none in UTC
        raise ValueError(text) from error


def _text(at: datetime | None) -> str | None:
    return at.isoformat().replace("+00:00", "Z") if at else None


def _present(fields: Json) -> Json:
    return {name: value for name, value in fields.items() if value is not None}
