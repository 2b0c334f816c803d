"""Charging profiles as OCPP 2.0.1 has them (Part 2, 2.10 to 2.12, 3.11 to 3.15, 3.68)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 the store reads it at run time
from enum import StrEnum


class Purpose(StrEnum):
    """ChargingProfilePurposeEnumType."""

    EXTERNAL_CONSTRAINTS = "ChargingStationExternalConstraints"
    STATION_MAX = "ChargingStationMaxProfile"
    TX_DEFAULT = "TxDefaultProfile"
    TX = "TxProfile"


class Kind(StrEnum):
    """ChargingProfileKindEnumType."""

    ABSOLUTE = "Absolute"
    RECURRING = "Recurring"
    RELATIVE = "Relative"


class Recurrency(StrEnum):
    """RecurrencyKindEnumType."""

    DAILY = "Daily"
    WEEKLY = "Weekly"


class RateUnit(StrEnum):
    """ChargingRateUnitEnumType: A per phase, or W of all phases together."""

    AMPERE = "A"
    WATT = "W"


class LimitSource(StrEnum):
    """ChargingLimitSourceEnumType: who has set a limit."""

    EMS = "EMS"
    OTHER = "Other"
    SYSTEM_OPERATOR = "SO"
    CSO = "CSO"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargingPeriod:
    """A limit from ``start`` (s after the schedule's start) to the start of the next period.

    ``limit`` is in the schedule's unit. ``phases``: how many it is meant for; None is three (K01.FR.49).
    """

    start: int
    limit: float
    phases: int | None = None
    phase_to_use: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargingSchedule:
    """Limits over time. ``duration`` in s; None: the last period has no end. ``minimum`` is minChargingRate."""

    id: int
    unit: RateUnit
    periods: tuple[ChargingPeriod, ...]
    start: datetime | None = None
    duration: int | None = None
    minimum: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargingProfile:
    """A schedule, what it is for, and when it counts.

    ``transaction`` is the id of the transaction that a TxProfile is bound to. Without ISO 15118 there is one schedule
    only (K01.FR.34), and the first is the one that counts.
    """

    id: int
    stack_level: int
    purpose: Purpose
    kind: Kind
    schedules: tuple[ChargingSchedule, ...]
    recurrency: Recurrency | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    transaction: str | None = None

    @property
    def schedule(self) -> ChargingSchedule:
        """The schedule that counts."""
        return self.schedules[0]
