"""Charging profiles from and to JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given

from gateway.link.validation import Direction, Schemas
from gateway.model.charging import ChargingProfile, profile_from_json, profile_to_json
from tests.gateway.model.charging.brute import profiles

SCHEMAS = Schemas.load()


@given(profile=profiles())
def test_a_profile_survives_the_way_and_meets_the_schema(profile: ChargingProfile) -> None:
    wire = profile_to_json(profile)
    assert SCHEMAS.validate("SetChargingProfile", Direction.REQUEST, {"evseId": 1, "chargingProfile": wire}) is None
    assert profile_from_json(wire) == profile


def wire(**fields: Any) -> dict[str, Any]:
    schedule = {"id": 1, "chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6}]}
    return {
        "id": 1, "stackLevel": 0, "chargingProfilePurpose": "TxDefaultProfile", "chargingProfileKind": "Absolute",
        "chargingSchedule": [schedule], **fields,
    }  # fmt: skip


def test_times_become_utc() -> None:
    read = profile_from_json(wire(validFrom="2024-05-01T14:00:00+02:00", validTo="2024-05-02T12:00:00"))
    assert read.valid_from == datetime(2024, 5, 1, 12, tzinfo=UTC)
    assert read.valid_to == datetime(2024, 5, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize("text", ["tomorrow", "", "9999-12-31T23:59:59-01:00"])
def test_what_is_no_time_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        profile_from_json(wire(validFrom=text))
