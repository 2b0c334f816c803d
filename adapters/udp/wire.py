"""A station behind UDP: its reports, and what it tells unasked."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from typing_extensions import override

from adapters.common.complaints import Complaints
from adapters.common.told import Told
from adapters.common.values import document_values, value_of
from adapters.common.wire import Rank, Refused, Took, Unreachable, Wire
from adapters.udp.answers import holds
from gateway.family.documents import decode
from gateway.family.family import AnyFamily, UdpFamily
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from adapters.udp.answers import Heard
    from adapters.udp.station import UdpStation
    from gateway.family.points import PathPoint
    from gateway.family.value import Scalar, Value

logger = logging.getLogger(__name__)

_GIVEN = frozenset({"connector"})


class UdpWire(Wire):
    """One connector of a station."""

    def __init__(self, family: UdpFamily, station: UdpStation, connector: int) -> None:
        super().__init__(family)
        self._udp = family
        self._station = station
        self._connector = connector
        self._complaints = Complaints(logger, station.where)
        self._told = Told()
        self._alive = False

    @property
    @override
    def address(self) -> str:
        return self._station.where

    @override
    def use(self, family: AnyFamily) -> None:
        if not isinstance(family, UdpFamily):
            raise GatewayError("wire-unknown", kind=family.kind)
        super().use(family)
        self._udp = family

    @override
    async def connect(self) -> None:
        self._station.users.add(self)
        self._station.listeners.add(self._hear)
        await self._station.open(Rank.POLL)

    @override
    async def read(self, points: Collection[str], *, rank: Rank = Rank.POLL) -> Took:
        values: dict[str, Value] = {}
        refused: set[str] = set()
        for name in self._udp.commands:
            wanted = {each: self._udp.points[each] for each in points if self._from(each) == name}
            if not wanted or not self._udp.commands[name].tx.names <= _GIVEN:
                continue
            try:
                values |= await self._asked(name, {}, wanted, rank)
            except Refused:
                refused |= wanted.keys()
            except Unreachable:
                # A station that speaks, but not of this: it has none of it.
                if not self._alive or not all(point.optional for point in wanted.values()):
                    self._alive = False
                    raise
                refused |= wanted.keys()
        return Took(values={**values, **self._told.take()}, refused=frozenset(refused))

    @override
    async def write(self, point: str, value: Scalar, *, fc: int | None = None, rank: Rank = Rank.ORDER) -> None:
        raise Refused("point-not-writable", point=point)

    @override
    async def send(self, name: str, args: Mapping[str, Scalar], *, rank: Rank = Rank.ORDER) -> Mapping[str, Value]:
        if name not in self._udp.commands:
            raise GatewayError("message-unknown", value=name)
        wanted = {each: point for each, point in self._udp.points.items() if point.from_ == name}
        return await self._asked(name, args, wanted, rank)

    @override
    async def aclose(self) -> None:
        self._alive = False
        self._station.users.discard(self)
        self._station.listeners.discard(self._hear)
        if not self._station.users:
            await self._station.aclose()

    def _from(self, point: str) -> str:
        return self._udp.points[point].from_ if point in self._udp.points else ""

    async def _asked(
        self, name: str, args: Mapping[str, Scalar], wanted: Mapping[str, PathPoint], rank: Rank
    ) -> dict[str, Value]:
        """Send a command; gives what its answer says of points."""
        command = self._udp.commands[name]
        text = command.tx.render({"connector": self._connector, **args})
        heard = await self._station.ask(text, command, self._udp.commands.values(), rank)
        self._alive = True
        if heard is None:
            return {}
        told = self._told.outdated(each for each, point in self._udp.points.items() if point.from_ == name)
        wanted = {**wanted, **{each: self._udp.points[each] for each in told}}
        return document_values(name, wanted, heard.text.encode(), self._complaints)

    def _hear(self, heard: Heard) -> None:
        """A datagram that nobody asked for: take what it says, and have the station read."""
        if heard.answers_one_of(self._udp.commands.values()):
            return  # it is the late answer to a request that was given up
        self._told.note(
            {
                name: value_of(name, point, decode(point, heard.document), self._complaints)
                for name, point in self._udp.points.items()
                if point.push and holds(heard.document, point.ptr)
            }
        )
        self.news.set()
