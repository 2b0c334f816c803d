"""Read the text of one element or attribute leniently, and write one strictly."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING

from adapters.ocpp1x.timestamps import format_timestamp, has_zone, parse_timestamp
from adapters.ocpp_soap.schema import Field, Type
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Callable

    from adapters.ocpp1x.fields import Value

_INTEGER = re.compile(r"[+-]?\d{1,15}", re.ASCII)
_FRACTION = re.compile(r"([+-]?\d{1,15})[.,]\d*", re.ASCII)
_DECIMAL = re.compile(r"[+-]?(?:\d{1,15}(?:[.,]\d{0,15})?|[.,]\d{1,15})", re.ASCII)
_TENTH = 1e-6
_BOOLEANS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_INT32 = 2**31


def read_scalar(field: Field, raw: str, zone: tzinfo, note: Callable[[str, str], None]) -> Value | None:
    """Make a value of what a station wrote.

    Args:
        field: what is expected.
        raw: the text, not empty.
        zone: the zone of a time that names none.
        note: told of each deviation (code, raw text).

    Returns:
        The value; None when the text says nothing.
    """
    if field.verbatim:
        return raw
    text = raw.strip()
    if not field.required and text == "null":
        note("null-text", text)
        return None
    match field.type:
        case Type.TEXT:
            return _read_text(field, text, note)
        case Type.INTEGER:
            return _read_integer(text, note)
        case Type.DECIMAL:
            return _read_decimal(text, note)
        case Type.MOMENT:
            return _read_moment(text, zone, note)
        case Type.BOOLEAN:
            value = _BOOLEANS.get(text.lower())
            if value is None:
                note("boolean-malformed", text)
            return value


def _read_integer(text: str, note: Callable[[str, str], None]) -> int | None:
    if _INTEGER.fullmatch(text):
        value = int(text)
        if not -_INT32 <= value < _INT32:
            note("number-range", text)
        return value
    decimal = _FRACTION.fullmatch(text)
    note("number-fraction" if decimal else "number-malformed", text)
    return int(decimal[1]) if decimal else None


def _read_decimal(text: str, note: Callable[[str, str], None]) -> float | None:
    if not _DECIMAL.fullmatch(text):
        note("number-malformed", text)
        return None
    if "," in text:
        note("number-comma", text)
    return float(text.replace(",", "."))


def _read_moment(text: str, zone: tzinfo, note: Callable[[str, str], None]) -> datetime | None:
    moment = parse_timestamp(text, zone)
    if moment is None:
        note("timestamp-malformed", text)
    elif not text.endswith("Z") and not has_zone(text):
        note("timestamp-no-zone", text)
    return moment


def _read_text(field: Field, text: str, note: Callable[[str, str], None]) -> str:
    if field.choices is not None:
        if text in field.choices.exact:
            return text
        meant = field.choices.by_casefold.get(text.casefold())
        note("enum-unknown" if meant is None else "enum-spelling", text)
        return text if meant is None else meant
    if field.max_length and len(text) > field.max_length:
        note("text-too-long", text)
    return text


def write_scalar(field: Field, value: Value, *, millis: bool) -> str:
    """Give the text of a value, not yet escaped.

    Raises:
        GatewayError: ``field-invalid`` when the standard does not allow it.
    """
    match field.type:
        case Type.INTEGER if isinstance(value, int) and not isinstance(value, bool) and -_INT32 <= value < _INT32:
            return str(value)
        case Type.DECIMAL if isinstance(value, (int, float)) and not isinstance(value, bool) and _in_tenths(value):
            return f"{value:.1f}"
        case Type.BOOLEAN if isinstance(value, bool):
            return "true" if value else "false"
        case Type.MOMENT if isinstance(value, datetime) and value.tzinfo is not None:
            return format_timestamp(value.astimezone(UTC), millis=millis)
        case Type.TEXT if isinstance(value, str) and _fits(field, value):
            return value
        case _:
            raise GatewayError("field-invalid", field=field.name, value=str(value)[:80])


def _in_tenths(value: float) -> bool:
    """The only decimals of OCPP over SOAP have one digit after the point (1.6, "DecimalOne")."""
    return abs(value) < _INT32 and abs(value * 10 - round(value * 10)) < _TENTH


def _fits(field: Field, value: str) -> bool:
    if field.choices is not None:
        return value in field.choices.values
    return not field.max_length or len(value) <= field.max_length
