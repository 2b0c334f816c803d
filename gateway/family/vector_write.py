"""What the verbs of a family put on the wire, compared with what was recorded. Pure."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

from gateway.family import documents, frames, lines, registers
from gateway.family.control import LimitControl, PhasesControl, SequenceControl, Step, SwitchControl
from gateway.family.expression import Expression
from gateway.family.family import AsciiFamily, HttpFamily, LineFamily, ModbusFamily, MqttFamily, UdpFamily
from gateway.family.interpret import raw_of
from gateway.family.vector_modbus import WRITES, exchange
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateway.family.control import Steps
    from gateway.family.family import AnyFamily, Vector
    from gateway.family.link import Request
    from gateway.family.points import RegisterPoint
    from gateway.family.value import Scalar, Value

    Known = Mapping[str, Value]


def written(family: AnyFamily, vector: Vector, name: str, value: object, values: Known) -> tuple[bool, str]:
    """Whether a write gives what was recorded, and what it gives.

    Args:
        family: The family.
        vector: What was recorded.
        name: A point that can be written, or a verb of ``[control]``, ``watchdog``, ``init`` or ``safe``.
        value: What it is set to.
        values: What is known of other points, for the expressions.

    Raises:
        GatewayError: ``vector-format``: there is no such point or verb, or the record is no write;
            ``point-value``, ``template-value``, ``step-value``: the write is not possible.
    """
    steps, known = steps_of(family, name, value)
    shown: list[str] = []
    for step in steps:
        left_out = step.when is not None and step.when.evaluate({**values, **known}) is False
        if left_out or not (step.point or step.send):
            continue
        try:
            same, text = _compared(family, vector, step, {**values, **known})
        except KeyError as error:  # the step names something that the family lacks
            raise GatewayError("vector-format", what=step.point or step.send) from error
        if same:
            return True, text
        shown.append(text)
    return False, "; ".join(shown)


def steps_of(family: AnyFamily, name: str, value: object) -> tuple[Steps, dict[str, Value]]:
    """The steps of a write, and what it knows itself.

    Raises:
        GatewayError: ``vector-format``: there is no such point or verb.
    """
    point = family.points.get(name)
    if point is not None and point.writable:
        return (Step(point=name, value=Expression.parse("value")),), {"value": _scalar(value)}
    given: Scalar = _scalar(value)
    match getattr(family.control, name, None):
        case LimitControl() as limit:
            known: dict[str, Value] = {"value": given, "phases": 3}
            if limit.unit == "A":
                known["amps"] = given
            return _limit(family, limit, given), known
        case SwitchControl() as switch:
            return switch.on if value else switch.off, {"value": given}
        case PhasesControl() as phases:
            return phases.one if value == 1 else phases.three, {"phases": given}
        case SequenceControl() as sequence:
            return sequence.seq, {"value": given, "token": given}
    occasions = {"init": family.init, "safe": family.safe}
    if name == "watchdog":
        return family.watchdog.seq, {"value": given}
    occasion = occasions.get(name)
    if occasion is None:
        raise GatewayError("vector-format", what=name)
    return occasion.seq, {"value": given}


def _limit(family: AnyFamily, limit: LimitControl, value: Scalar) -> Steps:
    if value or limit.pause == "zero":
        return limit.write
    if limit.pause == "disable":
        return family.control.enable.off if family.control.enable else ()
    return limit.pause


def _compared(family: AnyFamily, vector: Vector, step: Step, known: Known) -> tuple[bool, str]:
    match family:
        case ModbusFamily():
            return _register_write(family.points[step.point], step, vector, known)
        case AsciiFamily():
            found = exchange(vector, family.link)
            point = family.points[step.point]
            frame = family.frames[point.frame]
            payload = bytearray(2 * frame.n)
            frames.encode(point, raw_of(point, _value(step, known)), payload)
            text = f"at = {frame.at}: {payload.hex(' ')}"
            return (frame.at, bytes(payload)) == (found.at, found.data) and found.write, text
        case LineFamily():
            said, _ = lines.request(family.framing, vector.tx.encode())
            text = family.commands[step.send].tx.render(args(step, known))
            start = family.framing.start
            return text.removeprefix(start) == said.removeprefix(start), text
        case MqttFamily():
            topic = family.topics[step.send]
            values = {"prefix": family.link.prefix, **args(step, known)}
            place = topic.pub.render(values) if topic.pub else ""
            payload_text = topic.payload.render(values) if topic.payload else ""
            return place == vector.topic and _same(payload_text, vector.payload), f"{place} {payload_text}"
        case HttpFamily():
            return _request(family.requests[step.send], vector, args(step, known))
        case UdpFamily():
            text = family.commands[step.send].tx.render(args(step, known))
            return text == vector.tx, text


def _register_write(point: RegisterPoint, step: Step, vector: Vector, known: Known) -> tuple[bool, str]:
    found = exchange(vector)
    words = registers.encode(point, raw_of(point, _value(step, known)))
    wanted = step.fc or point.fc
    codes = {wanted} if wanted else set(_codes(point, len(words)))
    shown = "/".join(str(code) for code in sorted(codes))
    same = found.write and found.fc in codes and (found.at, found.words) == (point.at, tuple(words))
    return same, f"fc = {shown}, at = {point.at}, regs = {words}"


def _codes(point: RegisterPoint, count: int) -> Iterable[int]:
    """What may write a point whose function code is not given: one of its table that writes so many."""
    codes = [code for code, table in WRITES.items() if table == point.table]
    return codes if count == 1 else codes[-1:]


def _request(request: Request, vector: Vector, values: Mapping[str, Scalar]) -> tuple[bool, str]:
    path, body = http_text(request, values)
    return path == vector.tx and (not vector.payload or _same(body, vector.payload)), f"{path} {body}".rstrip()


def http_text(request: Request, values: Mapping[str, Value]) -> tuple[str, str]:
    """Path and body of an HTTP request; values in the path are quoted.

    Raises:
        GatewayError: ``template-value``.
    """
    template = request.get or request.post or request.put or request.delete
    path = template.render(values, partial(quote, safe="")) if template else ""
    return path, request.body.render(values) if request.body else ""


def args(step: Step, known: Known) -> dict[str, Scalar]:
    """The values for the placeholders of a step.

    Raises:
        GatewayError: ``step-value`` with the name of the one that has none.
    """
    return {name: _known(formula, name, known) for name, formula in step.args.items()}


def _value(step: Step, known: Known) -> Scalar:
    return _known(step.value, step.point, known)


def _known(formula: Expression | None, name: str, known: Known) -> Scalar:
    value = formula.evaluate(known) if formula is not None else None
    if value is None or isinstance(value, tuple):
        raise GatewayError("step-value", name=name)
    return value


def _scalar(value: object) -> Scalar:
    return value if isinstance(value, str | int | float) else None


def _same(text: str, recorded: str) -> bool:
    return text == recorded or documents.read(text) == documents.read(recorded)
