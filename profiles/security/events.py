"""Security events (OCPP 2.0.1 Part 2, A04; Appendices 1, "Security Events"): which are told, and which only noted. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.contracts import SECURITY_EVENTS, Message
from gateway.model.changes import BootReason
from gateway.model.device import timestamp

if TYPE_CHECKING:
    from datetime import datetime

    from gateway.contracts import Json

STARTED, RESET = "StartupOfTheDevice", "ResetOrReboot"
RECONFIGURED = "ReconfigurationOfSecurityParameters"
LOG_CLEARED = "SecurityLogWasCleared"
INVALID_CERTIFICATE = "InvalidChargingStationCertificate"

NOT_CRITICAL = frozenset(
    {
        "AttemptedReplayAttacks",
        "CsmsFailedToAuthenticate",
        "FailedToAuthenticateAtCsms",
        "InvalidMessages",
        RECONFIGURED,
    }
)
"""Standard events that the CSMS need not hear of. What the standard does not know may matter, so it is told."""

_RESETS = frozenset(BootReason) - {BootReason.POWER_UP, BootReason.TRIGGERED, BootReason.UNKNOWN}


def events_of_start(reason: BootReason) -> tuple[str, ...]:
    """The events that a start of the station is."""
    return (STARTED, RESET) if reason in _RESETS else (STARTED,)


def message(event: str, at: datetime, info: str = "") -> Message | None:
    """SecurityEventNotification (Part 2, 1.51) of a critical event; None where it is only for the log.

    The schema allows 50 characters of type and 255 of further information.
    """
    if event in NOT_CRITICAL:
        return None
    payload: Json = {"type": event[:50], "timestamp": timestamp(at)}
    if info:
        payload["techInfo"] = info[:255]
    # A stream of its own: one that gets no answer is tried again, and holds up nothing else.
    return Message(action="SecurityEventNotification", payload=payload, stream=SECURITY_EVENTS)
