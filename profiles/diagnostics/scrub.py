"""What must not leave the box in a log: credentials, and tokens that somebody could charge with. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from gateway.model.tokens import Token, TokenType

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


def mask(token: Token) -> str:
    """A token, so that people can tell two apart and nobody can use it; of a key code nothing is shown (C04.FR.04)."""
    value = token.value
    if len(value) < _LONG or token.type is TokenType.KEY_CODE:
        return HIDDEN
    return f"{value[:_SHOWN]}{HIDDEN}{value[-_SHOWN:]}"


def scrubber(tokens: Iterable[Token] = ()) -> Callable[[str], str]:
    """What takes credentials out of a text, and masks tokens in it.

    Args:
        tokens: Tokens that may be in the text; others are found only by the name before them.
    """
    given = tuple(tokens)
    codes = {token.key for token in given if token.type is TokenType.KEY_CODE}
    known = sorted({token.key for token in given if token.key}, key=len, reverse=True)
    pattern = re.compile("|".join(rf"(?<!\w){re.escape(token)}(?!\w)" for token in known), re.IGNORECASE)

    def hidden(found: re.Match[str]) -> str:
        return HIDDEN if found[0].casefold() in codes else mask(Token(value=found[0]))

    def scrubbed(text: str) -> str:
        text = _USER.sub(f"{HIDDEN}@", text)
        text = _QUERY.sub(rf"\1{HIDDEN}", text)
        text = _SCHEME.sub(rf"\1 {HIDDEN}", text)
        text = _PAIR.sub(rf"\1{HIDDEN}", text)
        return pattern.sub(hidden, text) if known else text

    return scrubbed


def plain(value: object, scrubbed: Callable[[str], str]) -> object:
    """A value of the model as JSON has it, scrubbed; tokens are masked."""
    match value:
        case Token():
            return mask(value)
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


def tokens_in(value: object) -> set[Token]:
    """Every token in a value of the model."""
    match value:
        case Token():
            return {value}
        case Mapping():
            return set[Token]().union(*(tokens_in(each) for each in value.values()))
        case tuple() | list():
            return set[Token]().union(*(tokens_in(each) for each in value))
        case _ if is_dataclass(value):
            return set[Token]().union(*(tokens_in(getattr(value, field.name)) for field in fields(value)))
        case _:
            return set()
