"""Old stations on the load side: each posts its next message when the last one is answered."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

from typing_extensions import override

from benchmarks import messages
from benchmarks.messages import Scenario

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.ledger import Ledger

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_TRANSACTION = re.compile(rb"transactionId>(\d+)<")
_GRAIN = timedelta(milliseconds=1)


class Post(asyncio.Protocol):
    """One HTTP connection that posts requests and reads answers."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._answer: asyncio.Future[bytes] | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    @override
    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, blank, body = self._buffer.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if blank and length is not None and len(body) >= int(length[1]):
            self._buffer = b""
            self._settle(head + blank + body)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._settle(b"")

    @property
    def open(self) -> bool:
        """True while connected."""
        return self._transport is not None and not self._transport.is_closing()

    async def send(self, request: bytes) -> bytes:
        """Post, and give the whole answer; empty if the connection was lost instead."""
        if self._transport is None:
            return b""
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        """Close the connection."""
        if self._transport is not None:
            self._transport.close()

    def _settle(self, answer: bytes) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(answer)


@dataclass(slots=True, kw_only=True)
class OldStation:
    """One simulated station, with an address of its own in 127/8 as in a cabinet.

    Attributes:
        name: identity northbound.
        path: of its WebSocket at the CSMS, without the leading slash.
        port: of the SOAP listener.
        address: its own.
        keep_alive: one connection for all messages; False: a new one each, as old stations do.
        faults: answers that were no success.
    """

    name: str
    path: str
    port: int
    address: str
    ledger: Ledger
    keep_alive: bool
    transaction: int = 0
    faults: int = 0
    _number: int = 0
    _last: datetime = field(default_factory=lambda: datetime.now(UTC))
    _post: Post | None = None

    async def boot(self) -> None:
        """Send a BootNotification."""
        await self._exchange(messages.boot(self.name))

    async def begin(self) -> None:
        """Start the transaction to which the readings belong."""
        answer = await self._exchange(messages.start(self.name, self._stamp()))
        found = _TRANSACTION.search(answer)
        self.transaction = int(found[1]) if found else 1

    async def run(self, scenario: Scenario, numbers: Iterator[int], spacing: float) -> list[float]:
        """Send messages, one after the other, as long as there are numbers.

        Args:
            scenario: what to send.
            numbers: shared by all stations, from 0.
            spacing: message n is due n times so many seconds from now; 0: at once.

        Returns:
            Seconds from request to answer.
        """
        times: list[float] = []
        begin = time.perf_counter()
        for number in numbers:
            await asyncio.sleep(max(begin + number * spacing - time.perf_counter(), 0.0))
            self._number += 1
            stamp = self._stamp()
            if scenario is Scenario.STATUS:
                body = messages.status(self.name, self._number, stamp)
            else:
                body = messages.meter(self.name, self.transaction, stamp)
            self.ledger.sent((self.path, stamp))
            start = time.perf_counter()
            await self._exchange(body)
            times.append(time.perf_counter() - start)
        return times

    def close(self) -> None:
        """Close the kept connection."""
        if self._post is not None:
            self._post.close()

    async def _exchange(self, body: str) -> bytes:
        request = messages.http(body, keep_alive=self.keep_alive)
        post = self._post
        if post is None or not post.open:
            loop = asyncio.get_running_loop()
            _, post = await loop.create_connection(Post, "127.0.0.1", self.port, local_addr=(self.address, 0))
        answer = await post.send(request)
        self.faults += not answer.startswith(b"HTTP/1.1 200")
        if self.keep_alive:
            self._post = post
        else:
            post.close()
        return answer

    def _stamp(self) -> str:
        """The time now, never the same twice."""
        self._last = max(datetime.now(UTC), self._last + _GRAIN)
        return self._last.isoformat(timespec="milliseconds").replace("+00:00", "Z")
