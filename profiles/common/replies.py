"""Answers with a status and, where something is refused, the reason (StatusInfoType, OCPP 2.0.1 Part 2, 2.46)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.contracts import Reply
from gateway.model.commands import Verdict

if TYPE_CHECKING:
    from gateway.contracts import Json
    from gateway.model.commands import Outcome

INFO_LENGTH = 512
ACCEPTED = Reply(payload={"status": "Accepted"})

_REASONS = {
    Verdict.UNSUPPORTED: "UnsupportedRequest",
    Verdict.UNREACHABLE: "InternalError",
    Verdict.UNANSWERED: "InternalError",
}


def status_info(reason: str, info: str = "") -> Json:
    """Reason code (Part 2 Appendices, 5) and details, cut to the schema's length."""
    return {"reasonCode": reason, "additionalInfo": info[:INFO_LENGTH]} if info else {"reasonCode": reason}


def refused(reason: str, info: str = "", *, status: str = "Rejected") -> Reply:
    """A refusal with its reason."""
    return Reply(payload={"status": status, "statusInfo": status_info(reason, info)})


def refused_by(outcome: Outcome, *, status: str = "Rejected") -> Reply:
    """A refusal as the station, or the way to it, gave it."""
    return refused(_REASONS.get(outcome.verdict, "Unspecified"), outcome.reason or outcome.verdict.value, status=status)
