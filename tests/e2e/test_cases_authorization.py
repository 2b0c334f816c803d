"""Certification cases of authorization and its cache: block C."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.bench.csms.settings import BootPolicy, CsmsSettings
from tests.e2e.plan import TOKEN
from tests.e2e.truth import assert_all_whole
from tests.e2e.world import World, world

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.bench.csms.answers import Answer
    from gateway.bench.csms.ledger import Record

OTHER = "DEADBEEF"
THIRD = "04AAAAAAAAAAAA"
GROUP = {"idToken": "FAMILY", "type": "Central"}


def asked(one: World) -> list[str]:
    """The tokens that the CSMS was asked about."""
    return [r.payload["idToken"]["idToken"] for r in one.csms.of("Authorize")]


def family(one: World, **statuses: str) -> None:
    """Let the CSMS say that all tokens are of one group; a status by token, Accepted by default."""

    def info(record: Record) -> Answer:
        if "idToken" not in record.payload:
            return None
        status = statuses.get(record.payload["idToken"]["idToken"], "Accepted")
        return {"idTokenInfo": {"status": status, "groupIdToken": GROUP}}

    one.csms.override("Authorize", info)
    one.csms.override("TransactionEvent", info)


async def pre_authorize(one: World) -> None:
    assert await one.set_variable("AuthCtrlr", "LocalPreAuthorize", "true") == "Accepted"


async def known(one: World, *tokens: str) -> None:
    """Have the station ask about tokens, without a driver who waits to plug in."""
    for token in tokens:
        await one.station.say("Authorize", idTag=token)


@pytest.mark.case("TC_C_04_CS")
@pytest.mark.ocpp("C01.FR.02")
async def test_stranger_does_not_end_the_transaction(one: World) -> None:
    """TC_C_04."""
    truth = await one.station.charge(TOKEN)
    await one.heard("TransactionEvent", eventType="Updated")
    await one.station.present(OTHER)
    assert asked(one)[-1] == OTHER
    more = len(truth.samples) + 2
    await one.station.until(lambda _: len(truth.samples) >= more)
    assert truth.stopped_at is None
    assert all("idToken" not in event for event in one.held()[0].events[1:])


@pytest.mark.case("TC_C_39_CS", "TC_C_42_CS")
@pytest.mark.ocpp("C01.FR.04", "C06.FR.03", "C09.FR.03", "C09.FR.05", "C09.FR.11")
async def test_only_a_valid_token_of_the_group_ends_the_transaction(one: World) -> None:
    """TC_C_42 and, with a valid one after it, TC_C_39."""
    family(one, **{THIRD: "Invalid"})
    truth = await one.station.charge(TOKEN)
    await one.heard("TransactionEvent", eventType="Updated")
    await one.station.present(THIRD)
    more = len(truth.samples) + 2
    await one.station.until(lambda _: len(truth.samples) >= more)
    assert truth.stopped_at is None
    await one.station.present(OTHER)
    await one.delivered()
    assert asked(one) == [TOKEN, THIRD, OTHER]
    ended = one.held()[0].events[-1]
    assert ended["triggerReason"] == "StopAuthorized"
    assert ended["idToken"]["idToken"] == OTHER
    assert assert_all_whole(one) == 0


@pytest.mark.case("TC_C_41_CS", "TC_C_44_CS")
@pytest.mark.ocpp("C09.FR.03", "C09.FR.07", "C12.FR.05")
async def test_group_in_the_cache_ends_the_transaction_without_asking(one: World) -> None:
    """TC_C_41, TC_C_44."""
    family(one, **{THIRD: "Invalid"})
    await known(one, OTHER, THIRD, TOKEN)
    await pre_authorize(one)
    before = len(asked(one))
    truth = await one.station.charge(TOKEN)
    await one.heard("TransactionEvent", eventType="Updated")
    assert len(asked(one)) == before
    await one.station.present(THIRD)
    assert asked(one)[before:] == [THIRD]
    more = len(truth.samples) + 1
    await one.station.until(lambda _: len(truth.samples) >= more)
    assert truth.stopped_at is None
    await one.station.present(OTHER)
    await one.delivered()
    assert asked(one)[before:] == [THIRD]
    assert one.held()[0].events[-1]["idToken"]["idToken"] == OTHER


@pytest.mark.case("TC_C_13_CS", "TC_C_32_CS")
@pytest.mark.ocpp("C10.FR.02", "C12.FR.02", "C12.FR.04")
async def test_cached_token_charges_after_a_reboot_without_asking(one: World) -> None:
    """TC_C_13, TC_C_32: shown before the cable is in."""
    await known(one, TOKEN)
    await pre_authorize(one)
    since = one.news
    assert (await one.call("Reset", type="Immediate"))["status"] == "Accepted"
    await one.booted(since=since)
    await one.station.present(TOKEN)
    await one.station.sim.plug_in(1)
    started = (await one.heard("TransactionEvent", eventType="Started")).payload
    assert started["idToken"] == {"idToken": TOKEN, "type": "ISO14443"}
    assert started["triggerReason"] == "Authorized"
    await one.heard("TransactionEvent", eventType="Updated")
    assert asked(one) == [TOKEN]


@pytest.mark.case("TC_C_09_CS", "TC_C_10_CS", "TC_C_11_CS", "TC_C_12_CS", "TC_C_33_CS")
@pytest.mark.ocpp("C10.FR.01", "C10.FR.03", "C10.FR.04", "C12.FR.05", "C12.FR.06")
async def test_cached_refusal_is_asked_about_again(one: World) -> None:
    """TC_C_09, TC_C_10, TC_C_11, TC_C_12, and TC_C_33 at the end."""
    await pre_authorize(one)
    await one.station.sim.plug_in(1)
    for number, status in enumerate(("Invalid", "Blocked", "Expired")):
        one.csms.tokens[TOKEN] = status
        await known(one, TOKEN, TOKEN)
        assert asked(one) == [TOKEN] * (2 * number + 2)
    assert one.station.ledger.transactions == []
    one.csms.tokens[TOKEN] = "Accepted"
    await one.station.present(TOKEN)
    started = (await one.heard("TransactionEvent", eventType="Started")).payload
    assert started["triggerReason"] == "Authorized"
    assert len(asked(one)) == 7
    await one.station.sim.plug_out(1)
    await one.delivered()
    await one.station.charge(TOKEN)
    assert len(asked(one)) == 7
    await one.until(lambda: len(one.held()) == 2)
    assert one.held()[1].events[0]["triggerReason"] == "Authorized"


@pytest.mark.case("TC_C_34_CS", "TC_C_36_CS")
@pytest.mark.ocpp("C10.FR.05", "C12.FR.06")
async def test_answer_to_a_transaction_is_learnt(one: World) -> None:
    """TC_C_34; and TC_C_36 before it: without LocalPreAuthorize the cache is not asked."""
    await known(one, TOKEN, TOKEN)
    assert asked(one) == [TOKEN, TOKEN]
    await pre_authorize(one)
    one.csms.tokens[TOKEN] = "Invalid"
    await one.station.sim.plug_in(1)
    await one.station.present(TOKEN)
    await one.delivered(1)
    assert asked(one) == [TOKEN, TOKEN]
    assert one.held()[0].events[-1]["transactionInfo"]["stoppedReason"] == "DeAuthorized"
    await one.station.sim.plug_out(1)
    await one.station.sim.plug_in(1)
    await one.station.told_all()
    await one.station.present(TOKEN)
    assert asked(one) == [TOKEN, TOKEN, TOKEN]
    assert len(one.station.ledger.transactions) == 1


@pytest.mark.case("TC_C_46_CS")
@pytest.mark.ocpp("C10.FR.08", "C10.FR.10")
async def test_cached_token_expires(tmp_path: Path) -> None:
    """TC_C_46."""
    async with world(tmp_path, settings=CsmsSettings(boot=BootPolicy(interval=1))) as one:
        assert await one.set_variable("AuthCacheCtrlr", "LifeTime", "2") == "Accepted"
        await pre_authorize(one)
        await known(one, TOKEN, TOKEN)
        assert asked(one) == [TOKEN]
        beats = len(one.csms.of("Heartbeat"))
        await one.until(lambda: len(one.csms.of("Heartbeat")) >= beats + 3)
        await known(one, TOKEN)
        assert asked(one) == [TOKEN, TOKEN]


@pytest.mark.case("TC_C_37_CS")
@pytest.mark.ocpp("C11.FR.02", "C11.FR.03")
async def test_cleared_cache_asks_again(one: World) -> None:
    """TC_C_37."""
    await known(one, TOKEN)
    await pre_authorize(one)
    assert (await one.call("ClearCache"))["status"] == "Accepted"
    await one.station.charge(TOKEN)
    await one.heard("TransactionEvent", eventType="Updated")
    assert asked(one) == [TOKEN, TOKEN]


@pytest.mark.case("TC_C_16_CS", "TC_E_16_CS")
@pytest.mark.ocpp("C15.FR.02", "C15.FR.04")
async def test_cached_token_that_is_refused_after_all_is_stopped(one: World) -> None:
    """TC_C_16, TC_E_16."""
    await one.impatient()
    await known(one, TOKEN)
    await pre_authorize(one)
    await one.csms.go_down()
    truth = await one.station.charge(TOKEN)
    one.csms.tokens[TOKEN] = "Invalid"
    await one.back()
    await one.delivered(1)
    events = one.held()[0].events
    assert (events[0]["triggerReason"], events[0]["offline"]) == ("Authorized", True)
    assert (events[1]["triggerReason"], events[1]["offline"]) == ("ChargingStateChanged", True)
    ended = events[-1]
    assert ended["triggerReason"] == "Deauthorized"
    assert ended["transactionInfo"]["stoppedReason"] == "DeAuthorized"
    assert truth.stopped_at is not None
