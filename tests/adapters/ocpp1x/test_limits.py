"""Limits as charging profiles: never more than asked for, never accepted unless the station has accepted all."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.ocpp1x.features import Features
from adapters.ocpp1x.limits import _schedule
from gateway.model.commands import SetLimit, Verdict
from gateway.model.errors import GatewayError
from gateway.model.ids import Place
from gateway.model.installation import Outlet
from tests.adapters.ocpp1x.rig import ID, Station, pick, state, transaction

if TYPE_CHECKING:
    from gateway.model.commands import Outcome

SMART = Features(profiles=frozenset({"core", "smartcharging"}), stack_level=9)
ONE = Place(station=ID, evse=1, connector=1)


def smart(*, power: bool = False, phases: int = 3) -> Station:
    station = Station()
    station.peer.features = Features(profiles=SMART.profiles, stack_level=9, power=power)
    station.peer.outlets = {(1, 1): Outlet(phases=phases)}
    return station


async def limited(station: Station, current: float | None, place: Place = ONE) -> Outcome:
    return await station.asked(SetLimit(place=place, current=current))


async def test_a_free_connector_gets_a_default_for_what_comes() -> None:
    station = smart()
    assert (await limited(station, 13.37)).accepted
    ((operation, fields),) = station.calls
    assert (operation, fields["connectorId"]) == ("SetChargingProfile", 1)
    assert fields["csChargingProfiles"] == {
        "chargingProfileId": 8002,
        "stackLevel": 8,
        "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Relative",
        "chargingSchedule": {
            "chargingRateUnit": "A",
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 13.3}],
        },
    }


async def test_a_running_transaction_is_limited_first_and_by_its_number() -> None:
    station = smart()
    station.now_is(state(transaction()))
    assert (await limited(station, 0)).accepted
    profiles = [fields["csChargingProfiles"] for _, fields in station.calls]
    assert [pick(p, "chargingProfilePurpose") for p in profiles] == ["TxProfile", "TxDefaultProfile"]
    assert pick(profiles[0], "transactionId") == 17
    assert pick(profiles[0], "chargingProfileId") == 8003
    assert pick(profiles[0], "chargingSchedule", "chargingSchedulePeriod", 0, "limit") == 0.0


async def test_the_station_as_a_whole_is_each_of_its_connectors() -> None:
    station = smart()
    station.now_is(state(transaction(2)))
    assert (await limited(station, 10, Place(station=ID))).accepted
    assert [fields["connectorId"] for _, fields in station.calls] == [1, 2, 2]
    unknown = smart()
    assert (await limited(unknown, 10, Place(station=ID))).accepted
    assert [fields["connectorId"] for _, fields in unknown.calls] == [0]


async def test_a_limit_is_taken_back_by_its_ids_and_one_that_is_gone_is_gone() -> None:
    station = smart()
    station.answers["ClearChargingProfile"] = {"status": "Unknown"}
    assert (await limited(station, None)).accepted
    assert station.calls == [("ClearChargingProfile", {"id": 8002}), ("ClearChargingProfile", {"id": 8003})]
    station.answers["ClearChargingProfile"] = {}
    assert not (await limited(station, None)).accepted


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ({"status": "Rejected"}, Verdict.REJECTED),
        ({"status": "NotSupported"}, Verdict.UNSUPPORTED),
        ({}, Verdict.REJECTED),
        (GatewayError("station-timeout"), Verdict.UNANSWERED),
        (GatewayError("station-fault", subcode="NotImplemented"), Verdict.UNSUPPORTED),
    ],
)
async def test_nothing_is_accepted_that_the_station_has_not(answer: GatewayError, verdict: Verdict) -> None:
    station = smart()
    station.now_is(state(transaction()))
    station.answers["SetChargingProfile"] = answer
    assert (await limited(station, 16)).verdict is verdict
    assert len(station.calls) == 1


async def test_a_station_that_knows_only_watts() -> None:
    for phases, watts in ((1, 3199.0), (3, 9597.0), (0, 3199.0)):
        station = smart(power=True, phases=phases)
        assert (await limited(station, 13.91)).accepted
        schedule = pick(station.calls[0][1], "csChargingProfiles", "chargingSchedule")
        assert schedule == {
            "chargingRateUnit": "W",
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": watts, "numberPhases": phases or 1}],
        }


@given(st.floats(0, 500, allow_nan=False), st.booleans(), st.sampled_from([1, 3]))
def test_a_limit_is_never_rounded_up(current: float, power: bool, phases: int) -> None:  # noqa: FBT001
    station = smart(power=power, phases=phases)
    limit = pick(_schedule(1, current, station.target), "chargingSchedulePeriod", 0, "limit")
    assert isinstance(limit, float)
    asked = current * (230 * phases if power else 1)
    assert limit <= asked or math.isclose(limit, asked, rel_tol=1e-12)
    assert limit >= asked - (1 if power else 0.1) - 1e-9
