"""A station on a line: its commands, and the points in their answers."""

from __future__ import annotations

import logging
import re
from contextlib import suppress
from typing import TYPE_CHECKING

from typing_extensions import override

from adapters.common.complaints import Complaints
from adapters.common.told import Told
from adapters.common.values import value_of
from adapters.common.wire import Rank, Refused, Took, Wire
from adapters.line.layout import Layout
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from adapters.line.bus import LineBus
    from gateway.family.family import AnyFamily, LineFamily
    from gateway.family.lines import Answer
    from gateway.family.link import LineCommand
    from gateway.family.value import Scalar, Value

logger = logging.getLogger(__name__)

_VERSION = re.compile(r"\d+")


class LineWire(Wire):
    """One station at the end of a line."""

    def __init__(self, family: LineFamily, bus: LineBus, connector: int) -> None:
        super().__init__(family)
        self._bus = bus
        self._connector = connector
        self._layout = Layout(family)
        self._complaints = Complaints(logger, bus.address)
        self._told = Told()
        self._firmware = ""
        self._dropped: set[str] = set()

    @property
    @override
    def address(self) -> str:
        return self._bus.address

    @override
    def use(self, family: AnyFamily) -> None:
        super().use(family)
        self._layout = Layout(family)
        self._dropped.clear()

    @override
    async def connect(self) -> None:
        if self not in self._bus.users:
            self._bus.users.add(self)
            self._bus.listeners.add(self._hear)
            self._dropped.clear()
        await self._bus.open(Rank.POLL)

    @override
    async def read(self, points: Collection[str], *, rank: Rank = Rank.POLL) -> Took:
        answers: dict[str, Mapping[str, Value]] = {}
        told: set[str] = set()
        refused: set[str] = set()
        for name in self._layout.commands_of(points):
            try:
                answers[name] = await self._asked(name, {"connector": self._connector}, rank)
                told |= self._told.outdated(self._layout.points_of(name))
            except Refused:
                refused.update(self._layout.points_of(name))
        values = self._values(answers, told.union(points))
        return Took(values={**values, **self._told.take()}, refused=frozenset(refused.intersection(points)))

    @override
    async def write(self, point: str, value: Scalar, *, fc: int | None = None, rank: Rank = Rank.ORDER) -> None:
        raise Refused("point-not-writable", point=point)

    @override
    async def send(self, name: str, args: Mapping[str, Scalar], *, rank: Rank = Rank.ORDER) -> Mapping[str, Value]:
        return await self._asked(name, {"connector": self._connector, **args}, rank)

    @override
    async def aclose(self) -> None:
        self._bus.users.discard(self)
        self._bus.listeners.discard(self._hear)
        if not self._bus.users:
            await self._bus.aclose()

    async def _asked(self, name: str, args: Mapping[str, Scalar], rank: Rank) -> dict[str, Value]:
        """The fields of a command's answer.

        Raises:
            Unreachable: as ``Wire.send``.
            Refused: as ``Wire.send``; an optional command that was refused is not sent again.
        """
        command = self._layout.command(name)
        if name in self._dropped:
            raise Refused("command-refused", request=name, answer="")
        text = command.tx.render(args)
        with suppress(Refused):  # a disturbed request is refused, too
            return await self._once(name, command, text, rank)
        try:
            return await self._once(name, command, text, rank)
        except Refused:
            if command.optional:
                self._dropped.add(name)
                logger.info("%s: %s is not there", self.address, name)
            raise

    async def _once(self, name: str, command: LineCommand, text: str, rank: Rank) -> dict[str, Value]:
        answer = await self._bus.ask(text, rank=rank, numbered=self._numbered())
        if answer.kind == "nack" and not command.accept_nack:
            raise Refused("command-refused", request=name, answer=answer.text)
        return self._fields(name, command, answer)

    def _fields(self, name: str, command: LineCommand, answer: Answer) -> dict[str, Value]:
        try:
            fields: dict[str, Value] = dict(self._layout.pattern(name).read(answer.text))
        except GatewayError as error:
            if answer.kind == "nack":
                raise Refused("command-refused", request=name, answer=answer.text) from error
            self._complaints.once(f"answer {name}", "the answer to %s is not understood: %s", command.tx.text, error)
            return {}
        self._complaints.over(f"answer {name}", "the answer to %s is understood again", command.tx.text)
        return fields

    def _values(self, answers: Mapping[str, Mapping[str, Value]], points: Collection[str]) -> dict[str, Value]:
        values = {
            name: value_of(name, point, self._layout.raw(name, answers), self._complaints)
            for name, point in self._layout.answered(answers, points)
        }
        self._firmware = str(values.get("firmware") or self._firmware)
        return values

    def _hear(self, line: str) -> None:
        """A line has come unasked: take its values, and have the station read."""
        heard = self._layout.unasked(line)
        if heard is not None:
            command, fields = heard
            # Only what the line has itself: a point made of fields of several commands is read anew.
            names = [each for each in self._layout.points_of(command) if self._layout.fields_of(each) <= fields.keys()]
            self._told.note(self._values({command: fields}, names))
        self.news.set()

    def _numbered(self) -> bool:
        """Whether the station numbers its answers; what its firmware is has to be known for that."""
        sequence = self._layout.framing.sequence
        return sequence is not None and (not sequence.since or _version(self._firmware) >= _version(sequence.since))


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(each) for each in _VERSION.findall(text))
