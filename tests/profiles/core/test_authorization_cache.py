"""What is kept of the words of the backend, for how long, and how much of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gateway.model.device import VariableRef, timestamp
from gateway.model.tokens import AuthorizationStatus, Token, TokenType
from tests.fakes.box import ID, RFID, valid
from tests.profiles.core.cards import ACCEPTED, BLOCKED, PLACE, backend_says, present, set_

if TYPE_CHECKING:
    from tests.fakes.box import Box


@pytest.mark.ocpp("C10.FR.04")
async def test_the_backend_decides_and_its_word_is_kept(box: Box) -> None:
    backend_says(box, "Accepted", groupIdToken={"idToken": "FAMILY", "type": "Central"}, evseId=[1])
    assert await present(box) is AuthorizationStatus.ACCEPTED
    action, payload = box.backend.asked[0]
    assert valid(action, payload) == {"idToken": {"idToken": RFID.value, "type": "ISO14443"}}
    found = await box.storage.tokens.recall(ID, RFID)
    assert found is not None
    assert found[1].evses == (1,)
    assert found[1].group == Token(value="FAMILY", type=TokenType.CENTRAL)


@pytest.mark.parametrize("time", ["soon", "", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"])
async def test_a_time_that_is_none_does_not_spoil_the_answer(box: Box, time: str) -> None:
    """The station is answered, and a transaction's event is not sent for ever."""
    backend_says(box, "Blocked", cacheExpiryDateTime=time)
    assert await present(box) is AuthorizationStatus.BLOCKED
    await box.begin()
    for message in await box.sent():
        await box.hub.responded(ID, message, {"idTokenInfo": {"status": "Accepted", "cacheExpiryDateTime": time}})
    found = await box.storage.tokens.recall(ID, RFID)
    assert found is not None
    assert found[1] == ACCEPTED


@pytest.mark.ocpp("C10.FR.01")
async def test_what_is_refused_is_kept_too(box: Box) -> None:
    backend_says(box, "Blocked")
    assert await present(box) is AuthorizationStatus.BLOCKED
    found = await box.storage.tokens.recall(ID, RFID)
    assert found is not None
    assert found[1] == BLOCKED


@pytest.mark.ocpp("C03.FR.02", "C05.FR.02")
async def test_a_central_token_is_not_kept(box: Box) -> None:
    backend_says(box, "Accepted")
    central = Token(value="APP", type=TokenType.CENTRAL)
    assert await present(box, central) is AuthorizationStatus.ACCEPTED
    assert await box.storage.tokens.recall(ID, central) is None


@pytest.mark.ocpp("C10.FR.09")
async def test_a_tariff_is_not_kept(box: Box) -> None:
    backend_says(box, "Accepted", personalMessage={"format": "UTF8", "content": "0.35 EUR/kWh"})
    answer = await box.hub.authorize(PLACE, RFID, patience=5.0)
    assert answer.message is not None
    found = await box.storage.tokens.recall(ID, RFID)
    assert found is not None
    assert found[1] == ACCEPTED


@pytest.mark.ocpp("C06.FR.02")
async def test_a_token_that_was_made_here_is_asked_about_each_time(box: Box) -> None:
    await set_(box, "AuthCtrlr", "LocalPreAuthorize", "true")
    ticket = Token(value="TICKET", type=TokenType.LOCAL)
    await box.storage.tokens.remember(ID, ticket, ACCEPTED)
    backend_says(box, "Invalid")
    assert await present(box, ticket) is AuthorizationStatus.INVALID
    (asked,) = box.backend.asked
    assert asked[1] == {"idToken": {"idToken": "TICKET", "type": "Local"}}


@pytest.mark.ocpp("C10.FR.11")
async def test_a_cache_that_is_off_keeps_and_knows_nothing(box: Box) -> None:
    await box.storage.tokens.remember(ID, RFID, ACCEPTED)
    await set_(box, "AuthCacheCtrlr", "Enabled", "false")
    backend_says(box, "Blocked")
    assert await present(box) is AuthorizationStatus.BLOCKED
    found = await box.storage.tokens.recall(ID, RFID)
    assert found is not None
    assert found[1] == ACCEPTED, "as it was"
    box.backend.since = None
    assert await present(box) is AuthorizationStatus.UNKNOWN


