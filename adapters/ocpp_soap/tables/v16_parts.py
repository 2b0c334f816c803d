"""What several messages of OCPP 1.6 over SOAP are made of."""

from __future__ import annotations

from adapters.ocpp_soap.schema import Field, Operation, Record, Type
from adapters.ocpp_soap.tables import v16_choices as choices
from adapters.ocpp_soap.tables.fields import ID_TAG, choice, decimal, moment, number, part, parts, text, verbatim

CI_25, CI_50, CI_255, CI_500 = 25, 50, 255, 500

TOKEN = text("idTag", ID_TAG, required=True)
TOKEN_INFO = Record(
    fields=(choice("status", choices.AUTHORIZATION, required=True), moment("expiryDate"), text("parentIdTag", ID_TAG))
)
METER_VALUE = Record(
    fields=(
        moment("timestamp", required=True),
        parts(
            "sampledValue",
            Record(
                fields=(
                    text("value", required=True),
                    choice("context", choices.CONTEXT),
                    choice("format", choices.FORMAT),
                    choice("measurand", choices.MEASURAND),
                    choice("phase", choices.PHASE),
                    choice("location", choices.LOCATION),
                    choice("unit", choices.UNIT),
                )
            ),
            required=True,
        ),
    )
)
KEY_VALUE = Record(
    fields=(
        text("key", CI_50, required=True),
        Field(name="readonly", type=Type.BOOLEAN, required=True),
        text("value", CI_500),
    )
)
LIST_ENTRY = Record(fields=(TOKEN, part("idTagInfo", TOKEN_INFO)))
CHARGING_SCHEDULE = Record(
    fields=(
        number("duration"),
        moment("startSchedule"),
        choice("chargingRateUnit", choices.RATE_UNIT, required=True),
        parts(
            "chargingSchedulePeriod",
            Record(
                fields=(number("startPeriod", required=True), decimal("limit", required=True), number("numberPhases"))
            ),
            required=True,
        ),
        decimal("minChargingRate"),
    )
)
CHARGING_PROFILE = Record(
    fields=(
        number("chargingProfileId", required=True),
        number("transactionId"),
        number("stackLevel", required=True),
        choice("chargingProfilePurpose", choices.PROFILE_PURPOSE, required=True),
        choice("chargingProfileKind", choices.PROFILE_KIND, required=True),
        choice("recurrencyKind", choices.RECURRENCY),
        moment("validFrom"),
        moment("validTo"),
        part("chargingSchedule", CHARGING_SCHEDULE, required=True),
    )
)
DATA_TRANSFER = Operation(
    name="DataTransfer",
    request=Record(fields=(text("vendorId", CI_255, required=True), text("messageId", CI_50), verbatim("data"))),
    response=Record(fields=(choice("status", choices.DATA_TRANSFER, required=True), verbatim("data"))),
)
