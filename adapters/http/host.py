"""One host: its session, and one request at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp

from adapters.common.pace import Pace
from adapters.common.priority import PriorityLock
from adapters.common.values import MAX_BYTES
from adapters.common.wire import Unreachable
from adapters.http.answers import HttpAnswer, HttpRefused

if TYPE_CHECKING:
    from yarl import URL

    from adapters.common.wire import Rank
    from adapters.http.credentials import Credentials
    from gateway.family.link import HttpLink

_REDIRECTS = 3
_MOVED = frozenset({301, 302, 303, 307, 308})


class HttpHost:
    """A station's web server, shared by the wires of its connectors."""

    def __init__(self, where: str, link: HttpLink, credentials: Credentials, *, verify: bool) -> None:
        self.where = where
        self.users: set[object] = set()
        self._link = link
        self._credentials = credentials
        self._verify = verify
        self._lock = PriorityLock()
        self._pace = Pace(link.gap_ms / 1000)
        self._session: aiohttp.ClientSession | None = None

    async def open(self, rank: Rank) -> None:
        """Be ready to ask.

        Raises:
            Unreachable: the credentials cannot be read.
        """
        async with self._lock.at(rank):
            await self._opened()

    async def fetch(self, method: str, url: URL, body: str | None, rank: Rank) -> HttpAnswer:
        """Send a request and read the whole answer, whatever its status.

        Args:
            method: GET, POST, PUT or DELETE.
            url: Where to.
            body: JSON text; None for none, "" for an empty one that has a length.
            rank: Who goes first.

        Raises:
            Unreachable: no connection, no answer in time, or one that is too long.
            HttpRefused: it leads to another host.
        """
        async with self._lock.at(rank):
            session = await self._opened()
            left = _REDIRECTS
            while True:
                await self._pace.ready()
                try:
                    answer, location = await self._exchange(session, method, url, body)
                except (aiohttp.ClientError, OSError, ValueError) as error:  # a time-out is an OSError
                    reason = str(error) or type(error).__name__
                    raise Unreachable("no-connection", where=self.where, reason=reason) from error
                finally:
                    self._pace.spent()
                if location is None or method != "GET":
                    return answer
                if location.host != url.host or not left:
                    raise HttpRefused("http-redirect", request=self.where, status=answer.status, to=str(location.host))
                left, url = left - 1, location

    async def aclose(self) -> None:
        """Give the connection back."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=self._link.timeout_ms / 1000),
                connector=aiohttp.TCPConnector(ssl=self._verify, limit=1),
                cookie_jar=aiohttp.DummyCookieJar(),
                middlewares=await self._credentials.middleware(),
                trust_env=False,
            )
        return self._session

    async def _exchange(
        self, session: aiohttp.ClientSession, method: str, url: URL, body: str | None
    ) -> tuple[HttpAnswer, URL | None]:
        headers = {"Content-Type": "application/json"} if body else {}
        data = body.encode() if body is not None else None
        async with session.request(method, url, data=data, headers=headers, allow_redirects=False) as response:
            content = bytearray()
            async for chunk in response.content.iter_any():
                content += chunk
                if len(content) > MAX_BYTES:
                    raise Unreachable("answer-too-long", where=self.where, limit=MAX_BYTES)
            location = response.headers.get("Location") if response.status in _MOVED else None
            onward = url.join(type(url)(location)) if location else None
            return HttpAnswer(status=response.status, body=bytes(content)), onward
