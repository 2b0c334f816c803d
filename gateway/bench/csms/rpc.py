"""Frames of OCPP-J (OCPP 2.0.1 part 4, section 4.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from gateway.bench.csms.ledger import CallError

if TYPE_CHECKING:
    from gateway.bench.csms.ledger import Payload

CALL = 2
CALL_RESULT = 3
CALL_ERROR = 4
UNKNOWN_ID = "-1"
_MAX_ID = 36
_CALL_LENGTH = 4
_RESULT_LENGTH = 3
_ERROR_LENGTH = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A frame that was received.

    Args:
        kind: 2, 3 or 4; 0 for one that cannot be used, which ``problem`` explains.
        message_id: its message id, ``-1`` if it cannot be read.
        action: of a CALL.
        payload: of a CALL or CALLRESULT.
        error: of a CALLERROR.
        problem: the CALLERROR that a frame of kind 0 deserves.
    """

    kind: int
    message_id: str
    action: str = ""
    payload: Payload | None = None
    error: CallError | None = None
    problem: CallError | None = None


def read(text: str) -> Frame:
    """Read a frame; what is no frame comes back as kind 0."""
    try:
        parts = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return _bad(UNKNOWN_ID, "RpcFrameworkError", f"not JSON: {error}")
    if not isinstance(parts, list) or len(parts) < _RESULT_LENGTH or not isinstance(parts[1], str):
        return _bad(UNKNOWN_ID, "RpcFrameworkError", "not an OCPP-J message")
    kind, message_id = parts[0], parts[1]
    if len(message_id) > _MAX_ID:
        return _bad(UNKNOWN_ID, "RpcFrameworkError", "the message id is longer than 36 characters")
    if kind == CALL and len(parts) == _CALL_LENGTH and isinstance(parts[2], str) and isinstance(parts[3], dict):
        return Frame(kind=CALL, message_id=message_id, action=parts[2], payload=parts[3])
    if kind == CALL_RESULT and len(parts) == _RESULT_LENGTH and isinstance(parts[2], dict):
        return Frame(kind=CALL_RESULT, message_id=message_id, payload=parts[2])
    if kind == CALL_ERROR and len(parts) == _ERROR_LENGTH and isinstance(parts[4], dict):
        refusal = CallError(code=str(parts[2]), description=str(parts[3]), details=parts[4])
        return Frame(kind=CALL_ERROR, message_id=message_id, error=refusal)
    if kind in {CALL, CALL_RESULT, CALL_ERROR}:
        return _bad(message_id, "RpcFrameworkError", "a message of this type has other elements")
    return _bad(message_id, "MessageTypeNotSupported", f"message type {kind!r}")


def call(message_id: str, action: str, payload: Payload) -> str:
    """Write a CALL."""
    return orjson.dumps([CALL, message_id, action, payload]).decode()


def call_result(message_id: str, payload: Payload) -> str:
    """Write a CALLRESULT."""
    return orjson.dumps([CALL_RESULT, message_id, payload]).decode()


def call_error(message_id: str, error: CallError) -> str:
    """Write a CALLERROR."""
    return orjson.dumps([CALL_ERROR, message_id, error.code, error.description[:255], error.details]).decode()


def _bad(message_id: str, code: str, description: str) -> Frame:
    return Frame(kind=0, message_id=message_id, problem=CallError(code=code, description=description))
