"""D01, D02, C13 and C14 at a whole box."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gateway.model.commands import SendLocalList, StopCharging
from gateway.model.errors import GatewayError
from gateway.model.ids import Place
from gateway.model.tokens import AuthorizationStatus, Token, TokenType
from profiles.local_list import LocalListProfile
from profiles.local_list.update import CAPACITY
from tests.fakes.box import ID, Box
from tests.fakes.clock import START
from tests.profiles.local_list.lists import differential, full, item, set_variable, version_of
from tests.profiles.opened import opened_with

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.contracts import Json

CONTROLLER = "LocalAuthListCtrlr"
HERE = Place(station=ID, evse=1, connector=1)
YES, NO = {"idTokenInfo": {"status": "Accepted"}}, {"idTokenInfo": {"status": "Blocked"}}


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[Box]:
    async with opened_with(LocalListProfile, tmp_path) as (opened, _):
        yield opened


async def send(box: Box, request: Json) -> str:
    """The status of a SendLocalList."""
    return str((await box.call("SendLocalList", request))["status"])


async def entries(box: Box) -> Json:
    """LocalAuthListCtrlr.Entries in a report."""
    asked = {"component": {"name": CONTROLLER}, "variable": {"name": "Entries"}}
    assert (await box.call("GetReport", {"requestId": 1, "componentVariable": [asked]}))["status"] == "Accepted"
    (page,) = await box.sent_of("NotifyReport")
    (found,) = page["reportData"]
    return {"value": found["variableAttribute"][0]["value"], "max": found["variableCharacteristics"]["maxLimit"]}


async def word(box: Box, token: str) -> AuthorizationStatus:
    """What a station that asks is told of a token."""
    return (await box.hub.authorize(HERE, Token(value=token), patience=5.0)).status


@pytest.mark.ocpp("D01.FR.01", "D01.FR.02", "D02.FR.01", "D02.FR.02")
async def test_the_version_is_that_of_the_last_update(box: Box) -> None:
    assert await version_of(box) == 0
    assert await send(box, full(3, item("AA"))) == "Accepted"
    assert await version_of(box) == 3
    assert await send(box, differential(3, item("BB"))) == "VersionMismatch"
    assert await version_of(box) == 3


@pytest.mark.ocpp("D01.FR.12")
async def test_the_number_of_tokens_is_shown_with_its_limit(box: Box) -> None:
    assert await entries(box) == {"value": "0", "max": CAPACITY}
    await send(box, full(1, item("AA"), item("BB")))
    await send(box, differential(2, item("CC")))
    assert await entries(box) == {"value": "3", "max": CAPACITY}


async def test_the_room_that_it_takes_is_shown_with_its_limit(box: Box) -> None:
    asked = {"component": {"name": CONTROLLER}, "variable": {"name": "Storage"}}

    async def size() -> int:
        return int(
            (await box.call("GetVariables", {"getVariableData": [asked]}))["getVariableResult"][0]["attributeValue"]
        )

    await send(box, full(1, item("AA")))
    one = await size()
    await send(box, differential(2, item("BB")))
    assert (one, await size()) == (one, 2 * one)
    await send(box, full(3))
    assert await size() == 0


@pytest.mark.ocpp("C16.FR.05")
async def test_a_token_of_the_list_is_a_master_pass_too(box: Box) -> None:
    await set_variable(box, "AuthCtrlr", "MasterPassGroupId", "POLICE")
    await set_variable(box, "AuthCtrlr", "LocalPreAuthorize", "true")
    await send(box, full(1, item("AA", groupIdToken={"idToken": "POLICE", "type": "Central"})))
    await box.begin()
    assert await word(box, "AA") is AuthorizationStatus.NOT_AT_THIS_TIME
    await box.settled()
    assert len(box.adapter.asked(StopCharging)) == 1


async def test_the_backend_is_never_asked_where_that_is_switched_off(box: Box) -> None:
    await set_variable(box, "AuthCtrlr", "DisableRemoteAuthorization", "true")
    await send(box, full(1, item("AA"), item("BB", "Blocked")))
    assert await word(box, "AA") is AuthorizationStatus.ACCEPTED
    assert await word(box, "BB") is AuthorizationStatus.BLOCKED
    assert box.backend.asked == []


@pytest.mark.ocpp("D01.FR.10")
async def test_the_list_outlives_a_restart(tmp_path: Path) -> None:
    async with opened_with(LocalListProfile, tmp_path) as (box, _):
        await send(box, full(3, item("AA"), item("BB", "Blocked")))
    async with opened_with(LocalListProfile, tmp_path, online=False, arrive=False) as (box, _):
        assert await version_of(box) == 3
        assert (await entries(box))["value"] == "2"
        assert await word(box, "AA") is AuthorizationStatus.ACCEPTED


@pytest.mark.ocpp("D01.FR.13", "D02.FR.03")
async def test_a_list_that_is_switched_off_is_neither_used_nor_changed(box: Box) -> None:
    await send(box, full(3, item("AA")))
    await set_variable(box, CONTROLLER, "Enabled", "false")
    assert await version_of(box) == 0
    answer = await box.call("SendLocalList", full(4))
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Failed", "NotEnabled")
    box.backend.since = None
    assert await word(box, "AA") is AuthorizationStatus.UNKNOWN
    await set_variable(box, CONTROLLER, "Enabled", "true")
    assert await version_of(box) == 3


async def test_a_list_that_cannot_be_kept_is_not_accepted(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full_disk(*_: object) -> None:
        raise GatewayError("storage-failed", reason="disk full")

    await send(box, full(3, item("AA")))
    monkeypatch.setattr(type(box.storage.tokens), "store_local_list", full_disk)
    answer = await box.call("SendLocalList", full(4))
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Failed", "InternalError")
    assert await version_of(box) == 3
    box.backend.since = None
    assert await word(box, "AA") is AuthorizationStatus.ACCEPTED


@pytest.mark.ocpp("C14.FR.04")
async def test_a_token_of_the_list_charges_at_once_where_that_is_wanted(box: Box) -> None:
    await set_variable(box, "AuthCtrlr", "LocalPreAuthorize", "true")
    await send(box, full(1, item("AA", cacheExpiryDateTime=(START + timedelta(hours=1)).isoformat())))
    box.backend.answers["Authorize"] = NO
    assert await word(box, "aa") is AuthorizationStatus.ACCEPTED
    assert box.backend.asked == []


@pytest.mark.ocpp("C14.FR.03", "C14.FR.05")
@pytest.mark.parametrize(
    "entry",
    [item("AA", "Blocked"), item("AA", cacheExpiryDateTime=(START - timedelta(hours=1)).isoformat())],
    ids=["not accepted", "expired"],
)
async def test_the_backend_is_asked_of_a_token_that_the_list_does_not_let_charge(box: Box, entry: Json) -> None:
    await set_variable(box, "AuthCtrlr", "LocalPreAuthorize", "true")
    await send(box, full(1, entry))
    box.backend.answers["Authorize"] = YES
    assert await word(box, "AA") is AuthorizationStatus.ACCEPTED
    assert [action for action, _ in box.backend.asked] == ["Authorize"]


async def test_the_list_has_the_last_word_where_it_is_not_to_be_doubted(box: Box) -> None:
    await set_variable(box, CONTROLLER, "DisablePostAuthorize", "true")
    await send(box, full(1, item("AA", "Blocked")))
    box.backend.answers["Authorize"] = YES
    assert await word(box, "AA") is AuthorizationStatus.BLOCKED
    assert box.backend.asked == []


async def test_the_backend_is_asked_first_unless_the_list_may_decide(box: Box) -> None:
    await send(box, full(1, item("AA")))
    box.backend.answers["Authorize"] = NO
    assert await word(box, "AA") is AuthorizationStatus.BLOCKED


@pytest.mark.ocpp("C13.FR.01", "C14.FR.01")
async def test_the_list_counts_more_than_the_cache(box: Box) -> None:
    await set_variable(box, "AuthCtrlr", "LocalPreAuthorize", "true")
    box.backend.answers["Authorize"] = YES
    assert await word(box, "AA") is AuthorizationStatus.ACCEPTED  # and is remembered
    await send(box, full(1, item("AA", "Blocked")))
    box.backend.answers["Authorize"] = NO
    assert await word(box, "AA") is AuthorizationStatus.BLOCKED  # asked again
    box.backend.answers["Authorize"] = YES
    assert await word(box, "AA") is AuthorizationStatus.ACCEPTED
    box.backend.since = None
    assert await word(box, "AA") is AuthorizationStatus.BLOCKED


@pytest.mark.ocpp("C13.FR.03", "C13.FR.05")
async def test_while_the_backend_is_away_only_what_the_list_accepts_may_charge(box: Box) -> None:
    await send(box, full(
        1, item("AA"), item("BB", "Blocked"), item("CC", cacheExpiryDateTime=(START - timedelta(hours=1)).isoformat()),
        item("DD", cacheExpiryDateTime=(START + timedelta(hours=1)).isoformat()),
    ))  # fmt: skip
    box.backend.since = None
    accepted = {token for token in ("AA", "BB", "CC", "DD", "EE") if await word(box, token) == "Accepted"}
    assert accepted == {"AA", "DD"}
    assert box.backend.asked == []
    await set_variable(box, "AuthCtrlr", "LocalAuthorizeOffline", "false")
    assert await word(box, "AA") is AuthorizationStatus.UNKNOWN


@pytest.mark.ocpp("C13.FR.06")
async def test_an_unknown_token_may_charge_offline_where_that_is_wanted_but_not_a_known_bad_one(box: Box) -> None:
    await set_variable(box, "AuthCtrlr", "OfflineTxForUnknownIdEnabled", "true")
    gone = (START - timedelta(hours=1)).isoformat()
    await send(box, full(1, item("AA"), item("BB", "Blocked"), item("CC", cacheExpiryDateTime=gone)))
    box.backend.since = None
    accepted = {token for token in ("AA", "BB", "CC", "EE") if await word(box, token) == "Accepted"}
    assert accepted == {"AA", "EE"}


@pytest.mark.ocpp("C01.FR.25", "D01.FR.06")
async def test_tokens_of_two_types_are_two_entries(box: Box) -> None:
    await set_variable(box, "AuthCtrlr", "LocalPreAuthorize", "true")
    assert await send(box, full(1, item("AA", "Blocked", kind="Local"), item("aa"))) == "Accepted"
    assert (await entries(box))["value"] == "2"
    card, local = Token(value="AA"), Token(value="AA", type=TokenType.LOCAL)
    other, guess = Token(value="AA", type=TokenType.KEY_CODE), Token(value="Aa", type=TokenType.EMAID, guessed=True)
    box.backend.since = None
    said = [(await box.hub.authorize(HERE, each, patience=5.0)).status.value for each in (card, local, other)]
    assert said == ["Accepted", "Blocked", "Unknown"]
    assert await send(box, differential(2, item("AA", None, kind="Local"))) == "Accepted"
    assert (await box.hub.authorize(HERE, guess, patience=5.0)).accepted, "a station that tells no type means the card"


async def test_what_belongs_to_a_token_of_the_list_goes_with_it(box: Box) -> None:
    more = [{"additionalIdToken": "7", "type": "pin"}]
    entry = item("AA")
    entry["idToken"]["additionalInfo"] = more
    await send(box, full(1, entry))
    box.backend.answers["Authorize"] = YES
    await word(box, "AA")
    assert box.backend.asked == [
        ("Authorize", {"idToken": {"idToken": "AA", "type": "ISO14443", "additionalInfo": more}})
    ]
    box.backend.since = None
    found = await box.hub.authorize(HERE, Token(value="AA"), patience=5.0)
    assert found.token is not None
    assert [(each.value, each.type) for each in found.token.additional] == [("7", "pin")]


@pytest.mark.ocpp("D01.FR.09")
async def test_what_the_backend_says_of_a_token_does_not_change_the_list(box: Box) -> None:
    await send(box, full(1, item("AA")))
    box.backend.answers["Authorize"] = NO
    await word(box, "AA")
    box.backend.since = None
    assert await word(box, "AA") is AuthorizationStatus.ACCEPTED
    assert await version_of(box) == 1


async def test_the_answer_does_not_wait_for_the_station(box: Box) -> None:
    assert await send(box, full(1, item("AA"))) == "Accepted"
    assert box.adapter.asked(SendLocalList) == []  # the profile's own task does that
