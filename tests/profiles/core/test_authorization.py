"""Who may charge: backend, cache, and what holds while the backend is away."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gateway.contracts import CallRefused
from gateway.model.commands import StopCharging
from gateway.model.device import DeviceModel, VariableRef, timestamp
from gateway.model.ids import Place
from gateway.model.installation import Installation
from gateway.model.station import Capability, StationState
from gateway.model.tokens import AdditionalInfo, Authorization, AuthorizationStatus, Token, TokenType
from gateway.model.transactions import STOPPED_BY_MASTER_PASS
from profiles.core.authorization_variables import authorization
from tests.fakes.box import ID, RFID, valid

if TYPE_CHECKING:
    from gateway.contracts import Json
    from tests.fakes.box import Box

ACCEPTED = Authorization(status=AuthorizationStatus.ACCEPTED)
BLOCKED = Authorization(status=AuthorizationStatus.BLOCKED)
PLACE = Place(station=ID)
MORE: Json = {"idToken": "APP", "type": "ISO14443", "additionalInfo": [{"additionalIdToken": "7", "type": "pin"}]}


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


class TestMasterPass:
    """A token of the master pass group stops all, and starts nothing (C16)."""

    @pytest.fixture(autouse=True)
    async def police(self, box: Box) -> None:
        await set_(box, "AuthCtrlr", "MasterPassGroupId", "POLICE")
        backend_says(box, "Accepted", groupIdToken={"idToken": "Police", "type": "Central"})

    @pytest.mark.ocpp("C16.FR.02", "C16.FR.03", "C16.FR.04", "C16.FR.07", "C12.FR.09")
    @pytest.mark.parametrize("cached", [False, True])
    async def test_it_stops_all_and_may_not_charge(self, box: Box, *, cached: bool) -> None:
        badge = Token(value="BADGE")
        if cached:
            await present(box, badge)
            await set_(box, "AuthCtrlr", "LocalPreAuthorize", "true")
            box.backend.since = None
        numbers = [(await box.begin(f"start {evse}", evse=evse)).number for evse in (1, 2)]
        assert await present(box, badge) is AuthorizationStatus.NOT_AT_THIS_TIME
        await box.settled()
        stops = [(stop.number, stop.cause) for stop in box.adapter.asked(StopCharging)]
        assert sorted(stops, key=lambda each: each[0]) == [(n, STOPPED_BY_MASTER_PASS) for n in sorted(numbers)]
        await box.sent()
        await box.end(numbers[0])
        (event,) = await box.sent_of("TransactionEvent")
        assert (event["eventType"], event["transactionInfo"]["stoppedReason"]) == ("Ended", "MasterPass")
        assert event["triggerReason"] == "StopAuthorized"

    @pytest.mark.ocpp("C16.FR.01", "C16.FR.07")
    async def test_what_it_stops_is_chosen_where_there_is_something_to_choose_by(self, box: Box) -> None:
        box.member.installation = replace(box.member.installation, keypad=True)
        visitors = box.hub.visitors
        numbers = [(await box.begin(f"start {evse}", evse=evse)).number for evse in (1, 2)]
        assert visitors.choices(ID) == ()
        assert await present(box, Token(value="BADGE")) is AuthorizationStatus.NOT_AT_THIS_TIME
        await box.settled()
        assert (visitors.choices(ID), box.adapter.asked(StopCharging)) == ((1, 2), [])
        await visitors.stop(ID, 2)
        (stop,) = box.adapter.asked(StopCharging)
        assert (stop.number, stop.cause) == (numbers[1], STOPPED_BY_MASTER_PASS)
        await visitors.stop(ID, 0)
        assert {each.number for each in box.adapter.asked(StopCharging)} == set(numbers)
        box.clock.pass_(minutes=1)
        assert visitors.choices(ID) == ()

    async def test_one_that_is_not_valid_stops_nothing(self, box: Box) -> None:
        await box.begin()
        backend_says(box, "Expired", groupIdToken={"idToken": "POLICE", "type": "Central"})
        assert await present(box, Token(value="BADGE")) is AuthorizationStatus.EXPIRED
        await box.settled()
        assert box.adapter.asked(StopCharging) == []

    @pytest.mark.ocpp("C16.FR.03")
    async def test_the_backend_cannot_start_with_it(self, box: Box) -> None:
        badge: Json = {"idToken": "BADGE", "type": "ISO14443"}
        group: Json = {"idToken": "POLICE", "type": "Central"}
        order: Json = {"idToken": badge, "remoteStartId": 1, "evseId": 1}
        assert (await box.call("RequestStartTransaction", {**order, "groupIdToken": group}))["status"] == "Rejected"
        await set_(box, "AuthCtrlr", "AuthorizeRemoteStart", "true")
        await box.begin(evse=2)
        assert (await box.call("RequestStartTransaction", order))["status"] == "Accepted"
        await box.settled()
        assert box.adapter.commands == [], "neither started nor, as nobody stands there, stopped"

    async def test_what_has_begun_with_it_is_stopped(self, box: Box) -> None:
        await box.begin(token=Token(value="BADGE"))
        (message,) = [m for m in await box.sent() if m.action == "TransactionEvent"]
        info = {"status": "Accepted", "groupIdToken": {"idToken": "POLICE", "type": "Central"}}
        await box.hub.responded(ID, message, {"idTokenInfo": info})
        await box.settled()
        assert len(box.adapter.asked(StopCharging)) == 1
