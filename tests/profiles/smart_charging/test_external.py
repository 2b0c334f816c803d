"""Limits of others: they hold, and the backend hears of them (K11 to K13)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from gateway.model.charging import LimitSource
from gateway.model.station import Capability
from tests.fakes.box import ID
from tests.profiles.opened import limit
from tests.profiles.smart_charging.rig import moment, profile

if TYPE_CHECKING:
    from gateway.contracts import Message
    from tests.profiles.smart_charging.rig import Rig

NOTICES = {"NotifyChargingLimit", "ClearedChargingLimit"}
SO = LimitSource.SYSTEM_OPERATOR


async def notices(rig: Rig) -> list[tuple[str, object]]:
    return [(m.action, m.payload) for m in await rig.box.sent() if m.action in NOTICES]


async def rates(rig: Rig) -> list[str]:
    """Transactions that have told of another rate since the last look."""
    events = await rig.box.sent_of("TransactionEvent")
    return [e["transactionInfo"]["transactionId"] for e in events if e["triggerReason"] == "ChargingRateChanged"]


async def told(rig: Rig, running: str, notice: tuple[str, object]) -> None:
    """Wait for the transaction to tell its rate; the notice came before."""
    changed = rig.box.storage.outbox.changed(ID)
    found: list[Message] = []
    async with asyncio.timeout(10):
        while not any(message.action == "TransactionEvent" for message in found):
            changed.clear()
            found += await rig.box.sent()
            if not found or found[-1].action != "TransactionEvent":
                await changed.wait()
    event = found[-1].payload
    assert (event["triggerReason"], event["transactionInfo"]["transactionId"]) == ("ChargingRateChanged", running)
    assert [(m.action, m.payload) for m in found if m.action in NOTICES] == [notice]


@pytest.mark.ocpp("K12.FR.02", "K12.FR.04", "K13.FR.01", "K13.FR.02")
async def test_a_limit_without_a_transaction(rig: Rig) -> None:
    await rig.impose(20.0, source=SO, grid_critical=True)
    await rig.until({1: 10.0, 2: 10.0})
    said = {"chargingLimit": {"chargingLimitSource": "SO", "isGridCritical": True}}
    assert await notices(rig) == [("NotifyChargingLimit", said)]
    await rig.impose(None, source=SO)
    await rig.until({1: None, 2: None})
    assert await notices(rig) == [("ClearedChargingLimit", {"chargingLimitSource": "SO"})]


@pytest.mark.ocpp("K11.FR.01", "K11.FR.02", "K11.FR.04", "K11.FR.05", "K13.FR.01", "K13.FR.02", "K13.FR.03")
async def test_a_limit_during_a_transaction(rig: Rig) -> None:
    running = await rig.begin()
    await rig.box.sent()
    await rig.impose(10.0, 1, source=LimitSource.EMS)
    await rig.until({1: 10.0})
    said = {"chargingLimit": {"chargingLimitSource": "EMS", "isGridCritical": False}, "evseId": 1}
    await told(rig, running, ("NotifyChargingLimit", said))
    await rig.impose(None, 1, source=LimitSource.EMS)
    await rig.until({1: None})
    await told(rig, running, ("ClearedChargingLimit", {"chargingLimitSource": "EMS", "evseId": 1}))


@pytest.mark.ocpp("K11.FR.03", "K12.FR.03")
async def test_the_limit_itself_comes_where_the_backend_wants_it(rig: Rig) -> None:
    await rig.variable("NotifyChargingLimitWithSchedules", "true")
    await rig.impose(10.5, 1, source=LimitSource.OTHER)
    ((_, said),) = await notices(rig)
    assert isinstance(said, dict)
    assert said["chargingSchedule"] == [
        {"id": 1, "startSchedule": moment(), "chargingRateUnit": "A",
         "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 10.5}]},
    ]  # fmt: skip


@pytest.mark.ocpp("K11.FR.02", "K12.FR.02")
async def test_small_steps_are_told_when_they_have_added_up(rig: Rig) -> None:
    await rig.variable("LimitChangeSignificance", "10")
    for current in (20.0, 21.0, 21.9, 22.1, 22.0):
        await rig.impose(current, 1, source=LimitSource.EMS)
        await rig.until({1: current})
    assert len(await notices(rig)) == 2
    await rig.impose(22.0, 1, source=LimitSource.EMS)
    assert await notices(rig) == []


async def test_the_boxs_own_sharing_is_told_by_the_transaction_only(rig: Rig) -> None:
    running = await rig.begin()
    await rig.box.sent()
    await rig.impose(10.0, 1, "sharing")
    await rig.until({1: 10.0})
    event = await rig.box.next_event()
    assert event.payload["triggerReason"] == "ChargingRateChanged"
    assert event.payload["transactionInfo"]["transactionId"] == running
    await rig.impose(None, 1, "sharing")
    assert await notices(rig) == []


async def test_a_limit_that_does_not_bind_changes_no_rate(rig: Rig) -> None:
    await rig.begin()
    await rig.accept(1, profile((0, 8.0)))
    await rig.until({1: 8.0})
    await rig.box.sent()
    await rig.impose(16.0, 1, source=SO)
    await rig.accept(1, profile((0, 7.0)))
    await rig.until({1: 7.0})
    assert await rates(rig) == []


async def test_what_was_not_delivered_is_replaced(rig: Rig) -> None:
    rig.box.backend.since = None
    await rig.impose(10.0, 1, source=SO)
    await rig.impose(6.0, 1, source=SO)
    await rig.impose(None, 1, source=SO)
    assert [action for action, _ in await notices(rig)] == ["ClearedChargingLimit"]


async def test_without_smart_charging_nothing_is_told(rig: Rig) -> None:
    await rig.variable("Enabled", "false")
    await rig.impose(10.0, 1, source=SO)
    await rig.until({1: 10.0})
    await limit(rig.box, Capability.REMOTE_START)
    await rig.impose(None, 1, source=SO)
    assert await notices(rig) == []
