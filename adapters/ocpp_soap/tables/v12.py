"""OCPP 1.2 over SOAP: 9 operations of the central system and 9 of the charge point.

Field order is that of the WSDL. A meter value is a whole number of Wh and nothing else; no text has a longest length.
"""

from __future__ import annotations

from adapters.ocpp_soap.schema import Operation, Record, Table
from adapters.ocpp_soap.tables import v12_choices as choices
from adapters.ocpp_soap.tables.fields import (
    CONNECTOR,
    RETRIES,
    choice,
    moment,
    number,
    part,
    parts,
    status,
    text,
    verbatim,
)

_TOKEN = text("idTag", required=True)
_TOKEN_INFO = Record(
    fields=(choice("status", choices.AUTHORIZATION, required=True), moment("expiryDate"), text("parentIdTag"))
)
_METER_VALUE = Record(fields=(moment("timestamp", required=True), number("value", required=True)))

_CENTRAL_SYSTEM = (
    Operation(
        name="Authorize",
        request=Record(fields=(_TOKEN,)),
        response=Record(fields=(part("idTagInfo", _TOKEN_INFO, required=True),)),
    ),
    Operation(
        name="StartTransaction",
        request=Record(
            fields=(CONNECTOR, _TOKEN, moment("timestamp", required=True), number("meterStart", required=True))
        ),
        response=Record(fields=(number("transactionId", required=True), part("idTagInfo", _TOKEN_INFO, required=True))),
    ),
    Operation(
        name="StopTransaction",
        request=Record(
            fields=(
                number("transactionId", required=True),
                text("idTag"),
                moment("timestamp", required=True),
                number("meterStop", required=True),
            )
        ),
        response=Record(fields=(part("idTagInfo", _TOKEN_INFO),)),
    ),
    Operation(name="Heartbeat", response=Record(fields=(moment("currentTime", required=True),))),
    Operation(name="MeterValues", request=Record(fields=(CONNECTOR, parts("values", _METER_VALUE)))),
    Operation(
        name="BootNotification",
        request=Record(
            fields=(
                text("chargePointVendor", required=True),
                text("chargePointModel", required=True),
                text("chargePointSerialNumber"),
                text("chargeBoxSerialNumber"),
                text("firmwareVersion"),
                text("iccid"),
                text("imsi"),
                text("meterType"),
                text("meterSerialNumber"),
            )
        ),
        response=Record(
            fields=(
                choice("status", choices.REGISTRATION, required=True),
                moment("currentTime"),
                number("heartbeatInterval"),
            )
        ),
    ),
    Operation(
        name="StatusNotification",
        request=Record(
            fields=(
                CONNECTOR,
                choice("status", choices.CONNECTOR_STATUS, required=True),
                choice("errorCode", choices.ERROR_CODE, required=True),
            )
        ),
    ),
    Operation(name="FirmwareStatusNotification", request=status(choices.FIRMWARE_STATUS)),
    Operation(name="DiagnosticsStatusNotification", request=status(choices.DIAGNOSTICS_STATUS)),
)

_ACCEPTED_OR_REJECTED = status(choices.ACCEPTED_OR_REJECTED)

_CHARGE_POINT = (
    Operation(name="UnlockConnector", request=Record(fields=(CONNECTOR,)), response=_ACCEPTED_OR_REJECTED),
    Operation(
        name="Reset",
        request=Record(fields=(choice("type", choices.RESET, required=True),)),
        response=_ACCEPTED_OR_REJECTED,
    ),
    Operation(
        name="ChangeAvailability",
        request=Record(fields=(CONNECTOR, choice("type", choices.AVAILABILITY, required=True))),
        response=status(choices.AVAILABILITY_STATUS),
    ),
    Operation(
        name="GetDiagnostics",
        request=Record(fields=(text("location", required=True), moment("startTime"), moment("stopTime"), *RETRIES)),
        response=Record(fields=(text("fileName"),)),
    ),
    Operation(name="ClearCache", response=_ACCEPTED_OR_REJECTED),
    Operation(
        name="UpdateFirmware",
        request=Record(fields=(moment("retrieveDate", required=True), text("location", required=True), *RETRIES)),
    ),
    Operation(
        name="ChangeConfiguration",
        request=Record(fields=(text("key", required=True), verbatim("value", required=True))),
        response=status(choices.CONFIGURATION_STATUS),
    ),
    Operation(
        name="RemoteStartTransaction",
        request=Record(fields=(_TOKEN, number("connectorId"))),
        response=_ACCEPTED_OR_REJECTED,
    ),
    Operation(
        name="RemoteStopTransaction",
        request=Record(fields=(number("transactionId", required=True),)),
        response=_ACCEPTED_OR_REJECTED,
    ),
)

V12 = Table(
    version="1.2",
    central_system_namespace="urn://Ocpp/Cs/2010/08/",
    charge_point_namespace="urn://Ocpp/Cp/2010/08/",
    fault_namespace="urn://Ocpp/2010/08/",
    central_system=_CENTRAL_SYSTEM,
    charge_point=_CHARGE_POINT,
)
