"""OCPP 1.5 over SOAP: the 10 operations of the central system and the 15 of the charge point.

Field order is that of the WSDL, which receivers may insist on; names are spelled as there ("Authorisation").
"""

from __future__ import annotations

from adapters.ocpp_soap.schema import Field, Operation, Record, Table, Type
from adapters.ocpp_soap.tables import v15_choices as choices

_ID_TAG = 20


def _text(name: str, max_length: int = 0, *, required: bool = False) -> Field:
    return Field(name=name, max_length=max_length, required=required)


def _number(name: str, *, required: bool = False) -> Field:
    return Field(name=name, type=Type.INTEGER, required=required)


def _moment(name: str, *, required: bool = False) -> Field:
    return Field(name=name, type=Type.MOMENT, required=required)


def _verbatim(name: str, *, required: bool = False) -> Field:
    return Field(name=name, required=required, verbatim=True)


_CONNECTOR = _number("connectorId", required=True)
_TOKEN = _text("idTag", _ID_TAG, required=True)
_OWN_TOKEN = _text("idTag", _ID_TAG)

_TOKEN_INFO = Record(
    fields=(
        Field(name="status", choices=choices.AUTHORIZATION, required=True),
        _moment("expiryDate"),
        _text("parentIdTag", _ID_TAG),
    )
)
_VALUE = Record(
    content=_text("value", required=True),
    attributes=(
        Field(name="context", choices=choices.CONTEXT),
        Field(name="format", choices=choices.FORMAT),
        Field(name="measurand", choices=choices.MEASURAND),
        Field(name="location", choices=choices.LOCATION),
        Field(name="unit", choices=choices.UNIT),
    ),
)
_METER_VALUE = Record(
    fields=(_moment("timestamp", required=True), Field(name="value", record=_VALUE, many=True, required=True))
)
_METER_VALUES = Field(name="values", record=_METER_VALUE, many=True)
_KEY_VALUE = Record(
    fields=(
        _text("key", required=True),
        Field(name="readonly", type=Type.BOOLEAN, required=True),
        _text("value"),
    )
)
_LIST_ENTRY = Record(fields=(_TOKEN, Field(name="idTagInfo", record=_TOKEN_INFO)))

_DATA_TRANSFER = Operation(
    name="DataTransfer",
    request=Record(fields=(_text("vendorId", required=True), _text("messageId"), _verbatim("data"))),
    response=Record(fields=(Field(name="status", choices=choices.DATA_TRANSFER, required=True), _verbatim("data"))),
)

_CENTRAL_SYSTEM = (
    Operation(
        name="Authorize",
        request=Record(fields=(_TOKEN,)),
        response=Record(fields=(Field(name="idTagInfo", record=_TOKEN_INFO, required=True),)),
    ),
    Operation(
        name="StartTransaction",
        request=Record(
            fields=(
                _CONNECTOR,
                _TOKEN,
                _moment("timestamp", required=True),
                _number("meterStart", required=True),
                _number("reservationId"),
            )
        ),
        response=Record(
            fields=(
                _number("transactionId", required=True),
                Field(name="idTagInfo", record=_TOKEN_INFO, required=True),
            )
        ),
    ),
    Operation(
        name="StopTransaction",
        request=Record(
            fields=(
                _number("transactionId", required=True),
                _OWN_TOKEN,
                _moment("timestamp", required=True),
                _number("meterStop", required=True),
                Field(name="transactionData", record=Record(fields=(_METER_VALUES,)), many=True),
            )
        ),
        response=Record(fields=(Field(name="idTagInfo", record=_TOKEN_INFO),)),
    ),
    Operation(name="Heartbeat", response=Record(fields=(_moment("currentTime", required=True),))),
    Operation(
        name="MeterValues",
        request=Record(fields=(_CONNECTOR, _number("transactionId"), _METER_VALUES)),
    ),
    Operation(
        name="BootNotification",
        request=Record(
            fields=(
                _text("chargePointVendor", 20, required=True),
                _text("chargePointModel", 20, required=True),
                _text("chargePointSerialNumber", 25),
                _text("chargeBoxSerialNumber", 25),
                _text("firmwareVersion", 50),
                _text("iccid", 20),
                _text("imsi", 20),
                _text("meterType", 25),
                _text("meterSerialNumber", 25),
            )
        ),
        response=Record(
            fields=(
                Field(name="status", choices=choices.REGISTRATION, required=True),
                _moment("currentTime", required=True),
                _number("heartbeatInterval", required=True),
            )
        ),
    ),
    Operation(
        name="StatusNotification",
        request=Record(
            fields=(
                _CONNECTOR,
                Field(name="status", choices=choices.CONNECTOR_STATUS, required=True),
                Field(name="errorCode", choices=choices.ERROR_CODE, required=True),
                _text("info"),
                _moment("timestamp"),
                _text("vendorId"),
                _text("vendorErrorCode"),
            )
        ),
    ),
    Operation(
        name="FirmwareStatusNotification",
        request=Record(fields=(Field(name="status", choices=choices.FIRMWARE_STATUS, required=True),)),
    ),
    Operation(
        name="DiagnosticsStatusNotification",
        request=Record(fields=(Field(name="status", choices=choices.DIAGNOSTICS_STATUS, required=True),)),
    ),
    _DATA_TRANSFER,
)

