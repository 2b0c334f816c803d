"""Conditional cases that need another station than the mandatory ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.bench.ocpp_s.dialects import V16
from tests.e2e.certification.stage import profile
from tests.e2e.plan import Plan
from tests.e2e.world import world

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.case("TC_K_24_CS")
async def test_profiles_of_several_evses_are_cleared_at_once(tmp_path: Path) -> None:
    """TC_K_24."""
    meant = {"chargingProfilePurpose": "TxDefaultProfile", "stackLevel": 2}
    async with world(tmp_path, Plan(dialect=V16, evses=2)) as made:
        for evse in (1, 2):
            wanted = profile(evse, stackLevel=2)
            answer = await made.call("SetChargingProfile", evseId=evse, chargingProfile=wanted)
            assert answer["status"] == "Accepted"
        assert (await made.call("ClearChargingProfile", chargingProfileCriteria=meant))["status"] == "Accepted"
        answer = await made.call("GetChargingProfiles", requestId=1, chargingProfile=meant)
        assert answer["status"] == "NoProfiles"
