"""A decoded payload: plain values under OCPP's own names, however the message came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

Value: TypeAlias = "str | int | float | bool | datetime | list[Value] | dict[str, Value]"
Fields: TypeAlias = "dict[str, Value]"
"""A payload; what is absent or empty has no key, times are aware datetimes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """One difference from the standard that was tolerated.

    ``code`` is kebab-case, ``path`` names the element ("values/value@unit"), ``raw`` is what was sent (shortened).
    """

    code: str
    path: str
    raw: str = ""


def text(fields: Mapping[str, Value], name: str) -> str | None:
    """Give a string (or enumeration) field."""
    value = fields.get(name)
    return value if isinstance(value, str) else None


def integer(fields: Mapping[str, Value], name: str) -> int | None:
    """Give an integer field."""
    value = fields.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def flag(fields: Mapping[str, Value], name: str) -> bool | None:
    """Give a boolean field."""
    value = fields.get(name)
    return value if isinstance(value, bool) else None


def moment(fields: Mapping[str, Value], name: str) -> datetime | None:
    """Give a dateTime field, in UTC."""
    value = fields.get(name)
    return value if isinstance(value, datetime) else None


def record(fields: Mapping[str, Value], name: str) -> Fields:
    """Give a structured field; empty when it is absent."""
    value = fields.get(name)
    return value if isinstance(value, dict) else {}


def records(fields: Mapping[str, Value], name: str) -> list[Fields]:
    """Give a repeated structured field; empty when it is absent."""
    value = fields.get(name)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def texts(fields: Mapping[str, Value], name: str) -> list[str]:
    """Give a repeated string field; empty when it is absent."""
    value = fields.get(name)
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
