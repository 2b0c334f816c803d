"""JSON pointers (RFC 6901): where in a document a value is."""

from __future__ import annotations

import re
from enum import Enum
from typing import Final

from gateway.model.errors import GatewayError

_INDEX = re.compile(r"0|[1-9][0-9]{0,3}")  # a list of 10 000 is no answer of a station
_ESCAPE = re.compile(r"~([01])")
_BAD_ESCAPE = re.compile(r"~(?![01])")


class Missing(Enum):
    """Type of ``MISSING``; apart from None, which is JSON's null."""

    MISSING = "missing"


MISSING: Final = Missing.MISSING
"""There is no such place in the document."""


def tokens(pointer: str) -> tuple[str, ...]:
    """The parts of a pointer, unescaped; () for the whole document.

    Raises:
        GatewayError: ``pointer-syntax``.
    """
    if not pointer:
        return ()
    if not pointer.startswith("/") or _BAD_ESCAPE.search(pointer):
        raise GatewayError("pointer-syntax", pointer=pointer)
    return tuple(_ESCAPE.sub(lambda found: "~/"[int(found[1])], part) for part in pointer[1:].split("/"))


def get(document: object, pointer: str) -> object:
    """The value at a place of a decoded JSON document, or ``MISSING``.

    Raises:
        GatewayError: ``pointer-syntax``.
    """
    here = document
    for token in tokens(pointer):
        if isinstance(here, dict):
            here = here.get(token, MISSING)
        elif isinstance(here, list):
            here = here[int(token)] if _INDEX.fullmatch(token) and int(token) < len(here) else MISSING
        else:
            return MISSING
    return here


def put(document: object, pointer: str, value: object) -> object:
    """Write a value to a place and give the document back; what is missing on the way is built.

    A number (or "-", behind the last) makes a list where there is nothing or None yet; a list is filled with None up to
    the place. Lists and dicts that are there are changed in place.

    Raises:
        GatewayError: ``pointer-syntax``, or ``pointer-conflict`` where something else than a dict or a list is in the
            way, or no index is where one must be.
    """
    return _put(document, tokens(pointer), value, pointer)


def _put(here: object, parts: tuple[str, ...], value: object, pointer: str) -> object:
    if not parts:
        return value
    part, rest = parts[0], parts[1:]
    if here is None:
        here = [] if _index(part, 0) is not None else {}
    if isinstance(here, dict):
        here[part] = _put(here.get(part), rest, value, pointer)
        return here
    index = _index(part, len(here)) if isinstance(here, list) else None
    if index is None or not isinstance(here, list):
        raise GatewayError("pointer-conflict", pointer=pointer)
    here.extend([None] * (index + 1 - len(here)))
    here[index] = _put(here[index], rest, value, pointer)
    return here


def _index(part: str, length: int) -> int | None:
    if part == "-":
        return length
    return int(part) if _INDEX.fullmatch(part) else None
