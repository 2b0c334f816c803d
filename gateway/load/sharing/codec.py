"""Messages of boxes as JSON."""

from __future__ import annotations

from dataclasses import asdict
from math import isfinite

import orjson
from pydantic import TypeAdapter

from gateway.load.sharing.messages import Grant, Lease, Message, Report

_ADAPTERS: dict[type[Message], TypeAdapter[Message]] = {
    Report: TypeAdapter(Report),
    Grant: TypeAdapter(Grant),
    Lease: TypeAdapter(Lease),
}


def encode(message: Message) -> bytes:
    """A message as it goes to the broker."""
    return orjson.dumps(asdict(message))


def decode(kind: type[Message], payload: bytes) -> Message | None:
    """A message from the broker; None if it is none of this kind."""
    try:
        raw = orjson.loads(payload)
        return _ADAPTERS[kind].validate_python(raw) if _finite(raw) else None
    except ValueError:  # of JSON, and of what it says
        return None


def _finite(raw: object) -> bool:
    """Whether all numbers in it are numbers."""
    if isinstance(raw, dict):
        return all(map(_finite, raw.values()))
    if isinstance(raw, list):
        return all(map(_finite, raw))
    return not isinstance(raw, float) or isfinite(raw)
