"""The accounts of all stations: on disk for as long as their transactions are on record, in memory while they matter."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from profiles.tariff_cost.account import Account

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

    from gateway.contracts import Shelf
    from gateway.model.station import StationState

KEPT = timedelta(days=90)
"""How long an account is kept after the end of its transaction."""

SHOWN = timedelta(minutes=5)
"""How long the total is shown after that; then the driver has left."""


class Ledger:
    """Accounts by station and transaction.

    Args:
        shelf: Where they are kept.
    """

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._accounts: dict[str, dict[str, Account]] = {}
        self._read: set[str] = set()

    def known(self, station: str) -> Mapping[str, Account]:
        """The accounts in memory: of what runs, and of what has ended a moment ago."""
        return self._accounts.get(station, {})

    def note(self, station: str, transaction: str, **changes: Any) -> None:  # noqa: ANN401 fields of Account
        """Change an account, or open it."""
        accounts = self._accounts.setdefault(station, {})
        accounts[transaction] = replace(accounts.get(transaction, Account()), **changes)

    async def keep(self, station: str, transaction: str) -> None:
        """Make an account durable.

        Raises:
            GatewayError: ``storage-failed``.
        """
        await self.read(station)
        account = self._accounts[station].get(transaction)
        if account is not None and account.says_something:
            await self._shelf.keep(station, {transaction: account.to_json()})

    async def read(self, station: str) -> None:
        """Take over what an earlier run has left, once; what has been learnt meanwhile is newer."""
        if station in self._read:
            return
        documents = await self._shelf.documents(station)
        self._read.add(station)
        accounts = self._accounts.setdefault(station, {})
        for transaction, document in documents.items():
            old = Account.from_json(document)
            accounts[transaction] = _merged(old, accounts[transaction]) if transaction in accounts else old

    async def tidy(self, station: str, state: StationState, now: datetime) -> None:
        """Drop what is too old from the disk, and what nobody looks at any more from memory.

        Raises:
            GatewayError: ``storage-failed``.
        """
        await self.read(station)
        ended = {id_: Account.from_json(each).ended_at for id_, each in (await self._shelf.documents(station)).items()}
        old = {id_: None for id_, at in ended.items() if at is not None and at + KEPT <= now}
        if old:
            await self._shelf.keep(station, old)
        for id_, account in list(self._accounts[station].items()):
            if account.ended_at is None and state.transaction(id_) is None:
                # Its end came when nothing could be written.
                self.note(station, id_, ended_at=now, offline=True)
                await self.keep(station, id_)
        self.forget(station, now)

    def forget(self, station: str, now: datetime) -> None:
        """Drop from memory what nobody looks at any more."""
        accounts = self.known(station)
        fresh = {id_: account for id_, account in accounts.items() if _matters(account, now)}
        if len(fresh) < len(accounts):
            self._accounts[station] = fresh


def _matters(account: Account, now: datetime) -> bool:
    """True while it is shown, or the backend may still say something of it."""
    if account.ended_at is None:
        return True
    return account.ended_at + (SHOWN if account.settled else KEPT) > now


def _merged(old: Account, new: Account) -> Account:
    """The newer account with what only the older one has."""
    return replace(
        new,
        evse=new.evse or old.evse,
        tariff=new.tariff or old.tariff,
        cost=old.cost if new.cost is None else new.cost,
        total=old.total if new.total is None else new.total,
    )
