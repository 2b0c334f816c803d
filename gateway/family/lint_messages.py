"""Commands, topics, requests and frames of a family: that they are whole, and that what names them finds them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.config.findings import Problem
from gateway.config.translate import suggest
from gateway.family.family import AsciiFamily, HttpFamily, LineFamily, ModbusFamily, MqttFamily, UdpFamily
from gateway.family.frames import span
from gateway.family.lint_walk import steps
from gateway.family.pattern import Pattern
from gateway.family.pointer import tokens
from gateway.family.points import FieldPoint, FramePoint, PathPoint, ToldPoint
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gateway.config.positions import KeyPath
    from gateway.family.family import AnyFamily
    from gateway.family.template import Template

    Messages = Mapping[str, tuple[Template, ...]]

GIVEN = frozenset({"connector"})
_GIVEN_BY_KIND = {"mqtt": frozenset({"prefix"}), "http-json": frozenset({"host", "port"})}
"""Placeholders that the wire itself fills in: for every kind, and by kind."""


def check_messages(family: AnyFamily) -> Iterator[Problem]:
    """Everything about messages."""
    yield from _shapes(family)
    yield from _sends(family)
    for name, point in family.points.items():
        if isinstance(point, ToldPoint):
            yield from _switches(family, ("points", name), point)
        match point:
            case FieldPoint() if isinstance(family, LineFamily):
                wanted = (point.from_,) if isinstance(point.from_, str) else point.from_
                for each in wanted:
                    yield from _field(family, ("points", name, "from"), each)
            case PathPoint():
                yield from _path_point(family, ("points", name), point)
            case FramePoint() if isinstance(family, AsciiFamily):
                yield from _frame_point(family, ("points", name), point)


def _shapes(family: AnyFamily) -> Iterator[Problem]:
    match family:
        case LineFamily():
            for name, command in family.commands.items():
                yield from _pattern(("commands", name, "rx"), command.rx, command.optional_fields)
            for name, unasked in family.unasked.items():
                yield from _pattern(("unasked", name, "rx"), unasked.rx, ())
                if unasked.command not in family.commands:
                    yield _unknown(("unasked", name, "command"), unasked.command, family.commands)
        case MqttFamily():
            for name, topic in family.topics.items():
                if topic.sub is None and topic.pub is None:
                    yield Problem(code="family-message-empty", path=("topics", name), params={"allowed": "sub, pub"})
        case HttpFamily():
            for name, request in family.requests.items():
                methods = (request.get, request.post, request.put, request.delete)
                if sum(each is not None for each in methods) != 1:
                    allowed = "get, post, put, delete"
                    yield Problem(code="family-message-empty", path=("requests", name), params={"allowed": allowed})
                yield from _pointer(("requests", name, "expect_ptr"), request.expect_ptr)
        case _:
            return


def _messages(family: AnyFamily) -> Messages:
    """What a step may send, with its templates."""
    match family:
        case LineFamily() | UdpFamily():
            return {name: (command.tx,) for name, command in family.commands.items()}
        case MqttFamily():
            topics = family.topics.items()
            return {name: tuple(t for t in (each.pub, each.payload) if t) for name, each in topics if each.pub}
        case HttpFamily():
            return {
                name: tuple(t for t in (each.get, each.post, each.put, each.delete, each.body) if t)
                for name, each in family.requests.items()
            }
        case ModbusFamily() | AsciiFamily():
            return {}


def _sends(family: AnyFamily) -> Iterator[Problem]:
    known = _messages(family)
    for path, step in steps(family):
        if not step.send:
            continue
        if step.send not in known:
            yield _unknown((*path, "send"), step.send, known)
            continue
        wanted = _placeholders(family, known[step.send])
        for name in sorted(wanted.difference(step.args)):
            yield Problem(code="family-args-missing", path=path, params={"name": name, "message": step.send})
        for name in sorted(set(step.args) - wanted):
            params = {"name": name, "message": step.send}
            where = (*path, "args", name)
            yield Problem(
                code="family-args-unused", path=where, params=params, on_key=True, suggestion=suggest(name, wanted)
            )


def _placeholders(family: AnyFamily, templates: tuple[Template, ...]) -> frozenset[str]:
    found: frozenset[str] = frozenset().union(*(each.names for each in templates))
    return found - GIVEN - _GIVEN_BY_KIND.get(family.kind, frozenset())


def _field(family: LineFamily, path: KeyPath, place: str) -> Iterator[Problem]:
    name, _, field = place.partition(".")
    command = family.commands.get(name)
    if command is None:
        yield _unknown(path, name, family.commands)
        return
    yield from _polled(family, path, name, (command.tx,))
    try:
        fields = Pattern.parse(command.rx, command.optional_fields).names
    except GatewayError:
        return  # it has its own finding
    if field not in fields:
        params = {"name": field, "message": name}
        yield Problem(code="family-field-unknown", path=path, params=params, suggestion=suggest(field, fields))


def _path_point(family: AnyFamily, path: KeyPath, point: PathPoint) -> Iterator[Problem]:
    for each in (point.ptr,) if isinstance(point.ptr, str) else point.ptr:
        yield from _pointer((*path, "ptr"), each)
    if isinstance(family, MqttFamily):
        heard = [name for name, topic in family.topics.items() if topic.sub is not None]
        if point.from_ not in heard:
            yield _unknown((*path, "from"), point.from_, heard)
        return
    known = _messages(family)
    if point.from_ not in known:
        yield _unknown((*path, "from"), point.from_, known)
    else:
        yield from _polled(family, (*path, "from"), point.from_, known[point.from_])


def _polled(family: AnyFamily, path: KeyPath, name: str, templates: tuple[Template, ...]) -> Iterator[Problem]:
    """What is asked for by itself has nobody who fills in a placeholder; an order's answer is heard all the same."""
    if any(step.send == name for _, step in steps(family)):
        return
    for each in sorted(_placeholders(family, templates)):
        yield Problem(code="family-args-missing", path=path, params={"name": each, "message": name})


