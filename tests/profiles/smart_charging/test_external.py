"""Limits of others: they hold, and the backend hears of them (K11 to K13)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from gateway.model.charging import ChargingPeriod, ChargingSchedule, LimitSource, RateUnit
from gateway.model.station import Capability
from tests.fakes.box import ID
from tests.profiles.opened import limit
from tests.profiles.smart_charging.rig import at, moment, profile

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
    assert await told_of_rate(rig, running) == [notice]


@pytest.mark.ocpp("K12.FR.01", "K12.FR.02", "K12.FR.04", "K13.FR.01", "K13.FR.02")
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


def over_time(*periods: tuple[int, float], **fields: Any) -> ChargingSchedule:
    """A schedule that somebody other than the backend sets."""
    found = tuple(ChargingPeriod(start=start, limit=limit) for start, limit in periods)
    return ChargingSchedule(id=1, unit=RateUnit.AMPERE, periods=found, **fields)


@pytest.mark.ocpp("K11.FR.01", "K11.FR.02", "K11.FR.03", "K11.FR.04", "K11.FR.06", "K13.FR.01", "K13.FR.02")
async def test_a_schedule_of_others_holds_step_by_step_and_ends(rig: Rig) -> None:
    await rig.variable("NotifyChargingLimitWithSchedules", "true")
    running = await rig.begin()
    await rig.box.sent()
    await rig.impose(None, 1, source=SO, schedule=over_time((0, 10.0), (60, 8.0), duration=120))
    await rig.until({1: 10.0})
    periods = [{"startPeriod": 0, "limit": 10.0}, {"startPeriod": 60, "limit": 8.0}]
    schedule = {"id": 2, "startSchedule": moment(), "duration": 120, "chargingRateUnit": "A",
                "chargingSchedulePeriod": periods}  # fmt: skip
    limit = {"chargingLimit": {"chargingLimitSource": "SO", "isGridCritical": False}, "evseId": 1}
    await told(rig, running, ("NotifyChargingLimit", {**limit, "chargingSchedule": [schedule]}))
    (reported,) = await rig.reports(1, chargingLimitSource=["SO"])
    assert [each["chargingSchedule"] for each in reported["chargingProfile"]] == [[schedule]]
    assert reported["chargingProfile"][0]["chargingProfilePurpose"] == "ChargingStationExternalConstraints"
    assert await rig.composite(1, 300) == [(0, 10.0), (60, 8.0), (120, 32.0)]
    await rig.accept(2, profile((0, 9.0), id=2))
    steps: list[tuple[int, float | None, list[str]]] = [(60, 8.0, []), (120, None, ["ClearedChargingLimit"])]
    for second, expected, notices_ in steps:
        at(rig, seconds=second)
        await rig.accept(2, profile((0, 9.0), id=2))  # the box looks again
        await rig.until({1: expected, 2: 9.0})
        assert [action for action, _ in await told_of_rate(rig, running)] == notices_


async def told_of_rate(rig: Rig, running: str) -> list[tuple[str, object]]:
    """Wait for the transaction to tell its rate; the notices that came before."""
    found: list[Message] = []
    changed = rig.box.storage.outbox.changed(ID)
    async with asyncio.timeout(10):
        while not any(message.payload.get("triggerReason") == "ChargingRateChanged" for message in found):
            changed.clear()
            found += await rig.box.sent()
            if not found or found[-1].action != "TransactionEvent":
                await changed.wait()
    assert found[-1].payload["transactionInfo"]["transactionId"] == running
    return [(m.action, m.payload) for m in found if m.action in NOTICES]


@pytest.mark.parametrize(("whole", "times"), [("false", 1), ("true", 2)])
async def test_a_limit_that_is_set_again_before_it_ends_is_told_where_its_end_is(
    rig: Rig, whole: str, times: int
) -> None:
    await rig.variable("NotifyChargingLimitWithSchedules", whole)
    for second in (0, 30):
        at(rig, seconds=second)
        await rig.impose(None, 1, source=SO, schedule=over_time((0, 10.0), duration=60))
    assert await rig.composite(1) == [(0, 10.0), (60, 32.0)]
    assert [action for action, _ in await notices(rig)] == ["NotifyChargingLimit"] * times


async def test_a_current_and_a_schedule_of_others_hold_both(rig: Rig) -> None:
    await rig.impose(12.0, 1, source=SO, schedule=over_time((0, 20.0), (60, 8.0)))
    await rig.impose(None, 1, holder="ems", schedule=over_time((0, 11.0), (100, 30.0)))
    assert await rig.composite(1, 300) == [(0, 11.0), (60, 8.0)]
    assert await rig.ids() == [-2, -1]


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


@pytest.mark.parametrize("online", [True, False])
async def test_a_limit_that_is_held_for_somebody_else_by_now_is_another_to_the_backend(
    rig: Rig, *, online: bool
) -> None:
    if not online:
        rig.box.backend.since = None
    said: list[tuple[str, object]] = []
    for source in (SO, LimitSource.EMS, None):
        await rig.impose(10.0, 1, source=source)
        said += await notices(rig) if online else []
    said += await notices(rig)
    sources = [(action, str(payload)) for action, payload in said]
    last = {name: action for name in ("SO", "EMS") for action, text in sources if f"'{name}'" in text}
    assert last == {"SO": "ClearedChargingLimit", "EMS": "ClearedChargingLimit"}
    assert len(sources) == (4 if online else 2)


async def test_without_smart_charging_nothing_is_told(rig: Rig) -> None:
    await rig.variable("Enabled", "false")
    await rig.impose(10.0, 1, source=SO)
    await rig.until({1: 10.0})
    await limit(rig.box, Capability.REMOTE_START)
    await rig.impose(None, 1, source=SO)
    assert await notices(rig) == []
