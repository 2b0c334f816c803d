"""RequestStartTransaction with a charging profile (K05, F01, F02)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateway.model.commands import SetLimit, StartCharging
from gateway.model.station import Capability
from gateway.model.tokens import Token
from tests.fakes.box import RFID
from tests.profiles.opened import limit
from tests.profiles.smart_charging.rig import moment, profile, schedule

if TYPE_CHECKING:
    from gateway.contracts import Json
    from tests.profiles.smart_charging.rig import Rig

TX = {"chargingProfilePurpose": "TxProfile"}


async def start(rig: Rig, wire: Json, id_: int = 9, **fields: Any) -> Json:
    token = {"idToken": RFID.value, "type": "ISO14443"}
    payload = {"idToken": token, "remoteStartId": id_, "evseId": 1, "chargingProfile": wire, **fields}
    return await rig.box.call("RequestStartTransaction", payload)


@pytest.mark.ocpp("K05.FR.01", "K05.FR.03", "F01.FR.10", "F02.FR.18")
async def test_the_profile_is_that_of_the_transaction_that_the_start_begins(rig: Rig) -> None:
    """TC_K_37."""
    assert (await start(rig, profile((0, 9.0), chargingProfileKind="Relative", **TX)))["status"] == "Accepted"
    assert await rig.ids() == []
    running = await rig.begin()
    await rig.until({1: 9.0})
    (report,) = await rig.reports()
    assert report["evseId"] == 1
    assert [p["transactionId"] for p in report["chargingProfile"]] == [running]
    transaction = rig.box.state.transaction(running)
    assert transaction is not None
    await rig.box.end(transaction.number)
    await rig.until({1: None})
    assert await rig.ids() == []


async def test_a_start_replaces_what_has_its_id(rig: Rig) -> None:
    await rig.accept(2, profile((0, 6.0)))
    await start(rig, profile((0, 9.0), **TX))
    await rig.begin()
    await rig.until({2: None, 1: 9.0})


async def test_another_transaction_does_not_take_the_profile(rig: Rig) -> None:
    await start(rig, profile((0, 9.0), **TX))
    await rig.begin(1, token=Token(value="04FFFFFF"))
    await rig.impose(20.0, 1)
    await rig.until({1: 20.0})
    assert await rig.ids() == []


async def test_a_start_that_nobody_uses_is_forgotten(rig: Rig) -> None:
    await start(rig, profile((0, 9.0), **TX))
    rig.box.clock.pass_(hours=1)
    await rig.impose(20.0, 2)
    await rig.until({2: 20.0})
    await rig.begin(1)
    await rig.impose(18.0, 1)
    await rig.until({1: 18.0, 2: 20.0})


@pytest.mark.ocpp(
    "K05.FR.02", "K05.FR.05", "F01.FR.09", "F01.FR.11", "F01.FR.26", "F02.FR.17", "F02.FR.19", "F02.FR.27"
)
@pytest.mark.parametrize(
    ("wire", "reason"),
    [
        (profile(), "InvalidProfile"),
        (profile(transactionId="known", **TX), "InvalidProfile"),
        (profile(chargingSchedule=[schedule(), schedule()], **TX), "InvalidProfile"),
        (profile((3, 6.0), **TX), "InvalidSchedule"),
        (profile(in_startSchedule=None, **TX), "InvalidSchedule"),
        (profile(chargingProfileKind="Relative", in_startSchedule=moment(), **TX), "InvalidSchedule"),
        (profile(validFrom="soon", **TX), "InvalidProfile"),
    ],
)
async def test_an_invalid_profile_refuses_the_start(rig: Rig, wire: Json, reason: str) -> None:
    answer = await start(rig, wire)
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", reason)
    assert rig.box.adapter.asked(StartCharging) == []


@pytest.mark.ocpp("K05.FR.04", "F01.FR.12", "F02.FR.20")
async def test_without_smart_charging_the_profile_is_ignored(rig: Rig) -> None:
    """TC_K_38."""
    await limit(rig.box, Capability.REMOTE_START)
    assert (await start(rig, profile((3, 6.0))))["status"] == "Accepted"
    await rig.begin()
    await rig.box.settled()
    assert rig.box.adapter.asked(SetLimit) == []


@pytest.mark.ocpp("K05.FR.04")
async def test_switched_off_the_profile_is_ignored(rig: Rig) -> None:
    await rig.variable("Enabled", "false")
    assert (await start(rig, profile((3, 6.0))))["status"] == "Accepted"
    await rig.variable("Enabled", "true")
    await rig.begin()
    assert await rig.ids() == []
