"""Stations of each version, and stations that speak another version than the site file says."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from lxml import etree

from adapters.ocpp_soap.config import StationConfig
from adapters.ocpp_soap.tables import TABLES, V12, V16
from gateway.bench.ocpp_s.config import StationConfig as Simulated
from gateway.bench.ocpp_s.dialects import DIALECTS
from gateway.bench.ocpp_s.dialects import V16 as V16_STATION
from gateway.bench.ocpp_s.station import SimulatedStation
from gateway.model import commands as cmd
from gateway.model.commands import Verdict
from gateway.model.events import Measured, StationBooted, StationFound, TransactionBegan, TransactionEnded
from gateway.model.evse import ConnectorState, ConnectorStatus
from gateway.model.ids import Place
from gateway.model.readings import ENERGY_REGISTER
from gateway.model.station import Capability, StationState
from gateway.model.tokens import Token, TokenType
from gateway.model.transactions import STOPPED_BY_BACKEND, Transaction
from tests import wsdl_oracle
from tests.adapters.ocpp_soap.rig import NAME, NOW, STATION, element, request, running, settings, values
from tests.fakes.manual_clock import ManualClock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from adapters.ocpp_soap.schema import Table
    from gateway.bench.ocpp_s.dialects import Dialect
    from gateway.contracts import StationSettings
    from tests.adapters.ocpp_soap.rig import Rig

BOOT = element("bootNotificationRequest", chargePointVendor="V", chargePointModel="M")


def _set(version: str) -> StationSettings:
    return settings(StationConfig.model_validate({"charge_box_identity": NAME, "version": version}))


async def _ask(rig: Rig, body: str, table: Table) -> etree._Element:
    """Send a body in a version's namespace; the body of a valid answer in the same."""
    reply = await rig.send(request(body, service=table.central_system_namespace))
    assert reply.status == 200, reply.body
    if wsdl_oracle.available():
        wsdl_oracle.validate_response(reply.body, "urn:uuid:77", table.version)
    return etree.fromstring(reply.body)[1][0]


@pytest.mark.parametrize("wrong", [False, True], ids=["as-set", "not-as-set"])
@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.version)
async def test_visit_in_each_version(dialect: Dialect, *, wrong: bool) -> None:
    clock = ManualClock(start=NOW)
    known = {"1.2": "1.5", "1.5": "1.6", "1.6": "1.2"}[dialect.version] if wrong else dialect.version
    async with asyncio.timeout(20), running(_set(known)) as rig:
        station = SimulatedStation(Simulated(url=rig.url, identity=NAME, dialect=dialect), clock)
        life = asyncio.create_task(station.run())
        await station.wait_until(lambda s: s.is_accepted and not s.backlog)
        await station.plug_in(1)
        await station.present_token(1, "04A1B2C3")
        await rig.box.until(lambda: bool(rig.box.of(TransactionBegan)))
        await station.wait_until(lambda s: not s.backlog)
        await clock.advance(60)
        await station.wait_until(lambda s: not s.backlog)
        rig.clock[0] = clock.now()
        unlocked = await rig.adapter.execute(cmd.Unlock(place=Place(station=STATION, evse=7, connector=1)))
        await rig.adapter.execute(
            cmd.StopCharging(station=STATION, transaction="x", number=17_000_000, cause=STOPPED_BY_BACKEND)
        )
        await rig.box.until(lambda: bool(rig.box.of(TransactionEnded)))
        await station.exit()
        await life
    (ended,) = rig.box.of(TransactionEnded)
    truth = station.ledger.transactions[0]
    assert isinstance(ended, TransactionEnded)
    assert (ended.meter_stop, truth.reason) == (truth.meter_stop, "Remote")
    measured = next(event for event in rig.box.events if isinstance(event, Measured))
    energies = [r.value for r in measured.samples[0].readings if r.measurand == ENERGY_REGISTER]
    assert energies == [truth.samples[0][1]]
    assert measured.place.evse == 1
    assert unlocked.verdict is Verdict.REJECTED
    assert station.ledger.complaints == []


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.version)
async def test_what_a_station_can_do_is_what_its_version_can(table: Table) -> None:
    async with running(_set(table.version)) as rig:
        await _ask(rig, BOOT, table)
    (found,) = rig.box.of(StationFound)
    assert isinstance(found, StationFound)
    later = {Capability.RESERVATION, Capability.LOCAL_LIST, Capability.DATA_TRANSFER, Capability.CONFIGURATION_READ}
    assert later & found.capabilities == (set() if table is V12 else later)


async def test_station_of_another_version_is_served_in_that_and_told_of_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    async with running(_set("1.5")) as rig:
        answer = values(await _ask(rig, BOOT, V16))
        await _ask(rig, "<c:heartbeatRequest/>", V16)
    assert answer["interval"] == "300"
    assert rig.box.of(StationBooted)
    (line,) = [record.getMessage() for record in caplog.records]
    assert line.startswith(f"{STATION} is set to OCPP 1.5 in the site file and speaks 1.6")


