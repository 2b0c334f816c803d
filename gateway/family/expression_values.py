"""The arithmetic of expressions: unknown (None) propagates, numbers stay bounded, nothing raises.

An operation that is not possible (division by zero, a text where a number belongs, a result beyond 2**64) is unknown.
Arithmetic works on the elements where an operand is a tuple: ``voltage * current`` is one product for each phase.
"""

from __future__ import annotations

import math
import operator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gateway.family.value import Scalar, Value

    Number = float | int

INT_LIMIT = 2**64
_MAX_BIT = 63
_MAX_DIGITS = 9  # of round
_MAX_TEXT = 40  # of a number written as text


def known(value: Value) -> Value:
    """The value itself; None where it is no number that can be reckoned with (infinite, not a number, too large)."""
    kind = value.__class__
    if kind is float:
        return value if math.isfinite(value) else None  # type: ignore[arg-type] # `is float` does not narrow
    if kind is int:
        return value if -INT_LIMIT <= value <= INT_LIMIT else None  # type: ignore[operator] # as above
    if kind is tuple:
        return tuple([_scalar(known(each)) for each in value])  # type: ignore[union-attr] # as above
    return value


def _scalar(value: Value) -> Scalar:
    return None if isinstance(value, tuple) else value


def elements(values: Iterable[Value]) -> list[Scalar]:
    """The members of tuples and the single values, in one list."""
    found: list[Scalar] = []
    for value in values:
        if isinstance(value, tuple):
            found.extend(value)
        else:
            found.append(value)
    return found


def truth(value: Value) -> bool | None:
    """True or false for booleans and numbers; texts and tuples are neither, and so unknown."""
    if value is True or value is False:
        return value
    if isinstance(value, int | float):
        return value != 0
    return None


def conjunction(values: Iterable[bool | None]) -> bool | None:
    """Three-valued "and": one False decides."""
    unknown = False
    for value in values:
        if value is False:
            return False
        unknown = unknown or value is None
    return None if unknown else True


def disjunction(values: Iterable[bool | None]) -> bool | None:
    """Three-valued "or": one True decides."""
    unknown = False
    for value in values:
        if value is True:
            return True
        unknown = unknown or value is None
    return None if unknown else False


def negation(value: bool | None) -> bool | None:  # noqa: FBT001 - a truth value is what it works on
    """Three-valued "not"."""
    return None if value is None else not value


def unary(work: Callable[[Number], Number]) -> Callable[[Value], Value]:
    """A function of one number, made safe and extended to tuples."""

    def apply(value: Value) -> Value:
        if isinstance(value, tuple):
            return tuple([_scalar(apply(each)) for each in value])
        if not isinstance(value, int | float):
            return None
        try:
            return known(work(value))
        except (ArithmeticError, ValueError):
            return None

    return apply


def binary(work: Callable[[Number, Number], Number]) -> Callable[[Value, Value], Value]:
    """A function of two numbers, made safe and extended to tuples of one length, or a tuple and a number."""

    def apply(left: Value, right: Value) -> Value:
        if isinstance(left, int | float) and isinstance(right, int | float):
            try:
                return known(work(left, right))
            except (ArithmeticError, ValueError):
                return None
        if isinstance(left, tuple):
            others = right if isinstance(right, tuple) else (right,) * len(left)
            if len(others) != len(left):
                return None
            return tuple([_scalar(apply(one, other)) for one, other in zip(left, others, strict=True)])
        if isinstance(right, tuple):
            return tuple([_scalar(apply(left, each)) for each in right])
        return None

    return apply


def integer(value: Number) -> int:
    """A whole number as an integer: JSON and scaling make 3.0 of 3.

    Raises:
        ValueError: it is not whole.
    """
    if isinstance(value, float) and not value.is_integer():
        raise ValueError(value)
    return int(value)


def _left(value: Number, places: Number) -> int:
    return integer(value) << _places(places)


def _right(value: Number, places: Number) -> int:
    return integer(value) >> _places(places)


def _places(value: Number) -> int:
    places = integer(value)
    if not 0 <= places <= _MAX_BIT:
        raise ValueError(places)
    return places


