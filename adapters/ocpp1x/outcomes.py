"""What a station's answer, or the lack of one, means for a command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.ocpp1x.fields import text
from gateway.model.commands import Outcome, Verdict

if TYPE_CHECKING:
    from adapters.ocpp1x.fields import Fields
    from gateway.model.errors import GatewayError

_UNREACHABLE = {
    "callback-unknown", "station-busy", "station-url-unusable", "station-unreachable",
}  # fmt: skip
_UNANSWERED = {"station-timeout", "station-answer-malformed"}
_STATUS = {
    "Accepted": Verdict.ACCEPTED,
    "AcceptedCanceled": Verdict.ACCEPTED,
    "Scheduled": Verdict.SCHEDULED,
    "RebootRequired": Verdict.REBOOT_REQUIRED,
    "Faulted": Verdict.FAULTED,
    "Occupied": Verdict.OCCUPIED,
    "Unavailable": Verdict.UNAVAILABLE,
    "UnknownVendorId": Verdict.UNKNOWN,
    "UnknownMessageId": Verdict.UNKNOWN_MESSAGE,
    "NotImplemented": Verdict.UNSUPPORTED,
    "Unlocked": Verdict.ACCEPTED,
    "VersionMismatch": Verdict.VERSION_MISMATCH,
}
_LATER = (Verdict.ACCEPTED, Verdict.SCHEDULED)
_NOT_DONE = {"notsupported", "notimplemented"}


def outcome_of(answer: Fields, *, not_supported: Verdict = Verdict.UNSUPPORTED) -> Outcome:
    """The outcome that a status stands for; a status that no version knows is a refusal."""
    status = text(answer, "status") or ""
    if status == "NotSupported":
        return Outcome(verdict=not_supported, reason=status)
    verdict = _STATUS.get(status, Verdict.REJECTED)
    reason = "" if verdict in _LATER else status or "no status"
    return Outcome(verdict=verdict, reason=reason)


def outcome_of_failure(error: GatewayError) -> Outcome:
    """The outcome of a call that brought no answer, or one that is none."""
    details = [str(error.params[name]) for name in ("subcode", "reason", "field") if error.params.get(name)]
    if error.code == "station-refused":
        details.insert(0, f"HTTP {error.params.get('status')}")
    reason = ": ".join([error.code.replace("-", " "), *details])
    if error.code in _UNREACHABLE:
        return Outcome(verdict=Verdict.UNREACHABLE, reason=reason)
    if error.code in _UNANSWERED:
        return Outcome(verdict=Verdict.UNANSWERED, reason=reason)
    if error.code == "operation-unknown":
        return Outcome(verdict=Verdict.UNSUPPORTED, reason=reason)
    if error.code == "station-fault" and str(error.params.get("subcode")).casefold() in _NOT_DONE:
        return Outcome(verdict=Verdict.UNSUPPORTED, reason=reason)
    return Outcome(verdict=Verdict.REJECTED, reason=reason)
