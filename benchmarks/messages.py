"""The bytes of both sides, prepared beforehand so that writing them costs the load generator next to nothing."""

from __future__ import annotations

from enum import Enum

import orjson

READINGS = (
    ("Energy.Active.Import.Register", "Wh", "1234567"),
    ("Energy.Active.Export.Register", "Wh", "12"),
    ("Energy.Reactive.Import.Register", "varh", "345"),
    ("Energy.Reactive.Export.Register", "varh", "67"),
    ("Energy.Active.Import.Interval", "Wh", "89"),
    ("Energy.Active.Export.Interval", "Wh", "0"),
    ("Energy.Reactive.Import.Interval", "varh", "5"),
    ("Energy.Reactive.Export.Interval", "varh", "1"),
    ("Power.Active.Import", "W", "11040"),
    ("Power.Active.Export", "W", "0"),
    ("Power.Reactive.Import", "var", "150"),
    ("Power.Reactive.Export", "var", "0"),
    ("Current.Import", "Amp", "16.02"),
    ("Current.Export", "Amp", "0.0"),
    ("Voltage", "Volt", "230.1"),
    ("Voltage", "Volt", "229.8"),
    ("Voltage", "Volt", "231.4"),
    ("Current.Import", "Amp", "15.98"),
    ("Current.Import", "Amp", "16.11"),
    ("Energy.Active.Import.Register", "kWh", "1234.567"),
)
"""Measurand, unit and value of each reading of a MeterValues message."""

_UNITS = {"Amp": "A", "Volt": "V"}
_CONTENT_TYPE = "application/soap+xml; charset=utf-8"


class Scenario(Enum):
    """What stations send: a change of status, or the readings of a running transaction."""

    STATUS = "status"
    METER = "meter"


def charge_box(station: str) -> str:
    """What a station calls itself."""
    return f"OLD-{station}"


def http(body: str, *, keep_alive: bool) -> bytes:
    """A request as an old station posts it."""
    connection = "keep-alive" if keep_alive else "close"
    data = body.encode()
    return (
        f"POST /ocpp HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: gSOAP/2.7\r\nContent-Type: {_CONTENT_TYPE}\r\n"
        f"Content-Length: {len(data)}\r\nConnection: {connection}\r\n\r\n"
    ).encode() + data


def envelope(station: str, operation: str, fields: str) -> str:
    """A SOAP 1.2 envelope with addressing headers, as OCPP 1.5 has them."""
    element = f"{operation[0].lower()}{operation[1:]}Request"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://www.w3.org/2005/08/addressing"'
        f' xmlns:o="urn://Ocpp/Cs/2012/06/"><s:Header><o:chargeBoxIdentity>{charge_box(station)}</o:chargeBoxIdentity>'
        f"<a:Action>/{operation}</a:Action><a:MessageID>urn:uuid:6f2c1a52-4c1e-4d0a-9a55-0d6c7e0a1b2c</a:MessageID>"
        "<a:ReplyTo><a:Address>http://www.w3.org/2005/08/addressing/anonymous</a:Address></a:ReplyTo>"
        f"<a:To>http://127.0.0.1/ocpp</a:To></s:Header><s:Body><o:{element}>{fields}</o:{element}></s:Body></s:Envelope>"
    )


def boot(station: str) -> str:
    """BootNotification."""
    fields = "<o:chargePointVendor>Vendor</o:chargePointVendor><o:chargePointModel>Model</o:chargePointModel>"
    return envelope(station, "BootNotification", fields)


def start(station: str, at: str) -> str:
    """StartTransaction on connector 1."""
    fields = (
        "<o:connectorId>1</o:connectorId><o:idTag>04A1B2C3</o:idTag>"
        f"<o:timestamp>{at}</o:timestamp><o:meterStart>1000</o:meterStart>"
    )
    return envelope(station, "StartTransaction", fields)


def status(station: str, number: int, at: str) -> str:
    """StatusNotification; ``number`` alternates the status, as a repeat is not forwarded."""
    value = "Available" if number % 2 else "Occupied"
    fields = (
        f"<o:connectorId>1</o:connectorId><o:status>{value}</o:status><o:errorCode>NoError</o:errorCode>"
        f"<o:timestamp>{at}</o:timestamp>"
    )
    return envelope(station, "StatusNotification", fields)


def meter(station: str, transaction: int, at: str) -> str:
    """MeterValues with one sample of 20 readings."""
    values = "".join(
        f'<o:value context="Sample.Periodic" format="Raw" measurand="{measurand}" location="Outlet" unit="{unit}">'
        f"{value}</o:value>"
        for measurand, unit, value in READINGS
    )
    fields = (
        f"<o:connectorId>1</o:connectorId><o:transactionId>{transaction}</o:transactionId>"
        f"<o:values><o:timestamp>{at}</o:timestamp>{values}</o:values>"
    )
    return envelope(station, "MeterValues", fields)


def call_payload(scenario: Scenario, at: str) -> bytes:
    """What becomes of a message northbound: the payload of the OCPP 2.0.1 CALL."""
    if scenario is Scenario.STATUS:
        return orjson.dumps({"timestamp": at, "connectorStatus": "Available", "evseId": 1, "connectorId": 1})
    sampled = [
        {
            "value": float(value),
            "context": "Sample.Periodic",
            "measurand": measurand,
            "location": "Outlet",
            "unitOfMeasure": {"unit": _UNITS.get(unit, unit)},
        }
        for measurand, unit, value in READINGS
    ]
    return orjson.dumps(
        {
            "eventType": "Updated",
            "timestamp": at,
            "triggerReason": "MeterValuePeriodic",
            "seqNo": 12,
            "offline": False,
            "transactionInfo": {"transactionId": "6f2c1a52-4c1e-4d0a-9a55-0d6c7e0a1b2c"},
            "meterValue": [{"timestamp": at, "sampledValue": sampled}],
        }
    )


def answer(operation: str) -> bytes:
    """The answer to a station's request, whole, as the cheapest central system gives it."""
    element = f"{operation[0].lower()}{operation[1:]}Response"
    body = envelope("", operation, "").replace(f"{element[:-8]}Request", element).encode()
    return (
        f"HTTP/1.1 200 OK\r\nContent-Type: {_CONTENT_TYPE}\r\nContent-Length: {len(body)}\r\nConnection: ".encode()
        + b"%b\r\n\r\n"
        + body
    )
