"""A station that comes back: what it can do, how it stands, and files for one with the security extension."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from adapters.ocpp1x.acquaintance import Acquaintance
from adapters.ocpp1x.configuration import KEYS_16
from adapters.ocpp1x.features import Features, features_of, from_note
from adapters.ocpp1x.patience import Patience
from gateway.model.catalogue import standard
from gateway.model.commands import ReadVariables, Report, TriggerReport, Unlock, UpdateFirmware, UploadLog, Verdict
from gateway.model.errors import GatewayError
from gateway.model.events import StationFound, VariablesReported
from gateway.model.ids import Place
from gateway.model.station import Capability
from tests.adapters.ocpp1x.rig import ID, NOW, Station, keys, state

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

EXTENSIONS = {Capability.SIGNED_FIRMWARE, Capability.PLUG_AND_CHARGE}
ALL = "Core,FirmwareManagement,LocalAuthListManagement,Reservation,SmartCharging,RemoteTrigger"
EXTENDED = Features(profiles=frozenset({"core", "firmwaremanagement"}), security=True)


@asynccontextmanager
async def greeted(station: Station, greeting: float) -> AsyncIterator[Acquaintance]:
    acquaintance = Acquaintance(station.box, Patience(greeting=greeting))
    await acquaintance.recall([station.peer])
    station.peer.present = True
    acquaintance.greet(station.target)
    yield acquaintance
    await acquaintance.aclose()


async def until_asked(station: Station, count: int) -> list[str]:
    async with asyncio.timeout(5):
        while len(station.calls) < count:
            station.called.clear()
            await station.called.wait()
    return [str(fields.get("requestedMessage", operation)) for operation, fields in station.calls]


async def test_a_station_that_says_nothing_is_asked_what_it_can_do_and_how_it_stands() -> None:
    station = Station()
    station.now_is(state())
    station.answers["GetConfiguration"] = keys(SupportedFeatureProfiles=ALL, ChargeProfileMaxStackLevel="5")
    async with greeted(station, 0):
        asked = await until_asked(station, 4)
    assert asked == ["GetConfiguration", "BootNotification", "StatusNotification", "StatusNotification"]
    assert [fields.get("connectorId") for _, fields in station.calls[2:]] == [1, 2]
    (found,) = station.box.of(StationFound)
    assert isinstance(found, StationFound)
    assert Capability.SMART_CHARGING in found.capabilities
    assert station.peer.boot_asked_until > 0
    again = Station(box=station.box)
    async with greeted(again, 0):
        assert (await until_asked(again, 1))[0] == "BootNotification"
    assert again.peer.features == station.peer.features


async def test_a_station_that_has_just_started_tells_of_itself() -> None:
    station = Station()
    station.answers["GetConfiguration"] = keys(SupportedFeatureProfiles=ALL)
    async with greeted(station, 60):
        station.peer.booted.set()
        await until_asked(station, 1)
    assert [operation for operation, _ in station.calls] == ["GetConfiguration"]


async def test_a_station_that_has_gone_is_asked_no_more() -> None:
    station = Station()
    async with greeted(station, 0) as acquaintance:
        acquaintance.leave(station.peer)
    assert station.calls == []


async def test_a_station_that_refuses_all_that_is_left_alone(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    station = Station(answers={"GetConfiguration": GatewayError("station-timeout")})
    async with greeted(station, 0):
        await until_asked(station, 1)
    assert "how it stands" in caplog.text
    assert Capability.SMART_CHARGING not in station.peer.capabilities


@pytest.mark.parametrize(
    ("profiles", "there", "missing"),
    [
        (ALL, set(Capability) - {Capability.BOX_SESSIONS, Capability.ON_OFF} - EXTENSIONS, EXTENSIONS),
        ("Core", {Capability.RESET}, {Capability.TRIGGER, Capability.RESERVATION, Capability.FIRMWARE_UPDATE}),
        ("core, smartcharging", {Capability.SMART_CHARGING}, {Capability.LOCAL_LIST}),
    ],
)
def test_a_station_can_do_what_it_lists(profiles: str, there: set[Capability], missing: set[Capability]) -> None:
    station = Station()
    station.peer.features = features_of(keys(SupportedFeatureProfiles=profiles))
    assert there <= station.peer.capabilities
    assert not missing & station.peer.capabilities


@pytest.mark.parametrize(
    ("key", "capability"),
    [("SecurityProfile", Capability.SIGNED_FIRMWARE), ("ISO15118PnCEnabled", Capability.PLUG_AND_CHARGE)],
)
def test_an_extension_is_known_by_its_key(key: str, capability: Capability) -> None:
    station = Station()
    station.peer.features = features_of(keys(SupportedFeatureProfiles=ALL, **{key: "false"}))
    assert EXTENSIONS & station.peer.capabilities == {capability}
    assert station.peer.features is not None
    assert from_note(station.peer.features.to_note()) == station.peer.features


@pytest.mark.parametrize(
    ("units", "power"), [("Current", False), ("Current,Power", False), ("Power", True), ("W", True), ("", False)]
)
def test_the_unit_of_limits(units: str, power: bool) -> None:  # noqa: FBT001
    found = features_of(keys(SupportedFeatureProfiles="Core", ChargingScheduleAllowedChargingRateUnit=units))
    assert found is not None
    assert found.power is power


def test_features_that_are_not_told_are_not_known() -> None:
    assert features_of({}) is None
    assert features_of(keys(SupportedFeatureProfiles=" , ")) is None
    assert from_note("") is None
    assert from_note("[1,2]") is None
    found = features_of(keys(SupportedFeatureProfiles="Core", ChargeProfileMaxStackLevel="x", SecurityProfile="1"))
    assert found is not None
    assert found.security
    assert from_note(found.to_note()) == found


async def test_reading_all_settings_tells_what_the_station_can_do() -> None:
    station = Station()
    station.peer.present = True
    station.answers["GetConfiguration"] = keys(SupportedFeatureProfiles=ALL, MeterValueSampleInterval="60")
    assert (await station.asked(ReadVariables(station=ID))).accepted
    found, reported = station.box.events
    assert isinstance(found, StationFound)
    assert isinstance(reported, VariablesReported)
    assert {v.component for v in reported.variables} == {"LegacyStation", "SampledDataCtrlr"}


@pytest.mark.parametrize("key", KEYS_16)
def test_a_key_that_is_a_standard_variable_names_one_that_exists(key: str) -> None:
    found = KEYS_16[key]
    assert not found.variable or standard(found.component, found.variable, None) is not None


@pytest.mark.parametrize(
    ("report", "security", "operation", "message"),
    [
        (Report.BOOT, False, "TriggerMessage", "BootNotification"),
        (Report.METER_VALUES, False, "TriggerMessage", "MeterValues"),
        (Report.FIRMWARE, False, "TriggerMessage", "FirmwareStatusNotification"),
        (Report.LOG, False, "TriggerMessage", "DiagnosticsStatusNotification"),
        (Report.LOG, True, "ExtendedTriggerMessage", "LogStatusNotification"),
    ],
)
async def test_reports_are_triggered(report: Report, security: bool, operation: str, message: str) -> None:  # noqa: FBT001
    station = Station()
    station.peer.features = EXTENDED if security else None
    outcome = await station.asked(TriggerReport(place=Place(station=ID), report=report))
    assert outcome.accepted
    assert station.calls == [(operation, {"requestedMessage": message})]
    station.answers[operation] = {"status": "NotImplemented"}
    refused = await station.asked(TriggerReport(place=Place(station=ID), report=report))
    assert refused.verdict is Verdict.UNSUPPORTED


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        ("Unlocked", Verdict.ACCEPTED),
        ("UnlockFailed", Verdict.REJECTED),
        ("NotSupported", Verdict.UNSUPPORTED),
    ],
)
async def test_an_unlock_ends_as_the_station_says(status: str, verdict: Verdict) -> None:
    station = Station(answers={"UnlockConnector": {"status": status}})
    outcome = await station.asked(Unlock(place=Place(station=ID, evse=1, connector=1)))
    assert outcome.verdict is verdict


async def test_a_log_is_asked_for_in_the_newer_way_and_else_in_the_older() -> None:
    station = Station(answers={"GetLog": {"status": "AcceptedCanceled", "filename": "a.zip"}})
    order = UploadLog(station=ID, request_id=7, location="ftp://x/", start=NOW, retries=2)
    station.peer.features = EXTENDED
    outcome = await station.asked(order)
    assert (outcome.verdict, outcome.data) == (Verdict.ACCEPTED, "a.zip")
    ((operation, fields),) = station.calls
    assert (operation, fields) == (
        "GetLog",
        {
            "logType": "DiagnosticsLog",
            "requestId": 7,
            "log": {"remoteLocation": "ftp://x/", "oldestTimestamp": NOW},
            "retries": 2,
        },
    )
    station.answers = {
        "GetLog": GatewayError("station-fault", subcode="NotImplemented"),
        "GetDiagnostics": {"fileName": "b.zip"},
    }
    assert (await station.asked(order)).data == "b.zip"
    station.answers["GetLog"] = GatewayError("station-timeout")
    assert (await station.asked(order)).verdict is Verdict.UNANSWERED


async def test_signed_firmware_is_ordered_with_all_that_the_station_verifies() -> None:
    station = Station()
    order = UpdateFirmware(
        station=ID, request_id=7, location="https://x/fw", at=NOW, install_at=NOW + timedelta(hours=1),
        certificate="PEM", signature="c2ln",
    )  # fmt: skip
    assert (await station.asked(order)).accepted
    assert station.calls == [
        (
            "SignedUpdateFirmware",
            {
                "requestId": 7,
                "firmware": {
                    "location": "https://x/fw",
                    "retrieveDateTime": NOW,
                    "installDateTime": NOW + timedelta(hours=1),
                    "signingCertificate": "PEM",
                    "signature": "c2ln",
                },
            },
        )
    ]
    station.answers["SignedUpdateFirmware"] = {"status": "InvalidCertificate"}
    assert (await station.asked(order)).reason == "InvalidCertificate"
