"""idTags of a 1.x station and tokens of OCPP 2.0.1: their types, and short names for those that are too long."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import TYPE_CHECKING

from gateway.model.tokens import AuthorizationStatus, Token, TokenType, type_of_card

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from adapters.ocpp1x.fields import Fields
    from gateway.model.station import StationState
    from gateway.model.tokens import Authorization

_CARD = re.compile(r"(?:[0-9A-F]{8}|[0-9A-F]{14}|[0-9A-F]{20}|E0[0-9A-F]{14})", re.IGNORECASE)
_REMEMBERED = 10_000

_STATUS = {
    AuthorizationStatus.ACCEPTED: "Accepted",
    AuthorizationStatus.BLOCKED: "Blocked",
    AuthorizationStatus.CONCURRENT_TX: "ConcurrentTx",
    AuthorizationStatus.EXPIRED: "Expired",
    AuthorizationStatus.INVALID: "Invalid",
    AuthorizationStatus.NO_CREDIT: "Blocked",
}
_FOR_NOW = {
    AuthorizationStatus.NOT_ALLOWED_TYPE_EVSE,
    AuthorizationStatus.NOT_AT_THIS_LOCATION,
    AuthorizationStatus.NOT_AT_THIS_TIME,
}
"""True of this moment or place only: the station must not remember it."""


class Tokens:
    """The tokens of one station.

    A token longer than an idTag goes to the station under a short name. That name is derived from the token, so that
    it is the same after a restart; a start or reservation that is still open then brings its token back.

    Args:
        length: the longest idTag of the station's version.
        type_: type of the station's own tokens; None: guessed.
    """

    __slots__ = ("_known", "_type", "length")

    def __init__(self, length: int, type_: TokenType | None) -> None:
        self.length = length
        self._type = type_
        self._known: dict[str, Token] = {}

    def id_tag(self, token: Token) -> str:
        """How the station is told a token."""
        if len(token.value) <= self.length:
            return token.value
        short = self._short(token)
        self._keep(short, token)
        return short

    def _keep(self, short: str, token: Token) -> None:
        self._known.pop(short.casefold(), None)
        self._known[short.casefold()] = token
        if len(self._known) > _REMEMBERED:
            del self._known[next(iter(self._known))]

    def token(self, id_tag: str, state: StationState) -> Token:
        """What an idTag means: a token that the station has been told of, else one of its own readers."""
        if not id_tag:
            return Token(value="", type=TokenType.NO_AUTHORIZATION)
        key = id_tag.casefold()
        told = self._known.get(key)
        if told is None:
            told = next((token for token in _tokens(state) if self._short(token).casefold() == key), None)
        return told or Token(value=id_tag, type=self._type or _guess(id_tag), guessed=self._type is None)

    def learn(self, token: Token) -> None:
        """Keep a token that the backend has told more of than the station can (AdditionalInfo)."""
        self._keep(self._short(token), token)

    def id_tag_info(self, authorization: Authorization, now: datetime) -> Fields:
        """IdTagInfo for what is known of a token."""
        info: Fields = {"status": _STATUS.get(authorization.status, "Invalid")}
        if authorization.status in _FOR_NOW:
            info["expiryDate"] = now
        elif authorization.expires_at is not None:
            info["expiryDate"] = authorization.expires_at
        if authorization.group is not None and authorization.group.value:
            info["parentIdTag"] = self.id_tag(authorization.group)
        return info

    def _short(self, token: Token) -> str:
        if len(token.value) <= self.length:
            return token.value
        # Hexadecimal, as some stations take nothing else for an idTag.
        return blake2b(token.key.encode(), digest_size=10).hexdigest().upper()[: self.length]


def _guess(id_tag: str) -> TokenType:
    """UIDs of ISO 14443 cards have 4, 7 or 10 bytes, of ISO 15693 8; anything else is a name that somebody gave."""
    return type_of_card(id_tag) if _CARD.fullmatch(id_tag) else TokenType.LOCAL


def _tokens(state: StationState) -> Iterator[Token]:
    for start in state.remote_starts:
        yield start.token
    for transaction in state.transactions:
        if transaction.token is not None:
            yield transaction.token
    for reservation in state.reservations:
        yield reservation.token
        if reservation.group is not None:
            yield reservation.group
