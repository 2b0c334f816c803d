"""What must not leave the box in a log: credentials, and tokens that somebody could charge with. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from gateway.model.tokens import Token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gateway.contracts import Json

HIDDEN = "***"
_SHOWN = 2
"""So many characters of a token are shown at each end: enough to tell two tokens apart, not enough to copy one."""

_LONG = 8
"""Only of a token of this length anything is shown."""

_USER = re.compile(r"(?<=://)[^/\s?#]*@")
_QUERY = re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s?#]*\?)\S+", re.IGNORECASE)
_SCHEME = re.compile(r"\b(Basic|Bearer)\s+[\w+/=.~-]+", re.IGNORECASE)
_PAIR = re.compile(
    r"(\b(?:[a-z]+[_-]?)?(?:password|passwd|secret|authkey|api[_-]?key|id_?tag|id_?token)[\"']?\s*[=:]\s*[\"']?)"
    r"([^\s\"',;}&]+)",
    re.IGNORECASE,
)


def mask(token: str) -> str:
    """A token, so that people can tell two apart and nobody can use it."""
    return f"{token[:_SHOWN]}{HIDDEN}{token[-_SHOWN:]}" if len(token) >= _LONG else HIDDEN


def scrubber(tokens: Iterable[str] = ()) -> Callable[[str], str]:
    """What takes credentials out of a text, and masks tokens in it.

    Args:
        tokens: Values of tokens that may be in the text; others are found only by the name before them.
    """
    known = sorted({token for token in tokens if token}, key=len, reverse=True)
    pattern = re.compile("|".join(rf"(?<!\w){re.escape(token)}(?!\w)" for token in known), re.IGNORECASE)

    def scrubbed(text: str) -> str:
        text = _USER.sub(f"{HIDDEN}@", text)
        text = _QUERY.sub(rf"\1{HIDDEN}", text)
        text = _SCHEME.sub(rf"\1 {HIDDEN}", text)
        text = _PAIR.sub(rf"\1{HIDDEN}", text)
        return pattern.sub(lambda found: mask(found[0]), text) if known else text

    return scrubbed


def plain(value: object, scrubbed: Callable[[str], str]) -> object:
    """A value of the model as JSON has it, scrubbed; tokens are masked."""
    match value:
        case Token():
            return mask(value.value)
        case None | bool() | int() | float():
            return value
        case str():
            return scrubbed(str(value))
        case datetime():
            return value.isoformat()
        case Mapping():
            made: Json = {str(key): plain(each, scrubbed) for key, each in value.items()}
            return made
        case frozenset():
            return sorted(str(each) for each in value)
        case tuple() | list():
            return [plain(each, scrubbed) for each in value]
        case _ if is_dataclass(value):
            return {field.name: plain(getattr(value, field.name), scrubbed) for field in fields(value)}
        case _:
            return scrubbed(str(value))


def tokens_in(value: object) -> set[str]:
    """The values of every token in a value of the model."""
    match value:
        case Token():
            return {value.value}
        case Mapping():
            return set[str]().union(*(tokens_in(each) for each in value.values()))
        case tuple() | list():
            return set[str]().union(*(tokens_in(each) for each in value))
        case _ if is_dataclass(value):
            return set[str]().union(*(tokens_in(getattr(value, field.name)) for field in fields(value)))
        case _:
            return set()
