"""The simulated 1.6-J station says only what the standard allows, and does what it is told."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.gateway.bench.ocpp16j.central import running

TOKEN = "04A1B2C3D4E5F6"


def profile(purpose: str, limit: float, **more: Any) -> dict[str, Any]:
    return {
        "connectorId": 1,
        "csChargingProfiles": {
            "chargingProfileId": 1 if purpose == "TxDefaultProfile" else 2,
            "stackLevel": 7,
            "chargingProfilePurpose": purpose,
            "chargingProfileKind": "Relative",
            "chargingSchedule": {
                "chargingRateUnit": "A",
                "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit}],
            },
            **more,
        },
    }


async def test_a_visit_is_told_stage_by_stage() -> None:
    async with running() as (central, station):
        await station.plug_in(1)
        await station.present_token(1, TOKEN)
        await central.until(lambda: len(central.of("MeterValues")) >= 2)
        await station.ev_pause(1)
        await station.ev_resume(1)
        await station.present_token(1, TOKEN)
        await central.until(lambda: bool(central.of("StopTransaction")))
        await station.plug_out(1)
        await central.until(lambda: central.statuses[-1] == "Available")
        assert central.statuses == [
            "Available", "Preparing", "Charging", "SuspendedEV", "Charging", "Finishing", "Available",
        ]  # fmt: skip
        (stop,) = central.of("StopTransaction")
        assert (stop["transactionId"], stop["reason"], stop["idTag"]) == (17, "Local", TOKEN)
        assert central.connections == 1


async def test_the_car_keeps_to_the_lowest_profile() -> None:
    async with running() as (central, station):
        assert await central.call("SetChargingProfile", **profile("TxProfile", 8.0)) == {"status": "Rejected"}
        assert await central.call("SetChargingProfile", **profile("TxDefaultProfile", 10.0)) == {"status": "Accepted"}
        await station.plug_in(1)
        await station.present_token(1, TOKEN)
        await central.until(lambda: bool(central.of("StartTransaction")))
        assert station.connector(1).evse.current == 10.0
        own = profile("TxProfile", 0, transactionId=17)
        assert await central.call("SetChargingProfile", **own) == {"status": "Accepted"}
        await central.until(lambda: central.statuses[-1] == "SuspendedEVSE")
        assert station.connector(1).evse.current == 0
        for id_ in (1, 2):
            assert await central.call("ClearChargingProfile", id=id_) == {"status": "Accepted"}
        assert await central.call("ClearChargingProfile", id=2) == {"status": "Unknown"}
        assert station.connector(1).evse.current == 16.0
        assert (await central.call("GetCompositeSchedule", connectorId=1, duration=60))["status"] == "Accepted"


async def test_commands_are_answered_as_the_standard_has_it() -> None:
    async with running() as (central, station):
        await station.plug_in(1)
        assert await central.call("RemoteStartTransaction", idTag=TOKEN, connectorId=1) == {"status": "Accepted"}
        await central.until(lambda: bool(central.of("StartTransaction")))
        assert await central.call("TriggerMessage", requestedMessage="MeterValues", connectorId=1) == {
            "status": "Accepted"
        }
        assert await central.call("RemoteStopTransaction", transactionId=17) == {"status": "Accepted"}
        await central.until(lambda: bool(central.of("StopTransaction")))
        assert central.of("StopTransaction")[0]["reason"] == "Remote"
        assert await central.call("UnlockConnector", connectorId=9) == {"status": "UnlockFailed"}
        keys = (await central.call("GetConfiguration"))["configurationKey"]
        assert any(key["key"] == "SupportedFeatureProfiles" and "SmartCharging" in key["value"] for key in keys)
        assert (await central.call("Fly"))[0] == "NotImplemented"
        assert (await central.call("RemoteStopTransaction"))[0] == "FormationViolation"


async def test_a_cut_line_is_mended_without_a_boot_and_nothing_is_lost() -> None:
    async with running() as (central, station):
        await station.plug_in(1)
        await station.present_token(1, TOKEN)
        await central.until(lambda: bool(central.of("StartTransaction")))
        await station.link_down()
        await station.plug_out(1)
        assert len(central.of("StopTransaction")) == 0
        await station.link_up()
        await central.until(lambda: bool(central.of("StopTransaction")))
        assert len(central.of("BootNotification")) == 1
        assert central.connections == 2


async def test_a_connection_that_is_closed_is_opened_again_though_there_is_nothing_to_say() -> None:
    async with running() as (central, _):
        before = len(central.of("Heartbeat"))
        assert central.socket is not None
        await central.socket.close()
        await central.until(lambda: len(central.of("Heartbeat")) > before)
        assert central.connections == 2


async def test_an_unanswered_start_is_sent_again_as_it_was() -> None:
    async with running() as (central, station):
        central.answers["StartTransaction"] = None
        await station.plug_in(1)
        await station.present_token(1, TOKEN)
        await central.until(lambda: bool(central.of("StartTransaction")))
        central.answers["StartTransaction"] = {"transactionId": 5, "idTagInfo": {"status": "Accepted"}}
        assert central.socket is not None
        await central.socket.close()
        await central.until(lambda: len(central.of("StartTransaction")) >= 2)
        first, second, *_ = central.of("StartTransaction")
        assert first == second


async def test_a_power_cycle_ends_the_transaction_and_boots() -> None:
    async with running() as (central, station):
        await station.plug_in(1)
        await station.present_token(1, TOKEN)
        await central.until(lambda: bool(central.of("StartTransaction")))
        await station.power_cycle()
        await central.until(lambda: bool(central.of("StopTransaction")))
        assert central.of("StopTransaction")[0]["reason"] == "PowerLoss"
        assert len(central.of("BootNotification")) == 2


async def test_it_signs_in_with_its_password() -> None:
    async with running(password="a secret key") as (central, _):
        assert central.connections == 1
    async with running(password="a secret key", given="wrong") as (central, station):
        async with asyncio.timeout(10):
            await station.wait_until(lambda s: bool(s.ledger.exchanges))
        assert (central.connections, central.told, station.is_accepted) == (0, [], False)


@pytest.mark.parametrize("status", ["Pending", "Rejected"])
async def test_it_says_nothing_until_it_is_accepted(status: str) -> None:
    async with running() as (central, station):
        central.answers["BootNotification"] = {"status": status, "currentTime": "2024-05-01T12:00:00Z", "interval": 600}
        await station.power_cycle()
        before = len(central.told)
        await central.until(lambda: len(central.of("BootNotification")) >= 3)
        assert {action for action, _ in central.told[before:]} == {"BootNotification"}
