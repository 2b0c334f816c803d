"""What stations report and ask, over real HTTP."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree

from adapters.ocpp_soap.config import StationConfig
from gateway.model.commands import Outcome, Verdict
from gateway.model.events import (
    ConnectorChanged,
    FirmwareProgress,
    FirmwareStatus,
    LogProgress,
    LogStatus,
    StationBooted,
    StationFound,
)
from gateway.model.evse import ConnectorState, ConnectorStatus
from gateway.model.ids import Place
from gateway.model.station import Capability, StationIdentity, StationState
from gateway.model.tokens import Authorization, AuthorizationStatus, Token, TokenType
from tests.adapters.ocpp_soap.rig import ACCEPTED, NAME, NOW, STATION, element, request, running, settings, values
from tests.adapters.ocpp_soap.samples import CP

BOOT = element("bootNotificationRequest", chargePointVendor="Schrack", chargePointModel="i-CHARGE")
HEARTBEAT = "<c:heartbeatRequest/>"
IN_VIENNA = StationConfig(charge_box_identity=NAME, time_zone="Europe/Vienna")


async def test_a_boot_is_answered_at_once_and_tells_what_the_station_is() -> None:
    async with running() as rig:
        body = element(
            "bootNotificationRequest",
            chargePointVendor="Schrack",
            chargePointModel="i-CHARGE",
            chargePointSerialNumber="SN1",
            chargeBoxSerialNumber="BOX1",
            firmwareVersion="1.2",
            iccid="8943",
            imsi="2320",
            meterType="EM",
            meterSerialNumber="M1",
        )
        answer = values(await rig.ask(body))
        assert answer == {"status": "Accepted", "currentTime": "2024-05-01T12:00:00.000Z", "heartbeatInterval": "300"}
        found, booted = rig.box.events
        assert isinstance(found, StationFound)
        assert Capability.RESERVATION in found.capabilities
        assert Capability.SMART_CHARGING not in found.capabilities
        identity = StationIdentity(
            vendor="Schrack", model="i-CHARGE", serial="SN1", box_serial="BOX1", firmware="1.2", iccid="8943",
            imsi="2320", meter_type="EM", meter_serial="M1",
        )  # fmt: skip
        assert booted == StationBooted(station=STATION, at=NOW, identity=identity)


async def test_a_heartbeat_is_the_boxs_own_affair() -> None:
    async with running(settings(StationConfig(charge_box_identity=NAME, milliseconds=False))) as rig:
        assert values(await rig.ask(HEARTBEAT)) == {"currentTime": "2024-05-01T12:00:00Z"}
        await rig.ask(HEARTBEAT)
        assert [type(event) for event in rig.box.events] == [StationFound]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (AuthorizationStatus.ACCEPTED, {"status": "Accepted"}),
        (AuthorizationStatus.NO_CREDIT, {"status": "Blocked"}),
        (AuthorizationStatus.CONCURRENT_TX, {"status": "ConcurrentTx"}),
        (AuthorizationStatus.UNKNOWN, {"status": "Invalid"}),
        (AuthorizationStatus.NOT_AT_THIS_TIME, {"status": "Invalid", "expiryDate": "2024-05-01T12:00:00.000Z"}),
    ],
)
async def test_an_authorization_in_the_words_of_the_station(
    status: AuthorizationStatus, expected: dict[str, str]
) -> None:
    async with running() as rig:
        rig.box.authorization = Authorization(status=status)
        assert values(await rig.ask(element("authorizeRequest", idTag="04A1B2C3"))) == expected
        assert rig.box.asked == [Token(value="04A1B2C3", type=TokenType.ISO14443)]


async def test_expiry_and_group_of_an_authorization() -> None:
    async with running() as rig:
        long = Token(value="a-group-name-longer-than-an-id-tag")
        rig.box.authorization = replace(ACCEPTED, group=long, expires_at=NOW + timedelta(days=1))
        answer = values(await rig.ask(element("authorizeRequest", idTag="somebody")))
        assert answer["expiryDate"] == "2024-05-02T12:00:00.000Z"
        assert len(answer["parentIdTag"]) == 20


async def test_an_empty_id_tag_is_nobody() -> None:
    async with running() as rig:
        assert values(await rig.ask(element("authorizeRequest", idTag=""))) == {"status": "Invalid"}
        assert not rig.box.asked


async def test_a_fault_of_a_connector() -> None:
    async with running() as rig:
        await rig.ask(
            element(
                "statusNotificationRequest",
                connectorId=2,
                status="Faulted",
                errorCode="GroundFailure",
                info="RCD",
                timestamp="2024-05-01T11:59:58Z",
                vendorId="schrack",
                vendorErrorCode="E17",
            )
        )
        (event,) = rig.box.of(ConnectorChanged)
        assert isinstance(event, ConnectorChanged)
        assert event.place == Place(station=STATION, evse=2, connector=1)
        assert event.at == NOW - timedelta(seconds=2)
        assert event.status is ConnectorStatus.FAULTED
        (fault,) = event.faults
        assert (fault.component, fault.code, fault.vendor_code) == ("GroundIsolationProtection", "GroundFailure", "E17")
        assert fault.info == "RCD [schrack]"


async def test_a_connector_that_is_faulted_without_an_error_has_some_fault() -> None:
    async with running() as rig:
        await rig.ask(element("statusNotificationRequest", connectorId=1, status="Faulted", errorCode="NoError"))
        (event,) = rig.box.of(ConnectorChanged)
        assert isinstance(event, ConnectorChanged)
        assert [fault.code for fault in event.faults] == ["OtherError"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("Charging", ConnectorStatus.OCCUPIED),
        ("OCCUPIED", ConnectorStatus.OCCUPIED),
        ("Sleeping", ConnectorStatus.RESERVED),
        ("", ConnectorStatus.RESERVED),
    ],
)
async def test_a_status_that_1_5_does_not_have(given: str, expected: ConnectorStatus) -> None:
    async with running() as rig:
        before = ConnectorState(evse=1, connector=1, reported=ConnectorStatus.RESERVED, at=NOW)
        rig.box.states[STATION] = StationState(id=STATION, connectors=(before,))
        await rig.ask(element("statusNotificationRequest", connectorId=1, status=given, errorCode="NoError"))
        (event,) = rig.box.of(ConnectorChanged)
        assert isinstance(event, ConnectorChanged)
        assert event.status is expected
        assert event.at == NOW


async def test_connector_0_is_the_station_and_the_site_may_name_connectors() -> None:
    async with running(settings(connectors={1: (1, 1), 2: (1, 2)})) as rig:
        for number in (0, 2, 3):
            body = element("statusNotificationRequest", connectorId=number, status="Available", errorCode="NoError")
            await rig.ask(body)
        places = [event.place for event in rig.box.of(ConnectorChanged) if isinstance(event, ConnectorChanged)]
        assert [(place.evse, place.connector) for place in places] == [(0, 0), (1, 2), (3, 1)]


async def test_progress_of_firmware_and_diagnostics() -> None:
    async with running() as rig:
        await rig.ask(element("firmwareStatusNotificationRequest", status="Installed"))
        await rig.ask(element("firmwareStatusNotificationRequest", status="Nonsense"))
        await rig.ask(element("diagnosticsStatusNotificationRequest", status="UploadFailed"))
        assert rig.box.events[1:] == [
            FirmwareProgress(station=STATION, at=NOW, status=FirmwareStatus.INSTALLED),
            LogProgress(station=STATION, at=NOW, status=LogStatus.UPLOAD_FAILURE),
        ]


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (Outcome(verdict=Verdict.ACCEPTED, data='<a b="c">&'), {"status": "Accepted", "data": '<a b="c">&'}),
        (Outcome(verdict=Verdict.REJECTED), {"status": "Rejected"}),
        (Outcome(verdict=Verdict.UNKNOWN), {"status": "UnknownVendorId"}),
        (Outcome(verdict=Verdict.UNKNOWN_MESSAGE), {"status": "UnknownMessageId"}),
        (Outcome(verdict=Verdict.UNREACHABLE), {"status": "Rejected"}),
    ],
)
async def test_a_vendors_message_goes_through_as_it_is(outcome: Outcome, expected: dict[str, str]) -> None:
    async with running() as rig:
        rig.box.vendor_answer = outcome
        body = element("dataTransferRequest", vendorId="v", messageId="m", data="&lt;x&gt; 42:03Z:")
        assert values(await rig.ask(body)) == expected
        assert rig.box.vendor == [("v", "m", "<x> 42:03Z:")]


async def test_a_message_in_the_wrong_service_namespace_is_answered_in_it() -> None:
    async with running() as rig:
        reply = await rig.send(request(element("diagnosticsStatusNotificationRequest", status="Uploaded"), service=CP))
        assert reply.status == 200
        tags = [child.tag for child in etree.fromstring(reply.body).iter("*")]
        assert f"{{{CP}}}diagnosticsStatusNotificationResponse" in tags


async def test_an_operation_that_nobody_knows_is_not_supported() -> None:
    async with running() as rig:
        reply = await rig.send(request("<c:fancyRequest/>"))
        assert reply.status == 500
        assert b"NotSupported" in reply.body
        assert [type(event) for event in rig.box.events] == [StationFound]  # it is there, whatever it says


async def test_local_time_marked_as_utc_is_found_out() -> None:
    async with running() as rig:
        for minute in range(4):
            rig.clock[0] = NOW + timedelta(minutes=minute)
            stamp = (rig.clock[0] + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
            body = element(
                "statusNotificationRequest", connectorId=1, status="Available", errorCode="NoError", timestamp=stamp
            )
            await rig.ask(body)
        last = rig.box.of(ConnectorChanged)[-1]
        assert isinstance(last, ConnectorChanged)
        assert last.at == NOW + timedelta(minutes=3)


async def test_a_time_without_zone_is_in_the_stations_own() -> None:
    async with running(settings(IN_VIENNA)) as rig:
        body = element(
            "statusNotificationRequest", connectorId=1, status="Available", errorCode="NoError",
            timestamp="2024-05-01T13:59:00",
        )  # fmt: skip
        await rig.ask(body)
        (event,) = rig.box.of(ConnectorChanged)
        assert isinstance(event, ConnectorChanged)
        assert event.at == datetime(2024, 5, 1, 11, 59, tzinfo=UTC)
