"""Sessions over TCP."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from typing_extensions import override

from gateway.bench.family.endpoint import Endpoint, HangUp
from gateway.bench.listening import deafen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from gateway.bench.family.endpoint import Session


class TcpEndpoint(Endpoint):
    """Listens; each connection has a session of its own.

    Args:
        key: Name of the way in the ``connection`` table: ``tcp`` or ``rtu_tcp``.
        host: Address to listen on.
        port: Port to listen on; 0: any free one.
        session: Makes the session of a connection.
        more: What else belongs into the ``connection`` table.
        single_client: A second connection is closed at once.
        lifetime: Seconds after which a connection is dropped; None: never.
        beside: The port counts from that of another one, which is started before.
    """

    def __init__(
        self,
        key: str,
        host: str,
        port: int,
        session: Callable[[], Session],
        *,
        more: Mapping[str, object] | None = None,
        single_client: bool = False,
        lifetime: float | None = None,
        beside: tuple[TcpEndpoint, int] | None = None,
    ) -> None:
        self._key = key
        self._host = host
        self._port = port
        self._more = dict(more or {})
        self._beside = beside
        self.make = session
        self.single_client = single_client
        self.lifetime = lifetime
        self.open: set[_Connection] = set()
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self._port

    @property
    def listening(self) -> bool:
        """False while the line is cut."""
        return self._server is not None

    @property
    @override
    def connection(self) -> Mapping[str, object]:
        return {self._key: f"{self._host}:{self._port}", **self._more}

    @override
    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        if self._beside is not None:
            first, shift = self._beside
            self._port = first.port + shift
        self._server = await loop.create_server(lambda: _Connection(self), self._host, self._port)
        self._port = int(self._server.sockets[0].getsockname()[1])

    @override
    async def cut(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            await deafen(server.sockets)
            server.close()
        for each in tuple(self.open):
            each.drop()

    @override
    async def mend(self) -> None:
        if self._server is None:
            await self.start()

    @override
    async def aclose(self) -> None:
        await self.cut()
        await asyncio.sleep(0)  # what was dropped is gone then

    @override
    def tell(self, lines: Iterable[bytes]) -> None:
        data = b"".join(lines)
        for each in self.open:
            each.send(data)


class _Connection(asyncio.Protocol):
    """One connection."""

    def __init__(self, endpoint: TcpEndpoint) -> None:
        self._endpoint = endpoint
        self._session = endpoint.make()
        self._transport: asyncio.Transport | None = None
        self._end: asyncio.TimerHandle | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        late = not self._endpoint.listening  # it was accepted just before the line was cut
        if late or (self._endpoint.single_client and self._endpoint.open):
            self._transport.abort()
            return
        self._endpoint.open.add(self)
        if self._endpoint.lifetime is not None:
            self._end = asyncio.get_running_loop().call_later(self._endpoint.lifetime, self.drop)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._endpoint.open.discard(self)
        if self._end is not None:
            self._end.cancel()

    @override
    def data_received(self, data: bytes) -> None:
        try:
            for answer in self._session.feed(data):
                self.send(answer)
        except HangUp:
            if self._transport is not None:
                self._transport.close()

    def send(self, data: bytes) -> None:
        """Send bytes."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def drop(self) -> None:
        """End the connection at once."""
        if self._transport is not None:
            self._transport.abort()
