"""Commands on a serial line, as a simulated station answers them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from gateway.bench.family.endpoint import Session
from gateway.bench.family.raws import kind_of
from gateway.family.checksums import xor
from gateway.family.lines import compose
from gateway.family.pattern import Pattern
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateway.bench.family.outlet import Outlet
    from gateway.family.family import LineFamily
    from gateway.family.link import LineCommand
    from gateway.family.value import Value

_MOST = 4096
_HEX = 16


class LineSession(Session):
    """One partner on the line."""

    def __init__(self, family: LineFamily, outlet: Outlet) -> None:
        self._family = family
        self._outlet = outlet
        self._rest = b""

    @override
    def feed(self, data: bytes) -> Iterator[bytes]:
        end = self._family.framing.end.encode()
        *lines, self._rest = (self._rest + data)[-_MOST:].split(end)
        for line in lines:
            text = line.decode("ascii", "replace").strip("\r\n\0 ")
            if text:
                yield from self._obey(text, len(line) + len(end))

    def _obey(self, line: str, length: int) -> Iterator[bytes]:
        framing = self._family.framing
        text, sequence, good = self._taken_apart(line)
        if not self._outlet.heard():
            return
        answer = None
        if good and length <= self._family.link.max_tx:
            answer = self._answer(text)
        if answer is None:
            if framing.nack:
                yield compose(framing, framing.nack, sequence=sequence)
            return
        begin, said = answer
        yield compose(framing, f"{begin} {said}".strip(), sequence=sequence)

    def _taken_apart(self, line: str) -> tuple[str, int | None, bool]:
        """The command of a line, its number, and whether its checksum is right."""
        framing, good, sequence = self._family.framing, True, None
        if framing.checksum is not None:
            said, found, digits = line.rpartition(framing.checksum.prefix)
            if found:
                good, line = _is_number(digits) and int(digits, _HEX) == xor(said.encode()), said
            else:
                good = not framing.checksum.required
        if framing.sequence is not None:
            said, found, digits = line.rpartition(framing.sequence.prefix)
            if found and _is_number(digits):
                sequence, line = int(digits, _HEX), said
        return line, sequence, good

    def _answer(self, text: str) -> tuple[str, str] | None:
        """Begin and fields of the answer to a command; None: it is refused."""
        framing = self._family.framing
        for name, command in self._family.commands.items():
            args = _matched(command, text, framing.start)
            if args is None:
                continue
            begin = framing.ok
            try:
                self._outlet.send(name, args)
            except GatewayError:
                if not command.accept_nack:
                    return None
                begin = framing.nack
            return begin, write_fields(self._family, self._outlet, name, args) if command.rx else ""
        return None


def _is_number(digits: str) -> bool:
    return bool(digits) and all(each in "0123456789abcdefABCDEF" for each in digits)


def _matched(command: LineCommand, text: str, start: str) -> Mapping[str, Value] | None:
    """The arguments with which a line is a command; the family may write it with or without the line's start."""
    begins = command.tx.text.startswith(start)
    return command.tx.match(text if begins else text.removeprefix(start))


def write_fields(
    family: LineFamily, outlet: Outlet, command: str, args: Mapping[str, Value], rx: str | None = None
) -> str:
    """The fields of an answer, or (with ``rx``) of a line that comes unasked and has the same fields."""
    spec = family.commands[command]
    pattern = Pattern.parse(spec.rx if rx is None else rx, spec.optional_fields if rx is None else ())
    values: dict[str, Value] = {}
    for name, point in family.points.items():
        sources = (point.from_,) if isinstance(point.from_, str) else point.from_
        raw = outlet.raw(name) if any(each.startswith(f"{command}.") for each in sources) else None
        for place, source in enumerate(sources):
            if source.startswith(f"{command}.") and raw is not None:
                value = raw[place] if isinstance(raw, tuple) else raw
                values[source.partition(".")[2]] = value or 0 if kind_of(family, point) != "text" else value or "-"
    for field in pattern.names:
        if field not in values:
            values[field] = _echo(field, args)
    return pattern.write({field: _fitting(pattern, field, value) for field, value in values.items()})


def _echo(field: str, args: Mapping[str, Value]) -> Value:
    """What a field says of which there is no point: the argument that it repeats, or 0."""
    return next((value for name, value in args.items() if field.startswith(name)), 0)


def _fitting(pattern: Pattern, field: str, value: Value) -> Value:
    """A text without blanks for a field of text, a whole number for one of whole numbers."""
    if isinstance(value, str):
        return value.replace(" ", "_") or "-"
    if isinstance(value, float) and f"{{{field}:f}}" not in pattern.text:
        return int(value)
    return value


def unasked(family: LineFamily, outlet: Outlet) -> list[bytes]:
    """The lines that a change of the state brings."""
    found: list[bytes] = []
    for line in family.unasked.values():
        text = write_fields(family, outlet, line.command, {}, line.rx)
        begins = family.framing.unasked
        if begins and not text.startswith(begins):
            text = f"{begins[0]} {text}"
        found.append(compose(family.framing, text))
    return found
