"""The CSMS goes away and comes back: nothing that stations do meanwhile is lost, and all of it is marked."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from gateway.bench.csms.answers import Silence
from gateway.bench.csms.ledger import CallError
from tests.e2e.plan import TOKEN, Plan
from tests.e2e.test_station_operations import told_readings
from tests.e2e.truth import assert_all_whole, when
from tests.e2e.world import World, world

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.bench.csms.answers import Answer
    from gateway.bench.csms.ledger import Record

OTHER = "DEADBEEF"


def last_answer(one: World, operation: str) -> str:
    return next(s.xml for s in reversed(one.station.seen) if s.operation == f"{operation}Response").decode()


@pytest.mark.case("TC_E_43_CS")
@pytest.mark.ocpp("E12.FR.01", "E12.FR.02", "E04.FR.01", "E04.FR.02", "E04.FR.03")
@pytest.mark.timeout(60)
async def test_away_for_a_day_of_sessions(two_evses: World) -> None:
    """Three visits with many readings each, on a station whose minutes take 100 ms."""
    one = two_evses
    await one.impatient()
    await one.whole_session(samples=1)  # the card is known from now on
    await one.delivered()
    await one.csms.go_down()
    for evse, samples in ((1, 24), (2, 12), (1, 12)):
        await one.whole_session(samples=samples, evse=evse)
    queued = (await one.box.status()).stations[0].outbox.length
    assert queued > 48 + 3 * 2
    since = one.news
    await one.back()
    await one.delivered(within=30)
    await one.settled()
    assert len(one.station.ledger.transactions) == 1 + 3
    assert assert_all_whole(one) == 0
    held = [event for record in one.held()[1:] for event in record.events]
    assert all(event["offline"] for event in held)
    told = [r for r in one.csms.received[since:] if r.action == "TransactionEvent"]
    assert [r.payload for r in told] == held, "in the order in which it happened, transaction after transaction"
    stamps = [when(event["timestamp"]) for event in held]
    assert stamps == sorted(stamps)


@pytest.mark.ocpp("E11.FR.07")
async def test_backend_goes_in_the_middle_of_a_session(one: World) -> None:
    await one.impatient()
    truth = await one.station.charge(TOKEN, samples=2)
    await one.heard("TransactionEvent", eventType="Updated")
    await one.csms.go_down()
    more = len(truth.samples) + 4
    await one.station.until(lambda _: len(truth.samples) >= more)
    await one.back()
    more = len(truth.samples) + 15
    await one.station.until(lambda _: len(truth.samples) >= more)
    await one.station.sim.plug_out(1)
    await one.delivered()
    assert assert_all_whole(one, repeats=1) <= 1
    offline = [event["offline"] for event in one.held()[0].events]
    first, last = offline.index(True), len(offline) - offline[::-1].index(True)
    assert first >= 1
    assert last - first >= 4
    assert all(offline[first:last])
    assert not offline[-1]


@pytest.mark.case("TC_E_16_CS")
@pytest.mark.ocpp("C15.FR.02", "C15.FR.04")
async def test_token_that_turns_out_to_be_blocked_is_stopped_when_the_backend_is_back(one: World) -> None:
    await one.impatient()
    assert await one.set_variable("AuthCtrlr", "OfflineTxForUnknownIdEnabled", "true") == "Accepted"
    one.csms.tokens[OTHER] = "Blocked"
    await one.csms.go_down()
    truth = await one.station.charge(OTHER)
    assert truth.start_status == "Accepted"
    await one.back()
    await one.delivered(1)
    ended = one.held()[0].events[-1]
    assert ended["triggerReason"] == "Deauthorized"
    assert ended["transactionInfo"]["stoppedReason"] == "DeAuthorized"
    assert truth.stopped_at is not None


@pytest.mark.ocpp("C15.FR.08", "C15.FR.01")
async def test_unknown_token_charges_offline_only_where_the_backend_allows_it(one: World) -> None:
    await one.impatient()
    await one.csms.go_down()
    await one.station.present(OTHER)
    assert ">Invalid<" in last_answer(one, "authorize")
    await one.back()
    await one.heard("Heartbeat")
    assert await one.set_variable("AuthCtrlr", "OfflineTxForUnknownIdEnabled", "true") == "Accepted"
    await one.csms.go_down()
    await one.station.present(OTHER)
    assert ">Accepted<" in last_answer(one, "authorize")
    # It was let in by a rule, not known: with the rule gone it is a stranger again.
    await one.back()
    await one.until(lambda: len(one.csms.of("Heartbeat")) >= 2)
    assert await one.set_variable("AuthCtrlr", "OfflineTxForUnknownIdEnabled", "false") == "Accepted"
    await one.csms.go_down()
    await one.station.present(OTHER)
    assert ">Invalid<" in last_answer(one, "authorize")


@pytest.mark.case("TC_B_52_CS")
@pytest.mark.ocpp("B04.FR.02")
async def test_only_the_last_status_of_what_has_changed_is_told(two_evses: World) -> None:
    await two_evses.impatient()
    await two_evses.csms.go_down()
    sim = two_evses.station.sim
    for _ in range(3):
        await sim.plug_in(2)
        await two_evses.station.told_all()
        await sim.plug_out(2)
        await two_evses.station.told_all()
    await sim.fault(2, "HighTemperature")
    await two_evses.station.told_all()
    since = two_evses.news
    await two_evses.back()
    await two_evses.heard("NotifyEvent", since)
    await two_evses.settled()
    told = [r.payload for r in two_evses.csms.received[since:] if r.action == "StatusNotification"]
    assert [(p["evseId"], p["connectorStatus"]) for p in told] == [(2, "Faulted")]
    await two_evses.csms.go_down()
    await sim.plug_in(1)
    await two_evses.station.told_all()
    since = two_evses.news
    await two_evses.back()
    await two_evses.heard("StatusNotification", since, evseId=1, connectorId=1, connectorStatus="Occupied")
    await two_evses.settled()
    assert [r.payload["evseId"] for r in two_evses.csms.received[since:] if r.action == "StatusNotification"] == [1]


@pytest.mark.ocpp("B04.FR.01")
async def test_after_a_long_absence_every_connector_is_told(two_evses: World) -> None:
    await two_evses.impatient()
    assert await two_evses.set_variable("OCPPCommCtrlr", "OfflineThreshold", "0") == "Accepted"
    since = two_evses.news
    await two_evses.csms.go_down()
    await two_evses.back()
    await two_evses.heard("StatusNotification", since, evseId=1)
    await two_evses.heard("StatusNotification", since, evseId=2)


async def test_station_that_boots_while_the_backend_is_away(one: World) -> None:
    await one.impatient()
    await one.csms.go_down()
    await one.station.sim.power_cycle()
    await one.station.told_all()
    assert one.station.ledger.boots == 2
    since = one.news
    await one.back()
    await one.booted(since=since)


async def test_heartbeat_and_data_transfer_without_a_backend(one: World) -> None:
    await one.impatient()
    await one.csms.go_down()
    beats = len(one.station.ledger.answered("Heartbeat"))
    await one.station.until(lambda _: len(one.station.ledger.answered("Heartbeat")) > beats)
    assert await one.station.sim.transfer_data("bench", "x") == ("Rejected", "")


async def test_progress_reports_without_a_backend(one: World) -> None:
    await one.impatient()
    await one.csms.go_down()
    for operation, status in (
        ("FirmwareStatusNotification", "Installed"),
        ("DiagnosticsStatusNotification", "Uploaded"),
    ):
        answer = await one.station.say(operation, status=status)
        assert answer.name.endswith("StatusNotificationResponse")
    await one.back()
    await one.whole_session()
    await one.delivered()


async def test_meter_values_outside_of_transactions_wait_for_the_backend(tmp_path: Path) -> None:
    async with world(tmp_path, Plan(speed=1.0, keys={"ClockAlignedDataInterval": "1"})) as made:
        await made.impatient()
        await made.heard("MeterValues")
        await made.csms.go_down()
        count = len(made.station.ledger.answered("MeterValues"))
        await made.station.until(lambda _: len(made.station.ledger.answered("MeterValues")) >= count + 2)
        await made.station.leave()
        await made.back()
        await made.settled()
        told = told_readings(made)
        held = [r.payload["meterValue"][0]["timestamp"] for r in made.csms.of("MeterValues")]
        assert list(dict.fromkeys(held)) in (told, told[:-1])


@pytest.mark.case("TC_E_51_CS")
@pytest.mark.ocpp("E13.FR.01", "E13.FR.02", "E13.FR.03")
async def test_refused_event_is_sent_again_until_it_is_taken(one: World) -> None:
    await patience(one, attempts=4, interval=1)
    refuse = CallError(code="InternalError")
    one.csms.override("TransactionEvent", lambda _: refuse, times=2)
    await one.whole_session()
    await one.delivered()
    attempts = [r for r in one.csms.of("TransactionEvent") if r.payload["seqNo"] == 0]
    assert len(attempts) == 3
    assert len({r.message_id for r in attempts}) == 1
    waits = [(b.at - a.at).total_seconds() for a, b in pairwise(attempts)]
    assert waits == [pytest.approx(1, abs=0.5), pytest.approx(2, abs=0.5)]
    assert_all_whole(one, repeats=2)


@pytest.mark.case("TC_E_50_CS")
@pytest.mark.ocpp("E13.FR.02", "E13.FR.04")
async def test_event_that_is_never_taken_is_given_up_and_the_next_ones_go_on(one: World) -> None:
    await patience(one, attempts=2, interval=1)

    def refuse_the_first_update(record: Record) -> Answer:
        return CallError(code="InternalError") if record.payload["seqNo"] == 1 else None

    one.csms.override("TransactionEvent", refuse_the_first_update)
    truth = await one.whole_session(samples=4)
    await one.delivered()
    first, second = (r.at for r in one.csms.of("TransactionEvent") if r.payload["seqNo"] == 1)
    assert (second - first).total_seconds() == pytest.approx(1, abs=0.5)
    held = one.held()[0]
    assert held.missing == [1]
    assert len(held.events) == len(truth.samples) + 2 - 1
    await one.box.logged("gave up TransactionEvent", held.transaction_id)


async def test_lost_response_and_lost_connection(one: World) -> None:
    """The backend took the event; its answer got lost with the connection."""
    await one.impatient()
    one.csms.override("TransactionEvent", lambda _: Silence(drop=True, stored=True), times=1)
    await one.whole_session()
    await one.delivered()
    assert assert_all_whole(one, repeats=1) == 1


async def test_event_that_the_backend_never_got(one: World) -> None:
    await one.impatient()
    one.csms.override("TransactionEvent", lambda _: Silence(drop=True, stored=False), times=3)
    await one.whole_session()
    await one.delivered()
    assert assert_all_whole(one, repeats=3) == 3


async def test_kill_while_the_backend_is_away(one: World) -> None:
    await one.impatient()
    await one.whole_session(samples=1)
    await one.delivered()
    await one.csms.go_down()
    await one.whole_session(samples=4)
    truth = await one.station.charge(TOKEN, samples=2)
    one.box.kill()
    await one.box.gone()
    await one.box.start()
    more = len(truth.samples) + 8
    await one.station.until(lambda _: len(truth.samples) >= more)
    await one.station.sim.plug_out(1)
    await one.station.told_all()
    await one.back()
    await one.delivered()
    assert assert_all_whole(one) == 0
    assert all(event["offline"] for record in one.held()[1:] for event in record.events)


async def patience(one: World, *, attempts: int, interval: int) -> None:
    name = "OCPPCommCtrlr"
    assert await one.set_variable(name, "MessageAttempts", str(attempts), "TransactionEvent") == "Accepted"
    assert await one.set_variable(name, "MessageAttemptInterval", str(interval), "TransactionEvent") == "Accepted"
