"""One station behind UDP: one request at a time, with the silence that it needs."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.common.owed import Owed
from adapters.common.pace import Pace
from adapters.common.priority import PriorityLock
from adapters.common.wire import Refused, Unreachable
from adapters.udp.answers import Heard
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from adapters.common.wire import Rank
    from adapters.udp.endpoint import Address, UdpEndpoint
    from gateway.family.link import Datagram, UdpLink


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """The request that is under way."""

    command: Datagram
    commands: Collection[Datagram]
    answer: asyncio.Future[Heard]


class UdpStation:
    """The station, shared by the wires of its connectors.

    Attributes:
        listeners: Called with every datagram that is no answer.
    """

    def __init__(self, endpoint: UdpEndpoint, host: str, port: int, link: UdpLink) -> None:
        self.where = f"{host}:{port}"
        self.users: set[object] = set()
        self.listeners: set[Callable[[Heard], None]] = set()
        self._endpoint = endpoint
        self._remote = (host, port)
        self._link = link
        self._address: Address | None = None
        self._lock = PriorityLock()
        self._pace = Pace(link.gap_ms / 1000)
        self._owed = Owed()
        self._asked: _Asked | None = None

    async def open(self, rank: Rank) -> None:
        """Be ready to ask.

        Raises:
            Unreachable: the port is taken, or there is no such host.
        """
        async with self._lock.at(rank):
            await self._open()

    async def ask(self, text: str, command: Datagram, commands: Collection[Datagram], rank: Rank) -> Heard | None:
        """Send a request, again if need be, and wait for its answer; None where the command has none.

        Args:
            text: What is sent.
            command: How the answer is known.
            commands: All of the family: what answers another one of them is late.
            rank: Who goes first.

        Raises:
            Unreachable: no answer.
            Refused: the answer is a refusal.
            GatewayError: ``point-value``: the text cannot be encoded.
        """
        try:
            data = text.encode(self._link.encoding)
        except UnicodeEncodeError as error:
            raise GatewayError("point-value", value=text) from error
        for _ in range(self._link.retries + 1):
            async with self._lock.at(rank):  # a repeat lets those of a lower rank go first
                await self._open()
                with suppress(TimeoutError):
                    return await self._exchange(text, data, command, commands)
        raise Unreachable("no-answer", where=self.where, request=text)

    async def aclose(self) -> None:
        """Hear no more of the station."""
        address, self._address = self._address, None
        if address is not None:
            await self._endpoint.leave(address)

    async def _open(self) -> None:
        if self._address is None:
            self._address = await self._endpoint.join(*self._remote, self._hear)

    async def _exchange(
        self, text: str, data: bytes, command: Datagram, commands: Collection[Datagram]
    ) -> Heard | None:
        if command.rx:
            await self._owed.clear_for(text)
        await self._pace.ready()
        if self._address is None:
            raise Unreachable("connection-lost", where=self.where)
        settle_s = 0.0
        answer: asyncio.Future[Heard] = asyncio.get_running_loop().create_future()
        self._asked = _Asked(command=command, commands=commands, answer=answer)
        try:
            self._endpoint.send(data, self._address)
            settle_s = command.settle_s
            if not command.rx and not command.match:
                return None
            patience = self._link.timeout_ms / 1000
            if command.rx:
                self._owed.sent(text, 2 * patience)  # later than that nothing comes
            async with asyncio.timeout(patience):
                return await answer
        finally:
            self._asked = None
            self._pace.spent(settle_s)

    def _hear(self, data: bytes) -> None:
        heard, asked = Heard.of(data, self._link.encoding), self._asked
        if heard.document is None:
            owed = self._owed.count
            self._owed.came()
            if asked is not None and (asked.command.rx or not owed):
                self._said(heard, asked)
        elif asked is not None and heard.answers(asked.command):
            if not asked.answer.done():
                asked.answer.set_result(heard)
        else:
            for listener in tuple(self.listeners):
                listener(heard)

    def _said(self, heard: Heard, asked: _Asked) -> None:
        """A text has come that no other request is owed: success, refusal, or neither."""
        if asked.answer.done():
            return
        if heard.answers(asked.command):
            asked.answer.set_result(heard)
        elif heard.refuses(asked.commands):
            asked.answer.set_exception(Refused("command-refused", request=asked.command.tx.text, answer=heard.shown))
