"""The list itself, and what SendLocalList makes of it (OCPP 2.0.1 Part 2, D01). Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson

from profiles.common.replies import refused
from profiles.common.tokens import authorization_from, token_from

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.contracts import Json, Reply
    from gateway.model.tokens import Authorization, Token

CAPACITY = 2000
"""Tokens per station."""

STORAGE = 1_048_576
"""Bytes per station: what is known of its tokens, as JSON."""

ITEMS_PER_MESSAGE = 200
BYTES_PER_MESSAGE = 131_072


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalList:
    """A version (0: none was ever sent) and the entries by ``Token.unique``."""

    version: int = 0
    entries: Mapping[str, tuple[Token, Authorization]] = field(default_factory=dict)

    def find(self, token: Token) -> tuple[Token, Authorization] | None:
        """The entry of a token; of one whose type is only guessed, that of any type."""
        found = self.entries.get(token.unique)
        if found is None and token.guessed:
            found = next((each for each in self.entries.values() if token.same_as(each[0])), None)
        return found

    @property
    def size(self) -> int:
        """Bytes that the entries take, as JSON."""
        return sum(len(orjson.dumps(entry)) for entry in self.entries.values())


def updated(held: LocalList, payload: Json) -> LocalList | Reply:
    """The list after an update, or the refusal of one.

    Args:
        held: the list as it is.
        payload: a SendLocalListRequest that its schema accepts.

    Raises:
        CallRefused: a time in it is none.
    """
    items: list[Json] = payload.get("localAuthorizationList", [])
    full = payload["updateType"] == "Full"
    refusal = _refusal(held, payload, items, full=full)
    if refusal is not None:
        return refusal
    entries = {} if full else dict(held.entries)
    for item in items:
        token = token_from(item["idToken"])
        if "idTokenInfo" in item:
            entries[token.unique] = (token, authorization_from(item["idTokenInfo"]))
        else:
            entries.pop(token.unique, None)  # D01.FR.17
    if len(entries) > CAPACITY:
        return _failed("OutOfStorage", f"{len(entries)} tokens, room for {CAPACITY}")
    new = LocalList(version=payload["versionNumber"], entries=entries)
    if new.size > STORAGE:
        return _failed("OutOfStorage", f"{new.size} bytes, room for {STORAGE}")
    return new


def _refusal(held: LocalList, payload: Json, items: list[Json], *, full: bool) -> Reply | None:
    version = payload["versionNumber"]
    if version <= 0:
        return _failed("ValuePositiveOnly", "versionNumber")  # D01.FR.18
    if not full and version <= held.version:
        return refused("ValueTooLow", f"the list has version {held.version}", status="VersionMismatch")  # D01.FR.19
    if len(items) > ITEMS_PER_MESSAGE:
        return _failed("TooManyElements", f"{len(items)} tokens in a message, at most {ITEMS_PER_MESSAGE}")
    size = len(orjson.dumps(payload))
    if size > BYTES_PER_MESSAGE:
        return _failed("TooLargeElement", f"{size} bytes in a message, at most {BYTES_PER_MESSAGE}")
    if len({token_from(item["idToken"]).unique for item in items}) < len(items):
        return _failed("InvalidValue", "a token is given twice")  # D01.FR.06
    if full and any("idTokenInfo" not in item for item in items):
        return _failed("MissingParam", "idTokenInfo")
    return None


def _failed(reason: str, info: str) -> Reply:
    return refused(reason, info, status="Failed")
