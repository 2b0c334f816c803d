"""Changes of the model as OCPP 2.0.1 payloads. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.model.device import timestamp
from profiles.common.tokens import id_token

if TYPE_CHECKING:
    from gateway.contracts import Json
    from gateway.model.changes import (
        ConnectorStatusChanged,
        FaultChanged,
        SamplesTaken,
        TransactionChanged,
    )
    from gateway.model.readings import Reading, Sample

TECH_CODE_LENGTH = 50
TECH_INFO_LENGTH = 500


def sampled_value(reading: Reading) -> Json:
    """SampledValueType (Part 2, 2.44): the value and unit as the meter gave them."""
    value: Json = {
        "value": reading.value,
        "context": reading.context.value,
        "measurand": reading.measurand,
        "location": reading.location.value,
    }
    if reading.phase is not None:
        value["phase"] = reading.phase
    if reading.unit:
        value["unitOfMeasure"] = {"unit": reading.unit}
    if reading.signed is not None:
        value["signedMeterValue"] = {
            "signedMeterData": reading.signed.data,
            "signingMethod": reading.signed.method,
            "encodingMethod": reading.signed.encoding,
            "publicKey": reading.signed.public_key,
        }
    return value


def meter_value(sample: Sample) -> Json:
    """MeterValueType (Part 2, 2.33)."""
    return {"timestamp": timestamp(sample.at), "sampledValue": [sampled_value(r) for r in sample.readings]}


def status_notification(change: ConnectorStatusChanged) -> Json:
    """StatusNotificationRequest (Part 2, 1.60.1)."""
    return {
        "timestamp": timestamp(change.at),
        "connectorStatus": change.status.value,
        "evseId": change.place.evse,
        "connectorId": change.place.connector,
    }


def meter_values(change: SamplesTaken) -> Json:
    """MeterValuesRequest (Part 2, 1.41.1)."""
    return {"evseId": change.place.evse, "meterValue": [meter_value(s) for s in change.samples if s.readings]}


def transaction_event(change: TransactionChanged) -> Json:
    """TransactionEventRequest (Part 2, 1.62.1).

    What is told once is in the change only when it is its turn; remoteStartId and reservationId go with the start, or
    with the token that comes later.
    """
    transaction = change.transaction
    info: Json = {"transactionId": transaction.id}
    if change.charging_state is not None:
        info["chargingState"] = change.charging_state.value
    if change.reason is not None:
        info["stoppedReason"] = change.reason.value
    payload: Json = {
        "eventType": change.phase.value,
        "timestamp": timestamp(change.at),
        "triggerReason": change.trigger.value,
        "seqNo": change.seq_no,
        "offline": change.offline,
        "transactionInfo": info,
    }
    if change.seq_no == 0 or change.with_ids:
        if transaction.remote_start_id is not None:
            info["remoteStartId"] = transaction.remote_start_id
        if transaction.reservation is not None:
            payload["reservationId"] = transaction.reservation
    if change.phases is not None:
        payload["numberOfPhasesUsed"] = change.phases
    if change.with_evse:
        payload["evse"] = {"id": transaction.evse, "connectorId": transaction.connector}
    if change.token is not None:
        payload["idToken"] = id_token(change.token)
    values = [meter_value(s) for s in change.samples if s.readings]
    if values:
        payload["meterValue"] = values
    return payload


def notify_event(change: FaultChanged, event_id: int, cause: int | None = None, transaction: str | None = None) -> Json:
    """NotifyEventRequest (Part 2, 1.44.1) with the one event that a fault is.

    Args:
        change: The fault.
        event_id: Of the event.
        cause: The event that it follows from, if that is known (N07.FR.05).
        transaction: Id of the one that runs there.
    """
    component: Json = {"name": change.fault.component}
    if change.place.evse:
        component["evse"] = {"id": change.place.evse}
    at = timestamp(change.at)
    event: Json = {
        "eventId": event_id,
        "timestamp": at,
        "trigger": "Alerting",
        "actualValue": "true" if change.active else "false",
        "eventNotificationType": "HardWiredNotification",
        "component": component,
        "variable": {"name": change.fault.variable},
    }
    if cause is not None:
        event["cause"] = cause
    if not change.active:
        event["cleared"] = True
    if transaction is not None:
        event["transactionId"] = transaction
    code = change.fault.vendor_code or change.fault.code
    if code:
        event["techCode"] = code[:TECH_CODE_LENGTH]
    if change.fault.info:
        event["techInfo"] = change.fault.info[:TECH_INFO_LENGTH]
    return {"generatedAt": at, "seqNo": 0, "tbc": False, "eventData": [event]}
