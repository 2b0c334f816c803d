"""What a recorded answer of a station says about its points, by kind of family. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.family import documents, frames, lines, registers
from gateway.family.family import AsciiFamily, HttpFamily, LineFamily, ModbusFamily, MqttFamily, UdpFamily
from gateway.family.interpret import interpret
from gateway.family.pattern import Pattern
from gateway.family.pointer import get
from gateway.family.points import PathPoint, RegisterPoint
from gateway.family.vector_modbus import exchange
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateway.family.family import AnyFamily, Vector
    from gateway.family.points import FieldPoint, Point
    from gateway.family.template import Template
    from gateway.family.value import Value
    from gateway.family.vector_modbus import Exchange

    Raws = dict[str, Value]


def values_of(family: AnyFamily, vector: Vector) -> dict[str, Value]:
    """The values of every point that a vector's answer holds; derived values are not among them.

    Raises:
        GatewayError: ``vector-format``, ``answer-checksum`` or ``answer-format``: nothing can be read.
    """
    raws = _raws(family, vector)
    values: dict[str, Value] = {}
    for name, raw in raws.items():
        point = family.points[name]
        exponent = _exponent(family, point, raws)
        values[name] = None if exponent is None else interpret(point, raw, exponent=exponent)
    return values


def _raws(family: AnyFamily, vector: Vector) -> Raws:
    match family:
        case ModbusFamily():
            return dict(_registers(family, exchange(vector), vector.model))
        case AsciiFamily():
            return dict(_frames(family, exchange(vector, family.link)))
        case LineFamily():
            return _fields(family, vector)
        case MqttFamily():
            heard = {name for name, topic in family.topics.items() if topic.sub and _is(topic.sub, vector.topic)}
            return dict(_paths(family.points, heard, documents.read(vector.payload)))
        case HttpFamily():
            return _of_source(family.points, family.requests, vector)
        case UdpFamily():
            return _datagram(family, vector)


def _is(template: Template, text: str) -> bool:
    return template.match(text) is not None


def _exponent(family: AnyFamily, point: Point, raws: Raws) -> int | None:
    """The power of ten of a point; None where the point that holds it has no value."""
    if not isinstance(point, RegisterPoint) or not point.exponent:
        return 0
    holder = family.points.get(point.exponent)
    found = interpret(holder, raws.get(point.exponent)) if holder is not None else None
    return int(found) if isinstance(found, int | float) else None


def _registers(family: ModbusFamily, found: Exchange, model: int) -> Iterator[tuple[str, Value]]:
    for name, point in family.points.items():
        if model not in (point.model or (0,)):
            continue  # its address counts from elsewhere
        first = point.at - found.at
        if not found.write and point.table == found.table and 0 <= first <= len(found.words) - point.span:
            yield name, registers.decode(point, found.words[first : first + point.span])


def _frames(family: AsciiFamily, found: Exchange) -> Iterator[tuple[str, Value]]:
    if found.write or not found.words:
        return
    for name, point in family.points.items():
        frame = family.frames.get(point.frame)
        if frame is not None and (frame.at, frame.n) == (found.at, len(found.words)):
            yield name, frames.decode(point, found.data)


def command_of(family: LineFamily, text: str) -> str:
    """The command that a line's text is.

    Raises:
        GatewayError: ``vector-format``: none.
    """
    for name, command in family.commands.items():
        if _is(command.tx, text) or _is(command.tx, text.removeprefix(family.framing.start)):
            return name
    raise GatewayError("vector-format", what=text)


def _fields(family: LineFamily, vector: Vector) -> Raws:
    if vector.tx:
        said, _ = lines.request(family.framing, vector.tx.encode())
        name = command_of(family, said)
        if not vector.rx:
            return {}
        answer = lines.parse(family.framing, vector.rx.encode())
        command = family.commands[name]
        if answer.kind == "unasked" or (answer.kind == "nack" and not command.accept_nack):
            raise GatewayError("vector-format", what=vector.rx)
        fields: Mapping[str, Value] = dict(Pattern.parse(command.rx, command.optional_fields).read(answer.text))
    else:
        name, fields = _unasked(family, lines.parse(family.framing, vector.rx.encode()).text)
    found = ((point, _field(each, name, fields)) for point, each in family.points.items())
    return {point: value for point, value in found if value is not None}


def _unasked(family: LineFamily, text: str) -> tuple[str, Mapping[str, Value]]:
    for each in family.unasked.values():
        try:
            return each.command, dict(Pattern.parse(each.rx).read(text))
        except GatewayError:
            continue  # another one's line
    raise GatewayError("vector-format", what=text)


def _field(point: FieldPoint, command: str, fields: Mapping[str, Value]) -> Value:
    if isinstance(point.from_, str):
        return fields.get(point.from_.removeprefix(f"{command}."))
    row = [fields.get(each.removeprefix(f"{command}.")) for each in point.from_]
    known = [None if isinstance(each, tuple) else each for each in row]
    return None if known == [None] * len(known) else tuple(known)


def _paths(points: Mapping[str, PathPoint], sources: set[str], document: object) -> Iterator[tuple[str, Value]]:
    for name, point in points.items():
        if point.from_ in sources:
            yield name, documents.decode(point, document)


def _of_source(points: Mapping[str, PathPoint], known: Mapping[str, object], vector: Vector) -> Raws:
    if vector.source and vector.source not in known:
        raise GatewayError("vector-format", what=vector.source)
    return dict(_paths(points, {vector.source}, documents.read(vector.payload))) if vector.payload else {}


def _datagram(family: UdpFamily, vector: Vector) -> Raws:
    if vector.source:
        return _of_source(family.points, family.commands, vector)
    document = documents.read(vector.payload)
    for name, command in family.commands.items():
        if command.match and all(str(get(document, f"/{key}")) == value for key, value in command.match.items()):
            return dict(_paths(family.points, {name}, document))
    pushed = {name: point for name, point in family.points.items() if point.push}
    found = ((name, documents.decode(point, document)) for name, point in pushed.items())
    return {name: value for name, value in found if value is not None}
