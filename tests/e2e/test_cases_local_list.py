"""Certification cases of the local authorization list: TC_C_21 to TC_C_31, TC_C_40, TC_C_43, TC_C_58, block D."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.plan import TOKEN
from tests.e2e.truth import assert_all_whole

if TYPE_CHECKING:
    from gateway.bench.csms.ledger import Payload
    from tests.e2e.world import World

OTHER = "DEADBEEF"
THIRD = "04AAAAAAAAAAAA"
STATUSES = {"AA01": "Invalid", "AA02": "Blocked", "AA03": "Expired"}
GROUP = {"idToken": "FAMILY", "type": "Central"}


def entry(token: str, status: str | None = "Accepted", **more: Any) -> Payload:
    name = {"idToken": {"idToken": token, "type": "ISO14443"}}
    return name if status is None else {**name, "idTokenInfo": {"status": status, **more}}


async def send(one: World, version: int, kind: str, *entries: Payload) -> str:
    content: dict[str, Any] = {"localAuthorizationList": list(entries)} if entries else {}
    answer = await one.call("SendLocalList", versionNumber=version, updateType=kind, **content)
    return str(answer["status"])


async def version(one: World) -> int:
    return int((await one.call("GetLocalListVersion"))["versionNumber"])


async def pre_authorize(one: World) -> None:
    assert await one.set_variable("AuthCtrlr", "LocalPreAuthorize", "true") == "Accepted"


def asked(one: World) -> list[str]:
    return [r.payload["idToken"]["idToken"] for r in one.csms.of("Authorize")]


@pytest.mark.case(
    "TC_D_01_CS", "TC_D_02_CS", "TC_D_03_CS", "TC_D_04_CS", "TC_D_05_CS", "TC_D_06_CS", "TC_D_07_CS", "TC_D_08_CS"
)
@pytest.mark.ocpp("D01.FR.04", "D01.FR.15", "D01.FR.16", "D01.FR.17", "D01.FR.19", "D02.FR.01")
async def test_versions(one: World) -> None:
    """TC_D_01 to TC_D_08."""
    assert await send(one, 7, "Full", entry(TOKEN)) == "Accepted"
    assert await version(one) == 7
    for number, kind, entries, status, after in (
        (8, "Differential", [entry(OTHER)], "Accepted", 8),
        (7, "Differential", [entry(THIRD)], "VersionMismatch", 8),
        (9, "Differential", [entry(OTHER, None)], "Accepted", 9),
        (10, "Differential", [], "Accepted", 10),
    ):
        assert await send(one, number, kind, *entries) == status
        assert await version(one) == after
    since = one.news
    assert (await one.call("Reset", type="Immediate"))["status"] == "Accepted"
    await one.booted(since=since)
    assert await version(one) == 10
    held = (await one.get_variable("LocalAuthListCtrlr", "Entries"))["attributeValue"]
    assert held == "1"
    assert await send(one, 11, "Full") == "Accepted"
    assert await version(one) == 11


@pytest.mark.case("TC_C_21_CS", "TC_C_22_CS", "TC_C_23_CS", "TC_C_24_CS", "TC_C_25_CS")
@pytest.mark.ocpp("C13.FR.01", "C13.FR.06")
async def test_list_decides_offline_before_cache_and_rules(one: World) -> None:
    """TC_C_22 to TC_C_25, and TC_C_21 at the end."""
    await one.impatient()
    for token in STATUSES:
        await one.station.say("Authorize", idTag=token)  # all are good ones in the cache
    assert await one.set_variable("AuthCtrlr", "OfflineTxForUnknownIdEnabled", "true") == "Accepted"
    await pre_authorize(one)
    entries = [entry(token, status) for token, status in STATUSES.items()]
    assert await send(one, 1, "Full", *entries, entry(TOKEN)) == "Accepted"
    await one.station.until(lambda s: len(s.point.outlets.memory.local_list) == 4)
    one.station.sim.point.outlets.memory.local_list.clear()
    await one.csms.go_down()
    await one.station.sim.plug_in(1)
    for token in STATUSES:
        await one.station.present(token)
        await one.station.told_all()
    assert one.station.ledger.transactions == []
    await one.station.present(TOKEN)
    await one.station.until(lambda s: len(s.ledger.transactions) == 1)
    await one.station.sim.present_token(1, TOKEN)
    await one.station.until(lambda s: s.ledger.transactions[0].stopped_at is not None)
    await one.station.told_all()
    await one.back()
    await one.delivered()
    events = one.held()[0].events
    assert all(event["offline"] for event in events)
    assert events[-1]["triggerReason"] == "StopAuthorized"
    assert asked(one) == list(STATUSES)
    assert assert_all_whole(one) == 0


@pytest.mark.case("TC_C_28_CS", "TC_C_29_CS", "TC_C_30_CS", "TC_C_31_CS", "TC_C_58_CS")
@pytest.mark.ocpp("C14.FR.03")
async def test_refusal_of_the_list_is_asked_about_online(one: World) -> None:
    """TC_C_28, TC_C_29, TC_C_30, TC_C_31, and TC_C_58: not with DisablePostAuthorize."""
    await pre_authorize(one)
    entries = [entry(token, status) for token, status in STATUSES.items()]
    assert await send(one, 1, "Full", *entries) == "Accepted"
    one.csms.tokens.update(STATUSES)
    await one.station.sim.plug_in(1)
    for token in STATUSES:
        await one.station.present(token)
        await one.station.told_all()
    assert asked(one) == list(STATUSES)
    assert await one.set_variable("LocalAuthListCtrlr", "DisablePostAuthorize", "true") == "Accepted"
    one.csms.tokens.clear()
    for token in STATUSES:
        await one.station.present(token)
        await one.station.told_all()
    assert asked(one) == list(STATUSES)
    assert one.station.ledger.transactions == []
    assert await one.set_variable("LocalAuthListCtrlr", "DisablePostAuthorize", "false") == "Accepted"
    await one.station.present("AA02")
    await one.heard("TransactionEvent", eventType="Updated")
    assert asked(one) == [*STATUSES, "AA02"]


@pytest.mark.case("TC_C_27_CS", "TC_C_40_CS", "TC_C_43_CS")
@pytest.mark.ocpp("C09.FR.03", "C09.FR.07", "C14.FR.04")
async def test_group_of_the_list(one: World) -> None:
    """TC_C_27, TC_C_40, TC_C_43."""
    await pre_authorize(one)
    entries = [entry(TOKEN, groupIdToken=GROUP), entry(OTHER, groupIdToken=GROUP)]
    refused = entry(THIRD, "Invalid", groupIdToken=GROUP)
    assert await send(one, 1, "Full", *entries, refused) == "Accepted"
    one.csms.tokens[THIRD] = "Invalid"
    truth = await one.station.charge(TOKEN)
    await one.heard("TransactionEvent", eventType="Updated")
    assert asked(one) == []
    await one.station.present(THIRD)
    assert asked(one) == [THIRD]
    more = len(truth.samples) + 1
    await one.station.until(lambda _: len(truth.samples) >= more)
    assert truth.stopped_at is None
    await one.station.present(OTHER)
    await one.delivered()
    assert asked(one) == [THIRD]
    ended = one.held()[0].events[-1]
    assert (ended["triggerReason"], ended["idToken"]["idToken"]) == ("StopAuthorized", OTHER)
