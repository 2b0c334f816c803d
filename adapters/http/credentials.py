"""Who the box is to a station: read from files, never from the site file itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from aiohttp import DigestAuthMiddleware, encode_basic_auth

from adapters.common.secret_file import read_secret

if TYPE_CHECKING:
    from pathlib import Path

    from aiohttp import ClientHandlerType, ClientRequest, ClientResponse


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Where they are.

    Attributes:
        auth: How the station wants them; with ``none`` a user that the site gives is sent as ``basic``.
        user: Name of the user; "" for none.
        password: File with the password.
        token: File with the bearer token.
    """

    auth: Literal["none", "basic", "digest", "bearer"]
    user: str = ""
    password: Path | None = None
    token: Path | None = None

    async def middleware(self) -> tuple[Header | DigestAuthMiddleware, ...]:
        """What adds them to each request of a session.

        Raises:
            Unreachable: ``secret-file``: a file cannot be read.
        """
        if self.token is not None and self.auth in {"none", "bearer"}:
            return (Header(f"Bearer {await read_secret(self.token)}"),)
        if not self.user and self.password is None:
            return ()
        password = await read_secret(self.password) if self.password is not None else ""
        if self.auth == "digest":
            return (DigestAuthMiddleware(self.user, password),)
        return (Header(encode_basic_auth(self.user, password, encoding="utf-8")),)


class Header:
    """Puts an Authorization header into each request."""

    def __init__(self, value: str) -> None:
        self._value = value

    async def __call__(self, request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        """As aiohttp calls it."""
        request.headers["Authorization"] = self._value
        return await handler(request)
