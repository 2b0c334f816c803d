"""The model's dataclasses as JSON columns; what equals its default is left out."""

from __future__ import annotations

from pydantic import TypeAdapter

from gateway.model.events import StationVariable
from gateway.model.station import StationState
from gateway.model.tokens import AdditionalInfo, Authorization, Token
from gateway.model.transactions import Transaction

_STATE = TypeAdapter(StationState)
_TRANSACTION = TypeAdapter(Transaction)
_TOKEN = TypeAdapter(tuple[Token, Authorization])
_CACHED = TypeAdapter(tuple[tuple[AdditionalInfo, ...], Authorization])
_SETTINGS = TypeAdapter(tuple[StationVariable, ...])


def state_to_json(state: StationState) -> str:
    """The state without its transactions, which have rows of their own."""
    return _STATE.dump_json(state, exclude_defaults=True, exclude={"transactions"}).decode()


def state_from_json(text: str) -> StationState:
    """The state as ``state_to_json`` wrote it."""
    return _STATE.validate_json(text)


def transaction_to_json(transaction: Transaction) -> str:
    """A transaction's record."""
    return _TRANSACTION.dump_json(transaction, exclude_defaults=True).decode()


def transaction_from_json(text: str) -> Transaction:
    """The transaction as ``transaction_to_json`` wrote it."""
    return _TRANSACTION.validate_json(text)


def token_to_json(token: Token, authorization: Authorization) -> str:
    """A token with what is known of it."""
    return _TOKEN.dump_json((token, authorization), exclude_defaults=True).decode()


def token_from_json(text: str) -> tuple[Token, Authorization]:
    """The pair as ``token_to_json`` wrote it."""
    return _TOKEN.validate_json(text)


def cached_to_json(token: Token, authorization: Authorization) -> str:
    """What is known of a token without the token itself, but for its additional information."""
    return _CACHED.dump_json((token.additional, authorization), exclude_defaults=True).decode()


def cached_from_json(text: str) -> tuple[tuple[AdditionalInfo, ...], Authorization]:
    """The pair as ``cached_to_json`` wrote it."""
    return _CACHED.validate_json(text)


def settings_to_json(settings: tuple[StationVariable, ...]) -> str:
    """What a station holds by itself."""
    return _SETTINGS.dump_json(settings, exclude_defaults=True).decode()


def settings_from_json(text: str) -> tuple[StationVariable, ...]:
    """The settings as ``settings_to_json`` wrote them."""
    return _SETTINGS.validate_json(text)
