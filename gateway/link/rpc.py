"""OCPP-J frames (OCPP 2.0.1 Part 4, 4.2): text to typed frames and back."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

from gateway.link.jsontext import decode as decode_json
from gateway.link.jsontext import encode as encode_json

if TYPE_CHECKING:
    from gateway.contracts import Json

MAX_ID = 36
"""Longest message id (Part 4, 4.1.4)."""
MAX_DESCRIPTION = 255
UNREADABLE = "-1"
"""Message id of a CALLERROR for a message whose own id cannot be read (Part 4, 4.2.3)."""

MAX_DEPTH = 64
"""Deepest nesting of a message that is looked at; OCPP's own messages have less than ten levels."""

_CALL_LENGTH = 4
_ERROR_LENGTH = 5


class MessageType(IntEnum):
    """Message type numbers (Part 4, 4.1.3)."""

    CALL = 2
    CALLRESULT = 3
    CALLERROR = 4


class ErrorCode(StrEnum):
    """RPC framework error codes (Part 4, 4.3)."""

    FORMAT_VIOLATION = "FormatViolation"
    GENERIC_ERROR = "GenericError"
    INTERNAL_ERROR = "InternalError"
    MESSAGE_TYPE_NOT_SUPPORTED = "MessageTypeNotSupported"
    NOT_IMPLEMENTED = "NotImplemented"
    NOT_SUPPORTED = "NotSupported"
    OCCURRENCE_CONSTRAINT_VIOLATION = "OccurrenceConstraintViolation"
    PROPERTY_CONSTRAINT_VIOLATION = "PropertyConstraintViolation"
    PROTOCOL_ERROR = "ProtocolError"
    RPC_FRAMEWORK_ERROR = "RpcFrameworkError"
    SECURITY_ERROR = "SecurityError"
    TYPE_CONSTRAINT_VIOLATION = "TypeConstraintViolation"


@dataclass(frozen=True, slots=True)
class Call:
    """A request."""

    id: str
    action: str
    payload: Json


@dataclass(frozen=True, slots=True)
class CallResult:
    """The answer to a request that was handled."""

    id: str
    payload: Json


@dataclass(frozen=True, slots=True)
class CallError:
    """The answer to a request that was not handled. ``code`` is what the peer sent, standard or not."""

    id: str
    code: str
    description: str = ""
    details: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BadFrame:
    """Text that is no frame.

    ``id`` is the message id if it could be read, else None. ``answer`` is the code to answer with, or None where the
    frame claims to be an answer itself: answering answers would never end.
    """

    id: str | None
    answer: ErrorCode | None
    reason: str


Frame = Call | CallResult | CallError | BadFrame


def decode(text: bytes) -> Frame:
    """Read one frame. Never raises."""
    try:
        parts = decode_json(text)
    except ValueError:
        return BadFrame(None, ErrorCode.RPC_FRAMEWORK_ERROR, "not JSON")
    if not isinstance(parts, list) or not parts:
        return BadFrame(None, ErrorCode.RPC_FRAMEWORK_ERROR, "not an array")
    # What passes here may be walked by recursion: only a text with many brackets can nest too deeply.
    if text.count(b"[") + text.count(b"{") > MAX_DEPTH and _nests_deeper(parts, MAX_DEPTH):
        return _too_deep(parts)
    kind = parts[0]
    id_ = parts[1] if len(parts) > 1 and isinstance(parts[1], str) and parts[1] else None
    if not isinstance(kind, int) or isinstance(kind, bool):
        return BadFrame(id_, ErrorCode.RPC_FRAMEWORK_ERROR, "no message type")
    if kind == MessageType.CALL:
        return _call(id_, parts)
    if kind == MessageType.CALLRESULT:
        return _result(id_, parts)
    if kind == MessageType.CALLERROR:
        return _error(id_, parts)
    return BadFrame(id_, ErrorCode.MESSAGE_TYPE_NOT_SUPPORTED, "unknown message type")


def _nests_deeper(value: object, limit: int) -> bool:
    """Tell whether a value has more levels of lists and objects than that, without recursion."""
    level: list[object] = [value]
    for _ in range(limit + 1):
        level = [
            child
            for each in level
            if isinstance(each, dict | list)
            for child in (each.values() if isinstance(each, dict) else each)
        ]
        if not level:
            return False
    return True


def _too_deep(parts: list[object]) -> BadFrame:
    id_ = parts[1] if len(parts) > 1 and isinstance(parts[1], str) and 0 < len(parts[1]) <= MAX_ID else None
    code = ErrorCode.FORMAT_VIOLATION if parts[0] == MessageType.CALL else None
    return BadFrame(id_, code, "nested too deeply")


def _call(id_: str | None, parts: list[object]) -> Call | BadFrame:
    if id_ is None:
        return BadFrame(None, ErrorCode.RPC_FRAMEWORK_ERROR, "no message id")
    if len(id_) > MAX_ID:
        return BadFrame(id_, ErrorCode.RPC_FRAMEWORK_ERROR, "message id too long")
    if len(parts) != _CALL_LENGTH or not isinstance(parts[2], str):
        return BadFrame(id_, ErrorCode.RPC_FRAMEWORK_ERROR, "not a CALL of four elements")
    # No payload may be written as null (4.1.5).
    payload: object = {} if parts[3] is None else parts[3]
    if not isinstance(payload, dict):
        return BadFrame(id_, ErrorCode.PROTOCOL_ERROR, "payload is not an object")
    return Call(id_, parts[2], payload)


def _result(id_: str | None, parts: list[object]) -> CallResult | BadFrame:
    if id_ is None:
        return BadFrame(None, None, "CALLRESULT without message id")
    payload: object = parts[2] if len(parts) > 2 else None  # noqa: PLR2004 - id, type, payload
    payload = {} if payload is None else payload
    if not isinstance(payload, dict):
        return BadFrame(id_, None, "payload of CALLRESULT is not an object")
    return CallResult(id_, payload)


def _error(id_: str | None, parts: list[object]) -> CallError | BadFrame:
    if id_ is None:
        return BadFrame(None, None, "CALLERROR without message id")
    # A refusal is a refusal even where its explanation is missing or of a wrong type.
    padded: list[object] = [*parts[2:_ERROR_LENGTH], None, None, None]
    code, description, details = padded[0], padded[1], padded[2]
    return CallError(
        id_,
        code if isinstance(code, str) else ErrorCode.GENERIC_ERROR.value,
        description if isinstance(description, str) else "",
        details if isinstance(details, dict) else {},
    )


def encode_call(id_: str, action: str, payload: Json) -> bytes:
    """The text of a CALL.

    Raises:
        TypeError: the payload is no JSON.
        ValueError: likewise.
    """
    return encode_json([2, id_, action, payload])


def encode_result(id_: str, payload: Json) -> bytes:
    """The text of a CALLRESULT.

    Raises:
        TypeError: the payload is no JSON.
        ValueError: likewise.
    """
    return encode_json([3, id_, payload])


def encode_error(id_: str | None, code: ErrorCode, description: str = "") -> bytes:
    """The text of a CALLERROR; ``id_`` None: the id of the message could not be read."""
    return encode_json([4, UNREADABLE if id_ is None else id_, code.value, description[:MAX_DESCRIPTION], {}])
