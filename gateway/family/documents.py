"""Values inside a JSON document, or a plain text that is a value itself. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gateway.family.pointer import get, put

if TYPE_CHECKING:
    from gateway.family.points import PathPoint
    from gateway.family.value import Scalar, Value


def read(text: str) -> object:
    """The document that a message holds: decoded JSON, or the text itself where it is none.

    Blanks at the end of a name are no part of it (KEBA fills names in some of its reports).
    """
    try:
        return json.loads(text, object_pairs_hook=lambda pairs: {name.rstrip(): value for name, value in pairs})
    except (ValueError, RecursionError):
        return text


def decode(point: PathPoint, document: object) -> Value:
    """The raw value of a point; a place that the document lacks is None, an array of single values is a tuple.

    Args:
        point: The point.
        document: Decoded JSON, or the text itself for a point without a pointer.

    Raises:
        GatewayError: ``pointer-syntax``.
    """
    if isinstance(point.ptr, tuple):
        return tuple(_scalar(get(document, each)) for each in point.ptr)
    found = get(document, point.ptr)
    if isinstance(found, list):
        return tuple(_scalar(each) for each in found)
    return _scalar(found)


def encode(point: PathPoint, raw: Value, document: object) -> object:
    """The document with a raw value at the point's place; what is missing on the way is built.

    Raises:
        GatewayError: ``pointer-syntax`` or ``pointer-conflict``, as ``gateway.family.pointer.put``.
    """
    if isinstance(point.ptr, tuple):
        row = raw if isinstance(raw, tuple) else (raw,) * len(point.ptr)
        for pointer, each in zip(point.ptr, row, strict=True):
            document = put(document, pointer, each)
        return document
    if not point.ptr and not isinstance(raw, tuple):
        return plain(raw)
    return put(document, point.ptr, list(raw) if isinstance(raw, tuple) else raw)


def plain(raw: Scalar) -> str:
    """A single value as the plain text of a message."""
    if isinstance(raw, bool):
        return str(raw).lower()
    return "" if raw is None else str(raw)


def _scalar(found: object) -> Scalar:
    """None for what is absent, and for what is no single value."""
    return found if isinstance(found, str | int | float) else None
