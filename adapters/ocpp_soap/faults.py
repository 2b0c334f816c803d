"""The SOAP faults that OCPP knows (1.5 chapter 8.2; OCPP-S 1.6 chapter 4), and which failure becomes which."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.model.errors import GatewayError


class FaultCode(Enum):
    """Sub-codes; the first three blame the sender, the others the receiver."""

    SECURITY_ERROR = "SecurityError"
    IDENTITY_MISMATCH = "IdentityMismatch"
    PROTOCOL_ERROR = "ProtocolError"
    INTERNAL_ERROR = "InternalError"
    NOT_SUPPORTED = "NotSupported"

    @property
    def by_sender(self) -> bool:
        """True for a Sender fault, False for a Receiver fault."""
        return self not in (FaultCode.INTERNAL_ERROR, FaultCode.NOT_SUPPORTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault to be sent; ``reason`` is a short English text for the log of the station."""

    code: FaultCode
    reason: str


_CODES = {
    "operation-unknown": FaultCode.NOT_SUPPORTED,
    "version-unknown": FaultCode.NOT_SUPPORTED,
    "xml-refused": FaultCode.SECURITY_ERROR,
    "xml-malformed": FaultCode.PROTOCOL_ERROR,
    "envelope-malformed": FaultCode.PROTOCOL_ERROR,
    "http-too-large": FaultCode.PROTOCOL_ERROR,
}


def fault_for(error: GatewayError) -> Fault:
    """Choose the fault for a failure of the wire layer; any other failure is an internal error."""
    code = _CODES.get(error.code, FaultCode.INTERNAL_ERROR)
    return Fault(code=code, reason=error.code.replace("-", " ") if error.code in _CODES else "internal error")
