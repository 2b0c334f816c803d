"""JSON payloads as fields, and back: the times in them are texts on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from adapters.ocpp1x.fields import Deviation
from adapters.ocpp1x.timestamps import format_timestamp, has_zone, parse_timestamp

if TYPE_CHECKING:
    from datetime import tzinfo

    from adapters.ocpp1x.fields import Fields, Value
    from gateway.contracts import Json

_TIMES = frozenset({"timestamp", "currentTime", "expiryDate"})
"""The members of what a station sends that are times."""


def to_fields(payload: Json, zone: tzinfo) -> tuple[Fields, tuple[Deviation, ...]]:
    """Give the fields of a payload, and what was not as it should be with its times.

    Args:
        payload: already mended.
        zone: of times that name none.
    """
    notes: list[Deviation] = []
    return _record(payload, zone, notes), tuple(notes)


def _record(payload: Json, zone: tzinfo, notes: list[Deviation]) -> Fields:
    found: Fields = {}
    for key, value in payload.items():
        if key in _TIMES and isinstance(value, str):
            moment = parse_timestamp(value, zone)
            if moment is None or not has_zone(value):
                notes.append(
                    Deviation(
                        code="timestamp-malformed" if moment is None else "timestamp-no-zone", path=key, raw=value[:40]
                    )
                )
            if moment is not None:
                found[key] = moment
        elif value is not None and value != []:
            found[key] = _value(value, zone, notes)
    return found


def _value(value: Any, zone: tzinfo, notes: list[Deviation]) -> Value:  # noqa: ANN401 - any JSON value
    if isinstance(value, dict):
        return _record(value, zone, notes)
    if isinstance(value, list):
        return [_value(item, zone, notes) for item in value if item is not None]
    result: Value = value
    return result


def to_json(fields: Fields, *, millis: bool) -> Json:
    """Give the payload of fields; times as UTC with "Z"."""
    return {key: _plain(value, millis=millis) for key, value in fields.items() if value != []}


def _plain(value: Value, *, millis: bool) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, datetime):
        return format_timestamp(value, millis=millis)
    if isinstance(value, dict):
        return to_json(value, millis=millis)
    if isinstance(value, list):
        return [_plain(item, millis=millis) for item in value]
    return value
