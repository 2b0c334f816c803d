"""How reading or setting a variable ends (OCPP 2.0.1 Part 2, 3.41 and 3.79)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class VariableStatus(StrEnum):
    """SetVariableStatusEnumType; all but ``REBOOT_REQUIRED`` are GetVariableStatusEnumType too."""

    ACCEPTED = "Accepted"
    REJECTED = "Rejected"
    UNKNOWN_COMPONENT = "UnknownComponent"
    UNKNOWN_VARIABLE = "UnknownVariable"
    NOT_SUPPORTED_ATTRIBUTE_TYPE = "NotSupportedAttributeType"
    REBOOT_REQUIRED = "RebootRequired"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetResult:
    """The answer to a new value.

    ``reason`` is a reason code (Part 2 Appendices, 5) and ``info`` the additional information of statusInfo; both are
    "" where there is nothing to say.
    """

    status: VariableStatus
    reason: str = ""
    info: str = ""

    @property
    def accepted(self) -> bool:
        """True where the value has been, or may be, set."""
        return self.status in {VariableStatus.ACCEPTED, VariableStatus.REBOOT_REQUIRED}


@dataclass(frozen=True, slots=True, kw_only=True)
class GetResult:
    """The answer to a question for a value; ``value`` is None unless accepted."""

    status: VariableStatus
    value: str | None = None
    reason: str = ""
    info: str = ""


def rejected(reason: str, info: str = "") -> SetResult:
    """A refusal with its reason code."""
    return SetResult(status=VariableStatus.REJECTED, reason=reason, info=info)