async def test_station_that_changes_its_version_is_found_anew() -> None:
    async with running(_set("1.6")) as rig:
        await _ask(rig, BOOT, V12)
        await _ask(rig, BOOT, V16)
    found = rig.box.of(StationFound)
    assert [Capability.RESERVATION in event.capabilities for event in found if isinstance(event, StationFound)] == [
        False,
        True,
    ]


async def test_operation_that_the_namespace_does_not_have_is_read_as_the_site_says() -> None:
    body = element("dataTransferRequest", vendorId="acme", data="x")
    async with running(_set("1.5")) as rig:
        reply = await rig.send(request(body, service=V12.central_system_namespace))
    assert reply.status == 200
    answer = etree.fromstring(reply.body)[1][0]
    assert etree.QName(answer).namespace == V12.central_system_namespace
    assert values(answer) == {"status": "Accepted"}
    assert rig.box.vendor == [("acme", None, "x")]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.version)
async def test_operation_of_no_version_is_a_fault_of_the_version_that_is_spoken(table: Table) -> None:
    async with running(_set("1.5")) as rig:
        reply = await rig.send(request("<c:signCertificateRequest/>", service=table.central_system_namespace))
    assert reply.status == 500
    assert b"NotSupported" in reply.body
    assert f'="{table.fault_namespace}"'.encode() in reply.body


@asynccontextmanager
async def charging(rig: Rig, dialect: Dialect) -> AsyncIterator[SimulatedStation]:
    """A simulated station in a transaction that the box knows of."""
    clock = ManualClock(start=NOW)
    station = SimulatedStation(Simulated(url=rig.url, identity=NAME, dialect=dialect), clock)
    life = asyncio.create_task(station.run())
    await station.wait_until(lambda s: s.is_accepted and not s.backlog)
    await station.plug_in(1)
    await station.present_token(1, "04A1B2C3")
    await rig.box.until(lambda: bool(rig.box.of(TransactionBegan)))
    await station.wait_until(lambda s: not s.backlog)
    running = Transaction(
        id="t",
        number=17_000_000,
        evse=1,
        connector=1,
        started_at=NOW,
        last_at=NOW,
        token=Token(value="04A1B2C3", type=TokenType.ISO14443),
    )
    connector = ConnectorState(evse=1, connector=1, reported=ConnectorStatus.OCCUPIED, at=NOW)
    rig.box.states[STATION] = StationState(id=STATION, connectors=(connector,), transactions=(running,))
    try:
        yield station
    finally:
        await station.exit()
        await life


async def test_limit_holds_for_the_running_transaction_until_it_is_taken_back() -> None:
    place = Place(station=STATION, evse=1, connector=1)
    async with asyncio.timeout(20), running(_set("1.6")) as rig, charging(rig, V16_STATION) as station:
        assert station.connector(1).evse.current == 16.0
        assert (await rig.adapter.execute(cmd.SetLimit(place=place, current=9.96))).accepted
        assert station.connector(1).evse.current == 9.9
        assert (await rig.adapter.execute(cmd.SetLimit(place=place, current=0))).accepted
        await station.wait_until(lambda s: s.connector(1).reported == ("SuspendedEVSE", "NoError"))
        assert (await rig.adapter.execute(cmd.SetLimit(place=place, current=None))).accepted
        assert station.connector(1).evse.current == 16.0
        assert station.ledger.complaints == []


@pytest.mark.parametrize(
    ("report", "operation"),
    [
        (cmd.Report.BOOT, "BootNotification"),
        (cmd.Report.STATUS, "StatusNotification"),
        (cmd.Report.METER_VALUES, "MeterValues"),
        (cmd.Report.FIRMWARE, "FirmwareStatusNotification"),
        (cmd.Report.LOG, "DiagnosticsStatusNotification"),
    ],
)
async def test_station_of_1_6_tells_again_what_it_is_asked(report: cmd.Report, operation: str) -> None:
    place = Place(station=STATION, evse=1, connector=1)
    async with asyncio.timeout(20), running(_set("1.6")) as rig, charging(rig, V16_STATION) as station:
        before = len(station.ledger.answered(operation))
        assert (await rig.adapter.execute(cmd.TriggerReport(place=place, report=report))).accepted
        await station.wait_until(lambda s: len(s.ledger.answered(operation)) > before)
        assert station.ledger.complaints == []


async def test_namespace_that_the_text_of_1_2_gives_is_1_2_too() -> None:
    other = "urn://Ocpp/Cs/2010/10/"
    async with running(_set("1.2")) as rig:
        reply = await rig.send(request(BOOT, service=other))
    assert reply.status == 200
    answer = etree.fromstring(reply.body)[1][0]
    assert etree.QName(answer).namespace == other
    assert values(answer)["heartbeatInterval"] == "300"
