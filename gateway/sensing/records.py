"""What a meter has signed of the transaction that runs, as it is kept over a restart of the box. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from gateway.model.readings import Signature


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What was signed.

    Attributes:
        key: Of the transaction (``Transaction.key``); "" for none.
        begin: None: not signed, or not yet.
        end: As ``begin``.
    """

    key: str = ""
    begin: Signature | None = None
    end: Signature | None = None


def as_text(record: Record) -> str:
    """The note of a record."""
    return orjson.dumps([record.key, _row(record.begin), _row(record.end)]).decode()


def from_text(text: str) -> Record:
    """The record of a note; an empty one where there is none that can be read."""
    try:
        key, begin, end = orjson.loads(text)
        return Record(key=str(key), begin=_signature(begin), end=_signature(end))
    except (orjson.JSONDecodeError, ValueError, TypeError):
        return Record()


def _row(signature: Signature | None) -> list[str] | None:
    if signature is None:
        return None
    return [signature.data, signature.method, signature.encoding, signature.public_key]


def _signature(row: list[str] | None) -> Signature | None:
    if row is None:
        return None
    data, method, encoding, public_key = row
    return Signature(data=data, method=method, encoding=encoding, public_key=public_key)
