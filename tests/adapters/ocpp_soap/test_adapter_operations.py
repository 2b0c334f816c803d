"""Every operation of every version, both ways: what the box answers and what it asks is as the WSDL has it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from lxml import etree

from adapters.ocpp_soap.config import StationConfig
from adapters.ocpp_soap.encode import PREFIX, encode
from adapters.ocpp_soap.message import Kind
from adapters.ocpp_soap.schema import Record, Service, Type
from adapters.ocpp_soap.tables import TABLES
from gateway.bench.ocpp_s.config import StationConfig as Simulated
from gateway.bench.ocpp_s.dialects import DIALECTS
from gateway.bench.ocpp_s.station import SimulatedStation
from gateway.model import commands as cmd
from gateway.model.commands import Verdict
from gateway.model.ids import Place
from gateway.model.tokens import Authorization, AuthorizationStatus, Token, TokenType
from gateway.model.transactions import STOPPED_BY_BACKEND
from tests import wsdl_oracle
from tests.adapters.ocpp_soap.rig import NAME, NOW, STATION, request, running, settings
from tests.fakes.manual_clock import ManualClock

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adapters.ocpp1x.fields import Fields, Value
    from adapters.ocpp_soap.schema import Field, Operation, Table
    from gateway.bench.ocpp_s.dialects import Dialect
    from gateway.contracts import StationSettings

EVERY = [(table, operation) for table in TABLES for operation in table.central_system]
CARD = Token(value="04A1B2C3", type=TokenType.ISO14443)
WHOLE, FIRST = Place(station=STATION), Place(station=STATION, evse=1, connector=1)
FILE = "http://127.0.0.1:9/file"
COMMANDS: tuple[tuple[str, cmd.Command], ...] = (
    ("StartCharging", cmd.StartCharging(place=FIRST, token=CARD, remote_start_id=1, expires_at=NOW)),
    ("StopCharging", cmd.StopCharging(station=STATION, transaction="t", number=7, cause=STOPPED_BY_BACKEND)),
    ("Unlock", cmd.Unlock(place=FIRST)),
    ("ChangeAvailability", cmd.ChangeAvailability(place=FIRST, operative=True)),
    ("ClearTokens", cmd.ClearTokens(station=STATION)),
    ("ReadVariables", cmd.ReadVariables(station=STATION)),
    ("SetVariable", cmd.SetVariable(station=STATION, key="LightIntensity", value="5")),
    (
        "Reserve",
        cmd.Reserve(place=FIRST, reservation=3, token=CARD, group=None, expires_at=NOW + timedelta(hours=1)),
    ),
    ("CancelReservation", cmd.CancelReservation(station=STATION, reservation=3)),
    (
        "SendLocalList",
        cmd.SendLocalList(
            station=STATION,
            version=2,
            full=True,
            entries=(cmd.LocalListEntry(token=CARD, authorization=Authorization(status=AuthorizationStatus.ACCEPTED)),),
        ),
    ),
    ("ReadLocalListVersion", cmd.ReadLocalListVersion(station=STATION)),
    ("UpdateFirmware", cmd.UpdateFirmware(station=STATION, request_id=1, location=FILE, at=NOW, retries=0)),
    ("UploadLog", cmd.UploadLog(station=STATION, request_id=2, location=FILE, retries=0, retry_interval=1)),
    ("VendorRequest", cmd.VendorRequest(station=STATION, vendor="bench", message="m", data="d")),
    ("SetLimit", cmd.SetLimit(place=FIRST, current=10.0)),
    ("TakeLimitBack", cmd.SetLimit(place=FIRST, current=None)),
    ("TriggerReport", cmd.TriggerReport(place=FIRST, report=cmd.Report.STATUS)),
    ("Reset", cmd.Reset(place=WHOLE, kind=cmd.ResetKind.ON_IDLE)),
)
SOME: Mapping[Type, Value] = {
    Type.TEXT: "1",
    Type.INTEGER: 1,
    Type.DECIMAL: 1.0,
    Type.BOOLEAN: True,
    Type.MOMENT: NOW,
}
NOT_ASKED = {"GetCompositeSchedule"}
"""Commands that the box has no use for."""

_SINCE_16 = {"SetLimit", "TakeLimitBack", "TriggerReport"}
LACKING = {
    "1.2": _SINCE_16
    | {"ReadVariables", "Reserve", "CancelReservation", "SendLocalList", "ReadLocalListVersion", "VendorRequest"},
    "1.5": _SINCE_16,
    "1.6": set[str](),
}


def _set(version: str) -> StationSettings:
    return settings(StationConfig.model_validate({"charge_box_identity": NAME, "version": version}))


def _least(record: Record) -> Fields:
    """The least content that a structure may have."""
    members = (*record.fields, *([record.content] if record.content else ()))
    return {field.name: _value(field) for field in members if field.required}


def _value(field: Field) -> Value:
    one: Value
    if field.record is not None:
        one = _least(field.record)
    elif field.choices is not None:
        one = field.choices.values[0]
    else:
        one = SOME[field.type]
    return [one] if field.many else one


@pytest.mark.parametrize(
    ("table", "operation"), EVERY, ids=lambda value: str(getattr(value, "version", "") or getattr(value, "name", value))
)
async def test_answer_to_the_least_request_is_as_the_wsdl_has_it(table: Table, operation: Operation) -> None:
    body = encode(operation, Kind.REQUEST, _least(operation.request)).replace(f"{PREFIX}:", "c:")
    async with running(_set(table.version)) as rig:
        reply = await rig.send(request(body, service=table.central_system_namespace))
    assert reply.status == 200, reply.body
    answer = etree.QName(etree.fromstring(reply.body)[1][0])
    assert answer.localname == operation.element(Kind.RESPONSE)
    assert answer.namespace == table.central_system_namespace
    if wsdl_oracle.available():
        wsdl_oracle.validate_response(reply.body, "urn:uuid:77", table.version)


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.version)
async def test_every_command_is_asked_as_the_wsdl_has_it(dialect: Dialect) -> None:
    asked: list[bytes] = []

    def see(direction: str, operation: str, xml: bytes) -> None:
        if direction == "in" and operation.endswith("Request"):
            asked.append(xml)

    clock = ManualClock(start=NOW)
    verdicts: dict[str, Verdict] = {}
    async with asyncio.timeout(20), running(_set(dialect.version)) as rig:
        station = SimulatedStation(Simulated(url=rig.url, identity=NAME, dialect=dialect), clock, see)
        life = asyncio.create_task(station.run())
        await station.wait_until(lambda s: s.is_accepted and not s.backlog)
        for name, command in COMMANDS:
            verdicts[name] = (await rig.adapter.execute(command)).verdict
            await station.wait_until(lambda s: not s.backlog)
        await station.exit()
        await life
    assert {command.operation for command in station.ledger.commands} == dialect.commands - NOT_ASKED
    assert station.ledger.complaints == []
    refused = {name for name, verdict in verdicts.items() if verdict is not Verdict.ACCEPTED}
    # There is no such transaction; the rest is what the version does not have.
    assert refused == {"StopCharging"} | LACKING[dialect.version]
    if wsdl_oracle.available():
        for xml in asked:
            wsdl_oracle.validate_request(xml, dialect.version)


def test_only_requests_of_the_charge_point_are_asked() -> None:
    for table, dialect in zip(TABLES, DIALECTS, strict=True):
        assert {operation.name for operation in table.operations(Service.CHARGE_POINT)} == dialect.commands
