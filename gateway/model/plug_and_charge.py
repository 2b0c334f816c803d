"""ISO 15118 Plug & Charge with OCPP 1.6-J, as OCA's application note has it (v1.0, 2020).

Messages of OCPP 2.0.1 travel in DataTransfer: the vendor below, the message's name, and its payload as JSON text.
"""

from __future__ import annotations

import json
from typing import Any

VENDOR = "org.openchargealliance.iso15118pnc"
"""The vendorId of every such message."""

_LONGEST = 36  # IdTokenType.idToken (OCPP 2.0.1 Part 2, 2.29)


def payload_of(data: str | None) -> dict[str, Any] | None:
    """The payload in the data of a DataTransfer; None where it is no JSON object."""
    try:
        found = json.loads(data or "{}")
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def emaid_of(payload: dict[str, Any]) -> str:
    """The contract's id in an Authorize: a text, or as an IdTokenType; "" where there is none."""
    token = payload.get("idToken")
    value = token.get("idToken") if isinstance(token, dict) else token
    return value.strip() if isinstance(value, str) and len(value.strip()) <= _LONGEST else ""
