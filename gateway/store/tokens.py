"""What the box knows of tokens: the authorization cache and the Local Authorization List."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gateway.model.tokens import CachePolicy
from gateway.store import repository

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateway.model.tokens import Authorization, Token
    from gateway.store.cache import CacheRows
    from gateway.store.repository import Repository
    from gateway.store.writer import Statement, Writer

CACHE_LIMIT = 1000
"""Entries per station."""


class TokenBook:
    """Tokens of all stations; each station has its own, as each is a charging station of its own to the backend."""

    def __init__(self, writer: Writer, queries: Repository, cache: CacheRows, now: Callable[[], datetime]) -> None:
        self._writer = writer
        self._queries = queries
        self._cache = cache
        self._now = now

    async def remember(
        self, station: str, token: Token, authorization: Authorization, policy: CachePolicy = CachePolicy.LRU
    ) -> None:
        """Keep what the backend said of a token in the cache."""
        at = self._now().timestamp()
        await self._writer.commit(self._cache.put(station, token, authorization, at, CACHE_LIMIT, policy))

    async def recall(self, station: str, token: Token) -> tuple[datetime, Authorization] | None:
        """When the cache learnt of a token, and what."""
        found = await self._cache.find(station, token)
        if found is None:
            return None
        learnt_at, additional, authorization = found
        if additional:
            authorization = replace(authorization, token=replace(token, additional=additional))
        return datetime.fromtimestamp(learnt_at, UTC), authorization

    async def use(self, station: str, token: Token) -> None:
        """Note that the cache has let a token charge."""
        await self._writer.commit([self._cache.use(station, token, self._now().timestamp())])

    async def forget(self, station: str, token: Token | None = None) -> None:
        """Drop a token from the cache, or (None) empty it."""
        await self._writer.commit([self.forgetting(station, token)])

    def forgetting(self, station: str, token: Token | None) -> Statement:
        """The statement of ``forget``, for a commit with others."""
        return self._cache.drop(station, token)

    async def cache_bytes(self, station: str) -> int:
        """Bytes that the cache takes."""
        return await self._cache.size(station)

    async def local_list(self, station: str) -> tuple[int, Mapping[str, tuple[Token, Authorization]]]:
        """Version (0: none) and entries by what makes a token unique."""
        return await self._queries.local_list(station)

    async def store_local_list(
        self, station: str, version: int, entries: Mapping[str, tuple[Token, Authorization]]
    ) -> None:
        """Replace the list."""
        await self._writer.commit(repository.put_local_list(station, version, entries))
