"""What the simulated station needs of its way to the central system, however messages are carried."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from types import TracebackType

    import aiohttp

    from gateway.bench.ocpp_s.memory import Entry
    from gateway.bench.ocpp_s.messages import Fields
    from gateway.bench.ocpp_s.soap import Node


class Calling(Protocol):
    """The way for the station's own requests."""

    is_cut: bool

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...

    @property
    def http(self) -> aiohttp.ClientSession:
        """The HTTP client, for up- and downloads as well."""

    def cut(self) -> None:
        """Cut the line; an answer that is on its way is lost."""

    def mend(self) -> None:
        """Mend the line."""

    async def exchange(self, entry: Entry, fields: Fields, callback: str) -> Node:
        """Send one request and give the body of its answer; raises LineDownError or SoapFaultError."""


class Called(Protocol):
    """The way for commands; ``url`` is where the station can be called, "" for one that calls and is not called."""

    url: str

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...
