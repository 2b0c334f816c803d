"""Smart charging (OCPP 2.0.1 Part 2, K): charging profiles, and what they allow together. Pure."""

from __future__ import annotations

from gateway.model.charging.composite import ALL_PHASES, Circuit, Question, Slice, composite, least, shown
from gateway.model.charging.profile import (
    ChargingPeriod,
    ChargingProfile,
    ChargingSchedule,
    Kind,
    LimitSource,
    Purpose,
    RateUnit,
    Recurrency,
)
from gateway.model.charging.totals import LEAST, Claim, shared, total
from gateway.model.charging.wire import period_to_json, profile_from_json, profile_to_json, schedule_to_json

__all__ = [
    "ALL_PHASES",
    "LEAST",
    "ChargingPeriod",
    "ChargingProfile",
    "ChargingSchedule",
    "Circuit",
    "Claim",
    "Kind",
    "LimitSource",
    "Purpose",
    "Question",
    "RateUnit",
    "Recurrency",
    "Slice",
    "composite",
    "least",
    "period_to_json",
    "profile_from_json",
    "profile_to_json",
    "schedule_to_json",
    "shared",
    "shown",
    "total",
]