class TestExpiry:
    """An entry of the cache has its time."""

    @pytest.mark.ocpp("C10.FR.10", "C10.FR.13")
    async def test_the_backends(self, box: Box) -> None:
        backend_says(box, "Accepted", cacheExpiryDateTime=timestamp(box.clock.now() + timedelta(hours=1)))
        await present(box)
        box.backend.since = None
        box.clock.pass_(minutes=59)
        assert await present(box) is AuthorizationStatus.ACCEPTED
        box.clock.pass_(minutes=1)
        assert await present(box) is AuthorizationStatus.EXPIRED

    @pytest.mark.ocpp("C10.FR.08", "C10.FR.10")
    async def test_the_boxs_where_the_backend_gave_none(self, box: Box) -> None:
        await set_(box, "AuthCacheCtrlr", "LifeTime", "600")
        backend_says(box, "Accepted")
        await present(box)
        for _ in range(3):  # whatever the backend says of it prolongs it
            box.clock.pass_(seconds=599)
            await present(box)
        box.backend.since = None
        box.clock.pass_(seconds=599)
        assert await present(box) is AuthorizationStatus.ACCEPTED
        box.clock.pass_(seconds=1)
        assert await present(box) is AuthorizationStatus.EXPIRED, "nobody has said anything of it since"

    @pytest.mark.ocpp("C10.FR.13")
    async def test_one_that_is_over_already_is_not_kept(self, box: Box) -> None:
        """Errata of 2025-09: a prepaid account must not be in the cache."""
        backend_says(box, "Accepted")
        await present(box)
        backend_says(box, "Accepted", cacheExpiryDateTime=timestamp(box.clock.now() - timedelta(seconds=1)))
        assert await present(box) is AuthorizationStatus.ACCEPTED
        assert await box.storage.tokens.recall(ID, RFID) is None


class TestRoom:
    """The cache is full some day (C10.FR.07)."""

    @pytest.mark.ocpp("C10.FR.07")
    async def test_what_was_used_longest_ago_makes_room(self, box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("gateway.store.tokens.CACHE_LIMIT", 2)
        await set_(box, "AuthCtrlr", "LocalPreAuthorize", "true")
        first, second, third = (Token(value=f"0{n}") for n in range(3))
        for token in (first, second):
            await box.storage.tokens.remember(ID, token, ACCEPTED)
            box.clock.pass_(seconds=1)
        assert await present(box, first) is AuthorizationStatus.ACCEPTED
        box.clock.pass_(seconds=1)
        backend_says(box, "Accepted")
        await present(box, third)
        known = [await box.storage.tokens.recall(ID, token) is not None for token in (first, second, third)]
        assert known == [True, False, True]

    async def test_its_size_is_told(self, box: Box) -> None:
        asked = {"component": {"name": "AuthCacheCtrlr"}, "variable": {"name": "Storage"}}

        async def size() -> int:
            answer = await box.call("GetVariables", {"getVariableData": [asked]})
            return int(answer["getVariableResult"][0]["attributeValue"])

        assert await size() == 0
        backend_says(box, "Accepted")
        await present(box)
        one = await size()
        await present(box, Token(value="ANOTHER"))
        assert 0 < one < await size()
        await box.call("ClearCache", {})
        assert await size() == 0

    @pytest.mark.ocpp("C10.FR.07")
    async def test_or_what_came_first_where_the_backend_wants_it_so(
        self, box: Box, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("gateway.store.tokens.CACHE_LIMIT", 2)
        await set_(box, "AuthCacheCtrlr", "Policy", "FIFO")
        backend_says(box, "Accepted")
        for value in ("01", "02", "01", "03"):
            await present(box, Token(value=value))
            box.clock.pass_(seconds=1)
        known = [await box.storage.tokens.recall(ID, Token(value=each)) is not None for each in ("01", "02", "03")]
        assert known == [False, True, True]

    @pytest.mark.parametrize(("policy", "taken"), [("LRU", True), ("FIFO", True), ("LFU", True), ("CUSTOM", False)])
    async def test_the_policies_that_are_taken(self, box: Box, policy: str, *, taken: bool) -> None:
        ref = VariableRef(component="AuthCacheCtrlr", variable="Policy")
        assert (await box.hub.set_variable(ID, ref, policy)).accepted is taken
