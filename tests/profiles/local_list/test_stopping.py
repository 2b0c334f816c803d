"""A token that ends what runs need not be asked about, where cache or list know it (C09.FR.07, E07.FR.01)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.model.commands import StopCharging
from gateway.model.ids import Place
from gateway.model.tokens import Authorization, AuthorizationStatus, Token, TokenType
from gateway.model.transactions import STOPPED_BY_DRIVER
from profiles.local_list import LocalListProfile
from tests.fakes.box import ID, RFID, Box
from tests.profiles.local_list.lists import full, item, set_variable
from tests.profiles.opened import opened_with

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

FRIEND, STRANGER = Token(value="04FFEE11"), Token(value="DEADBEEF")
FAMILY = Token(value="FAMILY", type=TokenType.CENTRAL)
GROUP = {"idToken": "FAMILY", "type": "Central"}
MEMBER = Authorization(status=AuthorizationStatus.ACCEPTED, group=FAMILY)
HERE, SOMEWHERE = Place(station=ID, evse=1, connector=1), Place(station=ID)


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[Box]:
    """The backend does not accept anybody, so that it shows whether it was asked."""
    async with opened_with(LocalListProfile, tmp_path) as (opened, _):
        opened.backend.answers["Authorize"] = {"idTokenInfo": {"status": "Blocked"}}
        yield opened


async def asked(box: Box, token: Token, place: Place = HERE) -> bool:
    """Present a token; tell whether the backend was asked."""
    before = len(box.backend.asked)
    found = await box.hub.authorize(place, token, patience=5.0)
    was_asked = len(box.backend.asked) > before
    assert found.accepted is not was_asked
    return was_asked


async def cached(box: Box, *tokens: Token) -> None:
    for token in tokens:
        await box.storage.tokens.remember(ID, token, MEMBER)


async def listed(box: Box, *tokens: Token) -> None:
    entries = [item(token.value, groupIdToken=GROUP) for token in tokens]
    assert (await box.call("SendLocalList", full(1, *entries)))["status"] == "Accepted"


@pytest.mark.ocpp("C09.FR.07", "E07.FR.01")
@pytest.mark.parametrize("token", [RFID, FRIEND], ids=["the same", "of the group"])
async def test_in_cache_or_list_or_one_in_each(box: Box, token: Token) -> None:
    await box.begin(token=RFID)
    await cached(box, RFID, FRIEND)
    assert not await asked(box, token)
    await listed(box, FRIEND)
    assert not await asked(box, token)
    await listed(box, RFID, FRIEND)
    assert not await asked(box, token)


@pytest.mark.ocpp("C09.FR.07", "E07.FR.01")
@pytest.mark.parametrize("running", [RFID, Token(value=RFID.value, type=TokenType.EMAID, guessed=True)])
async def test_in_the_list_alone(box: Box, running: Token) -> None:
    await box.begin(token=running)
    await listed(box, RFID, FRIEND)
    assert not await asked(box, FRIEND)
    await listed(box, FRIEND)
    assert await asked(box, FRIEND), "of the other nothing is known"


@pytest.mark.ocpp("C10.FR.11")
async def test_not_by_a_cache_that_is_off(box: Box) -> None:
    await box.begin(token=RFID)
    await cached(box, RFID)
    await listed(box, FRIEND)
    assert not await asked(box, FRIEND)
    await set_variable(box, "AuthCacheCtrlr", "Enabled", "false")
    assert await asked(box, FRIEND)


@pytest.mark.ocpp("D01.FR.13")
async def test_not_by_a_list_that_is_off(box: Box) -> None:
    await box.begin(token=RFID)
    await listed(box, RFID)
    await cached(box, FRIEND)
    assert not await asked(box, FRIEND)
    await set_variable(box, "LocalAuthListCtrlr", "Enabled", "false")
    assert await asked(box, FRIEND)


async def test_it_is_asked_about_where_nothing_runs_that_it_would_end(box: Box) -> None:
    await cached(box, RFID, FRIEND)
    assert await asked(box, FRIEND)
    await cached(box, RFID, FRIEND)
    await box.begin(token=RFID, evse=2)
    assert await asked(box, FRIEND)


async def test_a_station_that_does_not_say_where_may_mean_a_free_evse(box: Box) -> None:
    await cached(box, RFID, FRIEND)
    await box.begin("one", token=RFID, evse=1)
    assert await asked(box, FRIEND, SOMEWHERE)
    await cached(box, RFID, FRIEND)
    await box.begin("two", token=STRANGER, evse=2)
    assert not await asked(box, FRIEND, SOMEWHERE)


@pytest.mark.ocpp("C09.FR.11")
async def test_one_that_is_of_no_group_or_not_good_is_asked_about(box: Box) -> None:
    await box.begin(token=RFID)
    await cached(box, RFID)
    await box.storage.tokens.remember(ID, STRANGER, Authorization(status=AuthorizationStatus.ACCEPTED))
    assert await asked(box, STRANGER)
    blocked = Authorization(status=AuthorizationStatus.BLOCKED, group=FAMILY)
    await box.storage.tokens.remember(ID, FRIEND, blocked)
    assert await asked(box, FRIEND)


async def test_what_is_about_to_end_is_ended_by_nobody_else(box: Box) -> None:
    admission = await box.begin(token=RFID)
    await cached(box, RFID, FRIEND)
    (running,) = box.state.transactions
    stop = StopCharging(station=ID, transaction=running.id, number=admission.number, cause=STOPPED_BY_DRIVER)
    assert (await box.hub.execute(stop)).accepted
    assert await asked(box, FRIEND)
