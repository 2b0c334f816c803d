"""A token of the master pass group stops all, and starts nothing (C16)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gateway.model.commands import StopCharging
from gateway.model.tokens import AuthorizationStatus, Token
from gateway.model.transactions import STOPPED_BY_MASTER_PASS
from tests.fakes.box import ID
from tests.profiles.core.cards import backend_says, present, set_

if TYPE_CHECKING:
    from gateway.contracts import Json
    from tests.fakes.box import Box


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
