"""Frozen dataclasses as lines of JSON: what the box and its own commands say to each other."""

from __future__ import annotations

from typing import TypeVar

import orjson

T = TypeVar("T")


def to_line(what: object) -> bytes:
    """One line of JSON."""
    return orjson.dumps(what, option=orjson.OPT_APPEND_NEWLINE)


def from_line(kind: type[T], document: bytes) -> T:
    """What ``to_line`` wrote. It takes its time: a command asks once, and the box reads an order in a thread.

    Raises:
        ValueError: the document is none of that kind.
    """
    # Most boxes are never asked for anything while they run: they do not pay for the import.
    from pydantic import TypeAdapter  # noqa: PLC0415

    return TypeAdapter(kind).validate_json(document)
