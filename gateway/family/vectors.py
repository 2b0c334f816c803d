"""Whether what was recorded on the wire of a family means what its file says. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateway.family.evaluate import condition, derived
from gateway.family.vector_read import values_of
from gateway.family.vector_write import written
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.family.family import AnyFamily, Vector
    from gateway.family.load import FamilyFile
    from gateway.family.value import Value

LETTER = "letter"
"""Name in ``expect`` of the state of the control pilot."""

NONE = "none"
"""What ``expect`` says of a point that has no value: TOML has no null."""

TOLERANCE = 1e-6
_LEAST = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorResult:
    """What became of one vector.

    Attributes:
        number: Its place in the file, from 1.
        ok: Everything is as stated.
        expected: Name -> value as stated.
        found: Name -> value as decoded; for a write that differs, what the family would send.
        writes: The names that are writes.
        error: Why it could not be decoded.
    """

    number: int
    ok: bool
    expected: Mapping[str, object] = field(default_factory=dict)
    found: Mapping[str, object] = field(default_factory=dict)
    writes: frozenset[str] = frozenset()
    error: GatewayError | None = None


def check(file: FamilyFile) -> list[VectorResult]:
    """Decode every vector of a family, each with its variant."""
    return [_checked(file, number, vector) for number, vector in enumerate(file.base.vector, start=1)]


def _checked(file: FamilyFile, number: int, vector: Vector) -> VectorResult:
    expected = {**vector.expect, **vector.expect_write}
    try:
        family = _family(file, vector)
        values = _values(family, vector)
        found: dict[str, object] = {name: values.get(name) for name in vector.expect}
        good = all(agrees(wanted, values.get(name)) for name, wanted in vector.expect.items())
        for name, value in vector.expect_write.items():
            same, text = written(family, vector, name, value, values)
            found[name] = value if same else text
            good = good and same
    except GatewayError as error:
        return VectorResult(number=number, ok=False, expected=expected, error=error)
    return VectorResult(number=number, ok=good, expected=expected, found=found, writes=frozenset(vector.expect_write))


def _family(file: FamilyFile, vector: Vector) -> AnyFamily:
    if not vector.variant:
        return file.base
    if vector.variant not in {each.id for each in file.base.variant}:
        raise GatewayError("vector-format", what=vector.variant)
    return file.with_variants([vector.variant])


def _values(family: AnyFamily, vector: Vector) -> Mapping[str, Value]:
    """The values of a vector's answer, the derived ones, and the letter."""
    if vector.expect_write and not vector.expect:
        return {}
    values = derived(family, values_of(family, vector))
    if LETTER in vector.expect:
        values[LETTER] = condition(family, values).letter.value
    return values


def agrees(wanted: object, found: object) -> bool:
    """Whether a decoded value is the stated one: numbers within a millionth, rows element by element."""
    if isinstance(wanted, list):
        row = found if isinstance(found, tuple) else (found,)
        return len(row) == len(wanted) and all(agrees(one, other) for one, other in zip(wanted, row, strict=True))
    if found is None or isinstance(found, tuple):
        return found is None and wanted == NONE
    if isinstance(wanted, int | float) and isinstance(found, int | float):
        return math.isclose(wanted, found, rel_tol=TOLERANCE, abs_tol=_LEAST)
    return wanted == found