def _switches(family: AnyFamily, path: KeyPath, point: ToldPoint) -> Iterator[Problem]:
    known = _messages(family)
    for key, name in (("on", point.on), ("off", point.off)):
        if name and name not in known:
            yield _unknown((*path, key), name, known)
        for each in sorted(_placeholders(family, known.get(name, ()))):
            yield Problem(code="family-args-missing", path=(*path, key), params={"name": each, "message": name})


def _frame_point(family: AsciiFamily, path: KeyPath, point: FramePoint) -> Iterator[Problem]:
    frame = family.frames.get(point.frame)
    if frame is None:
        yield _unknown((*path, "frame"), point.frame, family.frames)
        return
    if point.byte + span(point) > 2 * frame.n:
        params = {"name": path[-1], "frame": point.frame, "size": 2 * frame.n, "end": point.byte + span(point)}
        yield Problem(code="family-frame-short", path=path, params=params)
    if (point.readable and frame.access == "w") or (point.writable and frame.access == "r"):
        params = {"name": path[-1], "frame": point.frame, "access": frame.access}
        yield Problem(code="family-frame-access", path=path, params=params)
    if point.order and sorted(point.order) != list(range(point.n)):
        yield Problem(code="family-order", path=(*path, "order"), params={"count": point.n})


def _pattern(path: KeyPath, text: str, optional: tuple[str, ...]) -> Iterator[Problem]:
    try:
        Pattern.parse(text, optional)
    except GatewayError as error:
        yield Problem(code=error.code, path=path, params=error.params)


def _pointer(path: KeyPath, pointer: str) -> Iterator[Problem]:
    try:
        tokens(pointer)
    except GatewayError as error:
        yield Problem(code=error.code, path=path, params=error.params)


def _unknown(path: KeyPath, name: str, known: Iterable[str]) -> Problem:
    return Problem(
        code="family-message-unknown", path=path, params={"name": name}, suggestion=suggest(name, sorted(known))
    )
