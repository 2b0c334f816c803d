"""Rows of stations, transactions, tokens and variables: the statements that write them and the queries that load them."""

from __future__ import annotations

import secrets
from dataclasses import fields, replace
from operator import attrgetter
from typing import TYPE_CHECKING

from gateway.model.station import StationState
from gateway.store.records import (
    settings_from_json,
    settings_to_json,
    state_from_json,
    state_to_json,
    token_from_json,
    token_to_json,
    transaction_from_json,
    transaction_to_json,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from gateway.model.events import StationVariable
    from gateway.model.tokens import Authorization, Token
    from gateway.model.transactions import Transaction
    from gateway.store.writer import Statement, Writer

NUMBER_BASE = 1 << 24
"""Numbers of transactions start at random above this, so that one that another backend gave out is never ours."""

NUMBER_SPAN = 1 << 29
"""The random part of the start, and more than are ever given out from there; base and spans fit 31 bits."""


_state_row = attrgetter(*(member.name for member in fields(StationState) if member.name != "transactions"))


def same_state(one: StationState, other: StationState) -> bool:
    """True if ``put_state`` would write the same of both: open transactions have rows of their own."""
    return bool(_state_row(one) == _state_row(other))


def put_state(state: StationState) -> Statement:
    """Write a station's state; its settings stay."""
    return (
        (
            "INSERT INTO station (identity, state) VALUES (?, ?)"
            " ON CONFLICT (identity) DO UPDATE SET state = excluded.state"
        ),
        (state.id, state_to_json(state)),
    )


def put_settings(station: str, settings: tuple[StationVariable, ...]) -> Statement:
    """Write what a station holds by itself."""
    return ("UPDATE station SET settings = ? WHERE identity = ?", (settings_to_json(settings), station))


def put_transaction(station: str, transaction: Transaction) -> Statement:
    """Write a transaction's record."""
    ended = transaction.ended_at.isoformat() if transaction.ended_at else None
    return (
        (
            "INSERT INTO tx (id, station, number, key, end_key, ended_at, record) VALUES (?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET"
            " end_key = excluded.end_key, ended_at = excluded.ended_at, record = excluded.record"
        ),
        (
            transaction.id, station, transaction.number, transaction.key, transaction.end_key, ended,
            transaction_to_json(transaction),
        ),
    )  # fmt: skip


def put_variable(station: str, ref: str, value: str) -> Statement:
    """Write the value of a variable."""
    return ("INSERT OR REPLACE INTO variable (station, ref, value) VALUES (?, ?, ?)", (station, ref, value))


def put_note(station: str, name: str, value: str) -> Statement:
    """Write what an adapter keeps of a station."""
    return ("INSERT OR REPLACE INTO note (station, name, value) VALUES (?, ?, ?)", (station, name, value))


def forget_visits(station: str, token: Token, visits: Iterable[Transaction]) -> tuple[Statement, ...]:
    """Take a token out of the ended transactions that it was used for.

    The keys of a transaction's reports hold its tokens, too. A repeat of a stop is then known by its number alone.
    """
    return tuple(_nameless(station, visit, token) for visit in visits)


def _nameless(station: str, visit: Transaction, token: Token) -> Statement:
    after = replace(visit, end_key="")
    if token.same_as(visit.token):
        after = replace(after, token=None, key=f"erased|{visit.id}")
    change = "UPDATE tx SET key = ?, end_key = ?, record = ? WHERE station = ? AND id = ? AND ended_at IS NOT NULL"
    return (change, (after.key, after.end_key, transaction_to_json(after), station, visit.id))


def put_local_list(
    station: str, version: int, entries: Mapping[str, tuple[Token, Authorization]]
) -> tuple[Statement, ...]:
    """Replace the Local Authorization List of a station."""
    put = "INSERT INTO local_list (station, token, record) VALUES (?, ?, ?)"
    rows: list[Statement] = [(put, (station, key, token_to_json(*entry))) for key, entry in entries.items()]
    return ("DELETE FROM local_list WHERE station = ?", (station,)), (put, (station, "", str(version))), *rows


def forget_old_transactions(before: datetime) -> Statement:
    """Drop transactions that ended before a time; until then a repeat of their reports is recognised."""
    return ("DELETE FROM tx WHERE ended_at < ?", (before.isoformat(),))


class Repository:
    """The queries."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def states(self) -> dict[str, tuple[StationState, tuple[StationVariable, ...]]]:
        """Every station's state with its open transactions, and its settings."""
        rows = await self._writer.read([("SELECT identity, state, settings FROM station", ())])
        found = {identity: (state_from_json(state), settings_from_json(settings)) for identity, state, settings in rows}
        running = "SELECT station, record FROM tx WHERE ended_at IS NULL ORDER BY number"
        for identity, record in await self._writer.read([(running, ())]):
            state, settings = found.get(identity, (StationState(id=identity), ()))
            found[identity] = (state.with_transaction(transaction_from_json(record)), settings)
        return found

    async def transaction_by_key(self, station: str, key: str) -> Transaction | None:
        """The transaction, open or ended, whose report had this key."""
        return await self._one("SELECT record FROM tx WHERE station = ? AND key = ?", (station, key))

    async def transaction_by_end_key(self, station: str, key: str) -> Transaction | None:
        """The ended transaction whose stop had this key."""
        return await self._one(
            "SELECT record FROM tx WHERE station = ? AND end_key = ? AND end_key <> ''", (station, key)
        )

    async def transaction_by_number(self, station: str, number: int) -> Transaction | None:
        """The transaction, open or ended, that the station knows by this number."""
        return await self._one("SELECT record FROM tx WHERE station = ? AND number = ?", (station, number))

    async def transaction(self, id_: str) -> Transaction | None:
        """The transaction, open or ended, with this id."""
        return await self._one("SELECT record FROM tx WHERE id = ?", (id_,))

    async def ended_transactions(self, station: str, token: Token) -> tuple[Transaction, ...]:
        """The ended transactions on record that a token was used for: to start them, or to stop them."""
        query = (
            "SELECT record FROM tx WHERE station = ?1 AND ended_at IS NOT NULL AND"
            " (lower(json_extract(record, '$.token.value')) = lower(?2) OR instr(end_key, ?3)) ORDER BY number"
        )
        rows = await self._writer.read([(query, (station, token.value, f"|{token.key}|"))])
        found = (transaction_from_json(record) for (record,) in rows)
        # The keys of reports tell no types: a transaction of another token with the same identifier is none of its own.
        return tuple(t for t in found if t.token is None or t.token.key != token.key or token.same_as(t.token))

    async def _one(self, query: str, values: tuple[object, ...]) -> Transaction | None:
        rows = await self._writer.read([(query, values)])
        return transaction_from_json(rows[0][0]) if rows else None

    async def queued(self, station: str, stream: str | None) -> bool:
        """True if a message of this transaction (None: of any transaction) waits in the outbox."""
        fits = "action = 'TransactionEvent'" if stream is None else "stream = ?2"
        query = f"SELECT 1 FROM outbox WHERE station = ?1 AND {fits} LIMIT 1"  # noqa: S608 constant
        rows = await self._writer.read([(query, (station,) if stream is None else (station, stream))])
        return bool(rows)

    async def last_number(self) -> int:
        """The highest number given out; a random base, kept from then on, where there is none."""
        base = NUMBER_BASE + secrets.randbelow(NUMBER_SPAN)
        rows = await self._writer.read([
            ("INSERT OR IGNORE INTO meta (name, value) VALUES ('number_base', ?)", (str(base),)),
            # A number above the span is another backend's, of a transaction that was never seen started.
            (("SELECT max(first, (SELECT coalesce(max(number), 0) FROM tx WHERE number < first + ?))"
             " FROM (SELECT CAST(value AS INTEGER) AS first FROM meta WHERE name = 'number_base')"), (NUMBER_SPAN,)),
        ])  # fmt: skip
        return int(rows[0][0])

    async def installation(self) -> str:
        """Eight hexadecimal digits that this installation keeps for ever."""
        rows = await self._writer.read([
            ("INSERT OR IGNORE INTO meta (name, value) VALUES ('installation', ?)", (secrets.token_hex(4),)),
            ("SELECT value FROM meta WHERE name = 'installation'", ()),
        ])  # fmt: skip
        return str(rows[0][0])

    async def variables(self, station: str) -> dict[str, str]:
        """Every stored value by its reference."""
        rows = await self._writer.read([("SELECT ref, value FROM variable WHERE station = ?", (station,))])
        return {str(ref): str(value) for ref, value in rows}

    async def notes(self, station: str) -> dict[str, str]:
        """Everything that its adapter keeps of a station, by name."""
        rows = await self._writer.read([("SELECT name, value FROM note WHERE station = ?", (station,))])
        return {str(name): str(value) for name, value in rows}

    async def local_list(self, station: str) -> tuple[int, dict[str, tuple[Token, Authorization]]]:
        """Version (0: no list) and entries by token key."""
        rows = await self._writer.read([("SELECT token, record FROM local_list WHERE station = ?", (station,))])
        found: dict[str, str] = dict(rows)
        version = int(found.pop("", "0"))
        entries = [token_from_json(record) for record in found.values()]
        return version, {token.unique: (token, authorization) for token, authorization in entries}
