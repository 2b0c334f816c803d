"""How complete and how sure a family's facts are. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.config.findings import Problem
from gateway.config.translate import suggest
from gateway.family.canonical import UNITS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.family.family import AnyFamily


def check_facts(family: AnyFamily, file_id: str, used: frozenset[str]) -> Iterator[Problem]:
    """Names, units, vectors and doubts.

    Args:
        family: The family.
        file_id: Name of its file, by which it is found.
        used: The names that the family or one of its variants makes use of. What a sensor or a meter has is for the site to use.
    """
    if family.meta.id != file_id:
        params = {"value": family.meta.id, "file": file_id}
        yield Problem(code="family-id", path=("meta", "id"), params=params)
    seen: set[str] = set()
    for place, variant in enumerate(family.variant):
        if variant.id in seen:
            yield Problem(code="family-variant-twice", path=("variant", place, "id"), params={"value": variant.id})
        seen.add(variant.id)
    if not family.vector:
        yield Problem(code="family-no-vector", path=(), severity="warning")
    yield from _doubts(family)
    free = frozenset(family.points) if family.meta.role != "station" else used
    for name, point in family.points.items():
        yield from _point(name, point.unit, free)
        if point.unverified:
            yield _doubt(("points", name, "unverified"), f"{name}: {point.unverified}")


def _point(name: str, unit: str, used: frozenset[str]) -> Iterator[Problem]:
    if name not in UNITS:
        if name not in used:
            yield Problem(
                code="family-point-unused",
                path=("points", name),
                params={"name": name, "known": ", ".join(UNITS)},
                on_key=True,
                suggestion=suggest(name, UNITS),
                severity="warning",
            )
        return
    allowed = UNITS[name]
    if unit and unit not in allowed:
        params = {"name": name, "unit": unit, "allowed": ", ".join(each for each in allowed if each) or "-"}
        yield Problem(code="family-unit", path=("points", name, "unit"), params=params)
    elif allowed and not unit and "" not in allowed:
        params = {"name": name, "allowed": ", ".join(allowed)}
        yield Problem(code="family-unit-missing", path=("points", name), params=params, severity="warning")


def _doubts(family: AnyFamily) -> Iterator[Problem]:
    for place, text in enumerate(family.meta.unverified):
        yield _doubt(("meta", "unverified", place), text)


def _doubt(path: tuple[str | int, ...], text: str) -> Problem:
    return Problem(code="family-unverified", path=path, params={"value": text}, severity="note")
