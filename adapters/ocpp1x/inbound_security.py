"""What a station with the security extension of OCPP 1.6 reports (white paper, editions 2 and 3, chapter 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.ocpp1x.fields import Deviation, moment, text
from adapters.ocpp1x.progress import firmware_progress, log_progress
from gateway.model.events import LogStatus, SecurityReported

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adapters.ocpp1x.exchange import Exchange, Handler
    from adapters.ocpp1x.fields import Fields

_TYPE_LENGTH = 50
_INFO_LENGTH = 255
_LOGS = {
    "BadMessage": LogStatus.BAD_MESSAGE,
    "NotSupportedOperation": LogStatus.NOT_SUPPORTED_OPERATION,
    "PermissionDenied": LogStatus.PERMISSION_DENIED,
    "Uploaded": LogStatus.UPLOADED,
    "UploadFailed": LogStatus.UPLOAD_FAILURE,
    "UploadFailure": LogStatus.UPLOAD_FAILURE,
    "Uploading": LogStatus.UPLOADING,
}


async def security_event(exchange: Exchange) -> Fields:
    """SecurityEventNotification (A04)."""
    fields = exchange.fields
    event = SecurityReported(
        station=exchange.peer.id,
        at=exchange.time(moment(fields, "timestamp")),
        type=(text(fields, "type") or "")[:_TYPE_LENGTH],
        info=(text(fields, "techInfo") or "")[:_INFO_LENGTH],
    )
    await exchange.hub.publish(event)
    return {}


async def log_status(exchange: Exchange) -> Fields:
    """LogStatusNotification (N01)."""
    await log_progress(exchange, _LOGS)
    return {}


async def signed_firmware_status(exchange: Exchange) -> Fields:
    """SignedFirmwareStatusNotification (L01)."""
    await firmware_progress(exchange)
    return {}


async def sign_certificate(exchange: Exchange) -> Fields:
    """SignCertificate (A02, A03): the box is no certification authority."""
    exchange.note(Deviation(code="certificate-not-signed", path="SignCertificate"))
    return {"status": "Rejected"}


SECURITY_HANDLERS: Mapping[str, Handler] = {
    "LogStatusNotification": log_status,
    "SecurityEventNotification": security_event,
    "SignCertificate": sign_certificate,
    "SignedFirmwareStatusNotification": signed_firmware_status,
}
