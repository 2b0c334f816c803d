"""How the CSMS answers each action, unless it is told otherwise."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from gateway.bench.csms.ledger import CallError, Record

if TYPE_CHECKING:
    from gateway.bench.csms.ledger import Payload
    from gateway.bench.csms.settings import BootPolicy

_EMPTY = frozenset(
    {
        "ClearedChargingLimit",
        "FirmwareStatusNotification",
        "LogStatusNotification",
        "MeterValues",
        "NotifyChargingLimit",
        "NotifyCustomerInformation",
        "NotifyDisplayMessages",
        "NotifyEvent",
        "NotifyMonitoringReport",
        "NotifyReport",
        "PublishFirmwareStatusNotification",
        "ReportChargingProfiles",
        "ReservationStatusUpdate",
        "SecurityEventNotification",
        "StatusNotification",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """No answer at all.

    Args:
        drop: close the connection instead.
        stored: whether the CSMS has taken the message in, so that only its answer is lost.
    """

    drop: bool = False
    stored: bool = True


Answer: TypeAlias = dict[str, Any] | CallError | Silence | None
"""What a hook gives: a payload, a CALLERROR, silence, or None for the usual answer."""

Hook: TypeAlias = Callable[[Record], Answer | Awaitable[Answer]]
"""Decides the answer to one message."""


def now() -> str:
    """Give the time as OCPP writes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def usual(record: Record, boot: BootPolicy, token_status: Callable[[str], str]) -> Payload | CallError:
    """Give the usual answer to a valid message.

    Args:
        record: the message.
        boot: how this station's BootNotification is answered.
        token_status: authorization status of a token.
    """
    payload = record.payload
    if record.action == "BootNotification":
        return {"currentTime": now(), "interval": boot.interval, "status": boot.status}
    if record.action == "Heartbeat":
        return {"currentTime": now()}
    if record.action == "Authorize":
        return {"idTokenInfo": {"status": token_status(payload["idToken"]["idToken"])}}
    if record.action == "TransactionEvent":
        if "idToken" not in payload:
            return {}
        return {"idTokenInfo": {"status": token_status(payload["idToken"]["idToken"])}}
    if record.action == "DataTransfer":
        return {"status": "Accepted" if payload["vendorId"] == "bench" else "UnknownVendorId"}
    if record.action == "SignCertificate":
        return {"status": "Accepted"}
    if record.action in _EMPTY:
        return {}
    return CallError(code="NotSupported", description=f"{record.action} is not supported here")
