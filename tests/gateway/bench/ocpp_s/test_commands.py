"""What the simulated station does when the central system calls it: the answer and its effect."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp
import pytest
from aiohttp import web
from lxml import etree

from tests.gateway.bench.ocpp_s.central import texts

if TYPE_CHECKING:
    from tests.gateway.bench.ocpp_s.conftest import Bench


def _reserve(connector: int = 1, number: int = 5, tag: str = "GUEST") -> str:
    return (
        f"<c:connectorId>{connector}</c:connectorId><c:expiryDate>2026-03-01T12:10:00Z</c:expiryDate>"
        f"<c:idTag>{tag}</c:idTag><c:reservationId>{number}</c:reservationId>"
    )


def _change(key: str, value: str) -> str:
    return f"<c:key>{key}</c:key><c:value>{value}</c:value>"


async def test_remote_start_with_a_car_starts_without_authorize(bench: Bench) -> None:
    await bench.station.plug_in(2)
    assert await bench.command("RemoteStartTransaction", "<c:idTag>R1</c:idTag>") == "Accepted"
    start = await bench.central.until_seen("startTransaction")
    assert (start.texts["connectorId"], start.texts["idTag"]) == ("2", "R1")
    assert bench.central.of("authorize") == []
    assert bench.station.ledger.transactions[0].remote


async def test_remote_start_waits_for_a_car_until_the_time_out(bench: Bench) -> None:
    payload = "<c:idTag>R1</c:idTag><c:connectorId>1</c:connectorId>"
    assert await bench.command("RemoteStartTransaction", payload) == "Accepted"
    await bench.until(lambda station: station.connector(1).pending is not None)
    await bench.clock.advance(61)
    await bench.station.plug_in(1)
    await bench.settled()
    assert bench.station.ledger.transactions == []
    assert await bench.command("RemoteStartTransaction", "<c:idTag>R1</c:idTag><c:connectorId>9</c:connectorId>") == (
        "Rejected"
    )


async def test_remote_stop_ends_the_transaction(bench: Bench) -> None:
    await bench.charge()
    assert await bench.command("RemoteStopTransaction", "<c:transactionId>99</c:transactionId>") == "Rejected"
    assert await bench.command("RemoteStopTransaction", "<c:transactionId>1</c:transactionId>") == "Accepted"
    await bench.central.until_seen("stopTransaction")
    assert bench.station.ledger.transactions[0].reason == "Remote"


async def test_soft_reset_stops_before_the_boot_and_hard_reset_after_it(bench: Bench) -> None:
    await bench.charge()
    assert await bench.command("Reset", "<c:type>Soft</c:type>") == "Accepted"
    await bench.until(lambda station: not station.is_accepted)
    await bench.tick_until(lambda station: station.ledger.boots == 2 and station.is_accepted)
    await bench.settled()
    assert bench.central.order("statusNotification")[-2:] == ["stopTransaction", "bootNotification"]
    await bench.station.present_token(1, "AB12")
    await bench.central.until_seen("startTransaction", 2)
    await bench.settled()
    assert await bench.command("Reset", "<c:type>Hard</c:type>") == "Accepted"
    await bench.tick_until(lambda station: station.ledger.boots == 3 and station.is_accepted)
    await bench.settled()
    assert bench.central.order("statusNotification")[-2:] == ["bootNotification", "stopTransaction"]


async def test_unlock_ends_the_transaction(bench: Bench) -> None:
    await bench.charge()
    assert await bench.command("UnlockConnector", "<c:connectorId>1</c:connectorId>") == "Accepted"
    await bench.central.until_seen("stopTransaction")
    assert await bench.command("UnlockConnector", "<c:connectorId>7</c:connectorId>") == "Rejected"


async def test_availability_is_scheduled_while_charging_and_survives_a_reboot(bench: Bench) -> None:
    off = "<c:connectorId>0</c:connectorId><c:type>Inoperative</c:type>"
    await bench.charge()
    assert await bench.command("ChangeAvailability", off) == "Scheduled"
    await bench.settled()
    assert bench.station.connector(1).session is not None
    assert bench.central.last("statusNotification").texts["status"] == "Unavailable"
    await bench.station.plug_out(1)
    await bench.settled()
    await bench.station.power_cycle()
    await bench.tick_until(lambda station: station.ledger.boots == 2 and station.is_accepted)
    await bench.settled()
    assert [item.texts["status"] for item in bench.central.of("statusNotification")][-2:] == ["Unavailable"] * 2
    on = "<c:connectorId>1</c:connectorId><c:type>Operative</c:type>"
    assert await bench.command("ChangeAvailability", on) == "Accepted"
    await bench.settled()
    assert bench.central.last("statusNotification").texts["status"] == "Available"


async def test_configuration_is_read_and_written(bench: Bench) -> None:
    assert await bench.command("ChangeConfiguration", _change("BenchHardwareRevision", "X")) == "Rejected"
    assert await bench.command("ChangeConfiguration", _change("Unheard", "1")) == "NotSupported"
    assert await bench.command("ChangeConfiguration", _change("MeterValueSampleInterval", "often")) == "Rejected"
    assert await bench.command("ChangeConfiguration", _change("MeterValueSampleInterval", "10")) == "Accepted"
    root = await bench.central.call(
        bench.station.url, "GetConfiguration", "<c:key>MeterValueSampleInterval</c:key><c:key>Unheard</c:key>"
    )
    found = texts(root)
    assert (found["key"], found["value"], found["readonly"]) == ("MeterValueSampleInterval", "10", "false")
    assert found["unknownKey"] == "Unheard"
    everything = await bench.central.call(bench.station.url, "GetConfiguration")
    assert etree.tostring(everything).count(b"configurationKey>") > 20


async def test_sample_interval_takes_effect_in_a_running_transaction(bench: Bench) -> None:
    await bench.charge()
    assert await bench.command("ChangeConfiguration", _change("MeterValueSampleInterval", "10")) == "Accepted"
    await bench.until(lambda station: station.point.keys.number("MeterValueSampleInterval") == 10)
    await bench.clock.advance(30)
    await bench.settled()
    assert len(bench.central.of("meterValues")) == 3


async def test_heartbeat_interval_takes_effect(bench: Bench) -> None:
    assert await bench.command("ChangeConfiguration", _change("HeartBeatInterval", "20")) == "Accepted"
    await bench.clock.advance(21)
    await bench.central.until_seen("heartbeat")


async def test_clock_aligned_readings_come_outside_of_transactions(bench: Bench) -> None:
    assert await bench.command("ChangeConfiguration", _change("ClockAlignedDataInterval", "900")) == "Accepted"
    await bench.clock.advance(900)
    await bench.settled()
    first = bench.central.of("meterValues")[0]
    assert first.texts["timestamp"].startswith("2026-03-01T12:15:00")
    assert "transactionId" not in first.texts
    assert b'context="Sample.Clock"' in first.xml


async def test_local_list_versions(bench: Bench) -> None:
    entry = "<c:localAuthorisationList><c:idTag>A</c:idTag>{}</c:localAuthorisationList>"
    info = "<c:idTagInfo><c:status>Accepted</c:status></c:idTagInfo>"
    head = "<c:updateType>{}</c:updateType><c:listVersion>{}</c:listVersion>"
    full = head.format("Full", 3) + entry.format(info)
    assert await bench.command("SendLocalList", full) == "Accepted"
    old = head.format("Differential", 3)
    assert await bench.command("SendLocalList", old) == "VersionMismatch"
    drop = head.format("Differential", 4) + entry.format("")
    assert await bench.command("SendLocalList", drop) == "Accepted"
    assert bench.station.point.outlets.memory.local_list == {}
    root = await bench.central.call(bench.station.url, "GetLocalListVersion")
    assert texts(root)["listVersion"] == "4"


async def test_reservation_admits_its_token_only(bench: Bench) -> None:
    assert await bench.command("ReserveNow", _reserve()) == "Accepted"
    await bench.settled()
    assert bench.central.last("statusNotification").texts["status"] == "Reserved"
    assert await bench.command("ReserveNow", _reserve(number=6)) == "Occupied"
    await bench.charge("GUEST")
    assert bench.central.last("startTransaction").texts["reservationId"] == "5"
    assert await bench.command("ReserveNow", _reserve(number=7)) == "Occupied"


async def test_reservation_refuses_others_and_expires(bench: Bench) -> None:
    assert await bench.command("ReserveNow", _reserve()) == "Accepted"
    await bench.station.plug_in(1)
    await bench.station.present_token(1, "AB12")
    await bench.until(lambda station: bool(station.ledger.answered("Authorize")))
    await bench.settled()
    assert bench.station.ledger.transactions == []
    await bench.station.plug_out(1)
    await bench.clock.advance(601)
    await bench.settled()
    assert bench.central.last("statusNotification").texts["status"] == "Available"


async def test_reservation_is_cancelled(bench: Bench) -> None:
    assert await bench.command("ReserveNow", _reserve()) == "Accepted"
    cancel = "<c:reservationId>{}</c:reservationId>"
    assert await bench.command("CancelReservation", cancel.format(4)) == "Rejected"
    assert await bench.command("CancelReservation", cancel.format(5)) == "Accepted"
    await bench.settled()
    assert bench.central.last("statusNotification").texts["status"] == "Available"


async def test_data_transfer_echoes_for_its_own_vendor(bench: Bench) -> None:
    root = await bench.central.call(
        bench.station.url, "DataTransfer", "<c:vendorId>bench</c:vendorId><c:data>hello</c:data>"
    )
    assert texts(root)["data"] == "hello"
    assert await bench.command("DataTransfer", "<c:vendorId>other</c:vendorId>") == "UnknownVendorId"


async def test_diagnostics_are_put_to_http_and_refused_elsewhere(bench: Bench) -> None:
    files: dict[str, bytes] = {}

    async def keep(request: web.Request) -> web.Response:
        files[request.path] = await request.read()
        return web.Response(status=201)

    application = web.Application()
    application.router.add_put("/{path:.*}", keep)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    root = await bench.central.call(
        bench.station.url, "GetDiagnostics", f"<c:location>http://127.0.0.1:{runner.addresses[0][1]}/d</c:location>"
    )
    name = texts(root)["fileName"]
    done = await bench.central.until_seen("diagnosticsStatusNotification")
    assert done.texts["status"] == "Uploaded"
    assert b"BootNotification" in files[f"/d/{name}"]
    await runner.cleanup()
    await bench.central.call(bench.station.url, "GetDiagnostics", "<c:location>ftp://127.0.0.1/d</c:location>")
    failed = await bench.central.until_seen("diagnosticsStatusNotification", 2)
    assert failed.texts["status"] == "UploadFailed"
    await bench.central.call(bench.station.url, "GetDiagnostics", "<c:location>http://[broken</c:location>")
    await bench.central.until_seen("diagnosticsStatusNotification", 3)


async def test_firmware_is_fetched_when_due_and_brings_a_reboot(bench: Bench) -> None:
    async def give(_request: web.Request) -> web.Response:
        return web.Response(body=b"image")

    application = web.Application()
    application.router.add_get("/{path:.*}", give)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/bench-2.0.bin"
    due = "<c:retrieveDate>2026-03-01T12:05:00Z</c:retrieveDate>"
    await bench.central.call(bench.station.url, "UpdateFirmware", f"{due}<c:location>{url}</c:location>")
    await bench.clock.advance(200)
    assert bench.central.of("firmwareStatusNotification") == []
    await bench.clock.advance(100)
    await bench.until(lambda station: not station.is_accepted)
    await bench.tick_until(lambda station: station.ledger.boots == 2 and station.is_accepted)
    await bench.settled()
    assert [item.texts["status"] for item in bench.central.of("firmwareStatusNotification")] == [
        "Downloaded",
        "Installed",
    ]
    assert bench.central.last("bootNotification").texts["firmwareVersion"] == "bench-2.0"
    await runner.cleanup()
    await bench.central.call(bench.station.url, "UpdateFirmware", f"{due}<c:location>{url}</c:location>")
    failed = await bench.central.until_seen("firmwareStatusNotification", 3)
    assert failed.texts["status"] == "DownloadFailed"


@pytest.mark.parametrize(
    ("operation", "payload", "head", "code"),
    [
        ("ClearCache", "", "<c:chargeBoxIdentity>OTHER</c:chargeBoxIdentity>", "IdentityMismatch"),
        ("ClearCache", "", "<c:chargeBoxIdentity>CP-1</c:chargeBoxIdentity>", "ProtocolError"),
        ("TriggerMessage", "", "", "NotSupported"),
        ("Reset", "", "", "ProtocolError"),
        ("UnlockConnector", "<c:connectorId>one</c:connectorId>", "", "ProtocolError"),
    ],
)
async def test_wrong_requests_get_a_fault(bench: Bench, operation: str, payload: str, head: str, code: str) -> None:
    root = await bench.central.call(bench.station.url, operation, payload, head=head)
    values = [item.text for item in root.iter("{http://www.w3.org/2003/05/soap-envelope}Value")]
    assert values[1] == f"o:{code}"
    assert bench.station.ledger.complaints
    assert bench.station.ledger.commands == []


async def test_nobody_reaches_a_station_whose_line_is_down(bench: Bench) -> None:
    await bench.station.link_down()
    with pytest.raises(aiohttp.ClientError):
        await bench.command("ClearCache")
    await bench.station.link_up()
    async with asyncio.timeout(5):
        assert await bench.command("ClearCache") == "Accepted"