ARITHMETIC: dict[str, Callable[[Value, Value], Value]] = {
    "Add": binary(operator.add),
    "Sub": binary(operator.sub),
    "Mult": binary(operator.mul),
    "Div": binary(operator.truediv),
    "FloorDiv": binary(operator.floordiv),
    "Mod": binary(operator.mod),
    "BitAnd": binary(lambda left, right: integer(left) & integer(right)),
    "BitOr": binary(lambda left, right: integer(left) | integer(right)),
    "LShift": binary(_left),
    "RShift": binary(_right),
}
"""By the name of the operator's class in ``ast``."""

negative = unary(operator.neg)


def equal(left: Value, right: Value) -> bool | None:
    """Whether two known values are equal; a tuple is only compared with a tuple.

    A text never equals a number.
    """
    if left is None or right is None:
        return None
    if isinstance(left, tuple) is not isinstance(right, tuple):
        return None
    if isinstance(left, tuple) and isinstance(right, tuple):
        if len(left) != len(right):
            return False
        return conjunction(equal(one, other) for one, other in zip(left, right, strict=True))
    return left == right


def _ordered(work: Callable[[Number, Number], bool]) -> Callable[[Value, Value], bool | None]:
    def compare(left: Value, right: Value) -> bool | None:
        # Texts have no order here: "1.10" would come before "1.9".
        if isinstance(left, int | float) and isinstance(right, int | float):
            return work(left, right)
        return None

    return compare


def member(value: Value, of: Value) -> bool | None:
    """Whether a value is in a tuple, or a text is part of a text."""
    if value is None:
        return None
    if isinstance(of, tuple):
        return disjunction(equal(value, each) for each in of)
    if isinstance(of, str) and isinstance(value, str):
        return value in of
    return None


COMPARISONS: dict[str, Callable[[Value, Value], bool | None]] = {
    "Eq": equal,
    "Lt": _ordered(operator.lt),
    "LtE": _ordered(operator.le),
    "Gt": _ordered(operator.gt),
    "GtE": _ordered(operator.ge),
    "In": member,
}
"""By the name of the operator's class in ``ast``; "!=" and "not in" are the opposites of two of them."""


def _numbers(values: tuple[Value, ...]) -> list[Number] | None:
    """All elements, if each is a number and there is one."""
    found = [each for each in elements(values) if isinstance(each, int | float)]
    return found if found and len(found) == len(elements(values)) else None


def _over(work: Callable[[list[Number]], Number]) -> Callable[..., Value]:
    def apply(*values: Value) -> Value:
        numbers = _numbers(values)
        return None if numbers is None else known(work(numbers))

    return apply


def _bit(value: Value, place: Value) -> Value:
    found = ARITHMETIC["RShift"](value, place)
    return bool(found & 1) if isinstance(found, int) else None


def _round(value: Value, digits: Value = 0) -> Value:
    if not isinstance(digits, int) or not -_MAX_DIGITS <= digits <= _MAX_DIGITS:
        return None
    places = digits
    return unary(lambda number: round(number, places) if places else round(number))(value)


def _number(work: Callable[[str], Number], convert: Callable[[Number], Number]) -> Callable[[Value], Value]:
    """``int`` and ``float``, which also read a number that a station gives as text."""
    safe = unary(convert)

    def apply(value: Value) -> Value:
        if not isinstance(value, str):
            return safe(value)
        try:
            return known(work(value)) if len(value) <= _MAX_TEXT else None
        except ValueError:
            return None

    return apply


def _len(value: Value) -> Value:
    return len(value) if isinstance(value, tuple | str) else None


FUNCTIONS: dict[str, tuple[Callable[..., Value], int, int]] = {
    "bit": (_bit, 2, 2),
    "min": (_over(min), 1, 64),
    "max": (_over(max), 1, 64),
    "sum": (_over(sum), 1, 64),
    "any": (lambda *values: disjunction(truth(each) for each in elements(values)), 1, 64),
    "all": (lambda *values: conjunction(truth(each) for each in elements(values)), 1, 64),
    "abs": (unary(abs), 1, 1),
    "round": (_round, 1, 2),
    "trunc": (unary(math.trunc), 1, 1),
    "int": (_number(int, int), 1, 1),
    "float": (_number(float, float), 1, 1),
    "len": (_len, 1, 1),
}
"""Function, and how many arguments it takes at least and at most."""
