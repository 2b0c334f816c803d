"""Rows of the authorization cache: identifiers as digests, and which entry makes room for a new one."""

from __future__ import annotations

import secrets
from hashlib import blake2b
from typing import TYPE_CHECKING

from gateway.model.tokens import CachePolicy
from gateway.store.records import cached_from_json, cached_to_json

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.model.tokens import AdditionalInfo, Authorization, Token
    from gateway.store.writer import Statement, Writer

KEY_FILE = "token-cache.key"
_KEY_BYTES = 32

_ORDER = {CachePolicy.LRU: "used_at", CachePolicy.LFU: "uses", CachePolicy.FIFO: "added_at"}
_WORST = (
    "DELETE FROM token_cache WHERE station = ?1 AND (token, type) IN (SELECT token, type FROM token_cache"
    " WHERE station = ?1 AND NOT (token = ?2 AND type = ?3) ORDER BY accepted DESC, {} DESC LIMIT -1 OFFSET ?4)"
)
_SAME = "station = ?1 AND token = ?2 AND (type = ?3 OR guessed OR ?4)"


def cache_key(folder: Path) -> bytes:
    """The key of the digests: a file of its own, so that the database alone tells no identifiers (C10.FR.12).

    A new one where there is none, or none that can be used: then the cache is learnt again.

    Raises:
        OSError: the folder cannot be written.
    """
    path = folder / KEY_FILE
    try:
        key = path.read_bytes()
    except FileNotFoundError:
        key = b""
    if len(key) != _KEY_BYTES:
        key = secrets.token_bytes(_KEY_BYTES)
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(key)
    return key


class CacheRows:
    """Statements and queries of the cache.

    Args:
        writer: Of the database.
        key: Of the digests.
    """

    def __init__(self, writer: Writer, key: bytes) -> None:
        self._writer = writer
        self._key = key

    def put(
        self, station: str, token: Token, authorization: Authorization, at: float, limit: int, policy: CachePolicy
    ) -> tuple[Statement, ...]:
        """Write an entry. Of more than ``limit`` those go first that are not accepted, then by the policy (C10.FR.07)."""
        digest = self._digest(token)
        other = "DELETE FROM token_cache WHERE station = ?1 AND token = ?2 AND type <> ?3 AND (guessed OR ?4)"
        put = (
            "INSERT INTO token_cache VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?6, 1, ?7)"
            " ON CONFLICT (station, token, type) DO UPDATE SET guessed = min(guessed, excluded.guessed),"
            " accepted = excluded.accepted, stored_at = excluded.stored_at, used_at = excluded.used_at,"
            " uses = uses + 1, record = excluded.record"
        )
        record = cached_to_json(token, authorization)
        row = (station, digest, token.type.value, token.guessed, authorization.accepted, at, record)
        return (
            (other, (station, digest, token.type.value, token.guessed)),
            (put, row),
            (_WORST.format(_ORDER[policy]), (station, digest, token.type.value, limit - 1)),
        )

    def use(self, station: str, token: Token, at: float) -> Statement:
        """Note that an entry has let somebody charge."""
        use = f"UPDATE token_cache SET used_at = ?5, uses = uses + 1 WHERE {_SAME}"  # noqa: S608 constant
        return (use, (*self._place(station, token), at))

    def drop(self, station: str, token: Token | None = None) -> Statement:
        """Drop the entry of a token, or (None) every entry of a station."""
        if token is None:
            return ("DELETE FROM token_cache WHERE station = ?", (station,))
        return (f"DELETE FROM token_cache WHERE {_SAME}", self._place(station, token))  # noqa: S608 constant

    async def find(self, station: str, token: Token) -> tuple[float, tuple[AdditionalInfo, ...], Authorization] | None:
        """When the backend last said something of a token (seconds since 1970), what belongs to it, and what it said."""
        query = f"SELECT stored_at, record FROM token_cache WHERE {_SAME} ORDER BY type = ?3 DESC LIMIT 1"  # noqa: S608 constant
        rows = await self._writer.read([(query, self._place(station, token))])
        return (float(rows[0][0]), *cached_from_json(rows[0][1])) if rows else None

    async def size(self, station: str) -> int:
        """Bytes of a station's entries."""
        size = "SELECT COALESCE(SUM(LENGTH(CAST(token AS BLOB)) + LENGTH(CAST(record AS BLOB))), 0) FROM token_cache"
        rows = await self._writer.read([(f"{size} WHERE station = ?", (station,))])
        return int(rows[0][0])

    def _place(self, station: str, token: Token) -> tuple[str, str, str, bool]:
        return (station, self._digest(token), token.type.value, token.guessed)

    def _digest(self, token: Token) -> str:
        return blake2b(token.key.encode(), key=self._key, digest_size=16).hexdigest()
