"""Which transaction comes first where there is not enough for all: chargingPriority (OCPP 2.0.1 Part 2, K03)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.contracts import Json
    from gateway.model.station import StationState
    from gateway.model.tokens import Token

_MOST = 100
"""Tokens that are remembered at a station: each is forgotten when as many others have come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Precedence:
    """From -9 to 9, 0 where the backend has said nothing (K03.FR.06).

    Attributes:
        token: What it said of the token.
        own: What it said of this transaction only, which counts instead (K03.FR.05).
    """

    token: int = 0
    own: int | None = None

    @property
    def priority(self) -> int:
        """What counts."""
        return self.token if self.own is None else self.own


class Presented:
    """The priorities of tokens that may become transactions, by station and token."""

    def __init__(self) -> None:
        self._tokens: defaultdict[str, dict[str, int]] = defaultdict(dict)

    def note(self, station: str, token: Token, priority: int) -> None:
        """Remember what was said of a token last."""
        tokens = self._tokens[station]
        tokens.pop(token.key, None)
        if priority:
            tokens[token.key] = priority
        if len(tokens) > _MOST:
            del tokens[next(iter(tokens))]

    def at(self, station: str) -> Mapping[str, int]:
        """The priorities at a station by the tokens' keys; those that are 0 left out."""
        return self._tokens.get(station, {})


def told(old: Precedence, response: Json) -> Precedence:
    """What counts after an answer to a TransactionEvent; what it does not speak of stays."""
    token = response.get("idTokenInfo", {}).get("chargingPriority", old.token)
    return Precedence(token=token, own=response.get("chargingPriority", old.own))


def following(
    held: Mapping[str, Precedence], state: StationState, presented: Mapping[str, int]
) -> dict[str, Precedence]:
    """The precedence of each open transaction that has one; a token brings its own along."""
    found = {t.id: held[t.id] for t in state.transactions if t.id in held}
    for t in state.transactions:
        if t.token is not None and t.id not in held and t.token.key in presented:
            found[t.id] = Precedence(token=presented[t.token.key])
    return found
