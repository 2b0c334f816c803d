"""Carries out the steps of a family at a simulated connector, as a gateway would, but without a wire between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateway.family.evaluate import derived
from gateway.family.interpret import interpret, raw_of
from gateway.family.points import FramePoint, RegisterPoint
from gateway.family.registers import decode, encode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateway.family.control import Step
    from gateway.family.family import AnyFamily
    from gateway.family.template import Template
    from gateway.family.value import Value
    from tests.gateway.bench.family.support import Bench


def values_of(bench: Bench) -> dict[str, Value]:
    points = bench.family.points
    raws = {name: bench.outlet.raw(name) for name, point in points.items() if point.readable}
    return derived(bench.family, {name: interpret(points[name], raw) for name, raw in raws.items()})


async def do(bench: Bench, steps: Iterable[Step], **known: Any) -> None:
    """Do steps; a condition that is waited for has to be true within its time."""
    for step in steps:
        values: Mapping[str, Value] = {**values_of(bench), "connector": 1, **known}
        if step.when is not None and step.when.evaluate(values) is not True:
            continue
        if step.delay_s is not None:
            await bench.clock.advance(step.delay_s)
        elif step.wait is not None:
            if step.wait.evaluate(values) is not True:
                await bench.clock.advance(step.timeout_s)
                assert step.wait.evaluate(values_of(bench)) is True, step.wait.text
        elif step.point:
            assert step.value is not None
            _write(bench, step.point, step.value.evaluate(values))
        else:
            args = {name: each.evaluate(values) for name, each in step.args.items()}
            bench.outlet.send(step.send, _over_the_wire(bench.family, step.send, args))


def _write(bench: Bench, name: str, value: Value) -> None:
    assert value is not None, name
    assert not isinstance(value, tuple)
    point = bench.family.points[name]
    assert point.writable, name
    raw: Value = raw_of(point, value)
    if isinstance(point, RegisterPoint):
        raw = decode(point, encode(point, raw))
    else:
        assert isinstance(point, FramePoint)
    bench.outlet.write(name, raw)


def _over_the_wire(family: AnyFamily, name: str, args: Mapping[str, Value]) -> Mapping[str, Value]:
    """Arguments as they come out again of the texts that carry them."""
    known = {"prefix": "x", "connector": 1, "host": "x", **args}
    found: dict[str, Value] = {}
    for template in _templates(family, name):
        read = template.match(template.render(known))
        assert read is not None, template.text
        found |= read
    return {each: value for each, value in found.items() if each not in {"prefix", "connector", "host"}}


def _templates(family: AnyFamily, name: str) -> list[Template]:
    tables = [getattr(family, table, {}) for table in ("commands", "topics", "requests")]
    message = next(table[name] for table in tables if name in table)
    texts = [getattr(message, part, None) for part in ("tx", "pub", "payload", "get", "post", "put", "delete", "body")]
    return [text for text in texts if text is not None and hasattr(text, "match")]
