"""Commands at a station that really answers over HTTP, often oddly."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from adapters.ocpp_soap.config import StationConfig
from adapters.ocpp_soap.envelope import SOAP_12
from gateway.model import commands as cmd
from gateway.model.commands import Outcome, ResetKind, Verdict
from gateway.model.events import StationFound, VariablesReported
from gateway.model.ids import Place
from gateway.model.tokens import Authorization, AuthorizationStatus, Token
from gateway.model.transactions import STOPPED_BY_BACKEND
from tests import wsdl_oracle
from tests.adapters.ocpp_soap.rig import (
    ACCEPTED,
    NAME,
    NOW,
    STATION,
    FakeStation,
    Rig,
    answer,
    http,
    running,
    settings,
    station,
    status,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

HERE = Place(station=STATION, evse=1, connector=1)
LATER = NOW + timedelta(hours=1)
CARD = Token(value="04A1B2C3")
RESET = cmd.Reset(place=Place(station=STATION), kind=ResetKind.IMMEDIATE)


@asynccontextmanager
async def reached(
    *replies: bytes, connectors: Mapping[int, tuple[int, int]] | None = None
) -> AsyncIterator[tuple[Rig, FakeStation]]:
    """An adapter and a station that it knows the way to."""
    async with station(*replies) as fake:
        options = StationConfig(charge_box_identity=NAME, callback_url=fake.url)
        async with running(settings(options, connectors=dict(connectors or {}))) as rig:
            yield rig, fake
    if wsdl_oracle.available():
        for call in fake.calls:
            wsdl_oracle.validate_request(call)


@pytest.mark.parametrize(
    ("command", "reply", "sent"),
    [
        (
            cmd.StartCharging(place=HERE, token=CARD, remote_start_id=1, expires_at=LATER),
            status("remoteStartTransactionResponse"),
            {"idTag": "04A1B2C3", "connectorId": "1"},
        ),
        (
            cmd.StartCharging(place=Place(station=STATION), token=CARD, remote_start_id=1, expires_at=LATER),
            status("remoteStartTransactionResponse"),
            {"idTag": "04A1B2C3"},
        ),
        (
            cmd.StopCharging(station=STATION, transaction="t", number=17, cause=STOPPED_BY_BACKEND),
            status("remoteStopTransactionResponse"),
            {"transactionId": "17"},
        ),
        (cmd.Unlock(place=HERE), status("unlockConnectorResponse"), {"connectorId": "1"}),
        (RESET, status("resetResponse"), {"type": "Hard"}),
        (
            cmd.Reset(place=Place(station=STATION), kind=ResetKind.ON_IDLE),
            status("resetResponse"),
            {"type": "Soft"},
        ),
        (
            cmd.ChangeAvailability(place=Place(station=STATION), operative=False),
            status("changeAvailabilityResponse"),
            {"connectorId": "0", "type": "Inoperative"},
        ),
        (cmd.ClearTokens(station=STATION), status("clearCacheResponse"), {}),
        (
            cmd.SetVariable(station=STATION, key="LightIntensity", value=" 50 "),
            status("changeConfigurationResponse"),
            {"key": "LightIntensity", "value": " 50 "},
        ),
        (
            cmd.Reserve(place=HERE, reservation=9, token=CARD, group=Token(value="G"), expires_at=LATER),
            status("reserveNowResponse"),
            {"connectorId": "1", "expiryDate": "2024-05-01T13:00:00.000Z", "idTag": "04A1B2C3", "parentIdTag": "G",
             "reservationId": "9"},
        ),
        (
            cmd.CancelReservation(station=STATION, reservation=9),
            status("cancelReservationResponse"),
            {"reservationId": "9"},
        ),
        (
            cmd.UpdateFirmware(station=STATION, request_id=1, location="ftp://box/fw", at=LATER, retries=2),
            answer("updateFirmwareResponse"),
            {"retrieveDate": "2024-05-01T13:00:00.000Z", "location": "ftp://box/fw", "retries": "2"},
        ),
    ],
)  # fmt: skip
async def test_a_command_as_the_station_gets_it(command: cmd.Command, reply: bytes, sent: dict[str, str]) -> None:
    async with reached(reply) as (rig, fake):
        outcome = await rig.adapter.execute(command)
        assert outcome == cmd.ACCEPTED
        assert fake.body() == sent
        assert [type(event) for event in rig.box.events] == [StationFound]


async def test_diagnostics_are_a_file_name_or_nothing() -> None:
    command = cmd.UploadLog(station=STATION, request_id=1, location="ftp://box/", start=NOW, stop=LATER)
    name = answer("getDiagnosticsResponse", "<c:fileName>diag.zip</c:fileName>")
    async with reached(name, answer("getDiagnosticsResponse", "<c:fileName/>")) as (rig, fake):
        assert await rig.adapter.execute(command) == Outcome(verdict=Verdict.ACCEPTED, data="diag.zip")
        assert fake.body()["stopTime"] == "2024-05-01T13:00:00.000Z"
        assert await rig.adapter.execute(command) == Outcome(verdict=Verdict.REJECTED, reason="NotFound")


async def test_the_version_of_the_local_list() -> None:
    version = cmd.ReadLocalListVersion(station=STATION)
    replies = [answer("getLocalListVersionResponse", f"<c:listVersion>{n}</c:listVersion>") for n in (7, -1)]
    async with reached(*replies) as (rig, _):
        assert await rig.adapter.execute(version) == Outcome(verdict=Verdict.ACCEPTED, data="7")
        outcome = await rig.adapter.execute(version)
        assert (outcome.verdict, outcome.data) == (Verdict.UNSUPPORTED, "-1")


@pytest.mark.parametrize(
    ("given", "verdict"),
    [
        ("Accepted", Verdict.ACCEPTED),
        ("VersionMismatch", Verdict.VERSION_MISMATCH),
        ("HashError", Verdict.REJECTED),
        ("NotSupported", Verdict.UNSUPPORTED),
    ],
)
async def test_a_local_list(given: str, verdict: Verdict) -> None:
    blocked = Authorization(status=AuthorizationStatus.NO_CREDIT, expires_at=LATER)
    entries = (
        cmd.LocalListEntry(token=CARD, authorization=ACCEPTED),
        cmd.LocalListEntry(token=Token(value="04a1b2c3"), authorization=blocked),
        cmd.LocalListEntry(token=Token(value="GONE"), authorization=None),
    )
    async with reached(status("sendLocalListResponse", given)) as (rig, fake):
        command = cmd.SendLocalList(station=STATION, version=3, full=False, entries=entries)
        assert (await rig.adapter.execute(command)).verdict is verdict
        text = fake.calls[0].decode()
        assert text.count("<o:idTag>") == 2
        assert "<o:status>Blocked</o:status><o:expiryDate>2024-05-01T13:00:00.000Z</o:expiryDate>" in text
        assert "hash" not in text


async def test_the_settings_of_a_station() -> None:
    keys = (
        "<c:configurationKey><c:key>ConnectionTimeOut</c:key><c:readonly>FALSE</c:readonly><c:value>60</c:value>"
        "</c:configurationKey><c:configurationKey><c:key>FanLevel</c:key><c:readonly>1</c:readonly></c:configurationKey>"
    )
    async with reached(answer("getConfigurationResponse", keys)) as (rig, fake):
        assert (await rig.adapter.execute(cmd.ReadVariables(station=STATION))).accepted
        event = rig.box.events[-1]
        assert isinstance(event, VariablesReported)
        assert event.complete
        shown = [(v.key, v.component, v.variable, v.value, v.read_only) for v in event.variables]
        assert shown == [
            ("ConnectionTimeOut", "TxCtrlr", "EVConnectionTimeOut", "60", False),
            ("FanLevel", "LegacyStation", "FanLevel", "", True),
        ]
        assert len(fake.calls) == 1


async def test_a_station_that_gives_its_settings_only_when_they_are_named() -> None:
    one = "<c:configurationKey><c:key>ResetRetries</c:key><c:readonly>false</c:readonly></c:configurationKey>"
    replies = (answer("getConfigurationResponse"), answer("getConfigurationResponse", one))
    async with reached(*replies) as (rig, fake):
        assert (await rig.adapter.execute(cmd.ReadVariables(station=STATION))).accepted
        event = rig.box.events[-1]
        assert isinstance(event, VariablesReported)
        assert not event.complete
        assert [v.key for v in event.variables] == ["ResetRetries"]
        assert fake.calls[1].count(b"<o:key>") == 14


@pytest.mark.parametrize(
    ("given", "verdict"),
    [
        ("Accepted", Verdict.ACCEPTED),
        ("UnknownVendor", Verdict.UNKNOWN),
        ("UnknownMessageId", Verdict.UNKNOWN_MESSAGE),
        ("Rejected", Verdict.REJECTED),
    ],
)
async def test_a_vendors_request(given: str, verdict: Verdict) -> None:
    reply = answer("dataTransferResponse", f"<c:status>{given}</c:status><c:data>&lt;x/&gt;</c:data>")
    async with reached(reply) as (rig, fake):
        command = cmd.VendorRequest(station=STATION, vendor="v", message="m", data="{}")
        outcome = await rig.adapter.execute(command)
        assert (outcome.verdict, outcome.data) == (verdict, "<x/>")
        assert fake.body() == {"vendorId": "v", "messageId": "m", "data": "{}"}


@pytest.mark.parametrize(
    ("given", "verdict"),
    [("Rejected", Verdict.REJECTED), ("NotSupported", Verdict.UNKNOWN), ("RebootRequired", Verdict.REBOOT_REQUIRED)],
)
async def test_a_setting_that_is_not_taken(given: str, verdict: Verdict) -> None:
    async with reached(status("changeConfigurationResponse", given)) as (rig, _):
        outcome = await rig.adapter.execute(cmd.SetVariable(station=STATION, key="K", value="1"))
        assert outcome.verdict is verdict


@pytest.mark.parametrize("given", ["Faulted", "Occupied", "Unavailable", "Rejected"])
async def test_a_reservation_that_is_not_taken(given: str) -> None:
    async with reached(status("reserveNowResponse", given)) as (rig, _):
        command = cmd.Reserve(place=HERE, reservation=9, token=CARD, group=None, expires_at=LATER)
        assert (await rig.adapter.execute(command)).verdict.value == given.lower()


async def test_one_connector_that_refuses_decides_for_its_evse() -> None:
    name = "changeAvailabilityResponse"
    replies = (status(name, "Scheduled"), status(name), status(name), status(name, "Rejected"))
    async with reached(*replies, connectors={1: (1, 1), 2: (1, 2)}) as (rig, fake):
        command = cmd.ChangeAvailability(place=Place(station=STATION, evse=1), operative=True)
        assert (await rig.adapter.execute(command)).verdict is Verdict.SCHEDULED
        assert (await rig.adapter.execute(command)).verdict is Verdict.REJECTED
        assert [fake.body(n)["connectorId"] for n in range(4)] == ["1", "2", "1", "2"]


FAULT = (
    f'<s:Envelope xmlns:s="{SOAP_12}"><s:Body><s:Fault><s:Code><s:Value>s:Receiver</s:Value><s:Subcode><s:Value>{{}}'
    "</s:Value></s:Subcode></s:Code><s:Reason><s:Text>no</s:Text></s:Reason></s:Fault></s:Body></s:Envelope>"
)
JAX_WS = "<s:Header><a>urn://Ocpp/Cp/2012/06/:ChargePointService:ResetResponse</a></s:Header>"


@pytest.mark.parametrize(
    ("reply", "verdict", "reason"),
    [
        (answer("resetResponse", "<c:status>Accepted</c:status>", header=""), Verdict.ACCEPTED, ""),
        (answer("resetResponse", "<c:status>accepted</c:status>", header=JAX_WS), Verdict.ACCEPTED, ""),
        (answer("resetConfirmation", "<c:status>Accepted</c:status>"), Verdict.ACCEPTED, ""),
        (status("resetResponse").replace(b"X\r\n", b"X\r\nContent-Encoding: deflate\r\n", 1), Verdict.ACCEPTED, ""),
        (answer("resetResponse", ""), Verdict.REJECTED, "no status"),
        (status("resetResponse", "Perhaps"), Verdict.REJECTED, "Perhaps"),
        (status("clearCacheResponse"), Verdict.REJECTED, "clearCacheResponse"),
        (http(b"TypeError: undefined is not a function"), Verdict.REJECTED, "TypeError"),
        (http(b"<html><h1>Login</h1></html>"), Verdict.REJECTED, "Login"),
        (http(b"", status=404), Verdict.REJECTED, "HTTP 404"),
        (http(b"", status=302, headers=["Location: http://127.0.0.1:1/"]), Verdict.REJECTED, "HTTP 302"),
        (http(FAULT.format("x:NotSupported").encode(), status=500), Verdict.UNSUPPORTED, "NotSupported"),
        (http(FAULT.format("x:InternalError").encode(), status=500), Verdict.REJECTED, "InternalError"),
        (http(FAULT.format("wsa5:Odd").encode(), status=400), Verdict.REJECTED, "Odd"),
        (http(b"\xff\x00garbage"), Verdict.REJECTED, ""),
        (b"nonsense\r\n\r\n", Verdict.UNANSWERED, ""),
        (b"", Verdict.UNANSWERED, "closed"),
    ],
)
async def test_odd_answers(reply: bytes, verdict: Verdict, reason: str) -> None:
    async with reached(reply) as (rig, _):
        outcome = await rig.adapter.execute(RESET)
        assert outcome.verdict is verdict
        assert reason in outcome.reason


async def test_only_the_whole_station_can_be_reset() -> None:
    async with reached(status("resetResponse")) as (rig, fake):
        outcome = await rig.adapter.execute(cmd.Reset(place=HERE, kind=ResetKind.IMMEDIATE))
        assert outcome.verdict is Verdict.UNSUPPORTED
        assert not fake.calls


async def test_a_station_whose_address_nobody_knows_is_not_reached() -> None:
    async with running() as rig:
        outcome = await rig.adapter.execute(RESET)
        assert (outcome.verdict, outcome.reason) == (Verdict.UNREACHABLE, "callback unknown")


async def test_nobody_listens_there() -> None:
    async with station(b"") as fake:
        pass
    async with running(settings(StationConfig(charge_box_identity=NAME, callback_url=fake.url))) as rig:
        assert (await rig.adapter.execute(RESET)).verdict is Verdict.UNREACHABLE
        other = cmd.ClearTokens(station="nobody")
        assert (await rig.adapter.execute(other)).verdict is Verdict.UNKNOWN
    assert (await rig.adapter.execute(RESET)).verdict is Verdict.UNREACHABLE


async def test_what_the_wire_cannot_carry_is_refused_without_a_call() -> None:
    async with reached(status("remoteStopTransactionResponse")) as (rig, fake):
        command = cmd.StopCharging(station=STATION, transaction="t", number=2**40, cause=STOPPED_BY_BACKEND)
        assert (await rig.adapter.execute(command)).verdict is Verdict.REJECTED
        assert not fake.calls
