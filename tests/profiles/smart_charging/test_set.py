"""SetChargingProfile: what is taken, what is refused and why (K01, K04)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateway.contracts import CallRefused
from gateway.model.charging import LimitSource
from gateway.model.installation import Installation, Outlet
from gateway.model.station import Capability
from tests.profiles.opened import limit
from tests.profiles.smart_charging.rig import moment, profile, schedule

if TYPE_CHECKING:
    from tests.profiles.smart_charging.rig import Rig

TX = {"chargingProfilePurpose": "TxProfile"}
MAX = {"chargingProfilePurpose": "ChargingStationMaxProfile"}


@pytest.mark.ocpp("K01.FR.15")
async def test_a_default_of_one_evse_counts_there_only(rig: Rig) -> None:
    """TC_K_01."""
    await rig.accept(1, profile((0, 6.0)))
    assert await rig.composite(1) == [(0, 6.0)]
    assert await rig.composite(2) == [(0, 16.0)]
    assert [(r["evseId"], r["chargingProfile"]) for r in await rig.reports()] == [(1, [profile((0, 6.0))])]


@pytest.mark.ocpp("K01.FR.14")
async def test_a_default_of_the_station_counts_everywhere_and_is_not_copied(rig: Rig) -> None:
    """TC_K_10."""
    await rig.accept(0, profile((0, 6.0)))
    assert await rig.composite(1) == [(0, 6.0)]
    assert await rig.composite(2) == [(0, 6.0)]
    assert [(r["evseId"], len(r["chargingProfile"])) for r in await rig.reports()] == [(0, 1)]


@pytest.mark.ocpp("K01.FR.05")
async def test_the_same_id_replaces_wherever_it_was(rig: Rig) -> None:
    """TC_K_04."""
    await rig.accept(1, profile((0, 6.0)))
    await rig.accept(1, profile((0, 8.0)))
    assert await rig.composite(1) == [(0, 8.0)]
    await rig.accept(2, profile((0, 9.0)))
    assert [(r["evseId"], [p["id"] for p in r["chargingProfile"]]) for r in await rig.reports()] == [(2, [1])]


@pytest.mark.ocpp("K01.FR.05")
async def test_a_limit_of_others_is_not_replaced(rig: Rig) -> None:
    await rig.impose(10.0, 1, source=LimitSource.EMS)
    ((_, held),) = [(r["evseId"], r["chargingProfile"][0]) for r in await rig.reports()]
    assert await rig.refusal(1, profile((0, 20.0), id=held["id"])) == "InvalidProfile"
    assert await rig.composite(1) == [(0, 10.0)]


async def test_the_limit_of_somebody_else_is_not_replaced(rig: Rig) -> None:
    await rig.impose(20.0, source=LimitSource.EMS)
    assert await rig.ids() == [-1]
    assert await rig.refusal(1, profile(id=-1)) == "InvalidProfile"


@pytest.mark.ocpp("K01.FR.28")
async def test_an_evse_that_does_not_exist(rig: Rig) -> None:
    """TC_K_14."""
    assert await rig.refusal(7, profile()) == "UnknownEvse"


@pytest.mark.ocpp("K01.FR.09", "K01.FR.33")
async def test_a_transaction_that_is_not_known(rig: Rig) -> None:
    """TC_K_02, TC_K_16."""
    assert await rig.refusal(1, profile(transactionId="nobody's", **TX)) == "TxNotFound"
    running = await rig.begin(2)
    assert await rig.refusal(1, profile(transactionId=running, **TX)) == "TxNotFound"
    assert await rig.refusal(2, profile(transactionId="nobody's", **TX)) == "TxNotFound"


@pytest.mark.ocpp("K01.FR.03")
async def test_a_transaction_profile_has_to_name_its_transaction(rig: Rig) -> None:
    await rig.begin()
    assert await rig.refusal(1, profile(**TX)) == "MissingParam"


@pytest.mark.ocpp("K01.FR.16")
async def test_a_transaction_profile_is_for_one_evse(rig: Rig) -> None:
    """TC_K_11."""
    assert await rig.refusal(0, profile(transactionId=await rig.begin(), **TX)) == "InvalidProfile"


@pytest.mark.ocpp("K01.FR.22", "K02.FR.07", "K03.FR.08")
async def test_the_constraints_of_others_are_not_the_backends(rig: Rig) -> None:
    wire = profile(chargingProfilePurpose="ChargingStationExternalConstraints")
    assert await rig.refusal(0, wire) == "InvalidProfile"


@pytest.mark.ocpp("K01.FR.38", "K04.FR.03")
async def test_the_stations_maximum_is_for_the_station_and_never_relative(rig: Rig) -> None:
    assert await rig.refusal(1, profile(**MAX)) == "InvalidProfile"
    assert await rig.refusal(0, profile(chargingProfileKind="Relative", **MAX)) == "InvalidProfile"
    await rig.accept(0, profile(**MAX))


async def test_only_a_transaction_profile_has_a_transaction(rig: Rig) -> None:
    assert await rig.refusal(1, profile(transactionId=await rig.begin())) == "InvalidProfile"


@pytest.mark.ocpp("K01.FR.52")
async def test_a_default_of_the_station_gives_way_to_one_of_an_evse_at_its_level(rig: Rig) -> None:
    await rig.accept(1, profile())
    assert await rig.refusal(0, profile(id=2)) == "DuplicateProfile"
    await rig.accept(0, profile(id=2, stackLevel=1))
    await rig.accept(0, profile())


@pytest.mark.ocpp("K01.FR.53")
async def test_a_default_of_an_evse_gives_way_to_one_of_the_station_at_its_level(rig: Rig) -> None:
    await rig.accept(0, profile())
    assert await rig.refusal(1, profile(id=2)) == "DuplicateProfile"
    await rig.accept(1, profile(id=2, stackLevel=1))


@pytest.mark.ocpp("K01.FR.06")
async def test_two_profiles_at_one_level_must_not_be_valid_together(rig: Rig) -> None:
    await rig.accept(1, profile(validFrom=moment(hours=1), validTo=moment(hours=2)))
    for fields in ({}, {"validTo": moment(hours=2)}, {"validFrom": moment(hours=1.5)}):
        assert await rig.refusal(1, profile(id=2, **fields)) == "DuplicateProfile"
    await rig.accept(1, profile(id=2, validFrom=moment(hours=2)))
    await rig.accept(1, profile(id=3, validTo=moment(hours=1)))
    await rig.accept(2, profile(id=4))


@pytest.mark.ocpp("K01.FR.39")
async def test_two_profiles_of_a_transaction_are_not_at_one_level(rig: Rig) -> None:
    running = await rig.begin()
    await rig.accept(1, profile(transactionId=running, **TX))
    assert await rig.refusal(1, profile(id=2, transactionId=running, **TX)) == "DuplicateProfile"
    await rig.accept(1, profile(id=2, stackLevel=1, transactionId=running, **TX))


@pytest.mark.ocpp("K01.FR.34")
async def test_several_schedules_are_for_iso_15118(rig: Rig) -> None:
    running = await rig.begin()
    wire = profile(transactionId=running, chargingSchedule=[schedule(), schedule(id=2)], **TX)
    assert await rig.refusal(1, wire) == "InvalidProfile"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"stackLevel": -1}, "InvalidStackLevel"),
        ({"stackLevel": 100}, "InvalidStackLevel"),
        ({"chargingProfileKind": "Recurring"}, "InvalidProfile"),
        ({"validFrom": moment(hours=1), "validTo": moment(hours=1)}, "InvalidProfile"),
        ({"in_duration": 0}, "InvalidSchedule"),
        ({"in_chargingSchedulePeriod": [{"startPeriod": 0, "limit": 1e308}]}, "InvalidSchedule"),
        ({"in_chargingSchedulePeriod": [{"startPeriod": 0, "limit": -1.0}]}, "InvalidSchedule"),
        ({"in_chargingSchedulePeriod": [{"startPeriod": 0, "limit": 1.0, "numberPhases": 4}]}, "InvalidSchedule"),
    ],
)
async def test_what_makes_no_sense(rig: Rig, fields: dict[str, Any], reason: str) -> None:
    assert await rig.refusal(1, profile(**fields)) == reason


@pytest.mark.ocpp("K01.FR.31", "K01.FR.35")
async def test_periods_begin_at_0_and_are_in_order(rig: Rig) -> None:
    assert await rig.refusal(1, profile((5, 6.0))) == "InvalidSchedule"
    assert await rig.refusal(1, profile((0, 6.0), (60, 8.0), (30, 6.0))) == "InvalidSchedule"
    assert await rig.refusal(1, profile((0, 6.0), (60, 8.0), (60, 6.0))) == "InvalidSchedule"


@pytest.mark.ocpp("K01.FR.40", "K01.FR.41")
async def test_a_start_is_needed_unless_the_profile_is_relative(rig: Rig) -> None:
    """TC_K_19."""
    assert await rig.refusal(1, profile(in_startSchedule=None)) == "InvalidSchedule"
    daily = {"chargingProfileKind": "Recurring", "recurrencyKind": "Daily"}
    assert await rig.refusal(1, profile(in_startSchedule=None, **daily)) == "InvalidSchedule"
    relative = profile(chargingProfileKind="Relative", in_startSchedule=moment())
    assert await rig.refusal(1, relative) == "InvalidSchedule"
    await rig.accept(1, profile(**daily))
    await rig.accept(1, profile(chargingProfileKind="Recurring", recurrencyKind="Weekly"))


@pytest.mark.parametrize("wrong", [{"validFrom": "soon"}, {"in_startSchedule": "soon"}])
async def test_a_time_that_is_none(rig: Rig, wrong: dict[str, str]) -> None:
    with pytest.raises(CallRefused, match="PropertyConstraintViolation"):
        await rig.set(1, profile(**wrong))


def phased(phases: int | None, use: int | None = None, **fields: Any) -> dict[str, Any]:
    period = {"startPeriod": 0, "limit": 16.0, "numberPhases": phases, "phaseToUse": use}
    return profile(in_chargingSchedulePeriod=[{k: v for k, v in period.items() if v is not None}], **fields)


@pytest.mark.ocpp("K01.FR.43")
async def test_fewer_phases_than_the_station_may_use(rig: Rig) -> None:
    assert await rig.refusal(1, phased(1)) == "InvalidSchedule"
    assert await rig.refusal(0, phased(2)) == "InvalidSchedule"
    await rig.accept(1, phased(3))


@pytest.mark.ocpp("K01.FR.45", "K01.FR.49", "K01.FR.50")
async def test_more_phases_than_there_are(rig: Rig) -> None:
    rig.box.member.installation = Installation(outlets={(1, 1): Outlet(connector_type="cType2", phases=1)})
    for power, phases in ((11_040.0, {}), (11_040.0, {"numberPhases": 3}), (3680.0, {"numberPhases": 1})):
        period = {"startPeriod": 0, "limit": power, **phases}
        await rig.accept(1, profile(in_chargingRateUnit="W", in_chargingSchedulePeriod=[period]))
        assert await rig.composite(1) == [(0, 16.0)]
        await rig.until({1: 16.0})


@pytest.mark.ocpp("K01.FR.19", "K01.FR.20", "K01.FR.48")
async def test_no_station_uses_a_phase_on_demand(rig: Rig) -> None:
    rig.box.member.installation = Installation(outlets={(1, 1): Outlet(connector_type="cType2", phases=1)})
    assert await rig.refusal(1, phased(1, 2)) == "InvalidSchedule"
    assert await rig.refusal(1, phased(None, 1)) == "InvalidSchedule"


@pytest.mark.ocpp("K01.FR.47")
async def test_a_station_with_one_phase_takes_that(rig: Rig) -> None:
    rig.box.member.installation = Installation(outlets={(1, 1): Outlet(connector_type="cType2", phases=1)})
    await rig.accept(1, phased(1))
    answer = await rig.box.call("GetCompositeSchedule", {"evseId": 1, "duration": 60})
    assert answer["schedule"]["chargingSchedulePeriod"] == [{"startPeriod": 0, "limit": 16.0, "numberPhases": 1}]
    await rig.until({1: 16.0})


@pytest.mark.ocpp("K01.FR.44")
async def test_phases_mean_nothing_where_direct_current_is_charged(rig: Rig) -> None:
    rig.box.member.installation = Installation(outlets={(1, 1): Outlet(connector_type="cCCS2")})
    await rig.accept(1, phased(1, 2))
    answer = await rig.box.call("GetCompositeSchedule", {"evseId": 1, "duration": 60})
    (period,) = answer["schedule"]["chargingSchedulePeriod"]
    assert period == {"startPeriod": 0, "limit": 16.0}


async def test_there_is_room_for_a_hundred(rig: Rig) -> None:
    for number in range(100):
        await rig.accept(1 + number % 2, profile(id=number, stackLevel=number // 2))
    assert await rig.refusal(1, profile(id=100, stackLevel=99)) == "OutOfStorage"
    await rig.accept(1, profile(id=0))


@pytest.mark.ocpp("K01.FR.29")
async def test_a_station_that_takes_no_limits_has_no_smart_charging(rig: Rig) -> None:
    """TC_K_15."""
    await limit(rig.box, Capability.REMOTE_START)
    for ask in (rig.set(1, profile()), rig.clear(id_=1), rig.reports(), rig.composite()):
        with pytest.raises(CallRefused, match="NotSupported"):
            await ask
