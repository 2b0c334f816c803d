"""What the driver is told of prices now. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.model.notices import Notice, NoticeKind
from profiles.tariff_cost.ledger import SHOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from gateway.model.station import StationState
    from gateway.model.tokens import PersonalMessage, Token
    from gateway.model.transactions import Transaction
    from profiles.tariff_cost.account import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class Presented:
    """A token that was presented before a transaction; ``evse`` 0: nobody knows where. Shown until ``until``."""

    evse: int
    token: Token
    accepted: bool
    message: PersonalMessage | None
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the backend has set.

    Attributes:
        tariff, cost: Whether tariffs, and costs, are shown.
        currency: Of all amounts.
        tariff_fallback: In the place of a tariff that is not known; "": nothing.
        total_fallback: In the place of a final cost that is not known; "": nothing.
    """

    tariff: bool = True
    cost: bool = True
    currency: str = ""
    tariff_fallback: str = ""
    total_fallback: str = ""


def price_notices(
    state: StationState,
    accounts: Mapping[str, Account],
    presented: Sequence[Presented],
    settings: Settings,
    now: datetime,
    *,
    online: bool,
) -> tuple[Notice, ...]:
    """The tariffs and costs that drivers are to see now.

    Args:
        state: Of the station.
        accounts: By transaction; those that have ended are shown for a while.
        presented: Tokens that may become transactions.
        settings: What the backend has set.
        now: The time.
        online: Whether the backend is there.
    """
    return (
        *(_tariffs(state, accounts, presented, settings, now) if settings.tariff else ()),
        *(
            _costs(state, accounts, _taken(state, presented, now), settings, now, online=online)
            if settings.cost
            else ()
        ),
    )


def tariff_of(transaction: Transaction, presented: Sequence[Presented]) -> PersonalMessage | None:
    """The tariff that its driver was told before a transaction."""
    return next((p.message for p in presented if p.token.same_as(transaction.token)), None)


def _tariffs(
    state: StationState,
    accounts: Mapping[str, Account],
    presented: Sequence[Presented],
    settings: Settings,
    now: datetime,
) -> Iterator[Notice]:
    running = [each for each in state.transactions if each.token is not None]
    for each in presented:
        if each.until > now and not any(each.token.same_as(t.token) for t in running):
            yield from _tariff(each.evse, each.message, settings.tariff_fallback if each.accepted else "")
    for transaction in running:
        account = accounts.get(transaction.id)
        own = account.tariff if account is not None else None
        yield from _tariff(transaction.evse, own or tariff_of(transaction, presented), settings.tariff_fallback)


def _tariff(evse: int, own: PersonalMessage | None, fallback: str) -> Iterator[Notice]:
    if own is not None:
        yield Notice(kind=NoticeKind.TARIFF, evse=evse, text=own.text, language=own.language)
    elif fallback:
        yield Notice(kind=NoticeKind.TARIFF, evse=evse, text=fallback)


def _taken(state: StationState, presented: Sequence[Presented], now: datetime) -> frozenset[int]:
    """The EVSEs that somebody else has come to: what the last driver has paid is none of theirs."""
    evses = tuple(evse for evse in state.evses() if evse)
    places = {each.evse for each in presented if each.until > now}
    return frozenset(places | (set(evses) if 0 in places and len(evses) == 1 else set()))


def _costs(
    state: StationState,
    accounts: Mapping[str, Account],
    taken: frozenset[int],
    settings: Settings,
    now: datetime,
    *,
    online: bool,
) -> Iterator[Notice]:
    last: dict[int, Account] = {}
    for id_, account in accounts.items():
        if state.transaction(id_) is not None:
            yield from _amount(NoticeKind.COST, account.evse, account.cost, settings)
        elif account.ended_at is not None and account.ended_at + SHOWN > now:
            others = last.get(account.evse)
            if others is None or others.ended_at is None or others.ended_at < account.ended_at:
                last[account.evse] = account
    for evse, account in last.items():
        if state.transaction_at(evse) is None and evse not in taken and not account.left:  # I03.FR.05
            yield from _final(account, settings, online=online)


def _final(account: Account, settings: Settings, *, online: bool) -> Iterator[Notice]:
    """The end of an account: its total, what stands in for it, or, until the backend answers, the cost so far."""
    if account.total is not None and not account.offline:
        yield from _amount(NoticeKind.TOTAL, account.evse, account.total, settings)
    elif account.offline or account.settled or not online:
        if settings.total_fallback:
            yield Notice(kind=NoticeKind.TOTAL, evse=account.evse, text=settings.total_fallback)
    else:
        yield from _amount(NoticeKind.COST, account.evse, account.cost, settings)


def _amount(kind: NoticeKind, evse: int, amount: float | None, settings: Settings) -> Iterator[Notice]:
    if amount is not None:
        yield Notice(kind=kind, evse=evse, amount=amount, currency=settings.currency)
