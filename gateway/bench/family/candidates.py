"""Raw values that make a difference to a family's state rules: what a search for a state tries. Pure."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from gateway.bench.family.raws import bounds, count_of, default, kind_of
from gateway.family.interpret import number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gateway.family.expression import Expression
    from gateway.family.family import AnyFamily
    from gateway.family.points import AnyPoint
    from gateway.family.value import Scalar, Value

_MOST = 80
_GRAIN = 1e-6
_MOST_FLAGS = 6
"""Flags of one point that are tried together, two at a time."""


def conditions(family: AnyFamily) -> tuple[Expression, ...]:
    """Every expression that the state depends on, those of derived values behind."""
    state = family.state
    if state is None:
        return ()
    rules = tuple(rule.when for rule in (*state.override, *state.rules))
    flowing = () if state.flowing is None else (state.flowing,)
    return (*rules, *flowing, *family.derive.values())


def leaves(family: AnyFamily, names: Iterable[str]) -> tuple[str, ...]:
    """The points behind names, of which some may be derived; in the order in which they are met."""
    found: dict[str, None] = {}
    seen: set[str] = set()

    def visit(name: str) -> None:
        if name in seen:
            return
        seen.add(name)
        if name in family.points:
            found.setdefault(name)
        if name in family.derive:
            for each in sorted(family.derive[name].names):
                visit(each)

    for name in names:
        visit(name)
    return tuple(found)


def candidates(family: AnyFamily, name: str) -> tuple[Value, ...]:
    """The raw values of a point that are worth trying; what it has by default comes first."""
    point = family.points[name]
    kind = kind_of(family, point)
    first = default(point, kind)
    found: dict[tuple[type, Value], Value] = {(type(first), first): first}
    for each in _scalars(family, name, point, kind):
        scalar = _held(point, kind, each)
        if scalar is None:
            continue
        count = count_of(point)
        raw = scalar if count == 1 else (scalar,) * count
        found.setdefault((type(raw), raw), raw)
        if len(found) >= _MOST:
            break
    return tuple(found.values())


def _held(point: AnyPoint, kind: str, scalar: Scalar) -> Scalar:
    """A raw value as the point can hold it; None where it cannot."""
    if kind == "text":
        return scalar if isinstance(scalar, str) else None
    if kind != "whole":
        return scalar
    low, high = bounds(point)
    fits = isinstance(scalar, int | float) and low <= scalar <= high and scalar == int(scalar)
    return int(scalar) if fits and isinstance(scalar, int | float) else None


def _scalars(family: AnyFamily, name: str, point: AnyPoint, kind: str) -> Iterator[Scalar]:
    values = _values(family, name)
    flags = [value for value in values if isinstance(value, int) and not isinstance(value, bool) and value > 0]
    for value in values:
        yield from _raws(point, value)
    for key in point.map:
        yield _key(key)
    for key in point.bits:
        yield 1 << (number(key) or 0) << point.shift
    named = [raw for value in values if isinstance(value, str) for raw in _raws(point, value) if isinstance(raw, int)]
    for one, other in combinations([*flags, *named][:_MOST_FLAGS], 2):
        yield one | other
    for value in flags:
        yield value + 1
        yield max(0, value - 1)
    yield from (0, 1, 2)
    if kind == "any":
        yield from (True, False)


def _values(family: AnyFamily, name: str) -> list[Scalar]:
    """What the rules compare a point with, and the keys of the state's own map."""
    found: list[Scalar] = []
    state = family.state
    if state is not None and state.point == name:
        for key in state.map:
            whole = number(key)
            found.append(key if whole is None or key in family.points[name].map.values() else whole)
    for expression in conditions(family):
        found += expression.constants_of(name)
    return found


def _raws(point: AnyPoint, value: Scalar) -> Iterator[Scalar]:
    """A value of the point as raw values: by name, by bit, or by number."""
    if isinstance(value, str):
        keys = [key for key, name in point.map.items() if name == value]
        bits = [key for key, name in point.bits.items() if name == value]
        yield from map(_key, keys)
        yield from (1 << (number(key) or 0) << point.shift for key in bits)
        if not keys and not bits:
            yield value
    elif isinstance(value, bool):
        yield value
        yield int(value)
    elif value is not None:
        exact = (value - point.offset) / point.scale
        near = round(exact)
        yield near << point.shift if abs(exact - near) < _GRAIN and near >= 0 else exact
        if not point.scale.is_integer() or point.unit:
            yield from (near + 1, near - 1)


def _key(key: str) -> Scalar:
    whole = number(key)
    if whole is not None:
        return whole
    return {"true": True, "false": False}.get(key, key)
