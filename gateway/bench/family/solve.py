"""Finding what a formula was given, from what it gave. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.family.value import Value

    Formula = Callable[[float], Value]

_HALVINGS = 60
_GRAIN = 1e-6
_COARSE = 512


def lowest(formula: Formula, target: float, low: float, high: float, *, step: float = 0.0) -> float | None:
    """The lowest argument at which a rising formula reaches a target; None where it never gives just that.

    Args:
        formula: Rises (or stays) with its argument, as all conversions of a limit do.
        target: What it has given.
        low: Lowest argument to try.
        high: Highest argument to try.
        step: Arguments are multiples of it where such a one fits; 0: any number.
    """
    tolerance = _GRAIN * max(1.0, abs(target))

    def reaches(argument: float) -> bool:
        found = number(formula(argument))
        return found is not None and found >= target - tolerance

    if reaches(low):
        return low if _gives(formula(low), target, tolerance) else None
    if not reaches(high):
        return None
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if reaches(middle):
            high = middle
        else:
            low = middle
    if step:
        for steps in (round(high / step), round(high / step) + 1):
            snapped = round(steps * step, 9)
            if _gives(formula(snapped), target, tolerance):
                return snapped
    return round(high, 9) if _gives(formula(high), target, tolerance) else None


def nearest(formula: Formula, target: float, low: int, high: int) -> int | None:
    """The whole argument whose result is nearest to a target, whatever the shape of the formula; None without any.

    It looks at some hundred places first and then closely around the best of them.
    """
    stride = max(1, (high - low) // _COARSE)
    best = _best(formula, target, range(low, high + 1, stride))
    if best is None or stride == 1:
        return best
    return _best(formula, target, range(max(low, best - stride), min(high, best + stride) + 1))


def _best(formula: Formula, target: float, places: range) -> int | None:
    found: tuple[float, int] | None = None
    for place in places:
        value = number(formula(place))
        if value is not None:
            distance = abs(value - target)
            if found is None or distance < found[0]:
                found = (distance, place)
    return None if found is None else found[1]


def number(value: Value) -> float | None:
    """A number, also one that is written as a text; None for anything else."""
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return None
    return None if value is None or isinstance(value, tuple) else float(value)


def _gives(value: Value, target: float, tolerance: float) -> bool:
    found = number(value)
    return found is not None and abs(found - target) <= tolerance
