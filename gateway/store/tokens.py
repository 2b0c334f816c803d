"""What the box knows of tokens: the authorization cache and the Local Authorization List."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gateway.store import repository

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateway.model.tokens import Authorization, Token
    from gateway.store.repository import Repository
    from gateway.store.writer import Writer

CACHE_LIMIT = 1000
"""Entries per station; the oldest goes first."""


class TokenBook:
    """Tokens of all stations; each station has its own, as each is a charging station of its own to the backend."""

    def __init__(self, writer: Writer, queries: Repository, now: Callable[[], datetime]) -> None:
        self._writer = writer
        self._queries = queries
        self._now = now

    async def remember(self, station: str, token: Token, authorization: Authorization) -> None:
        """Keep what the backend said of a token in the cache."""
        at = self._now().timestamp()
        await self._writer.commit(repository.cache_token(station, token, authorization, at, CACHE_LIMIT))

    async def recall(self, station: str, token: Token) -> tuple[datetime, Authorization] | None:
        """When the cache learnt of a token, and what."""
        found = await self._queries.cached_token(station, token)
        return (datetime.fromtimestamp(found[0], UTC), found[1]) if found else None

    async def forget(self, station: str) -> None:
        """Empty the cache."""
        await self._writer.commit([repository.clear_cache(station)])

    async def cache_bytes(self, station: str) -> int:
        """Bytes that the cache takes."""
        return await self._queries.cache_bytes(station)

    async def local_list(self, station: str) -> tuple[int, Mapping[str, tuple[Token, Authorization]]]:
        """Version (0: none) and entries by token key."""
        return await self._queries.local_list(station)

    async def store_local_list(
        self, station: str, version: int, entries: Mapping[str, tuple[Token, Authorization]]
    ) -> None:
        """Replace the list."""
        await self._writer.commit(repository.put_local_list(station, version, entries))
