"""Certification cases of Provisioning that need a station whose sessions the box runs: TC_B_25 to TC_B_27."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from gateway.bench.csms.ledger import Payload
    from tests.e2e.certification.stage import Stage


async def _reset(stage: Stage, kind: str) -> str:
    return str((await stage.side.call("Reset", type=kind, evseId=stage.evse))["status"])


async def _cycled(stage: Stage, since: int, status: str) -> None:
    """The EVSE is there again: the CSMS is told of its connector, and of no boot."""
    await stage.side.heard("StatusNotification", since, evseId=stage.evse, connectorStatus=status)
    assert stage.side.received("BootNotification", since) == []


async def _ended(stage: Stage, since: int) -> Payload:
    ended = await stage.side.heard("TransactionEvent", since, eventType="Ended")
    assert ended["transactionInfo"]["transactionId"] == stage.transaction
    stage.transaction = ""
    return ended


@pytest.mark.ocpp("B11.FR.08", "B11.FR.10")
async def tc_b_25_cs(stage: Stage) -> None:
    """Reset EVSE - Without ongoing transaction."""
    component = {"name": "EVSE", "evse": {"id": stage.evse}}
    assert (await stage.side.value(component, "AllowReset"))["attributeValue"] == "true"
    since = stage.both.world.news
    assert await _reset(stage, "OnIdle") == "Accepted"
    await _cycled(stage, since, "Available")


@pytest.mark.ocpp("B12.FR.01", "B12.FR.07")
async def tc_b_26_cs(stage: Stage) -> None:
    """Reset EVSE - With Ongoing Transaction - OnIdle."""
    transaction = await stage.charge()
    since = stage.both.world.news
    assert await _reset(stage, "OnIdle") == "Scheduled"
    assert (await stage.side.call("RequestStopTransaction", transactionId=transaction))["status"] == "Accepted"
    ended = await _ended(stage, since)
    assert ended["transactionInfo"]["stoppedReason"] == "Remote"
    await _cycled(stage, since, "Occupied")
    await stage.both.stand.sim.plug_out(stage.evse)
    await stage.side.heard("StatusNotification", since, connectorStatus="Available")


@pytest.mark.ocpp("B12.FR.02", "B12.FR.08")
async def tc_b_27_cs(stage: Stage) -> None:
    """Reset EVSE - With Ongoing Transaction - Immediate."""
    await stage.charge()
    since = stage.both.world.news
    assert await _reset(stage, "Immediate") == "Accepted"
    ended = await _ended(stage, since)
    info = ended["transactionInfo"]
    assert ended["triggerReason"] == "ResetCommand"
    assert (info["chargingState"], info["stoppedReason"]) == ("EVConnected", "ImmediateReset")
    await _cycled(stage, since, "Occupied")


CASES: Mapping[str, Callable[[Stage], Awaitable[None]]] = {
    case.__name__.upper(): case for case in (tc_b_25_cs, tc_b_26_cs, tc_b_27_cs)
}
"""By their ids."""
