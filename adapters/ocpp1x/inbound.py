"""What a station reports or asks, besides its transactions: requests become events, and their answers are local."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from adapters.ocpp1x.fields import Deviation, integer, moment, text
from adapters.ocpp1x.inbound_security import SECURITY_HANDLERS
from adapters.ocpp1x.inbound_transactions import meter_values, start_transaction, stop_transaction
from adapters.ocpp1x.progress import firmware_progress, log_progress
from adapters.ocpp1x.stages import OCCUPIED, stage_of
from gateway.model.commands import Verdict
from gateway.model.events import (
    ConnectorChanged,
    LogStatus,
    StationBooted,
    TransactionUpdated,
)
from gateway.model.evse import ConnectorStatus
from gateway.model.ids import Place
from gateway.model.plug_and_charge import VENDOR, emaid_of, payload_of
from gateway.model.problems import NO_ERROR, fault_of
from gateway.model.station import StationIdentity
from gateway.model.tokens import Token, TokenType
from gateway.model.transactions import TriggerReason

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from adapters.ocpp1x.exchange import Exchange, Handler
    from adapters.ocpp1x.fields import Fields
    from gateway.model.evse import Fault

_STATUS = {status.value: status for status in ConnectorStatus}
_LOGS = {
    "Uploaded": LogStatus.UPLOADED,
    "UploadFailed": LogStatus.UPLOAD_FAILURE,
    "Uploading": LogStatus.UPLOADING,
}
_VENDOR_ANSWER = {Verdict.UNKNOWN: "UnknownVendorId", Verdict.UNKNOWN_MESSAGE: "UnknownMessageId"}


async def boot_notification(exchange: Exchange) -> Fields:
    """BootNotification (1.5, 4.2): a station may always charge, whatever the backend says of it later."""
    fields = exchange.fields
    identity = StationIdentity(
        vendor=text(fields, "chargePointVendor") or "",
        model=text(fields, "chargePointModel") or "",
        serial=text(fields, "chargePointSerialNumber") or "",
        box_serial=text(fields, "chargeBoxSerialNumber") or "",
        firmware=text(fields, "firmwareVersion") or "",
        iccid=text(fields, "iccid") or "",
        imsi=text(fields, "imsi") or "",
        meter_type=text(fields, "meterType") or "",
        meter_serial=text(fields, "meterSerialNumber") or "",
    )
    peer = exchange.peer
    state = exchange.hub.station(peer.id)
    asked = exchange.tick < peer.boot_asked_until and state.reset is None and state.identity == identity
    if not asked:
        peer.restarted()
        await exchange.hub.publish(StationBooted(station=peer.id, at=exchange.now, identity=identity))
        peer.stages.clear()
    peer.boot_asked_until = 0.0
    peer.booted.set()
    return {
        "status": "Accepted",
        "currentTime": exchange.now,
        peer.dialect.interval: exchange.patience.heartbeat,
    }


async def heartbeat(exchange: Exchange) -> Fields:
    """Heartbeat (1.5, 4.6): the box's own affair."""
    return {"currentTime": exchange.now}


async def authorize(exchange: Exchange) -> Fields:
    """Authorize (1.5, 4.1)."""
    peer = exchange.peer
    id_tag = text(exchange.fields, "idTag") or ""
    if not id_tag:
        return {"idTagInfo": {"status": "Invalid"}}
    found = await exchange.hub.authorize(
        Place(station=peer.id), exchange.token(id_tag), patience=exchange.patience.authorize
    )
    if found.token is not None:
        peer.tokens.learn(found.token)
    return {"idTagInfo": peer.tokens.id_tag_info(found, exchange.now)}


async def status_notification(exchange: Exchange) -> Fields:
    """StatusNotification (1.5, 4.9); connector 0 is the station."""
    fields = exchange.fields
    stamp = moment(fields, "timestamp")
    exchange.observe_clock(stamp)
    place = exchange.peer.connectors.place(integer(fields, "connectorId") or 0)
    status = _status(exchange, place)
    fault = _fault(fields, status)
    at = exchange.time(stamp)
    changed = ConnectorChanged(place=place, at=at, status=status, faults=(fault,) if fault else ())
    await exchange.hub.publish(changed, *_stage(exchange, place, at))
    return {}


