"""State, faults, control and watchdog of a family: that what the box needs can come about. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.config.findings import Problem
from gateway.config.translate import suggest
from gateway.family.interpret import number
from gateway.family.state import Letter
from gateway.model.problems import ERROR_CODES, NO_ERROR

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gateway.family.control import LimitControl
    from gateway.family.family import AnyFamily
    from gateway.family.points import Point
    from gateway.family.state import StateRules

_FREE = frozenset({Letter.A, Letter.A1, Letter.A2})
_OUT = frozenset({Letter.E, Letter.F, Letter.UNAVAILABLE})


def check_state(family: AnyFamily) -> Iterator[Problem]:
    """Whether the state of a station can be told at all."""
    if family.meta.role != "station":
        return
    state = family.state
    if state is None:
        yield Problem(code="missing-section", path=(), params={"key": "state"})
        return
    if bool(state.map) is bool(state.rules) or bool(state.point) is not bool(state.map or state.errors):
        yield Problem(code="family-state-shape", path=("state",))
        return
    letters = {*state.map.values(), *(rule.state for rule in (*state.rules, *state.override))}
    if not letters & _FREE:
        yield Problem(code="family-state-no-free", path=("state",))
    if not letters & _OUT:
        yield Problem(code="family-state-no-fault", path=("state",), severity="warning")
    point = family.points.get(state.point)
    if point is not None:
        yield from _keys(point, state)


def _keys(point: Point, state: StateRules) -> Iterator[Problem]:
    """Keys of the map that the point's own names leave no way to."""
    if not point.map:
        return
    names = set(point.map.values())
    for table, keys in (("map", state.map), ("errors", state.errors)):
        for key in keys:
            if key not in names:
                params = {"name": key, "point": state.point}
                yield Problem(
                    code="family-state-key",
                    path=("state", table, key),
                    params=params,
                    on_key=True,
                    suggestion=suggest(key, names),
                )


def check_faults(family: AnyFamily, possible: frozenset[str] | None) -> Iterator[Problem]:
    """Error codes that do not exist, and errors that never come up.

    Args:
        family: The family.
        possible: Names of errors, of ``errors_of`` each variant; None where the station gives them as texts.
    """
    codes = (*sorted(ERROR_CODES), NO_ERROR)
    for name, code in family.faults.items():
        if code not in codes:
            params = {"key": name, "value": code, "allowed": ", ".join(codes)}
            yield Problem(code="unknown-value", path=("faults", name), params=params, suggestion=suggest(code, codes))
        if possible is not None and name not in possible:
            yield Problem(
                code="family-fault-never",
                path=("faults", name),
                params={"name": name},
                on_key=True,
                suggestion=suggest(name, possible),
            )


def errors_of(family: AnyFamily) -> frozenset[str] | None:
    """The names of errors that a family can find; None where they are texts or numbers of the station itself."""
    found: set[str] = set(family.state.errors.values()) if family.state is not None else set()
    for name in ("error", "error_text"):
        point = family.points.get(name)
        if name in family.derive or (point is not None and not point.map and not point.bits):
            return None
        if point is not None:
            found.update(point.map.values(), point.bits.values())
    return frozenset(found)


def check_control(family: AnyFamily) -> Iterator[Problem]:
    """Limits, pauses and the watchdog."""
    limit = family.control.limit
    if limit is not None:
        yield from _limit(family, limit)
    dog = family.watchdog
    for key, missing in (
        ("seq", dog.kind == "write" and not dog.seq),
        ("every_s", dog.kind in {"write", "rewrite-limit"} and dog.every_s is None and dog.timeout_s is None),
    ):
        if missing:
            yield Problem(code="missing-key", path=("watchdog",), params={"key": key, "table": "[watchdog]"})
    if dog.kind == "unknown" and family.meta.role == "station":
        yield Problem(code="family-watchdog-unknown", path=("watchdog",), severity="warning")


def _limit(family: AnyFamily, limit: LimitControl) -> Iterator[Problem]:
    path = ("control", "limit")
    if limit.min > limit.max:
        params = {"key": "min", "value": limit.min, "limit": f"≤ {limit.max}"}
        yield Problem(code="out-of-range", path=(*path, "min"), params=params)
    if limit.pause == "disable" and family.control.enable is None:
        yield Problem(code="family-pause", path=(*path, "pause"))
    if limit.unit == "W" and limit.from_amps is None:
        yield Problem(code="missing-key", path=path, params={"key": "from_amps", "table": "[control.limit]"})
    if limit.verify is None:
        yield Problem(code="family-limit-unverified", path=path, severity="warning")


def check_keys(family: AnyFamily) -> Iterator[Problem]:
    """Bits are numbered."""
    for name, point in family.points.items():
        yield from _not_numbers(("points", name, "bits"), point.bits)


def _not_numbers(path: tuple[str, ...], keys: Iterable[str]) -> Iterator[Problem]:
    for key in keys:
        if number(key) is None:
            yield Problem(code="family-bit", path=(*path, key), params={"key": key}, on_key=True)
