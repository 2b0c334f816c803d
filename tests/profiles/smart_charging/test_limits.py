"""What is effective becomes the station's limit: at once, at each step of a schedule, and again when it was lost."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from gateway.limits import governor
from gateway.model import events as ev
from gateway.model.commands import ACCEPTED, Outcome, SetLimit, Verdict
from gateway.model.evse import ConnectorStatus
from gateway.model.ids import Place
from gateway.model.limits.outlook import Outlook
from gateway.model.station import Capability
from gateway.model.tokens import Token
from gateway.model.transactions import ChargingState, TriggerReason
from tests.fakes.box import ID, IDENTITY
from tests.fakes.clock import START, SettableClock
from tests.profiles.opened import limit
from tests.profiles.smart_charging.rig import at, moment, opened, profile

if TYPE_CHECKING:
    from pathlib import Path

    from tests.profiles.smart_charging.rig import Rig

TX = {"chargingProfilePurpose": "TxProfile"}
MAX = {"chargingProfilePurpose": "ChargingStationMaxProfile"}


@pytest.mark.ocpp("K01.FR.02", "K01.FR.07", "K01.FR.08", "K04.FR.01")
async def test_a_profile_counts_at_once(rig: Rig) -> None:
    await rig.accept(1, profile((0, 10.0)))
    await rig.until({1: 10.0})
    await rig.accept(2, profile((0, 8.0), id=2))
    await rig.until({1: 10.0, 2: 8.0})


@pytest.mark.ocpp("K01.FR.01", "K01.FR.04", "K02.FR.04", "K03.FR.03", "K02.FR.05")
async def test_the_profile_of_a_transaction_counts_until_it_ends(rig: Rig) -> None:
    """TC_K_60."""
    await rig.accept(1, profile((0, 16.0)))
    running = await rig.begin()
    await rig.accept(1, profile((0, 7.0), id=2, transactionId=running, **TX))
    await rig.until({1: 7.0})
    transaction = rig.box.state.transaction(running)
    assert transaction is not None
    await rig.box.end(transaction.number)
    await rig.until({1: 16.0})
    assert await rig.ids() == [1]


@pytest.mark.ocpp("K01.FR.32")
async def test_a_new_default_counts_for_a_running_transaction(rig: Rig) -> None:
    """TC_K_28."""
    running = await rig.begin()
    await rig.accept(1, profile((0, 6.0)))
    await rig.until({1: 6.0})
    await rig.accept(1, profile((0, 9.0)))
    await rig.until({1: 9.0})
    assert rig.box.state.transaction(running) is not None


@pytest.mark.ocpp("K10.FR.05", "K10.FR.07")
async def test_a_cleared_default_is_lifted_from_a_running_transaction(rig: Rig) -> None:
    """TC_K_09."""
    await rig.accept(1, profile((0, 6.0)))
    running = await rig.begin()
    assert await rig.composite() == [(0, 6.0)]
    await rig.until({1: 6.0})
    assert await rig.clear(chargingProfilePurpose="TxDefaultProfile") == "Accepted"
    await rig.until({1: None})
    assert await rig.composite() == [(0, 32.0)]
    assert rig.box.state.transaction(running) is not None


@pytest.mark.ocpp("K01.FR.30")
async def test_each_step_of_a_schedule_is_taken_in_time(rig: Rig) -> None:
    await rig.accept(1, profile((0, 6.0), (100, 8.0), in_startSchedule=moment(seconds=60), in_duration=200))
    # The clock stands still a moment before each step: the loop waits for it by itself.
    last: dict[int, float | None] = {}
    for second, expected in ((60, 6.0), (160, 8.0), (260, None)):
        at(rig, seconds=second - 0.01)
        await rig.accept(2, profile((0, second / 10), id=2))
        await rig.until({**last, 2: second / 10})
        at(rig, seconds=second)
        last = {1: expected, 2: second / 10}
        await rig.until(last)


async def test_limits_have_one_decimal_and_are_rounded_down(rig: Rig) -> None:
    await rig.accept(1, profile((0, 5000.0), in_chargingRateUnit="W"))
    await rig.until({1: 7.2})


@pytest.mark.ocpp("K06.FR.01", "K07.FR.01")
async def test_profiles_count_without_the_backend(rig: Rig) -> None:
    await rig.accept(2, profile((0, 9.0), id=2))
    running = await rig.begin(1)
    await rig.accept(1, profile((0, 7.0), (60, 11.0), transactionId=running, **TX))
    await rig.until({1: 7.0, 2: 9.0})
    rig.box.backend.since = None
    at(rig, seconds=60)
    await rig.begin(2)
    await rig.until({1: 11.0, 2: 9.0})


@pytest.mark.ocpp("K06.FR.02")
async def test_without_profiles_nothing_is_limited(rig: Rig) -> None:
    rig.box.backend.since = None
    await rig.begin(1)
    await rig.impose(10.0, 2)
    await rig.until({2: 10.0})


@pytest.mark.ocpp("K04.FR.05", "K12.FR.01")
async def test_the_stations_maximum_is_shared(rig: Rig) -> None:
    await rig.accept(0, profile((0, 20.0), **MAX))
    await rig.until({1: 10.0, 2: 10.0})
    first = await rig.begin(1)
    await rig.until({1: 14.0, 2: 6.0})
    rig.box.clock.pass_(seconds=5)
    await rig.begin(2)
    await rig.until({1: 10.0, 2: 10.0})
    await rig.accept(1, profile((0, 7.0), id=2, transactionId=first, **TX))
    await rig.until({1: 7.0, 2: 13.0})
    await rig.impose(10.0, 0)
    await rig.until({1: 7.0, 2: 0.0})
    given: dict[int, float] = {}
    for command in rig.box.adapter.asked(SetLimit):
        assert command.current is not None
        given[command.place.evse] = command.current
        assert sum(given.values()) <= 20.0


async def answered(rig: Rig, evse: int, **response: Any) -> None:
    """The CSMS answers to what the station has told of a transaction."""
    for message in await rig.box.sent():
        if message.action == "TransactionEvent" and message.payload.get("evse", {}).get("id") == evse:
            await rig.box.hub.responded(ID, message, response)
    await rig.box.settled()


@pytest.mark.ocpp("K03.FR.04", "K03.FR.05", "K03.FR.06")
async def test_the_transaction_of_a_higher_priority_is_served_first(rig: Rig) -> None:
    await rig.accept(0, profile((0, 20.0), **MAX))
    await rig.begin(1)
    await answered(rig, 1)
    rig.box.clock.pass_(seconds=5)
    await rig.begin(2, token=Token(value="VIP"))
    await rig.until({1: 10.0, 2: 10.0})
    said = {"status": "Accepted", "chargingPriority": 3}
    await answered(rig, 2, idTokenInfo=said)
    await rig.until({1: 0.0, 2: 16.0})
    await rig.box.measure(1500, evse=2, number=rig.box.state.transactions[1].number)
    (event,) = [m for m in await rig.box.sent() if m.action == "TransactionEvent"]
    await rig.box.hub.responded(ID, event, {"chargingPriority": -1})
    await rig.until({1: 20.0, 2: 0.0})
    # It was of this transaction only: the token has the priority that it had.
    known = await rig.box.hub.tokens.recall(ID, Token(value="VIP"))
    assert known is not None
    assert known[1].priority == 3


@pytest.mark.ocpp("K03.FR.04")
async def test_the_priority_of_a_token_comes_with_it_and_stays_over_a_restart(tmp_path: Path) -> None:
    clock = SettableClock()
    async with opened(tmp_path, clock=clock) as rig:
        await rig.accept(0, profile((0, 20.0), **MAX))
        await rig.begin(1)
        info = {"status": "Accepted", "chargingPriority": 1}
        rig.box.backend.answers["Authorize"] = {"idTokenInfo": info}
        vip = Token(value="VIP")
        await rig.box.hub.authorize(Place(station=ID, evse=2, connector=1), vip, patience=1)
        await rig.begin(2, token=vip)
        await rig.until({1: 0.0, 2: 16.0})
    async with opened(tmp_path, clock=clock, arrive=False) as rig:
        await rig.until({1: 0.0, 2: 16.0})


async def test_a_vehicle_that_takes_nothing_does_not_keep_others_from_charging(rig: Rig) -> None:
    await rig.accept(0, profile((0, 20.0), **MAX))
    await rig.begin(1)
    await rig.begin(2)
    await answered(rig, 2, chargingPriority=5)
    await rig.until({1: 0.0, 2: 16.0})
    number = rig.box.state.transactions[1].number
    await rig.box.hub.publish(
        ev.TransactionUpdated(
            place=Place(station=ID, evse=2, connector=1), at=rig.box.clock.now(), number=number,
            trigger=TriggerReason.CHARGING_STATE_CHANGED, charging_state=ChargingState.SUSPENDED_EV,
        )
    )  # fmt: skip
    await rig.until({1: 10.0, 2: 10.0})
    await rig.box.measure(1500, number=rig.box.state.transactions[0].number)
    await answered(rig, 1, chargingPriority=-2)
    await rig.accept(0, profile((0, 22.0), **MAX))
    await rig.until({1: 11.0, 2: 11.0})


@pytest.mark.ocpp("K01.FR.21", "K02.FR.06", "K03.FR.07", "K04.FR.04")
async def test_the_least_rate_of_a_profile_counts_where_current_is_shared(rig: Rig) -> None:
    await rig.accept(0, profile((0, 20.0), **MAX))
    await rig.begin(1)
    running = await rig.begin(2)
    await rig.until({1: 10.0, 2: 10.0})
    await rig.accept(2, profile((0, 16.0), id=2, transactionId=running, in_minChargingRate=13.0, **TX))
    await rig.until({1: 7.0, 2: 13.0})
    in_watts = {"in_minChargingRate": 12 * 3 * 230.0, "in_chargingRateUnit": "W"}
    await rig.accept(2, profile((0, 11_040.0), id=2, transactionId=running, **in_watts, **TX))
    await rig.until({1: 8.0, 2: 12.0})


async def test_who_is_to_get_more_waits_until_the_other_has_less(rig: Rig) -> None:
    await rig.accept(0, profile((0, 20.0), **MAX))
    await rig.begin(2)
    await rig.until({1: 6.0, 2: 14.0})
    rig.box.adapter.refuse(SetLimit)
    rig.box.adapter.commands.clear()
    await rig.box.hub.publish(
        ev.ConnectorChanged(
            place=Place(station=ID, evse=1, connector=1), at=rig.box.clock.now(), status=ConnectorStatus.OCCUPIED
        )
    )
    await rig.until({2: 10.0})
    rig.box.adapter.answers.clear()
    await rig.accept(0, profile((0, 18.0), **MAX))
    await rig.until({1: 9.0, 2: 9.0})
    asked = [(c.place.evse, c.current) for c in rig.box.adapter.asked(SetLimit)]
    assert (1, 10.0) not in asked


async def test_a_restarted_station_gets_its_limits_again(rig: Rig) -> None:
    await rig.accept(1, profile((0, 10.0)))
    await rig.until_asked(1)
    await rig.box.hub.publish(ev.StationBooted(station=ID, at=rig.box.clock.now(), identity=IDENTITY))
    await rig.until_asked(2)
    assert rig.given() == {1: 10.0}


async def test_a_station_that_was_lost_gets_its_limits_when_it_is_found(rig: Rig) -> None:
    await rig.accept(1, profile((0, 10.0)))
    await rig.until_asked(1)
    await rig.box.hub.publish(ev.StationLost(station=ID, at=rig.box.clock.now()))
    await rig.accept(1, profile((0, 12.0)))
    await rig.box.settled()
    assert rig.given() == {1: 10.0}
    found = ev.StationFound(station=ID, at=rig.box.clock.now(), capabilities=frozenset({Capability.SMART_CHARGING}))
    await rig.box.hub.publish(found)
    await rig.until({1: 12.0})


async def test_a_limit_that_was_not_taken_is_given_again_and_told_of_once(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(governor, "AGAIN", 0.01)
    caplog.set_level(logging.INFO, governor.__name__)
    rig.box.adapter.answers[SetLimit] = Outcome(verdict=Verdict.FAULTED, reason="not read back")
    await rig.accept(1, profile((0, 10.0)))
    await rig.until_asked(3)
    rig.box.adapter.answers[SetLimit] = ACCEPTED
    await rig.until_asked(len(rig.box.adapter.asked(SetLimit)) + 1)
    await rig.accept(1, profile((0, 11.0)))
    await rig.until({1: 11.0})
    lines = [record.getMessage() for record in caplog.records if record.name == governor.__name__]
    assert lines == [
        "CP-1: EVSE 1 does not take 10 A: not read back",
        "CP-1: EVSE 1 takes its limit again: 10 A",
    ]


async def test_readings_are_no_reason_to_look_again(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    await rig.accept(1, profile((0, 10.0)))
    await rig.begin()
    await rig.until({1: 10.0})
    looks: list[Outlook] = []

    def counted(**fields: Any) -> Outlook:
        looks.append(Outlook(**fields))
        return looks[-1]

    monkeypatch.setattr(governor, "Outlook", counted)
    for number in range(30):
        rig.box.clock.pass_(seconds=1)
        await rig.box.measure(1000.0 + number)
    assert len(looks) < 5  # what was to be looked at before


@pytest.mark.ocpp("K05.FR.04")
async def test_switched_off_the_profiles_do_not_count_and_stay(rig: Rig) -> None:
    await rig.accept(1, profile((0, 10.0)))
    await rig.impose(20.0, 1)
    await rig.until({1: 10.0})
    await rig.variable("Enabled", "false")
    await rig.until({1: 20.0})
    await rig.variable("Enabled", "true")
    await rig.until({1: 10.0})
    assert await rig.ids() == [1]


async def test_a_station_that_takes_no_limits_is_not_asked(rig: Rig) -> None:
    await limit(rig.box, Capability.REMOTE_START)
    await rig.impose(10.0, 1)
    await rig.box.settled()
    await limit(rig.box, Capability.SMART_CHARGING)
    await rig.until({1: 10.0})
    assert len(rig.box.adapter.asked(SetLimit)) == 1
    assert rig.box.clock.now() - START < timedelta(minutes=1)