_ACCEPTED_OR_REJECTED = Record(fields=(Field(name="status", choices=choices.ACCEPTED_OR_REJECTED, required=True),))
_RETRIES = (_number("retries"), _number("retryInterval"))

_CHARGE_POINT = (
    Operation(name="UnlockConnector", request=Record(fields=(_CONNECTOR,)), response=_ACCEPTED_OR_REJECTED),
    Operation(
        name="Reset",
        request=Record(fields=(Field(name="type", choices=choices.RESET, required=True),)),
        response=_ACCEPTED_OR_REJECTED,
    ),
    Operation(
        name="ChangeAvailability",
        request=Record(fields=(_CONNECTOR, Field(name="type", choices=choices.AVAILABILITY, required=True))),
        response=Record(fields=(Field(name="status", choices=choices.AVAILABILITY_STATUS, required=True),)),
    ),
    Operation(
        name="GetDiagnostics",
        request=Record(fields=(_text("location", required=True), _moment("startTime"), _moment("stopTime"), *_RETRIES)),
        response=Record(fields=(_text("fileName"),)),
    ),
    Operation(name="ClearCache", response=_ACCEPTED_OR_REJECTED),
    Operation(
        name="UpdateFirmware",
        request=Record(fields=(_moment("retrieveDate", required=True), _text("location", required=True), *_RETRIES)),
    ),
    Operation(
        name="ChangeConfiguration",
        request=Record(fields=(_text("key", required=True), _verbatim("value", required=True))),
        response=Record(fields=(Field(name="status", choices=choices.CONFIGURATION_STATUS, required=True),)),
    ),
    Operation(
        name="RemoteStartTransaction",
        request=Record(fields=(_TOKEN, _number("connectorId"))),
        response=_ACCEPTED_OR_REJECTED,
    ),
    Operation(
        name="RemoteStopTransaction",
        request=Record(fields=(_number("transactionId", required=True),)),
        response=_ACCEPTED_OR_REJECTED,
    ),
    Operation(
        name="CancelReservation",
        request=Record(fields=(_number("reservationId", required=True),)),
        response=_ACCEPTED_OR_REJECTED,
    ),
    _DATA_TRANSFER,
    Operation(
        name="GetConfiguration",
        request=Record(fields=(Field(name="key", many=True),)),
        response=Record(
            fields=(
                Field(name="configurationKey", record=_KEY_VALUE, many=True),
                Field(name="unknownKey", many=True),
            )
        ),
    ),
    Operation(name="GetLocalListVersion", response=Record(fields=(_number("listVersion", required=True),))),
    Operation(
        name="ReserveNow",
        request=Record(
            fields=(
                _CONNECTOR,
                _moment("expiryDate", required=True),
                _TOKEN,
                _text("parentIdTag", _ID_TAG),
                _number("reservationId", required=True),
            )
        ),
        response=Record(fields=(Field(name="status", choices=choices.RESERVATION_STATUS, required=True),)),
    ),
    Operation(
        name="SendLocalList",
        request=Record(
            fields=(
                Field(name="updateType", choices=choices.UPDATE, required=True),
                _number("listVersion", required=True),
                Field(name="localAuthorisationList", record=_LIST_ENTRY, many=True),
                _text("hash"),
            )
        ),
        response=Record(fields=(Field(name="status", choices=choices.UPDATE_STATUS, required=True), _text("hash"))),
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
