"""What is stored of a customer, in words. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateway.model.device import timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from gateway.model.station import RemoteStart, Reservation
    from gateway.model.tokens import Authorization, Token
    from gateway.model.transactions import Transaction

PAGE_LENGTH = 512
"""Characters of NotifyCustomerInformationRequest.data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """Everything that names a token.

    Attributes:
        token: The customer's.
        cached: Its entry of the authorization cache: since when, and what.
        listed: Its entry of the Local Authorization List.
        running: Open transactions.
        ended: Transactions on record, started or stopped with it.
        reservations: That are held for it.
        starts: That were asked for and have not come yet.
    """

    token: Token
    cached: tuple[datetime, Authorization] | None = None
    listed: Authorization | None = None
    running: Sequence[Transaction] = field(default=())
    ended: Sequence[Transaction] = field(default=())
    reservations: Sequence[Reservation] = field(default=())
    starts: Sequence[RemoteStart] = field(default=())

    @property
    def in_use(self) -> bool:
        """True while the token charges, or is about to: what that takes cannot be cleared yet."""
        return bool(self.running or self.reservations or self.starts)

    @property
    def text(self) -> str:
        """All of it, a line for each thing; "" if nothing is stored."""
        lines = tuple(self._lines())
        return "\n".join((f"idToken {self.token.value} ({self.token.type})", *lines)) if lines else ""

    def _lines(self) -> Iterator[str]:
        if self.cached is not None:
            since, authorization = self.cached
            yield f"Authorization cache: {_authorization(authorization)}, stored {timestamp(since)}"
        if self.listed is not None:
            yield f"Local Authorization List (changed by SendLocalList only): {_authorization(self.listed)}"
        for start in self.starts:
            yield f"Remote start {start.id}: {_where(start.evse)}, until {timestamp(start.expires_at)}"
        for held in self.reservations:
            yield f"Reservation {held.id}: {_where(held.evse)}, until {timestamp(held.expires_at)}"
        for transaction in (*self.running, *self.ended):
            yield f"Transaction {transaction.id}: {_transaction(transaction)}"


def pages(text: str) -> list[str]:
    """A text in pieces of at most ``PAGE_LENGTH``, whole lines where they fit; joined they are the text."""
    found = [""]
    for line in text.splitlines(keepends=True):
        if found[-1] and len(found[-1]) + len(line) > PAGE_LENGTH:
            found.append("")
        found[-1] += line
        while len(found[-1]) > PAGE_LENGTH:
            found[-1:] = [found[-1][:PAGE_LENGTH], found[-1][PAGE_LENGTH:]]
    return found


def _authorization(known: Authorization) -> str:
    parts = [known.status.value]
    if known.group is not None:
        parts.append(f"group {known.group.value} ({known.group.type})")
    if known.evses:
        parts.append("EVSEs " + ", ".join(map(str, known.evses)))
    if known.expires_at is not None:
        parts.append(f"expires {timestamp(known.expires_at)}")
    if known.message is not None:
        parts.append(f"message {known.message.text!r}")
    return ", ".join(parts)


def _transaction(transaction: Transaction) -> str:
    end = f"to {timestamp(transaction.ended_at)}" if transaction.ended_at else "still running"
    energy = "" if transaction.energy is None else f", {transaction.energy / 1000:.3f} kWh"
    return f"{_where(transaction.evse)}, from {timestamp(transaction.started_at)} {end}{energy}"


def _where(evse: int) -> str:
    return f"EVSE {evse}" if evse else "any EVSE"
