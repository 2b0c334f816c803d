"""Requests about transactions, and what the backend answers to their events."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gateway.model import commands as cmd
from gateway.model import events as ev
from gateway.model.device import VariableRef
from gateway.model.evse import ConnectorStatus
from gateway.model.ids import Place
from gateway.model.rules.commands import settle
from gateway.model.tokens import AuthorizationStatus, Token, TokenType
from tests.fakes.box import ID, RFID

if TYPE_CHECKING:
    from gateway.contracts import Json, Message
    from tests.fakes.box import Box

GROUP = Token(value="FAMILY", type=TokenType.CENTRAL)


def start(evse: int | None = 1, token: str = RFID.value, type_: str = "ISO14443", **more: object) -> Json:
    payload: Json = {"idToken": {"idToken": token, "type": type_}, "remoteStartId": 9, **more}
    return payload if evse is None else {**payload, "evseId": evse}


async def set_(box: Box, component: str, variable: str, value: str) -> None:
    assert (await box.hub.set_variable(ID, VariableRef(component=component, variable=variable), value)).accepted


async def status(box: Box, evse: int, reported: ConnectorStatus) -> None:
    place = Place(station=ID, evse=evse, connector=1)
    await box.hub.publish(ev.ConnectorChanged(place=place, at=box.clock.now(), status=reported))


async def reserve(box: Box, *, group: Token | None = None) -> None:
    command = cmd.Reserve(
        place=Place(station=ID, evse=1), reservation=5, token=Token(value="HOLDER"), group=group,
        expires_at=box.clock.now() + timedelta(hours=1),
    )  # fmt: skip
    member = box.member
    box.fleet.take(member, settle(member.state, command, cmd.ACCEPTED, box.clock.now()).state, None)


def starts(box: Box) -> list[tuple[int, str]]:
    return [(command.place.evse, command.token.value) for command in box.adapter.asked(cmd.StartCharging)]


class TestRequestStart:
    """RequestStartTransaction (F01, F02)."""

    @pytest.mark.ocpp("F01.FR.02", "F01.FR.19", "F02.FR.01", "F02.FR.05", "C05.FR.03", "C05.FR.05")
    async def test_the_station_starts_and_the_event_says_why(self, box: Box) -> None:
        assert await box.call("RequestStartTransaction", start()) == {"status": "Accepted"}
        assert starts(box) == [(1, RFID.value)]
        assert box.backend.asked == [], "no question about the token"
        await box.begin()
        (event,) = await box.sent_of("TransactionEvent")
        assert (event["triggerReason"], event["transactionInfo"]["remoteStartId"]) == ("RemoteStart", 9)
        assert event["idToken"]["idToken"] == RFID.value

    async def test_the_start_lapses_when_no_cable_comes(self, box: Box) -> None:
        await set_(box, "TxCtrlr", "EVConnectionTimeOut", "120")
        await box.call("RequestStartTransaction", start())
        box.clock.pass_(seconds=151)
        await box.begin()
        assert (await box.sent_of("TransactionEvent"))[0]["triggerReason"] == "Authorized"

    @pytest.mark.ocpp("B02.FR.05")
    async def test_not_while_pending(self, box: Box) -> None:
        box.backend.is_pending = True
        assert (await box.call("RequestStartTransaction", start()))["status"] == "Rejected"
        assert (await box.call("RequestStopTransaction", {"transactionId": "x"}))["status"] == "Rejected"
        assert box.adapter.commands == []

    async def test_not_at_an_evse_that_is_none(self, box: Box) -> None:
        answer = await box.call("RequestStartTransaction", start(9))
        assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "UnknownEvse")

    @pytest.mark.ocpp("F01.FR.23", "F02.FR.25")
    @pytest.mark.parametrize("reported", [ConnectorStatus.UNAVAILABLE, ConnectorStatus.FAULTED])
    async def test_not_at_one_that_is_closed(self, box: Box, reported: ConnectorStatus) -> None:
        await status(box, 1, reported)
        assert (await box.call("RequestStartTransaction", start()))["status"] == "Rejected"
        assert starts(box) == []

    @pytest.mark.ocpp("F01.FR.23", "F02.FR.25")
    async def test_not_at_one_that_the_backend_has_closed(self, box: Box) -> None:
        await box.call("ChangeAvailability", {"operationalStatus": "Inoperative", "evse": {"id": 1}})
        assert (await box.call("RequestStartTransaction", start()))["status"] == "Rejected"

    @pytest.mark.ocpp("F01.FR.24", "F02.FR.26")
    async def test_not_where_somebody_charges(self, box: Box) -> None:
        await box.begin()
        answer = await box.call("RequestStartTransaction", start())
        assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "TxStarted")

    async def test_where_only_a_cable_is_in(self, box: Box) -> None:
        await status(box, 1, ConnectorStatus.OCCUPIED)
        assert (await box.call("RequestStartTransaction", start()))["status"] == "Accepted"

    @pytest.mark.ocpp("F01.FR.20", "F02.FR.22")
    async def test_without_an_evse_the_one_with_a_cable_in(self, box: Box) -> None:
        await status(box, 2, ConnectorStatus.OCCUPIED)
        assert (await box.call("RequestStartTransaction", start(None)))["status"] == "Accepted"
        await box.begin(evse=2)
        await box.call("RequestStartTransaction", start(None, token="OTHER"))
        assert starts(box) == [(2, RFID.value), (1, "OTHER")]

    @pytest.mark.ocpp("F01.FR.21", "F02.FR.23")
    async def test_not_where_it_is_reserved_for_another(self, box: Box) -> None:
        await reserve(box)
        assert (await box.call("RequestStartTransaction", start()))["status"] == "Rejected"
        assert (await box.call("RequestStartTransaction", start(token="holder")))["status"] == "Accepted"

    @pytest.mark.ocpp("F01.FR.22", "F02.FR.24")
    async def test_where_it_is_reserved_for_the_group(self, box: Box) -> None:
        await reserve(box, group=GROUP)
        for group, expected in (("Neighbours", "Rejected"), (GROUP.value.lower(), "Accepted")):
            request = start(groupIdToken={"idToken": group, "type": "Central"})
            assert (await box.call("RequestStartTransaction", request))["status"] == expected

    @pytest.mark.ocpp("F01.FR.12", "F02.FR.20")
    async def test_a_charging_profile_is_ignored(self, box: Box) -> None:
        schedule = {"id": 1, "chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6.0}]}
        profile = {
            "id": 1, "stackLevel": 0, "chargingProfilePurpose": "TxProfile", "chargingProfileKind": "Relative",
            "chargingSchedule": [schedule],
        }  # fmt: skip
        assert (await box.call("RequestStartTransaction", start(chargingProfile=profile)))["status"] == "Accepted"
        assert starts(box) == [(1, RFID.value)]

    @pytest.mark.ocpp("F01.FR.01")
    @pytest.mark.parametrize(("word", "asked"), [("Accepted", [(1, RFID.value)]), ("Blocked", [])])
    async def test_authorized_first_where_that_is_set(self, box: Box, word: str, asked: list[tuple[int, str]]) -> None:
        await set_(box, "AuthCtrlr", "AuthorizeRemoteStart", "true")
        box.backend.answers["Authorize"] = {"idTokenInfo": {"status": word}}
        assert (await box.call("RequestStartTransaction", start()))["status"] == "Accepted"
        assert [action for action, _ in box.backend.asked] == ["Authorize"]
        assert starts(box) == asked

    @pytest.mark.ocpp("C03.FR.01", "C05.FR.01")
    async def test_a_central_token_is_never_asked_about(self, box: Box) -> None:
        await set_(box, "AuthCtrlr", "AuthorizeRemoteStart", "true")
        assert (await box.call("RequestStartTransaction", start(type_="Central")))["status"] == "Accepted"
        assert box.backend.asked == []
        assert len(starts(box)) == 1

    async def test_a_station_that_is_not_reached_cannot(self, box: Box) -> None:
        await box.hub.publish(ev.StationLost(station=ID, at=box.clock.now()))
        assert (await box.call("RequestStartTransaction", start()))["status"] == "Rejected"


class TestRequestStop:
    """RequestStopTransaction (F03)."""

    @pytest.mark.ocpp("F03.FR.07")
    async def test_a_running_one_is_stopped(self, box: Box) -> None:
        admission = await box.begin()
        (event,) = await box.sent_of("TransactionEvent")
        id_ = event["transactionInfo"]["transactionId"]
        assert await box.call("RequestStopTransaction", {"transactionId": id_}) == {"status": "Accepted"}
        assert [c.number for c in box.adapter.asked(cmd.StopCharging)] == [admission.number]

    @pytest.mark.ocpp("F03.FR.08")
    async def test_one_that_does_not_run_is_not(self, box: Box) -> None:
        answer = await box.call("RequestStopTransaction", {"transactionId": "none"})
        assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "TxNotFound")

    async def test_the_stations_refusal_is_the_answer(self, box: Box) -> None:
        await box.begin()
        (event,) = await box.sent_of("TransactionEvent")
        box.adapter.refuse(cmd.StopCharging)
        request = {"transactionId": event["transactionInfo"]["transactionId"]}
        assert (await box.call("RequestStopTransaction", request))["status"] == "Rejected"


class TestStatus:
    """GetTransactionStatus (E14)."""

    @pytest.mark.ocpp("E14.FR.01")
    async def test_of_one_that_never_was(self, box: Box) -> None:
        answer = await box.call("GetTransactionStatus", {"transactionId": "none"})
        assert answer == {"ongoingIndicator": False, "messagesInQueue": False}

    @pytest.mark.ocpp("E14.FR.02", "E14.FR.03", "E14.FR.04", "E14.FR.05")
    async def test_of_one_from_start_to_end(self, box: Box) -> None:
        admission = await box.begin()
        id_ = box.state.transactions[0].id
        seen = [await box.call("GetTransactionStatus", {"transactionId": id_})]
        await box.sent()
        seen.append(await box.call("GetTransactionStatus", {"transactionId": id_}))
        await box.end(admission.number)
        seen.append(await box.call("GetTransactionStatus", {"transactionId": id_}))
        await box.sent()
        seen.append(await box.call("GetTransactionStatus", {"transactionId": id_}))
        assert [(answer["ongoingIndicator"], answer["messagesInQueue"]) for answer in seen] == [
            (True, True), (True, False), (False, True), (False, False),
        ]  # fmt: skip

    @pytest.mark.ocpp("E14.FR.06", "E14.FR.07", "E14.FR.08")
    async def test_of_all(self, box: Box) -> None:
        await box.begin()
        assert await box.call("GetTransactionStatus", {}) == {"messagesInQueue": True}
        await box.sent()
        await status(box, 2, ConnectorStatus.OCCUPIED)  # a message, but not one of a transaction
        assert await box.call("GetTransactionStatus", {}) == {"messagesInQueue": False}


class TestWord:
    """The backend's answer to a TransactionEvent (E05, C15)."""

    @staticmethod
    async def answer(box: Box, info: Json | None, evse: int = 1) -> Message:
        await box.begin(evse=evse)
        started = await box.next_event()
        await box.hub.responded(ID, started, {} if info is None else {"idTokenInfo": info})
        await box.settled()
        return started

    @pytest.mark.ocpp("E05.FR.10", "C15.FR.04")
    async def test_a_token_that_may_not_charge_is_stopped(self, box: Box) -> None:
        await self.answer(box, {"status": "Blocked"})
        (stop,) = box.adapter.asked(cmd.StopCharging)
        await box.end(stop.number)
        ended = (await box.sent_of("TransactionEvent"))[-1]
        assert (ended["triggerReason"], ended["transactionInfo"]["stoppedReason"]) == ("Deauthorized", "DeAuthorized")

    async def test_the_driver_is_told_so(self, box: Box) -> None:
        await self.answer(box, {"status": "Expired"})
        assert (await box.begin()).authorization.status is AuthorizationStatus.EXPIRED

    @pytest.mark.ocpp("C01.FR.21")
    async def test_nor_where_it_is_not_for_this_evse(self, box: Box) -> None:
        await self.answer(box, {"status": "Accepted", "evseId": [2]})
        assert len(box.adapter.asked(cmd.StopCharging)) == 1

    @pytest.mark.parametrize("info", [{"status": "Accepted"}, {"status": "Accepted", "evseId": [1]}, None])
    async def test_one_that_may_goes_on(self, box: Box, info: Json | None) -> None:
        await self.answer(box, info)
        assert box.adapter.asked(cmd.StopCharging) == []

    async def test_a_station_does_not_wait_for_a_word_that_the_backend_leaves_out(self, box: Box) -> None:
        waiting = asyncio.create_task(box.begin(patience=60.0))
        started = await box.next_event()
        await box.hub.responded(ID, started, {})
        async with asyncio.timeout(5):
            assert (await waiting).authorization.accepted
        assert await box.storage.tokens.recall(ID, RFID) is None

    async def test_the_same_word_twice_does_no_harm(self, box: Box) -> None:
        started = await self.answer(box, {"status": "Blocked"})
        await box.end(box.adapter.asked(cmd.StopCharging)[0].number)
        await box.hub.responded(ID, started, {"idTokenInfo": {"status": "Blocked"}})
        await box.settled()
        assert len(box.adapter.asked(cmd.StopCharging)) == 1

    @pytest.mark.ocpp("C10.FR.05")
    async def test_it_is_kept_in_the_cache(self, box: Box) -> None:
        await self.answer(box, {"status": "Blocked"})
        found = await box.storage.tokens.recall(ID, RFID)
        assert found is not None
        assert found[1].status is AuthorizationStatus.BLOCKED
