"""OCPP-J frames (OCPP-J 1.6, chapter 4): text to typed frames and back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from gateway.contracts import Json

_DESCRIPTION_LENGTH = 255
_CALL_LENGTH = 4
_LONGEST_ID = 128
"""36 characters by 4.1.4; what is a little longer is understood, and what is much longer is not carried back."""

_DEEPEST = 16
"""No message of OCPP 1.6 goes half as deep as this."""


class _Kind(IntEnum):
    CALL = 2
    RESULT = 3
    ERROR = 4


class ErrorCode(StrEnum):
    """Error codes as OCPP-J 1.6 spells them (4.2.3, table 7)."""

    FORMATION_VIOLATION = "FormationViolation"
    GENERIC_ERROR = "GenericError"
    INTERNAL_ERROR = "InternalError"
    NOT_IMPLEMENTED = "NotImplemented"
    OCCURRENCE_CONSTRAINT_VIOLATION = "OccurenceConstraintViolation"
    PROPERTY_CONSTRAINT_VIOLATION = "PropertyConstraintViolation"
    TYPE_CONSTRAINT_VIOLATION = "TypeConstraintViolation"


@dataclass(frozen=True, slots=True)
class Call:
    """A request."""

    id: str
    action: str
    payload: Json


@dataclass(frozen=True, slots=True)
class Result:
    """The answer to a request that was handled."""

    id: str
    payload: Json


@dataclass(frozen=True, slots=True)
class Error:
    """The answer to a request that was not handled; ``code`` is what the peer sent, standard or not."""

    id: str
    code: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Bad:
    """Text that is no frame; ``id`` is that of a CALL that can be answered with a CALLERROR, else None."""

    id: str | None
    reason: str


Frame = Call | Result | Error | Bad


def decode(text: bytes) -> Frame:
    """Read one frame. Never raises."""
    try:
        parts = orjson.loads(text)
    except ValueError:
        return Bad(None, "not JSON")
    if not isinstance(parts, list) or not parts:
        return Bad(None, "not an array")
    id_ = _id(parts)
    if id_ is None:
        return Bad(None, "no message id")
    match parts[0]:
        case _Kind.CALL:
            return _call(id_, parts)
        case _Kind.RESULT:
            payload = parts[2] if len(parts) > 2 else None  # noqa: PLR2004 - type, id, payload
            return Result(id_, payload if isinstance(payload, dict) and not _too_deep(payload) else {})
        case _Kind.ERROR:
            texts = [part if isinstance(part, str) else "" for part in (*parts[2:4], "", "")]
            return Error(id_, texts[0] or ErrorCode.GENERIC_ERROR, texts[1])
        case _:
            return Bad(None, "unknown message type")  # to be ignored (4.1.3)


def _id(parts: list[object]) -> str | None:
    """The message id; some stations write a number."""
    given = parts[1] if len(parts) > 1 else None
    if isinstance(given, int) and not isinstance(given, bool):
        given = str(given)
    return given if isinstance(given, str) and 0 < len(given) <= _LONGEST_ID else None


def _call(id_: str, parts: list[object]) -> Call | Bad:
    action = parts[2] if len(parts) > 2 else None  # noqa: PLR2004 - type, id, action
    if not isinstance(action, str) or len(parts) > _CALL_LENGTH:
        return Bad(id_, "not a CALL of four elements")
    payload = parts[3] if len(parts) == _CALL_LENGTH else None
    if payload is None:
        payload = {}  # both are allowed for "nothing" (4.2.1)
    if not isinstance(payload, dict):
        return Bad(id_, "payload is no object")
    if _too_deep(payload):
        return Bad(id_, "payload is nested too deeply")
    return Call(id_, action, payload)


def _too_deep(value: object, left: int = _DEEPEST) -> bool:
    """Tell whether a value is nested deeper than anything that a schema check should have to follow."""
    if not isinstance(value, dict | list):
        return False
    items = value.values() if isinstance(value, dict) else value
    return left == 0 or any(_too_deep(item, left - 1) for item in items)


def encode_call(id_: str, action: str, payload: Json) -> bytes:
    """The text of a CALL."""
    return orjson.dumps([_Kind.CALL, id_, action, payload])


def encode_result(id_: str, payload: Json) -> bytes:
    """The text of a CALLRESULT."""
    return orjson.dumps([_Kind.RESULT, id_, payload])


def encode_error(id_: str, code: ErrorCode, description: str = "") -> bytes:
    """The text of a CALLERROR."""
    return orjson.dumps([_Kind.ERROR, id_, code.value, description[:_DESCRIPTION_LENGTH], {}])
