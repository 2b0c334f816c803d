"""GetCompositeSchedule, and what of it comes from profiles, transactions and limits of others (K01, K02, K08)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gateway.model import events as ev
from gateway.model.charging import LimitSource
from gateway.model.ids import Place
from gateway.model.installation import Installation
from gateway.model.station import Capability
from gateway.model.transactions import ChargingState, TriggerReason
from tests.fakes.box import ID, RFID, TWO_OUTLETS
from tests.profiles.smart_charging.rig import at, moment, profile

if TYPE_CHECKING:
    from gateway.contracts import Json
    from tests.profiles.smart_charging.rig import Rig

TX = {"chargingProfilePurpose": "TxProfile"}
MAX = {"chargingProfilePurpose": "ChargingStationMaxProfile"}


@pytest.mark.ocpp("K04.FR.02", "K08.FR.01", "K08.FR.02", "K08.FR.03")
async def test_without_profiles_it_is_what_the_evses_are_built_for(rig: Rig) -> None:
    """TC_K_39."""
    answer = await rig.box.call("GetCompositeSchedule", {"evseId": 0, "duration": 300, "chargingRateUnit": "A"})
    assert answer["schedule"] == {
        "evseId": 0, "duration": 300, "scheduleStart": moment().replace("Z", ".000Z"), "chargingRateUnit": "A",
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 48.0}],
    }  # fmt: skip
    assert await rig.composite(0, chargingRateUnit="W") == [(0, 33_120.0)]


async def test_where_nothing_is_known_there_is_no_limit_to_tell(rig: Rig) -> None:
    rig.box.member.installation = Installation()
    assert len(TWO_OUTLETS) == 2
    assert await rig.composite(1) == [(0, 999_999.0)]
    assert await rig.composite(0, chargingRateUnit="W") == [(0, 999_999.0)]


@pytest.mark.ocpp("K08.FR.02", "K08.FR.06", "K01.FR.17", "K01.FR.12")
async def test_stacked_profiles(rig: Rig) -> None:
    """TC_K_40."""
    await rig.accept(1, profile((0, 6.0), (100, 8.0), (200, 10.0), in_duration=400))
    await rig.accept(1, profile((0, 7.0), (100, 9.0), id=2, stackLevel=1, in_duration=150))
    assert await rig.composite(1, 350) == [(0, 7.0), (100, 9.0), (150, 8.0), (200, 10.0)]


@pytest.mark.ocpp("K08.FR.02", "K08.FR.04", "K02.FR.04", "K02.FR.08")
async def test_purposes_together(rig: Rig) -> None:
    """TC_K_41."""
    running = await rig.begin()
    await rig.accept(0, profile((0, 10.0), id=1, in_duration=86_400, **MAX))
    default = ((0, 6.0), (60, 10.0), (120, 8.0), (180, 15.0), (260, 8.0))
    await rig.accept(1, profile(*default, id=2, in_duration=300))
    own = ((0, 8.0), (50, 11.0), (140, 16.0), (200, 6.0), (240, 12.0))
    await rig.accept(1, profile(*own, id=3, in_duration=260, transactionId=running, **TX))
    expected = [(0, 8.0), (50, 10.0), (200, 6.0), (240, 10.0), (260, 8.0), (300, 10.0)]
    assert await rig.composite(1) == expected


@pytest.mark.ocpp("K08.FR.05")
async def test_an_evse_that_does_not_exist(rig: Rig) -> None:
    """TC_K_47."""
    answer = await rig.box.call("GetCompositeSchedule", {"evseId": 7, "duration": 60})
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "UnknownEvse")
    assert "schedule" not in answer


@pytest.mark.parametrize("duration", [0, -1, 7 * 86_400 + 1])
async def test_a_duration_that_cannot_be_answered(rig: Rig, duration: int) -> None:
    answer = await rig.box.call("GetCompositeSchedule", {"evseId": 1, "duration": duration})
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "ValueOutOfRange")


@pytest.mark.ocpp("K01.FR.50", "K01.FR.51", "K01.FR.49")
async def test_both_units(rig: Rig) -> None:
    await rig.accept(1, profile((0, 11_000.0), (100, 6900.0), in_chargingRateUnit="W"))
    assert await rig.composite(1, chargingRateUnit="W") == [(0, 11_000.0), (100, 6900.0)]
    assert await rig.composite(1, chargingRateUnit="A") == [(0, 15.9), (100, 10.0)]
    await rig.accept(1, profile((0, 16.0)))
    assert await rig.composite(1, chargingRateUnit="W") == [(0, 11_040.0)]


@pytest.mark.ocpp("K01.FR.30")
async def test_a_schedule_that_begins_later(rig: Rig) -> None:
    """TC_K_23."""
    await rig.accept(1, profile((0, 6.0), in_startSchedule=moment(seconds=60)))
    assert await rig.composite(1) == [(0, 32.0), (60, 6.0)]


@pytest.mark.ocpp("K01.FR.10", "K01.FR.36", "K01.FR.37")
async def test_validity(rig: Rig) -> None:
    """TC_K_21, TC_K_22."""
    await rig.accept(1, profile((0, 8.0)))
    limited = {"validFrom": moment(seconds=50), "validTo": moment(seconds=100)}
    await rig.accept(1, profile((0, 6.0), id=2, stackLevel=1, **limited))
    assert await rig.composite(1) == [(0, 8.0), (50, 6.0), (100, 8.0)]
    at(rig, days=400)
    assert await rig.composite(1) == [(0, 8.0)]


@pytest.mark.ocpp("K01.FR.11", "K01.FR.13")
async def test_what_recurs_ends_with_its_duration(rig: Rig) -> None:
    daily = {"chargingProfileKind": "Recurring", "recurrencyKind": "Daily"}
    await rig.accept(1, profile((0, 6.0), (600, 8.0), in_duration=600, **daily))
    assert await rig.composite(1, 2 * 86_400) == [(0, 6.0), (600, 32.0), (86_400, 6.0), (87_000, 32.0)]


@pytest.mark.ocpp("K01.FR.42", "K08.FR.06")
async def test_relative_counts_from_the_begin_of_the_transaction(rig: Rig) -> None:
    """TC_K_60."""
    await rig.accept(1, profile((0, 6.0), (100, 16.0), chargingProfileKind="Relative"))
    assert await rig.composite(1) == [(0, 6.0), (100, 16.0)]
    running = await rig.begin()
    at(rig, seconds=60)
    assert await rig.composite(1) == [(0, 6.0), (40, 16.0)]
    own = profile((0, 8.0), (90, 10.0), id=2, chargingProfileKind="Relative", transactionId=running, **TX)
    await rig.accept(1, own)
    assert await rig.composite(1) == [(0, 8.0), (30, 10.0)]


@pytest.mark.ocpp("K01.FR.42")
async def test_where_the_box_runs_transactions_relative_waits_for_authorization_and_cable(rig: Rig) -> None:
    capabilities = frozenset({Capability.BOX_SESSIONS, Capability.SMART_CHARGING})
    await rig.box.hub.publish(ev.StationFound(station=ID, at=rig.box.clock.now(), capabilities=capabilities))
    await rig.accept(1, profile((0, 6.0), (100, 16.0), chargingProfileKind="Relative"))
    place = Place(station=ID, evse=1, connector=1)
    event = ev.TransactionBegan(
        place=place, at=rig.box.clock.now(), token=None, meter_start=0.0, key="k",
        trigger=TriggerReason.CABLE_PLUGGED_IN, charging_state=ChargingState.EV_CONNECTED,
    )  # fmt: skip
    number = (await rig.box.hub.begin(event, patience=0)).number
    at(rig, seconds=500)
    assert await rig.composite(1) == [(0, 6.0), (100, 16.0)]
    updated = ev.TransactionUpdated(
        place=place, at=rig.box.clock.now(), number=number, trigger=TriggerReason.AUTHORIZED, token=RFID
    )
    await rig.box.hub.publish(updated)
    await rig.accept(1, profile((0, 7.0), (100, 16.0), chargingProfileKind="Relative"))
    await rig.until({1: 7.0})
    at(rig, seconds=599)
    assert await rig.composite(1) == [(0, 7.0), (1, 16.0)]


@pytest.mark.ocpp("K08.FR.03", "K08.FR.04")
async def test_of_the_station_it_is_the_sum_and_never_more_than_its_maximum(rig: Rig) -> None:
    await rig.accept(1, profile((0, 6.0), (100, 30.0), id=1))
    await rig.accept(0, profile((0, 40.0), id=2, **MAX))
    assert await rig.composite(0) == [(0, 22.0), (100, 40.0)]
    assert await rig.composite(1) == [(0, 6.0), (100, 30.0)]


@pytest.mark.ocpp("K08.FR.04")
async def test_limits_of_others_bound_it(rig: Rig) -> None:
    await rig.accept(1, profile((0, 20.0)))
    await rig.impose(12.0, 1, "sharing")
    assert await rig.composite(1) == [(0, 12.0)]
    await rig.impose(8.0, 0, "grid", LimitSource.SYSTEM_OPERATOR)
    assert await rig.composite(1) == [(0, 8.0)]
    assert await rig.composite(0) == [(0, 8.0)]


@pytest.mark.parametrize(("value", "limit"), [("12.5", 12.5), ("", 32.0), ("0", 0.0)])
async def test_what_the_operator_has_set_at_the_station_bounds_it(rig: Rig, value: str, limit: float) -> None:
    held = ev.StationVariable(
        key="evse1/CurrentLimit",
        component="LegacyStation",
        variable="CurrentLimit",
        value=value,
        read_only=False,
        evse=1,
    )
    await rig.box.hub.publish(ev.VariablesReported(station=ID, at=rig.box.clock.now(), variables=(held,)))
    assert await rig.composite(1) == [(0, limit)]


async def test_a_lower_number_of_phases_is_told(rig: Rig) -> None:
    one = {key: replace(outlet, phases=1) for key, outlet in rig.box.member.installation.outlets.items()}
    rig.box.member.installation = Installation(outlets=one)
    period: Json = {"startPeriod": 0, "limit": 10.0, "numberPhases": 1}
    await rig.accept(1, profile(in_chargingSchedulePeriod=[period]))
    answer = await rig.box.call("GetCompositeSchedule", {"evseId": 1, "duration": 60})
    assert answer["schedule"]["chargingSchedulePeriod"] == [period]
