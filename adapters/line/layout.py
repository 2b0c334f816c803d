"""Which command brings which point of a line family. Pure."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from gateway.family.family import AnyFamily, LineFamily
from gateway.family.pattern import Pattern
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from gateway.family.link import Framing, LineCommand
    from gateway.family.points import FieldPoint
    from gateway.family.value import Scalar, Value

_GIVEN = frozenset({"connector"})
"""What a command may need and still be a question that can be asked at any time."""


class Layout:
    """Commands, the formats of their answers, and the points in them.

    Raises:
        GatewayError: ``wire-unknown``: the family is of another kind; ``pattern-syntax``.
    """

    def __init__(self, family: AnyFamily) -> None:
        if not isinstance(family, LineFamily):
            raise GatewayError("wire-unknown", kind=family.kind)
        self.framing: Framing = family.framing
        self._commands = family.commands
        self._points = family.points
        self._patterns = {
            name: Pattern.parse(command.rx, command.optional_fields) for name, command in family.commands.items()
        }
        self._unasked = [(each.command, Pattern.parse(each.rx)) for each in family.unasked.values()]
        # Point -> (command, field) for each of its values.
        self._from = {
            name: tuple((each.partition(".")[0], each.partition(".")[2]) for each in _row(point))
            for name, point in family.points.items()
        }

    def command(self, name: str) -> LineCommand:
        """A command.

        Raises:
            GatewayError: ``message-unknown``.
        """
        if name not in self._commands:
            raise GatewayError("message-unknown", value=name)
        return self._commands[name]

    def pattern(self, name: str) -> Pattern:
        """The format of a command's answer."""
        return self._patterns[name]

    def commands_of(self, points: Collection[str]) -> list[str]:
        """The commands that have to be asked for points, each once; those that want values are no questions."""
        wanted = {command for name in points if name in self._from for command, _ in self._from[name]}
        return [name for name, command in self._commands.items() if name in wanted and command.tx.names <= _GIVEN]

    def points_of(self, command: str) -> list[str]:
        """The points that need a command's answer."""
        return [name for name, row in self._from.items() if any(each == command for each, _ in row)]

    def fields_of(self, point: str) -> frozenset[str]:
        """The fields that make a point."""
        return frozenset(field for _, field in self._from[point])

    def answered(
        self, answers: Mapping[str, Mapping[str, Value]], points: Collection[str]
    ) -> Iterator[tuple[str, FieldPoint]]:
        """Those of the points that have an answer."""
        for name in points:
            if name in self._from and any(command in answers for command, _ in self._from[name]):
                yield name, self._points[name]

    def raw(self, point: str, answers: Mapping[str, Mapping[str, Value]]) -> Value:
        """The raw value of a point; None for a field that did not come."""
        row = tuple(_scalar(answers.get(command, {}).get(field)) for command, field in self._from[point])
        return row if isinstance(self._points[point].from_, tuple) else row[0]

    def unasked(self, line: str) -> tuple[str, dict[str, Value]] | None:
        """The command whose answer a line updates, and the fields; None if no more than that it came is known."""
        for command, pattern in self._unasked:
            with suppress(GatewayError):  # another one's line
                return command, dict(pattern.read(line))
        return None


def _row(point: FieldPoint) -> tuple[str, ...]:
    return point.from_ if isinstance(point.from_, tuple) else (point.from_,)


def _scalar(value: Value) -> Scalar:
    return None if isinstance(value, tuple) else value
