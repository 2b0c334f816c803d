"""Going through a family: every part with its key path, and the names that parts refer to. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel

from gateway.family.control import Step
from gateway.family.expression import Expression
from gateway.family.points import RegisterPoint

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.config.positions import KeyPath
    from gateway.family.family import AnyFamily

VERB_NAMES = frozenset({"value", "amps", "phases", "token", "connector", "fallback", "timeout"})
"""What the steps of a verb know besides the points; the last two those of ``watchdog.setup`` only."""


def walk(value: object, path: KeyPath = ()) -> Iterator[tuple[KeyPath, object]]:
    """Every part of a family, tables before their keys; paths are those of the TOML document."""
    yield path, value
    if isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            yield from walk(getattr(value, name), (*path, field.alias or name))
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from walk(each, (*path, key))
    elif isinstance(value, tuple):
        for place, each in enumerate(value):
            yield from walk(each, (*path, place))


def expressions(family: AnyFamily) -> Iterator[tuple[KeyPath, Expression]]:
    """Every expression with its place."""
    for path, part in walk(family):
        if isinstance(part, Expression):
            yield path, part


def steps(family: AnyFamily) -> Iterator[tuple[KeyPath, Step]]:
    """Every step with its place."""
    for path, part in walk(family):
        if isinstance(part, Step):
            yield path, part


def references(family: AnyFamily) -> Iterator[tuple[KeyPath, str]]:
    """Every place that names a point (or a derived value) outside of an expression and of a step."""
    if family.state is not None and family.state.point:
        yield ("state", "point"), family.state.point
    if family.control.limit is not None and family.control.limit.verify is not None:
        yield ("control", "limit", "verify", "point"), family.control.limit.verify.point
    for key, name in (("timeout", family.watchdog.timeout), ("fallback", family.watchdog.fallback)):
        if name:
            yield ("watchdog", key), name
    if family.signing is not None:
        for key in ("data", "data_size", "signature", "signature_size", "public_key"):
            if name := getattr(family.signing, key):
                yield ("signing", key), name
    for place, variant in enumerate(family.variant):
        yield ("variant", place, "probe", "point"), variant.probe.point
    for name, point in family.points.items():
        if isinstance(point, RegisterPoint) and point.exponent:
            yield ("points", name, "exponent"), point.exponent


def used(family: AnyFamily) -> frozenset[str]:
    """Every name that the family itself makes use of."""
    found = {name for _, name in references(family)}
    found.update(step.point for _, step in steps(family))
    for _, expression in expressions(family):
        found.update(expression.names)
    return frozenset(found)


def names(family: AnyFamily) -> tuple[str, ...]:
    """Every point and derived value."""
    return (*family.points, *family.derive)
