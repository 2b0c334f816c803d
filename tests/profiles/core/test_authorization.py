"""Who may charge: backend, cache, and what holds while the backend is away."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gateway.model.device import VariableRef, timestamp
from gateway.model.ids import Place
from gateway.model.tokens import Authorization, AuthorizationStatus, Token, TokenType
from tests.fakes.box import ID, RFID, valid

if TYPE_CHECKING:
    from gateway.contracts import Json
    from tests.fakes.box import Box

ACCEPTED = Authorization(status=AuthorizationStatus.ACCEPTED)
BLOCKED = Authorization(status=AuthorizationStatus.BLOCKED)
PLACE = Place(station=ID)


async def set_(box: Box, component: str, variable: str, value: str) -> None:
    assert (await box.hub.set_variable(ID, VariableRef(component=component, variable=variable), value)).accepted


async def present(box: Box, token: Token = RFID, *, patience: float = 5.0) -> AuthorizationStatus:
    return (await box.hub.authorize(PLACE, token, patience=patience)).status


def backend_says(box: Box, status: str, **more: object) -> None:
    info: Json = {"status": status, **more}
    box.backend.answers["Authorize"] = {"idTokenInfo": info}


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


@pytest.mark.ocpp("C05.FR.02")
async def test_a_central_token_is_not_kept(box: Box) -> None:
    backend_says(box, "Accepted")
    central = Token(value="APP", type=TokenType.CENTRAL)
    assert await present(box, central) is AuthorizationStatus.ACCEPTED
    assert await box.storage.tokens.recall(ID, central) is None


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


class TestLocalPreAuthorize:
    """A token that is known as good need not wait for the backend, if so set (C12)."""

    @pytest.mark.ocpp("C12.FR.05", "C10.FR.03")
    async def test_one_that_is_known_as_bad_is_asked_about(self, box: Box) -> None:
        await set_(box, "AuthCtrlr", "LocalPreAuthorize", "true")
        await box.storage.tokens.remember(ID, RFID, BLOCKED)
        backend_says(box, "Accepted")
        assert await present(box) is AuthorizationStatus.ACCEPTED

    async def test_one_that_is_known_as_good_is_not(self, box: Box) -> None:
        await set_(box, "AuthCtrlr", "LocalPreAuthorize", "true")
        await box.storage.tokens.remember(ID, RFID, ACCEPTED)
        assert await present(box) is AuthorizationStatus.ACCEPTED
        assert box.backend.asked == []

    async def test_otherwise_the_backend_is_asked_anyway(self, box: Box) -> None:
        await box.storage.tokens.remember(ID, RFID, ACCEPTED)
        backend_says(box, "Blocked")
        assert await present(box) is AuthorizationStatus.BLOCKED


class TestOffline:
    """The backend is away, or does not answer in time."""

    @pytest.mark.parametrize("away", [True, False])
    async def test_what_is_known_holds(self, box: Box, away: bool) -> None:  # noqa: FBT001 parameter
        if away:
            box.backend.since = None
        await box.storage.tokens.remember(ID, RFID, ACCEPTED)
        assert await present(box) is AuthorizationStatus.ACCEPTED
        assert len(box.backend.asked) == (0 if away else 1)

    async def test_unless_that_is_off(self, box: Box) -> None:
        box.backend.since = None
        await set_(box, "AuthCtrlr", "LocalAuthorizeOffline", "false")
        await box.storage.tokens.remember(ID, RFID, ACCEPTED)
        assert await present(box) is AuthorizationStatus.UNKNOWN

    @pytest.mark.ocpp("C15.FR.01")
    async def test_an_unknown_token_may_only_where_that_is_set_and_is_not_kept(self, box: Box) -> None:
        box.backend.since = None
        assert await present(box) is AuthorizationStatus.UNKNOWN
        await set_(box, "AuthCtrlr", "OfflineTxForUnknownIdEnabled", "true")
        assert await present(box) is AuthorizationStatus.ACCEPTED
        assert await box.storage.tokens.recall(ID, RFID) is None

    async def test_one_that_is_known_as_bad_may_not_even_then(self, box: Box) -> None:
        box.backend.since = None
        await set_(box, "AuthCtrlr", "OfflineTxForUnknownIdEnabled", "true")
        await box.storage.tokens.remember(ID, RFID, BLOCKED)
        assert await present(box) is AuthorizationStatus.BLOCKED

    async def test_no_patience_is_no_question(self, box: Box) -> None:
        await present(box, patience=0.0)
        assert box.backend.asked == []


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
        box.backend.since = None
        for _ in range(3):  # each use prolongs it
            box.clock.pass_(seconds=599)
            assert await present(box) is AuthorizationStatus.ACCEPTED
        box.clock.pass_(seconds=600)
        assert await present(box) is AuthorizationStatus.EXPIRED
