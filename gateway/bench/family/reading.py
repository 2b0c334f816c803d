"""Recognising one write: is it this step, and with which variables. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.bench.family.solve import lowest, number
from gateway.bench.family.verbs import VARIABLES, Verb
from gateway.family.interpret import interpret, raw_of
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.bench.family.verbs import Trigger
    from gateway.family.control import LimitControl
    from gateway.family.expression import Expression
    from gateway.family.family import AnyFamily
    from gateway.family.value import Value

_GRAIN = 1e-6
VOLTAGE = 230.0
"""What a limit in W is reckoned with, V (EN 60038)."""


def matches(
    family: AnyFamily, trigger: Trigger, given: Mapping[str, Value], known: Mapping[str, Value]
) -> Mapping[str, Value] | None:
    """The variables with which a step is this write; None if it is another one.

    Args:
        family: Of the step.
        trigger: The step.
        given: What was written: ``value`` in the point's unit, or the arguments of a command.
        known: Values of points that the step may use.
    """
    found: dict[str, Value] = {}
    for name, expression in trigger.args.items():
        if name not in given:
            return None
        if expression.names & VARIABLES:
            if expression.text.strip() in VARIABLES:
                found[expression.text.strip()] = given[name]
            continue
        if not _same(family, trigger, expression.evaluate(known), given[name]):
            return None
    return found


def _same(family: AnyFamily, trigger: Trigger, meant: Value, given: Value) -> bool:
    """Whether a given value is the one that is meant, after its way through the point."""
    if trigger.is_point and not isinstance(meant, tuple):
        point = family.points[trigger.target]
        try:
            meant = interpret(point, raw_of(point, meant))
        except GatewayError:
            return False
    if meant == given:
        return True
    one, other = number(meant), number(given)
    if one is not None and other is not None:
        return abs(one - other) < _GRAIN
    return _text(meant) == _text(given)


def _text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def limit_of(
    limit: LimitControl, trigger: Trigger, given: Mapping[str, Value], known: Mapping[str, Value], phases: int
) -> float | None:
    """The limit that a write carries, in the unit of the family's limit; None where it cannot be told.

    Args:
        limit: The family's limit.
        trigger: Its step.
        given: What was written.
        known: Values of points.
        phases: Phases in use.
    """
    for name, expression in trigger.args.items():
        target = number(given.get(name))
        if not expression.names & {"value", "amps"} or target is None:
            continue

        def formula(argument: float, run: Expression = expression) -> Value:
            amps = argument if limit.unit == "A" else argument / (VOLTAGE * max(1, phases))
            return run.evaluate({**known, "value": argument, "amps": amps, "phases": phases})

        # Zero may have a code of its own, which is no part of the scale.
        if limit.pause == "zero" and formula(0.0) == target:
            return 0.0
        found = lowest(formula, target, _GRAIN, 2 * limit.max, step=limit.step)
        return lowest(formula, target, 0.0, 0.0) if found is None else found
    return None


def carried(limit: LimitControl, trigger: Trigger, value: float, known: Mapping[str, Value], phases: int) -> Value:
    """What a step would have written for a limit: the way forward."""
    amps = value if limit.unit == "A" else value / (VOLTAGE * max(1, phases))
    expression = trigger.args.get("value")
    if trigger.verb is not Verb.LIMIT or expression is None:
        return None
    return expression.evaluate({**known, "value": value, "amps": amps, "phases": phases})
