"""What a station reports over a real socket, and what it is answered."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway.model.commands import SetLimit, StartCharging, StopCharging, UploadLog, Verdict
from gateway.model.events import (
    ConnectorChanged,
    Measured,
    StationBooted,
    StationFound,
    TransactionBegan,
    TransactionEnded,
)
from gateway.model.ids import Place
from gateway.model.tokens import Token
from gateway.model.transactions import STOPPED_BY_BACKEND
from tests.adapters.ocpp_json.rig import NOW, PATIENCE, STAMP, STATION, Station, running, settings

START = {"connectorId": 1, "idTag": "04A1B2C3", "meterStart": 100, "timestamp": STAMP}
STATUS = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
ORDER = StartCharging(
    place=Place(station=STATION, evse=1), token=Token(value="04A1B2C3"), remote_start_id=1, expires_at=NOW
)


async def test_a_visit_from_boot_to_stop() -> None:
    async with running() as rig, rig.station() as station:
        boot = await station.ask("BootNotification", chargePointVendor="ACME", chargePointModel="X")
        assert (boot["status"], boot["interval"], boot["currentTime"]) == ("Accepted", 300, STAMP)
        assert await station.ask("Heartbeat") == {"currentTime": STAMP}
        await station.ask("StatusNotification", **{**STATUS, "status": "Preparing"}, timestamp=STAMP)
        assert (await station.ask("Authorize", idTag="04A1B2C3"))["idTagInfo"]["status"] == "Accepted"
        number = (await station.ask("StartTransaction", **START))["transactionId"]
        values = [{"timestamp": STAMP, "sampledValue": [{"value": "150"}]}]
        await station.ask("MeterValues", connectorId=1, transactionId=number, meterValue=values)
        await station.ask("StopTransaction", transactionId=number, meterStop=200, timestamp=STAMP, reason="Remote")
        found, *_ = rig.box.of(StationFound)
        assert isinstance(found, StationFound)
        (began,), (measured,), (ended,) = (
            rig.box.of(TransactionBegan),
            rig.box.of(Measured),
            rig.box.of(TransactionEnded),
        )
        assert isinstance(began, TransactionBegan)
        assert isinstance(measured, Measured)
        assert isinstance(ended, TransactionEnded)
        assert (began.meter_start, began.at, measured.number, ended.number) == (100.0, NOW, number, number)
        assert ended.cause == STOPPED_BY_BACKEND
        assert len(rig.box.of(StationBooted)) == 1
        assert rig.adapter.reach(STATION) == ("127.0.0.1", NOW)


async def test_a_start_that_is_repeated_is_the_same_transaction() -> None:
    async with running() as rig:
        async with rig.station() as station:
            first = await station.ask("StartTransaction", **START)
        async with rig.station() as station:
            again = await station.ask("StartTransaction", **START)
            other = await station.ask("StartTransaction", **{**START, "meterStart": 101})
        assert first["transactionId"] == again["transactionId"] != other["transactionId"]


async def test_a_report_that_cannot_be_kept_gets_no_answer() -> None:
    async with running() as rig, rig.station() as station:
        await station.ask("Heartbeat")
        rig.box.disk_full = True
        await station.send([2, "lost", "StartTransaction", START])
        await station.send([2, "also", "StatusNotification", STATUS])
        await station.send([2, "beat", "Heartbeat", {}])
        assert (await station.frame())[1] == "beat"
        rig.box.disk_full = False
        assert (await station.ask("StartTransaction", **START))["idTagInfo"]["status"] == "Accepted"


async def test_requests_are_answered_in_their_order_while_the_backend_thinks() -> None:
    async with running() as rig, rig.station() as station:
        rig.box.hold.clear()
        await station.send([2, "a", "Authorize", {"idTag": "X"}])
        await station.send([2, "b", "Heartbeat", {}])
        await rig.box.until(lambda: bool(rig.box.asked))
        rig.box.hold.set()
        assert [(await station.frame())[1], (await station.frame())[1]] == ["a", "b"]


async def test_what_a_station_has_reported_before_it_left_is_kept() -> None:
    async with running() as rig:
        async with rig.station() as station:
            rig.box.hold.clear()
            await station.send([2, "a", "Authorize", {"idTag": "X"}])
            await station.send([2, "b", "StartTransaction", START])
            await rig.box.until(lambda: bool(rig.box.asked))
        rig.box.hold.set()
        await rig.box.until(lambda: bool(rig.box.of(TransactionBegan)))


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ([2, "x", "Fly", {}], "NotImplemented"),
        ([2, "x", "Reset", {"type": "Hard"}], "NotImplemented"),
        ([2, "x", "Authorize", {}], "OccurenceConstraintViolation"),
        ([2, "x", "Authorize", {"idTag": {}}], "TypeConstraintViolation"),
        ([2, "x", "Authorize", []], "FormationViolation"),
        ([2, "x", 7, {}], "FormationViolation"),
        ('[2,"x","StopTransaction",{"transactionId":' + "[" * 500 + "]" * 500 + "}]", "FormationViolation"),
        ([2, "x", "Heartbeat", {}, {}], "FormationViolation"),
    ],
)
async def test_what_cannot_be_understood_is_refused_with_its_reason(frame: list[Any] | str, code: str) -> None:
    async with running() as rig, rig.station() as station:
        await station.send(frame)
        answer = await station.frame()
        assert answer[:3] == [4, "x", code]
        assert answer[4] == {}
        assert await station.ask("Heartbeat") == {"currentTime": STAMP}


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "[2]", '[2,null,"Heartbeat",{}]', '[9,"x",{}]', '[3,"x",{}]', '[4,"x"]', "[[2]]", "7",
     '[true,"x","Heartbeat",{}]', '[2,"' + "x" * 200 + '","Heartbeat",{}]', "[" * 2000],
)  # fmt: skip
async def test_garbage_is_dropped_and_the_next_message_is_answered(text: str) -> None:
    async with running() as rig, rig.station() as station:
        await station.send(text)
        await station.socket.send_bytes(b"\x00\xff")
        assert await station.ask("Heartbeat") == {"currentTime": STAMP}


async def test_garbage_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    async with running() as rig, rig.station() as station:
        for _ in range(5):
            await station.send("no json")
        await station.ask("Heartbeat")
    assert len([record for record in caplog.records if "frame-malformed" in record.getMessage()]) == 1


@pytest.mark.parametrize("action", ["StartTransaction", "StopTransaction", "MeterValues", "StatusNotification"])
async def test_a_report_is_never_refused_whatever_is_wrong_with_it(action: str) -> None:
    deep: list[Any] = [[[[[{"a": [1]}]]]]]
    async with running() as rig, rig.station() as station:
        for payload in (
            {},
            {"connectorId": deep, "timestamp": 7, "idTag": [], "meterValue": "x", "values": {"a": deep}},
        ):
            await station.send([2, "x", action, payload])
            assert (await station.frame())[0] == 3


async def test_numbers_as_text_and_other_spellings_are_understood() -> None:
    async with running() as rig, rig.station() as station:
        await station.ask(
            "StartTransaction",
            connectorId="2", idtag=1234, meterStart=100.0, timestamp="2024-05-01 11:00:00", reservationId=None, extra=1,
        )  # fmt: skip
        await station.ask("StatusNotification", connectorId=1, errorCode="noerror", status="AVAILABLE", timestamp="now")
        began, changed = rig.box.of(TransactionBegan)[0], rig.box.of(ConnectorChanged)[0]
        assert isinstance(began, TransactionBegan)
        assert isinstance(changed, ConnectorChanged)
        assert began.token is not None
        assert (began.place.evse, began.token.value, began.meter_start) == (2, "1234", 100.0)
        assert (began.at.hour, changed.at) == (11, NOW)


async def test_an_object_where_a_vendors_text_is_to_be() -> None:
    async with running() as rig, rig.station() as station:
        answer = await station.ask("DataTransfer", vendorId="acme", data={"a": [1]})
        assert answer == {"status": "Accepted"}
        assert rig.box.vendor == [("acme", None, '{"a":[1]}')]


async def test_a_message_that_is_too_long_ends_the_connection_and_no_other() -> None:
    async with running(settings(), settings("B", "AT-EBE-0002")) as rig, rig.station("B") as other:
        async with rig.station() as station:
            await station.send("[" + " " * 300_000 + "]")
            assert await station.closed() == 1009
        assert await other.ask("Heartbeat") == {"currentTime": STAMP}


async def serving(station: Station) -> asyncio.Task[None]:
    return asyncio.create_task(station.serve())


async def test_commands_go_down_and_their_answers_come_back() -> None:
    async with running() as rig, rig.station() as station:
        await station.ask("Heartbeat")
        task = await serving(station)
        assert (await rig.adapter.execute(ORDER)).accepted
        assert station.calls == [("RemoteStartTransaction", {"idTag": "04A1B2C3", "connectorId": 1})]
        station.answers["GetDiagnostics"] = {"fileName": "log.zip"}
        log = UploadLog(station=STATION, request_id=1, location="ftp://x/", start=NOW)
        assert (await rig.adapter.execute(log)).data == "log.zip"
        assert station.calls[-1][1]["startTime"] == STAMP
        station.answers["SetChargingProfile"] = {"status": "NotSupported"}
        limit = SetLimit(place=Place(station=STATION, evse=1, connector=1), current=10.0)
        assert (await rig.adapter.execute(limit)).verdict is Verdict.UNSUPPORTED
        await station.socket.close()
        await task


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ("NotImplemented", Verdict.UNSUPPORTED),
        ("InternalError", Verdict.REJECTED),
        ({}, Verdict.REJECTED),
        ({"status": "accepted"}, Verdict.ACCEPTED),
        (None, Verdict.UNANSWERED),
    ],
)
async def test_a_command_ends_as_the_station_answers(answer: Any, verdict: Verdict) -> None:
    patience = PATIENCE if answer is not None else type(PATIENCE)(call=0.05, settle=0.0, greeting=60.0)
    async with running(patience=patience) as rig, rig.station() as station:
        await station.ask("Heartbeat")
        station.answers["RemoteStopTransaction"] = answer
        task = await serving(station)
        outcome = await rig.adapter.execute(
            StopCharging(station=STATION, transaction="t", number=4, cause=STOPPED_BY_BACKEND)
        )
        assert outcome.verdict is verdict
        await station.socket.close()
        await task


async def test_a_late_answer_is_no_answer_to_the_next_call() -> None:
    patience = type(PATIENCE)(call=0.05, settle=0.0, greeting=60.0)
    async with running(patience=patience) as rig, rig.station() as station:
        await station.ask("Heartbeat")
        assert (await rig.adapter.execute(ORDER)).verdict is Verdict.UNANSWERED
        first = await station.socket.receive_json()
        await station.send([3, first[1], {"status": "Accepted"}])
        await station.ask("Heartbeat")
        task = await serving(station)
        station.answers["RemoteStartTransaction"] = {"status": "Rejected"}
        assert (await rig.adapter.execute(ORDER)).verdict is Verdict.REJECTED
        await station.socket.close()
        await task


async def test_a_connection_that_is_lost_leaves_open_what_the_station_has_done() -> None:
    async with running() as rig:
        async with rig.station() as station:
            await station.ask("Heartbeat")
            asked = asyncio.create_task(rig.adapter.execute(ORDER))
            await station.socket.receive()
        assert (await asked).verdict is Verdict.UNANSWERED


async def test_a_station_that_is_not_there_is_not_reached() -> None:
    async with running() as rig:
        assert (await rig.adapter.execute(ORDER)).verdict is Verdict.UNREACHABLE
        adapter = rig.adapter
    assert (await adapter.execute(ORDER)).verdict is Verdict.UNREACHABLE


async def test_a_call_waits_until_the_stations_own_request_is_answered() -> None:
    async with running() as rig, rig.station() as station:
        rig.box.hold.clear()
        await station.send([2, "a", "Authorize", {"idTag": "X"}])
        await rig.box.until(lambda: bool(rig.box.asked))
        asked = asyncio.create_task(rig.adapter.execute(ORDER))
        rig.box.hold.set()
        assert (await station.socket.receive_json())[:2] == [3, "a"]
        call = await station.socket.receive_json()
        assert call[2] == "RemoteStartTransaction"
        await station.send([3, call[1], {"status": "Accepted"}])
        assert (await asked).accepted
