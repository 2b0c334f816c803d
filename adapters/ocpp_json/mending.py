"""Make of a payload what its sender has meant, by its schema: numbers as text, other capitals, nulls, unknown members."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import orjson

from adapters.ocpp1x.fields import Deviation

if TYPE_CHECKING:
    from gateway.contracts import Json

_NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.\d{0,15})?", re.ASCII)
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_LARGEST = 2**53
_MAX_NOTES = 50
_RAW_SHOWN = 100
_DROPPED = object()


def mend(schema: Json, payload: Json) -> tuple[Json, tuple[Deviation, ...]]:
    """Mend a payload.

    Args:
        schema: of the message; where it says nothing, nothing is changed.
        payload: as decoded; it is not changed.

    Returns:
        What was meant, and what was not as it should be. What cannot be mended stays as it is.
    """
    mender = _Mender()
    return mender.record(schema, payload, ""), tuple(mender.notes)


class _Mender:
    """One pass over one payload."""

    __slots__ = ("notes",)

    def __init__(self) -> None:
        self.notes: list[Deviation] = []

    def record(self, schema: Json, given: Json, path: str) -> Json:
        known: Json = schema.get("properties", {})
        closed = schema.get("additionalProperties") is False
        found: Json = {}
        for key, value in given.items():
            name = key if key in known else _meant(key, known)
            where = f"{path}{name}"
            if name not in known and closed:
                self._note("element-unknown", where, value)
                continue
            mended = self._value(known.get(name, {}), value, where)
            if mended is not _DROPPED:
                found.setdefault(name, mended)
        return found

    def _value(self, schema: Json, value: Any, path: str) -> Any:  # noqa: ANN401 - any JSON value
        if value is None:
            self._note("null", path, "")
            return _DROPPED
        match schema.get("type"):
            case "object" if isinstance(value, dict):
                return self.record(schema, value, path + "/")
            case "array":
                items = value if isinstance(value, list) else [value]
                if items is not value:
                    self._note("not-a-list", path, value)
                each = [self._value(schema.get("items", {}), item, path) for item in items]
                return [item for item in each if item is not _DROPPED]
            case "integer" | "number":
                return self._number(value, path, whole=schema["type"] == "integer")
            case "boolean" if isinstance(value, str) and value.strip().casefold() in _BOOLEANS:
                self._note("boolean-as-text", path, value)
                return _BOOLEANS[value.strip().casefold()]
            case "string":
                return self._text(schema, value, path)
            case _:
                return value

    def _number(self, value: Any, path: str, *, whole: bool) -> Any:  # noqa: ANN401 - any JSON value
        number = value
        if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
            self._note("number-as-text", path, value)
            number = float(value) if "." in value else int(value)
        if isinstance(number, bool) or not isinstance(number, int | float):
            return value
        if abs(number) >= _LARGEST:
            self._note("number-range", path, value)
            return _DROPPED
        if whole and isinstance(number, float):
            if not number.is_integer():
                self._note("number-fraction", path, value)
            return int(number)
        return number

    def _text(self, schema: Json, value: Any, path: str) -> Any:  # noqa: ANN401 - any JSON value
        if isinstance(value, int | float) and not isinstance(value, bool):
            self._note("text-as-number", path, value)
            value = str(value) if isinstance(value, int) else format(Decimal(repr(value)), "f")
        if isinstance(value, dict | list) and not schema.keys() & {"maxLength", "enum", "format"}:
            # Vendors put objects where their own text is to be.
            self._note("text-as-structure", path, "")
            return orjson.dumps(value).decode()
        choices = schema.get("enum")
        if not isinstance(value, str) or choices is None or value in choices:
            return value
        folded = value.strip().casefold()
        meant = next((choice for choice in choices if choice.casefold() == folded), None)
        self._note("enum-unknown" if meant is None else "enum-spelling", path, value)
        return value if meant is None else meant

    def _note(self, code: str, path: str, raw: object) -> None:
        if len(self.notes) < _MAX_NOTES:
            self.notes.append(Deviation(code=code, path=path, raw=str(raw)[:_RAW_SHOWN]))


def _meant(key: str, known: Json) -> str:
    """The member that a name in other capitals stands for; the name itself if there is none."""
    folded = key.casefold()
    return next((name for name in known if name.casefold() == folded), key)
