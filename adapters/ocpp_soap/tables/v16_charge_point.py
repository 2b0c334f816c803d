"""OCPP 1.6 over SOAP: the 19 operations of the charge point, in the WSDL's order of fields."""

from __future__ import annotations

from adapters.ocpp_soap.schema import Field, Operation, Record
from adapters.ocpp_soap.tables import v16_choices as choices
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
from adapters.ocpp_soap.tables.v16_parts import (
    CHARGING_PROFILE,
    CHARGING_SCHEDULE,
    CI_50,
    CI_255,
    CI_500,
    DATA_TRANSFER,
    KEY_VALUE,
    LIST_ENTRY,
    TOKEN,
)

_ACCEPTED_OR_REJECTED = status(choices.ACCEPTED_OR_REJECTED)

CHARGE_POINT = (
    Operation(name="UnlockConnector", request=Record(fields=(CONNECTOR,)), response=status(choices.UNLOCK_STATUS)),
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
        response=Record(fields=(text("fileName", CI_255),)),
    ),
    Operation(name="ClearCache", response=_ACCEPTED_OR_REJECTED),
    Operation(
        name="ClearChargingProfile",
        request=Record(
            fields=(
                number("id"),
                number("connectorId"),
                choice("chargingProfilePurpose", choices.PROFILE_PURPOSE),
                number("stackLevel"),
            )
        ),
        response=status(choices.CLEAR_PROFILE_STATUS),
    ),
    Operation(
        name="UpdateFirmware",
        request=Record(fields=(moment("retrieveDate", required=True), text("location", required=True), *RETRIES)),
    ),
    Operation(
        name="ChangeConfiguration",
        request=Record(fields=(text("key", CI_50, required=True), verbatim("value", CI_500, required=True))),
        response=status(choices.CONFIGURATION_STATUS),
    ),
    Operation(
        name="RemoteStartTransaction",
        request=Record(fields=(number("connectorId"), TOKEN, part("chargingProfile", CHARGING_PROFILE))),
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
    DATA_TRANSFER,
    Operation(
        name="GetConfiguration",
        request=Record(fields=(Field(name="key", max_length=CI_50, many=True),)),
        response=Record(
            fields=(
                parts("configurationKey", KEY_VALUE),
                Field(name="unknownKey", max_length=CI_50, many=True),
            )
        ),
    ),
    Operation(name="GetLocalListVersion", response=Record(fields=(number("listVersion", required=True),))),
    Operation(
        name="GetCompositeSchedule",
        request=Record(
            fields=(CONNECTOR, number("duration", required=True), choice("chargingRateUnit", choices.RATE_UNIT))
        ),
        response=Record(
            fields=(
                choice("status", choices.ACCEPTED_OR_REJECTED, required=True),
                number("connectorId"),
                moment("scheduleStart"),
                part("chargingSchedule", CHARGING_SCHEDULE),
            )
        ),
    ),
    Operation(
        name="ReserveNow",
        request=Record(
            fields=(
                CONNECTOR,
                moment("expiryDate", required=True),
                TOKEN,
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
                number("listVersion", required=True),
                parts("localAuthorizationList", LIST_ENTRY),
                choice("updateType", choices.UPDATE, required=True),
            )
        ),
        response=status(choices.UPDATE_STATUS),
    ),
    Operation(
        name="SetChargingProfile",
        request=Record(fields=(CONNECTOR, part("csChargingProfiles", CHARGING_PROFILE, required=True))),
        response=status(choices.PROFILE_STATUS),
    ),
    Operation(
        name="TriggerMessage",
        request=Record(fields=(choice("requestedMessage", choices.TRIGGER, required=True), number("connectorId"))),
        response=status(choices.TRIGGER_STATUS),
    ),
)
