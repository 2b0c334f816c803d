"""OCPP 1.6 over SOAP: namespaces, and the 10 operations of the central system, in the WSDL's order of fields."""

from __future__ import annotations

from adapters.ocpp_soap.schema import Operation, Record, Table
from adapters.ocpp_soap.tables import v16_choices as choices
from adapters.ocpp_soap.tables.fields import CONNECTOR, ID_TAG, choice, moment, number, part, parts, status, text
from adapters.ocpp_soap.tables.v16_charge_point import CHARGE_POINT
from adapters.ocpp_soap.tables.v16_parts import CI_25, CI_50, CI_255, DATA_TRANSFER, METER_VALUE, TOKEN, TOKEN_INFO

_CI_20 = 20

_CENTRAL_SYSTEM = (
    Operation(
        name="Authorize",
        request=Record(fields=(TOKEN,)),
        response=Record(fields=(part("idTagInfo", TOKEN_INFO, required=True),)),
    ),
    Operation(
        name="StartTransaction",
        request=Record(
            fields=(
                CONNECTOR,
                TOKEN,
                moment("timestamp", required=True),
                number("meterStart", required=True),
                number("reservationId"),
            )
        ),
        response=Record(fields=(number("transactionId", required=True), part("idTagInfo", TOKEN_INFO, required=True))),
    ),
    Operation(
        name="StopTransaction",
        request=Record(
            fields=(
                number("transactionId", required=True),
                text("idTag", ID_TAG),
                moment("timestamp", required=True),
                number("meterStop", required=True),
                choice("reason", choices.REASON),
                parts("transactionData", METER_VALUE),
            )
        ),
        response=Record(fields=(part("idTagInfo", TOKEN_INFO),)),
    ),
    Operation(name="Heartbeat", response=Record(fields=(moment("currentTime", required=True),))),
    Operation(
        name="MeterValues",
        request=Record(fields=(CONNECTOR, number("transactionId"), parts("meterValue", METER_VALUE))),
    ),
    Operation(
        name="BootNotification",
        request=Record(
            fields=(
                text("chargePointVendor", _CI_20, required=True),
                text("chargePointModel", _CI_20, required=True),
                text("chargePointSerialNumber", CI_25),
                text("chargeBoxSerialNumber", CI_25),
                text("firmwareVersion", CI_50),
                text("iccid", _CI_20),
                text("imsi", _CI_20),
                text("meterType", CI_25),
                text("meterSerialNumber", CI_25),
            )
        ),
        response=Record(
            fields=(
                choice("status", choices.REGISTRATION, required=True),
                moment("currentTime", required=True),
                number("interval", required=True),
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
                text("info", CI_50),
                moment("timestamp"),
                text("vendorId", CI_255),
                text("vendorErrorCode", CI_50),
            )
        ),
    ),
    Operation(name="FirmwareStatusNotification", request=status(choices.FIRMWARE_STATUS)),
    Operation(name="DiagnosticsStatusNotification", request=status(choices.DIAGNOSTICS_STATUS)),
    DATA_TRANSFER,
)

V16 = Table(
    version="1.6",
    central_system_namespace="urn://Ocpp/Cs/2015/10/",
    charge_point_namespace="urn://Ocpp/Cp/2015/10/",
    fault_namespace="urn://Ocpp/Cs/2015/10/",
    central_system=_CENTRAL_SYSTEM,
    charge_point=CHARGE_POINT,
)
