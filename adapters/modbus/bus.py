"""One bus: a serial line or a TCP connection that every device on it shares, one request at a time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from adapters.common.priority import PriorityLock
from adapters.common.wire import Rank, Refused, Unreachable
from adapters.modbus.framings import Garbled, OutOfStep
from adapters.modbus.messages import BUSY, refusal
from adapters.modbus.planner import Learnt
from adapters.modbus.route import Place, Route

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adapters.modbus.channels import Channel
    from adapters.modbus.framings import Framing
    from adapters.modbus.manners import Manners
    from adapters.modbus.messages import Request
    from gateway.family.link import Chain

BROADCAST = 0
"""Unit id that every device on a serial line hears and none answers."""


class Bus:
    """Requests of all devices on a bus, the most urgent first.

    Attributes:
        learnt: What its units do not let through.
        good: The last read that a unit has answered.
        chains: Where the blocks of a unit's chain are, by number, until it is lost.
    """

    def __init__(self, place: Place, framing: Framing) -> None:
        self.learnt = Learnt()
        self.good: dict[int, Request] = {}
        self.chains: dict[tuple[int, Chain], Mapping[int, int]] = {}
        self._users: set[object] = set()
        self._place = place
        self._framing = framing
        self._route = Route(place)
        self._lock = PriorityLock()
        self._free = 0.0  # when the last frame ended
        self._gap = 0.0  # what the device of that frame wants after it
        self._silent: set[int] = set()
        self._unheard = 0
        self._late: dict[int, tuple[bytes, float]] = {}

    @property
    def name(self) -> str:
        """Where it is, for people."""
        return self._place.name

    async def connect(self, manners: Manners, user: object) -> None:
        """Be connected for a user, until it is released.

        Raises:
            Unreachable: ``no-connection``.
        """
        self._users.add(user)
        async with self._lock.at(Rank.ORDER):
            await self._route.ready(manners)

    async def release(self, user: object) -> None:
        """Close the connection once nobody uses it."""
        self._users.discard(user)
        if not self._users:
            await self.aclose()

    async def aclose(self) -> None:
        """Close the connection; a request may open it again."""
        async with self._lock.at(Rank.ORDER):
            await self._route.give_up()
            self._late.clear()

    async def request(self, request: Request, manners: Manners, rank: Rank) -> bytes:
        """Send a request until it is answered; gives function code and data of the answer.

        The bus is free for others between two tries. A device that was silent before is asked once in a poll: on a
        shared bus the others would pay for more.

        Raises:
            Unreachable: ``no-connection``, ``no-answer``, ``modbus-garbled``, ``modbus-other-unit``,
                ``connection-lost``, ``modbus-gateway``.
            Refused: ``modbus-exception``, with ``exception``.
        """
        spare = rank >= Rank.INPUT and request.unit in self._silent
        tries = 1 + manners.wake + (0 if spare else manners.retries)
        while True:
            tries -= 1
            try:
                return await self._turn(request, manners, rank)
            except Unreachable as failure:
                hopeless = failure.code == "no-connection" or (manners.fragile and failure.code == "connection-lost")
                if hopeless or not tries:
                    self._silent.add(request.unit)
                    raise
            except Refused as refused:
                if not tries or refused.params["exception"] != BUSY:
                    raise

    async def _turn(self, request: Request, manners: Manners, rank: Rank) -> bytes:
        if (wait := self._late_for(request)) > 0:
            await asyncio.sleep(wait)
        async with self._lock.at(rank):
            # The other request may have been sent once more meanwhile: nobody waits for that twice.
            if (wait := self._late_for(request)) > 0:
                await asyncio.sleep(wait)
            return await self._once(request, manners)

    def _late_for(self, request: Request) -> float:
        """Seconds to wait until no answer to another request can be taken for that to this one.

        Without numbers, an answer that comes too late looks like that to the next request of the same kind. The same
        request again has the same answer.
        """
        sent, until = self._late.get(request.unit, (request.pdu, 0.0))
        return 0.0 if sent == request.pdu else until - asyncio.get_running_loop().time()

    async def _once(self, request: Request, manners: Manners) -> bytes:
        await self._pace(manners)
        if self._route.channel is not None and not self._framing.numbered:
            await self._route.channel.drain()
        channel = await self._route.ready(manners)  # what is drained last may be the end
        try:
            answer = await self._exchange(channel, request, manners)
        except Unreachable:
            await self._unanswered(manners)
            raise
        finally:
            self._free = asyncio.get_running_loop().time()
            self._gap = manners.gap
        self._route.answered()
        self._silent.discard(request.unit)
        self._unheard = 0
        failure = refusal(request, answer, self._address(request))
        if failure is not None:
            raise failure
        return answer

    async def _pace(self, manners: Manners) -> None:
        silence = max(self._place.silence, manners.gap, self._gap)
        wait = self._free + silence - asyncio.get_running_loop().time()
        if wait > 0:
            await asyncio.sleep(wait)

    async def _unanswered(self, manners: Manners) -> None:
        """Give up a connection that is closed, out of step, or that nobody seems to listen to any more."""
        self._unheard += 1
        patience = 1 + manners.wake + manners.retries
        dead = self._framing.numbered and self._unheard >= (patience if manners.single else 2 * patience)
        if dead or self._route.channel is None:
            self._unheard = 0
            self._late.clear()
            await self._route.give_up()

    async def _exchange(self, channel: Channel, request: Request, manners: Manners) -> bytes:
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[bytes] = loop.create_future()
        frame = self._framing.encode(request)
        patience = manners.timeout + self._place.character * (len(frame) + self._framing.length(request))

        def heard() -> None:
            if answered.done():
                return
            try:
                answer = self._framing.take(channel.buffer, request, frame)
            except Garbled as garbled:
                channel.closed = channel.closed or isinstance(garbled, OutOfStep)
                answered.set_exception(self._failure("modbus-garbled", request))
                return
            if answer is not None:
                answered.set_result(answer)
            elif channel.closed:
                answered.set_exception(self._failure("connection-lost", request))

        def expired() -> None:
            if not answered.done():
                answered.set_exception(self._silence(channel, request))

        channel.listener = heard
        timer = loop.call_later(patience, expired)
        outstanding = True
        try:
            channel.write(frame)
            if self._is_broadcast(request, manners):
                await asyncio.sleep(self._place.character * len(frame))
                answer = request.pdu
            else:
                answer = await answered
            outstanding = False
        finally:
            timer.cancel()
            channel.listener = None
            self._note_late(request, patience, outstanding=outstanding)
        return answer

    def _is_broadcast(self, request: Request, manners: Manners) -> bool:
        """Whether nobody will answer. Behind TCP, the standard's unit 0 is the device itself."""
        known = {manners.broadcast} if manners.broadcast else set[int]()
        if self._place.character:
            known.add(BROADCAST)
        return request.writes and request.unit in known

    def _note_late(self, request: Request, patience: float, *, outstanding: bool) -> None:
        """Note that an answer may still come: it did not in time, or only that to an earlier try did."""
        if self._framing.numbered:
            return
        now = asyncio.get_running_loop().time()
        _, before = self._late.get(request.unit, (b"", 0.0))
        if outstanding or before > now:
            self._late[request.unit] = (request.pdu, now + patience)
        else:
            self._late.pop(request.unit, None)

    def _silence(self, channel: Channel, request: Request) -> Unreachable:
        """What it means that no answer came in time."""
        other = self._framing.other_unit(bytes(channel.buffer), request)
        if other is not None:
            return self._failure("modbus-other-unit", request, other=other)
        noise = self._framing.noise or channel.buffer
        return self._failure("modbus-garbled" if noise else "no-answer", request)

    def _failure(self, code: str, request: Request, **params: object) -> Unreachable:
        return Unreachable(code, where=self._address(request), request=request.what, **params)

    def _address(self, request: Request) -> str:
        return f"{self.name} unit {request.unit}"
