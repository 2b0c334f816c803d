"""Who may charge: backend, cache, and what holds while the backend is away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.contracts import CallRefused
from gateway.model.device import DeviceModel
from gateway.model.ids import Place
from gateway.model.installation import Installation
from gateway.model.station import Capability, StationState
from gateway.model.tokens import AdditionalInfo, Authorization, AuthorizationStatus, Token, TokenType
from profiles.core.authorization_variables import authorization
from tests.fakes.box import ID, RFID
from tests.profiles.core.cards import ACCEPTED, BLOCKED, PLACE, backend_says, present, set_

if TYPE_CHECKING:
    from gateway.contracts import Json
    from tests.fakes.box import Box

MORE: Json = {"idToken": "APP", "type": "ISO14443", "additionalInfo": [{"additionalIdToken": "7", "type": "pin"}]}


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

    @pytest.mark.ocpp("C01.FR.05")
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


class TestPostAuthorize:
    """A token that the cache refuses is asked about again, unless the backend does not want that."""

    async def test_a_refusal_of_the_cache_is_final_where_that_is_set(self, box: Box) -> None:
        await set_(box, "AuthCacheCtrlr", "DisablePostAuthorize", "true")
        await box.storage.tokens.remember(ID, RFID, BLOCKED)
        assert await present(box) is AuthorizationStatus.BLOCKED
        assert box.backend.asked == []

    async def test_one_that_was_good_and_is_too_old_is_asked_about_all_the_same(self, box: Box) -> None:
        await set_(box, "AuthCacheCtrlr", "DisablePostAuthorize", "true")
        await set_(box, "AuthCacheCtrlr", "LifeTime", "600")
        await box.storage.tokens.remember(ID, RFID, ACCEPTED)
        box.clock.pass_(seconds=600)
        backend_says(box, "Accepted")
        assert await present(box) is AuthorizationStatus.ACCEPTED
        assert len(box.backend.asked) == 1


class TestDisableRemoteAuthorization:
    """Cache and list alone decide."""

    @pytest.fixture(autouse=True)
    async def disabled(self, box: Box) -> None:
        await set_(box, "AuthCtrlr", "DisableRemoteAuthorization", "true")
        backend_says(box, "Accepted")

    @pytest.mark.parametrize("known", [ACCEPTED, BLOCKED])
    async def test_what_is_known_holds(self, box: Box, known: Authorization) -> None:
        await set_(box, "AuthCtrlr", "LocalAuthorizeOffline", "false")
        await box.storage.tokens.remember(ID, RFID, known)
        assert await present(box) is known.status
        assert box.backend.asked == []

    async def test_what_is_not_may_not_charge_though_it_may_offline(self, box: Box) -> None:
        await set_(box, "AuthCtrlr", "OfflineTxForUnknownIdEnabled", "true")
        assert await present(box) is AuthorizationStatus.UNKNOWN
        assert box.backend.asked == []
        box.backend.since = None
        assert await present(box) is AuthorizationStatus.ACCEPTED


class TestAdditionalInfo:
    """What belongs to a token besides its identifier (Part 2, C 1.1.1)."""

    async def test_it_goes_with_what_a_remote_start_leads_to(self, box: Box) -> None:
        await set_(box, "AuthCtrlr", "AuthorizeRemoteStart", "true")
        backend_says(box, "Accepted")
        order: Json = {"idToken": MORE, "remoteStartId": 1, "evseId": 1}
        assert (await box.call("RequestStartTransaction", order))["status"] == "Accepted"
        await box.settled()
        assert box.backend.asked == [("Authorize", {"idToken": MORE})]
        await box.begin(token=Token(value="app", type=TokenType.LOCAL, guessed=True))
        (started,) = await box.sent_of("TransactionEvent")
        assert started["idToken"] == MORE, "the station itself tells the identifier only"
        (transaction,) = box.state.transactions
        await box.end(transaction.number, token=Token(value="APP", type=TokenType.LOCAL, guessed=True))
        (ended,) = await box.sent_of("TransactionEvent")
        assert ended["idToken"] == MORE

    async def test_the_cache_keeps_it(self, box: Box) -> None:
        token = Token(value="APP", additional=(AdditionalInfo(value="7", type="pin"),))
        backend_says(box, "Accepted")
        await present(box, token)
        await present(box, Token(value="APP"))
        assert [payload for _, payload in box.backend.asked] == [{"idToken": MORE}] * 2
        await set_(box, "AuthCtrlr", "LocalPreAuthorize", "true")
        found = await box.hub.authorize(PLACE, Token(value="APP"), patience=5.0)
        assert found.token is not None
        assert found.token.additional == token.additional

    async def test_there_is_a_limit(self, box: Box) -> None:
        asked = {"component": {"name": "AuthCtrlr"}, "variable": {"name": "AdditionalInfoItemsPerMessage"}}
        answer = await box.call("GetVariables", {"getVariableData": [asked]})
        limit = int(answer["getVariableResult"][0]["attributeValue"])
        token: Json = {**MORE, "additionalInfo": MORE["additionalInfo"] * (limit + 1)}
        with pytest.raises(CallRefused, match="OccurrenceConstraintViolation"):
            await box.call("RequestStartTransaction", {"idToken": token, "remoteStartId": 1})


class TestLanguages:
    """The driver is addressed as the backend says."""

    @pytest.mark.ocpp("C01.FR.08", "C01.FR.09")
    async def test_as_long_as_the_driver_is_there(self, box: Box) -> None:
        assert box.hub.visitors.languages(ID, 1) == ()
        backend_says(box, "Accepted", language1="nl", language2="de")
        await box.hub.authorize(Place(station=ID, evse=1, connector=1), RFID, patience=5.0)
        assert (box.hub.visitors.languages(ID, 1), box.hub.visitors.languages(ID, 2)) == (("nl", "de"), ())
        box.clock.pass_(minutes=2)
        assert box.hub.visitors.languages(ID, 1) == (), "nothing has come of it"
        admission = await box.begin()
        (started,) = [m for m in await box.sent() if m.action == "TransactionEvent"]
        assert box.hub.visitors.languages(ID, 1) == ("nl", "de")
        await box.hub.responded(ID, started, {"idTokenInfo": {"status": "Accepted"}})
        assert box.hub.visitors.languages(ID, 1) == ("nl", "de"), "of which that says nothing"
        await box.hub.responded(ID, started, {"idTokenInfo": {"status": "Accepted", "language1": "en"}})
        assert box.hub.visitors.languages(ID, 1) == ("en",)
        await box.end(admission.number)
        assert box.hub.visitors.languages(ID, 1) == ()

    async def test_a_station_that_does_not_tell_the_place_has_one_reader_for_all(self, box: Box) -> None:
        backend_says(box, "Blocked", language1="de")
        await present(box)
        assert box.hub.visitors.languages(ID, 1) == box.hub.visitors.languages(ID, 2) == ("de",)


async def test_the_types_of_tokens_are_told(box: Box) -> None:
    asked = {"component": {"name": "AuthCtrlr"}, "variable": {"name": "SupportedIdTokenTypes"}}
    answer = await box.call("GetVariables", {"getVariableData": [asked]})
    told = answer["getVariableResult"][0]["attributeValue"].split(",")
    assert {"Central", "ISO14443", "ISO15693"} <= set(told) <= set(TokenType)
    assert "NoAuthorization" not in told, "this station asks for a card"


@pytest.mark.parametrize("keypad", [False, True])
def test_key_codes_are_for_who_can_type_them(*, keypad: bool) -> None:
    state = StationState(id=ID, capabilities=frozenset({Capability.BOX_SESSIONS}))
    device = DeviceModel.of(authorization(state, Installation(keypad=keypad)))
    told = device.members("AuthCtrlr", "SupportedIdTokenTypes")
    assert ("KeyCode" in told, "NoAuthorization" in told) == (keypad, True)
