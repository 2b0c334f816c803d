"""OCPP 1.5 over SOAP: the 10 operations of the central system and the 15 of the charge point.

Field order is that of the WSDL, which receivers may insist on; names are spelled as there ("Authorisation").
"""

from __future__ import annotations

from adapters.ocpp_soap.schema import Field, Operation, Record, Table, Type
from adapters.ocpp_soap.tables import v15_choices as choices
from adapters.ocpp_soap.tables.fields import (
    CONNECTOR,
    ID_TAG,
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

_TOKEN = text("idTag", ID_TAG, required=True)
_OWN_TOKEN = text("idTag", ID_TAG)

_TOKEN_INFO = Record(
    fields=(
        choice("status", choices.AUTHORIZATION, required=True),
        moment("expiryDate"),
        text("parentIdTag", ID_TAG),
    )
)
_VALUE = Record(
    content=text("value", required=True),
    attributes=(
        choice("context", choices.CONTEXT),
        choice("format", choices.FORMAT),
        choice("measurand", choices.MEASURAND),
        choice("location", choices.LOCATION),
        choice("unit", choices.UNIT),
    ),
)
_METER_VALUE = Record(fields=(moment("timestamp", required=True), parts("value", _VALUE, required=True)))
_METER_VALUES = parts("values", _METER_VALUE)
_KEY_VALUE = Record(
    fields=(
        text("key", required=True),
        Field(name="readonly", type=Type.BOOLEAN, required=True),
        text("value"),
    )
)
_LIST_ENTRY = Record(fields=(_TOKEN, part("idTagInfo", _TOKEN_INFO)))

_DATA_TRANSFER = Operation(
    name="DataTransfer",
    request=Record(fields=(text("vendorId", required=True), text("messageId"), verbatim("data"))),
    response=Record(fields=(choice("status", choices.DATA_TRANSFER, required=True), verbatim("data"))),
)

_CENTRAL_SYSTEM = (
    Operation(
        name="Authorize",
        request=Record(fields=(_TOKEN,)),
        response=Record(fields=(part("idTagInfo", _TOKEN_INFO, required=True),)),
    ),
    Operation(
        name="StartTransaction",
        request=Record(
            fields=(
                CONNECTOR,
                _TOKEN,
                moment("timestamp", required=True),
                number("meterStart", required=True),
                number("reservationId"),
            )
        ),
        response=Record(
            fields=(
                number("transactionId", required=True),
                part("idTagInfo", _TOKEN_INFO, required=True),
            )
        ),
    ),
    Operation(
        name="StopTransaction",
        request=Record(
            fields=(
                number("transactionId", required=True),
                _OWN_TOKEN,
                moment("timestamp", required=True),
                number("meterStop", required=True),
                parts("transactionData", Record(fields=(_METER_VALUES,))),
            )
        ),
        response=Record(fields=(part("idTagInfo", _TOKEN_INFO),)),
    ),
    Operation(name="Heartbeat", response=Record(fields=(moment("currentTime", required=True),))),
    Operation(
        name="MeterValues",
        request=Record(fields=(CONNECTOR, number("transactionId"), _METER_VALUES)),
    ),
    Operation(
        name="BootNotification",
        request=Record(
            fields=(
                text("chargePointVendor", 20, required=True),
                text("chargePointModel", 20, required=True),
                text("chargePointSerialNumber", 25),
                text("chargeBoxSerialNumber", 25),
                text("firmwareVersion", 50),
                text("iccid", 20),
                text("imsi", 20),
                text("meterType", 25),
                text("meterSerialNumber", 25),
            )
        ),
        response=Record(
            fields=(
                choice("status", choices.REGISTRATION, required=True),
                moment("currentTime", required=True),
                number("heartbeatInterval", required=True),
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
                text("info"),
                moment("timestamp"),
                text("vendorId"),
                text("vendorErrorCode"),
            )
        ),
    ),
    Operation(
        name="FirmwareStatusNotification",
        request=status(choices.FIRMWARE_STATUS),
    ),
    Operation(
        name="DiagnosticsStatusNotification",
        request=status(choices.DIAGNOSTICS_STATUS),
    ),
    _DATA_TRANSFER,
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
    Operation(
        name="CancelReservation",
        request=Record(fields=(number("reservationId", required=True),)),
        response=_ACCEPTED_OR_REJECTED,
    ),
    _DATA_TRANSFER,
    Operation(
        name="GetConfiguration",
        request=Record(fields=(Field(name="key", many=True),)),
        response=Record(
            fields=(
                parts("configurationKey", _KEY_VALUE),
                Field(name="unknownKey", many=True),
            )
        ),
    ),
    Operation(name="GetLocalListVersion", response=Record(fields=(number("listVersion", required=True),))),
    Operation(
        name="ReserveNow",
        request=Record(
            fields=(
                CONNECTOR,
                moment("expiryDate", required=True),
                _TOKEN,
                text("parentIdTag", ID_TAG),
                number("reservationId", required=True),
            )
        ),
        response=status(choices.RESERVATION_STATUS),
    ),
    Operation(
        name="SendLocalList",
        request=Record(
            fields=(
                choice("updateType", choices.UPDATE, required=True),
                number("listVersion", required=True),
                parts("localAuthorisationList", _LIST_ENTRY),
                text("hash"),
            )
        ),
        response=Record(fields=(choice("status", choices.UPDATE_STATUS, required=True), text("hash"))),
    ),
)

V15 = Table(
    version="1.5",
    central_system_namespace="urn://Ocpp/Cs/2012/06/",
    charge_point_namespace="urn://Ocpp/Cp/2012/06/",
    fault_namespace="urn://Ocpp/2012/02/",
    central_system=_CENTRAL_SYSTEM,
    charge_point=_CHARGE_POINT,
)