def _stage(exchange: Exchange, place: Place, at: datetime) -> tuple[TransactionUpdated, ...]:
    """The state of charging that the status tells (1.6, 4.9), as a step of the transaction that runs there."""
    stage = stage_of(text(exchange.fields, "status") or "")
    if stage is None or not place.evse:
        exchange.peer.stages.pop(place, None)
        return ()
    exchange.peer.stages[place] = stage
    running = exchange.hub.station(exchange.peer.id).transaction_at(place.evse)
    if running is None or running.connector != place.connector or at < running.started_at:
        return ()
    if running.charging_state is stage:
        return ()
    step = TransactionUpdated(
        place=place,
        at=at,
        number=running.number,
        trigger=TriggerReason.CHARGING_STATE_CHANGED,
        charging_state=stage,
    )
    return (step,)


def _status(exchange: Exchange, place: Place) -> ConnectorStatus:
    """The reported status; one that cannot be understood leaves the connector as it was."""
    given = text(exchange.fields, "status") or ""
    known = _STATUS.get(given)
    if known is not None:
        return known
    if given.casefold() in OCCUPIED:
        return ConnectorStatus.OCCUPIED
    if (text(exchange.fields, "errorCode") or NO_ERROR) != NO_ERROR:
        return ConnectorStatus.FAULTED
    before = exchange.hub.station(exchange.peer.id).connector(place.evse, place.connector)
    return before.reported if before else ConnectorStatus.AVAILABLE


def _fault(fields: Fields, status: ConnectorStatus) -> Fault | None:
    code = text(fields, "errorCode") or NO_ERROR
    vendor, vendor_code = text(fields, "vendorId") or "", text(fields, "vendorErrorCode") or ""
    if code == NO_ERROR and status is ConnectorStatus.FAULTED:
        code = "OtherError"  # the station itself says that something is wrong
    info = " ".join(part for part in (text(fields, "info") or "", f"[{vendor}]" if vendor else "") if part)
    return fault_of(code, vendor_code=vendor_code, info=info)


async def firmware_status_notification(exchange: Exchange) -> Fields:
    """FirmwareStatusNotification (1.5, 4.5)."""
    await firmware_progress(exchange)
    return {}


async def diagnostics_status_notification(exchange: Exchange) -> Fields:
    """DiagnosticsStatusNotification (1.5, 4.4)."""
    await log_progress(exchange, _LOGS)
    return {}


async def data_transfer(exchange: Exchange) -> Fields:
    """DataTransfer (1.5, 4.3): the content is the vendor's and is passed on as it is."""
    fields = exchange.fields
    try:
        async with asyncio.timeout(exchange.patience.vendor):
            outcome = await exchange.hub.vendor_message(
                exchange.peer.id, text(fields, "vendorId") or "", text(fields, "messageId"), text(fields, "data")
            )
    except TimeoutError:
        exchange.note(Deviation(code="vendor-message-unanswered", path="DataTransfer"))
        return {"status": "Rejected"}
    if outcome.accepted:
        _learn_contract(exchange)
    answer: Fields = {
        "status": "Accepted" if outcome.accepted else _VENDOR_ANSWER.get(outcome.verdict, "Rejected"),
    }
    if outcome.data is not None:
        answer["data"] = outcome.data
    return answer


def _learn_contract(exchange: Exchange) -> None:
    """A token that has been asked about as a contract stays one, when the station starts with it."""
    vendor, message = text(exchange.fields, "vendorId") or "", text(exchange.fields, "messageId")
    if vendor.strip().casefold() == VENDOR and message == "Authorize":
        emaid = emaid_of(payload_of(text(exchange.fields, "data")) or {})
        if emaid:
            exchange.peer.tokens.learn(Token(value=emaid, type=TokenType.EMAID))


HANDLERS: Mapping[str, Handler] = {
    **SECURITY_HANDLERS,
    "Authorize": authorize,
    "BootNotification": boot_notification,
    "DataTransfer": data_transfer,
    "DiagnosticsStatusNotification": diagnostics_status_notification,
    "FirmwareStatusNotification": firmware_status_notification,
    "Heartbeat": heartbeat,
    "MeterValues": meter_values,
    "StartTransaction": start_transaction,
    "StatusNotification": status_notification,
    "StopTransaction": stop_transaction,
}

RECORDS = frozenset({"StartTransaction", "StopTransaction", "MeterValues"})
"""Reports that are never answered with a fault: a station that gets one drops the record (1.5, 8.2)."""
