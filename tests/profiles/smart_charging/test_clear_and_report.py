"""ClearChargingProfile, GetChargingProfiles and ReportChargingProfiles (K09, K10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.model.charging import LimitSource
from tests.profiles.smart_charging.rig import moment, profile

if TYPE_CHECKING:
    from tests.profiles.smart_charging.rig import Rig

MAX = "ChargingStationMaxProfile"
DEFAULT = "TxDefaultProfile"
EXTERNAL = "ChargingStationExternalConstraints"


@pytest.fixture
async def full(rig: Rig) -> Rig:
    """Profiles 10 and 11 of the station, 20 and 21 of EVSE 1, 30 of EVSE 2."""
    await rig.accept(0, profile(id=10, chargingProfilePurpose=MAX))
    await rig.accept(0, profile(id=11, stackLevel=5))
    await rig.accept(1, profile(id=20))
    await rig.accept(1, profile(id=21, stackLevel=1))
    await rig.accept(2, profile(id=30))
    return rig


@pytest.mark.ocpp("K10.FR.03")
async def test_one_by_its_id(full: Rig) -> None:
    """TC_K_05."""
    assert await full.clear(id_=20) == "Accepted"
    assert await full.ids() == [10, 11, 21, 30]


@pytest.mark.ocpp("K10.FR.04")
async def test_all_that_meet_the_criteria(full: Rig) -> None:
    """TC_K_06, TC_K_24."""
    assert await full.clear(chargingProfilePurpose=DEFAULT, stackLevel=0) == "Accepted"
    assert await full.ids() == [10, 11, 21]
    assert await full.clear(evseId=0, chargingProfilePurpose=DEFAULT) == "Accepted"
    assert await full.ids() == [10, 21]
    assert await full.clear(evseId=1) == "Accepted"
    assert await full.ids() == [10]


@pytest.mark.ocpp("K10.FR.01")
async def test_what_is_not_there(full: Rig) -> None:
    """TC_K_07, TC_K_08."""
    assert await full.clear(id_=99) == "Unknown"
    assert await full.clear(chargingProfilePurpose=MAX, stackLevel=1) == "Unknown"
    assert await full.clear(evseId=7) == "Unknown"
    assert await full.ids() == [10, 11, 20, 21, 30]


@pytest.mark.ocpp("K10.FR.04", "K10.FR.08", "K10.FR.09")
async def test_limits_of_others_stay(full: Rig) -> None:
    await full.impose(20.0, source=LimitSource.SYSTEM_OPERATOR)
    assert await full.clear(id_=-1) == "Unknown"
    assert await full.clear(chargingProfilePurpose=EXTERNAL) == "Unknown"
    assert await full.clear(stackLevel=0) == "Accepted"
    assert await full.ids() == [-1, 11, 21]


@pytest.mark.ocpp("K09.FR.04", "K09.FR.05", "K09.FR.06")
async def test_by_evse(full: Rig) -> None:
    """TC_K_29, TC_K_30, TC_K_31."""
    assert await full.ids(0) == [10, 11]
    assert await full.ids(1) == [20, 21]
    assert await full.ids() == [10, 11, 20, 21, 30]
    assert await full.ids(7) == []


@pytest.mark.ocpp("K09.FR.04")
async def test_by_every_criterion(full: Rig) -> None:
    """TC_K_32 to TC_K_36."""
    assert await full.ids(chargingProfileId=[11, 20, 99]) == [11, 20]
    assert await full.ids(1, stackLevel=1) == [21]
    assert await full.ids(1, chargingLimitSource=["CSO"]) == [20, 21]
    assert await full.ids(1, chargingLimitSource=["EMS", "SO"]) == []
    assert await full.ids(0, chargingProfilePurpose=MAX) == [10]
    assert await full.ids(1, chargingProfilePurpose=DEFAULT, stackLevel=0) == [20]
    assert await full.ids(1, chargingProfilePurpose=MAX, stackLevel=0) == []


@pytest.mark.ocpp("K09.FR.01", "K09.FR.02")
async def test_pages_have_the_request_and_say_what_follows(full: Rig) -> None:
    for number in range(50):
        await full.accept(2, profile(id=100 + number, stackLevel=10 + number))
    reports = await full.reports()
    assert {report["requestId"] for report in reports} == {5}
    assert [report["tbc"] for report in reports] == [True] * (len(reports) - 1) + [False]
    assert len(reports) == 5
    assert sum(len(report["chargingProfile"]) for report in reports) == 55


async def test_big_profiles_come_one_by_one(rig: Rig) -> None:
    for level in range(2):
        await rig.accept(1, profile(*((n, 6.0 + n % 9) for n in range(900)), id=level, stackLevel=level))
    assert [len(report["chargingProfile"]) for report in await rig.reports()] == [1, 1]


async def test_reports_have_the_profile_as_it_was_sent(rig: Rig) -> None:
    wire = profile(validFrom="2024-05-01T14:00:00+02:00", validTo=moment(hours=9), in_minChargingRate=6.5,
                   customData={"vendorId": "x"})  # fmt: skip
    await rig.accept(1, wire)
    (report,) = await rig.reports()
    assert report["chargingProfile"] == [wire]


@pytest.mark.ocpp("K11.FR.06", "K12.FR.05")
async def test_limits_of_others_are_reported_with_their_source(full: Rig) -> None:
    """TC_K_52."""
    await full.impose(20.0, source=LimitSource.EMS)
    await full.impose(10.0, 1, "grid", LimitSource.SYSTEM_OPERATOR)
    await full.impose(8.0, 1, "sharing")
    reports = await full.reports(chargingProfilePurpose=EXTERNAL)
    found = [(r["chargingLimitSource"], r["evseId"], [p["id"] for p in r["chargingProfile"]]) for r in reports]
    assert found == [("EMS", 0, [-1]), ("SO", 1, [-2])]
    assert await full.ids(1, chargingLimitSource=["SO"]) == [-2]
    assert await full.ids(0, chargingLimitSource=["CSO"]) == [10, 11]
