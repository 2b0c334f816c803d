"""Names in a family file that lead nowhere: in expressions, in steps, and wherever a point is named. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.config.findings import Problem
from gateway.config.translate import suggest
from gateway.family.family import HttpFamily
from gateway.family.lint_walk import VERB_NAMES, expressions, names, references, steps
from gateway.family.signing import SIGNING_NAMES
from gateway.family.vectors import LETTER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gateway.config.positions import KeyPath
    from gateway.family.control import Step
    from gateway.family.family import AnyFamily

_WITH_VERB = frozenset({"control", "watchdog", "init", "safe"})


def check_names(family: AnyFamily) -> Iterator[Problem]:
    """Everything that names what is not there."""
    yield from _in_expressions(family)
    yield from _in_references(family)
    for path, step in steps(family):
        yield from _step(family, path, step)
    yield from _in_vectors(family)


def _in_expressions(family: AnyFamily) -> Iterator[Problem]:
    for path, expression in expressions(family):
        known = _known(family, path)
        for name in sorted(expression.names.difference(known)):
            if path[0] == "derive" and name in family.derive:
                yield Problem(code="family-derive-order", path=path, params={"name": name, "text": expression.text})
            else:
                yield _unknown("family-name-unknown", path, name, known, text=expression.text)


def _known(family: AnyFamily, path: KeyPath) -> frozenset[str]:
    """The names that an expression at a place can see."""
    if path[:2] == ("link", "instances"):
        return frozenset({"connector"})
    if path[0] == "derive":
        before = list(family.derive)
        return frozenset((*family.points, *before[: before.index(str(path[1]))]))
    known = frozenset(names(family))
    if path[0] == "requests" and isinstance(family, HttpFamily):
        request = family.requests[str(path[1])]
        templates = (request.get, request.post, request.put, request.delete, request.body)
        return known.union(*(each.names for each in templates if each is not None))
    if path[0] == "signing":
        return known | SIGNING_NAMES
    return known | VERB_NAMES if path[0] in _WITH_VERB else known


def _in_references(family: AnyFamily) -> Iterator[Problem]:
    known = names(family)
    for path, name in references(family):
        # What is read from the station by itself has to be a point; a derived value is not.
        candidates = tuple(family.points) if path[0] in {"variant", "points", "signing"} else known
        if name not in candidates:
            yield _unknown("family-point-unknown", path, name, candidates)


def _step(family: AnyFamily, path: KeyPath, step: Step) -> Iterator[Problem]:
    given = [bool(step.point), bool(step.send), step.delay_s is not None, step.wait is not None]
    if sum(given) != 1:
        yield Problem(code="family-step-shape", path=path)
        return
    if not step.point:
        return
    point = family.points.get(step.point)
    if point is None:
        yield _unknown("family-point-unknown", (*path, "point"), step.point, family.points)
    elif not point.writable:
        yield Problem(code="family-point-read-only", path=(*path, "point"), params={"name": step.point})
    if step.value is None:
        yield Problem(code="missing-key", path=path, params={"key": "value", "table": f"point = {step.point}"})


def _in_vectors(family: AnyFamily) -> Iterator[Problem]:
    known = (*names(family), LETTER)
    variants = {each.id for each in family.variant}
    for place, vector in enumerate(family.vector):
        if vector.variant and vector.variant not in variants:
            yield _unknown("family-variant-unknown", ("vector", place, "variant"), vector.variant, variants)
        elif not vector.variant:
            for name in vector.expect:
                if name not in known:
                    yield _unknown("family-point-unknown", ("vector", place, "expect", name), name, known)


def _unknown(code: str, path: KeyPath, name: str, known: Iterable[str], **params: object) -> Problem:
    return Problem(code=code, path=path, params={"name": name, **params}, suggestion=suggest(name, sorted(known)))
