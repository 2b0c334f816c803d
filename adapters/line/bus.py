"""One line: one request at a time, and lines that come unasked in between."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from typing_extensions import override

from adapters.common.complaints import Complaints
from adapters.common.owed import Owed
from adapters.common.pace import Pace
from adapters.common.priority import PriorityLock
from adapters.common.serial_port import SerialTransport
from adapters.common.wire import Unreachable
from adapters.line.splitter import Splitter
from gateway.family.lines import compose, parse
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Callable

    from adapters.common.wire import Rank
    from adapters.line.opening import Opening
    from gateway.family.lines import Answer
    from gateway.family.link import Framing, LineLink

logger = logging.getLogger(__name__)

_NUMBERS = 255


class LineBus(asyncio.Protocol):
    """The line itself. It is opened by the first request, and again by the first one after a loss."""

    def __init__(self, address: str, opening: Opening, link: LineLink, framing: Framing) -> None:
        self.address = address
        self.users: set[object] = set()
        self.listeners: set[Callable[[str], None]] = set()
        self._opening = opening
        self._link = link
        self._framing = framing
        self._lock = PriorityLock()
        self._pace = Pace(link.gap_ms / 1000)
        self._owed = Owed()
        self._splitter = Splitter(framing.end)
        self._complaints = Complaints(logger, address)
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[Answer] | None = None
        self._sent = b""
        self._number = 0
        self._wanted: int | None = None

    async def open(self, rank: Rank) -> None:
        """Be ready to ask.

        Raises:
            Unreachable: the line cannot be opened.
        """
        async with self._lock.at(rank):
            await self._open()

    async def ask(self, text: str, *, rank: Rank, numbered: bool) -> Answer:
        """Send a request and wait for its answer or its refusal; a request without either is sent again.

        Args:
            text: What is said.
            rank: Who goes first.
            numbered: Whether the station numbers its answers.

        Raises:
            Unreachable: no answer that can be understood.
            GatewayError: ``line-too-long``, or the text cannot be sent on a line.
        """
        for _ in range(self._link.retries + 1):
            async with self._lock.at(rank):  # a repeat lets those of a lower rank go first
                await self._open()
                await self._owed.clear_for(text)
                with suppress(TimeoutError):
                    return await self._exchange(text, numbered=numbered)
        raise Unreachable("no-answer", where=self.address, request=text)

    async def aclose(self) -> None:
        """Give the line back."""
        transport, self._transport = self._transport, None
        if transport is None:
            return
        transport.abort()  # at once: nothing of the old connection may come into the next one
        if isinstance(transport, SerialTransport):
            await transport.wait_closed()

    async def _open(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            return
        await self.aclose()
        self._splitter.clear()
        self._owed.forgive()
        self._transport = await self._opening.open(self)

    async def _exchange(self, text: str, *, numbered: bool) -> Answer:
        number = self._number % _NUMBERS + 1 if numbered else None
        data = compose(self._framing, text, sequence=number)
        if len(data) > self._link.max_tx:
            raise GatewayError("line-too-long", text=text, limit=self._link.max_tx)
        await self._pace.ready()
        if self._transport is None or self._transport.is_closing():
            raise Unreachable("connection-lost", where=self.address)
        self._sent = data.removesuffix(self._framing.end.encode())
        waiter: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiter, self._wanted, self._number = waiter, number, number or self._number
        patience = self._link.timeout_ms / 1000
        if number is None:
            self._owed.sent(text, 2 * patience)  # later than that nothing comes
        self._transport.write(data)
        try:
            async with asyncio.timeout(patience):
                return await waiter
        finally:
            self._waiter = self._wanted = None
            self._pace.spent()

    @override
    def data_received(self, data: bytes) -> None:
        for line in self._splitter.feed(data):
            self._line(line)

    def _line(self, line: bytes) -> None:
        if self._framing.ok and line == self._sent:
            return  # an adapter of two-wire lines hears itself
        try:
            answer = self._understood(line)
        except GatewayError as error:
            self._complaints.once(error.code, "a line is not understood: %s", error)
            return
        if answer.kind == "unasked":
            for listener in tuple(self.listeners):
                listener(answer.text)
            return
        if self._wanted is not None and answer.sequence not in {None, self._wanted}:
            return  # it is late
        self._owed.came()
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(answer)

    def _understood(self, line: bytes) -> Answer:
        """What a line says; noise before its begin is cut off."""
        begin = line.rfind(self._framing.start.encode()) if self._framing.start else 0
        try:
            return parse(self._framing, line)
        except GatewayError:
            if begin <= 0:
                raise
            return parse(self._framing, line[begin:])

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(Unreachable("connection-lost", where=self.address))
