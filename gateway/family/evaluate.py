"""Values of points as the state of an EVSE: derived values, pilot state, faults, flowing current. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.family.interpret import number
from gateway.family.readings import number as number_of
from gateway.family.state import Letter
from gateway.model.problems import ERROR_CODES, fault_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateway.family.family import AnyFamily
    from gateway.family.value import Value
    from gateway.model.evse import Fault

FLOWING_AMPERES = 1.0
FLOWING_WATTS = 200.0
"""Less than this is what electronics draw, not a vehicle that charges."""

MIN_OFFER = 6.0
"""Lowest current that a pilot can offer, A (IEC 61851-1, table A.8)."""

OTHER = "OtherError"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What the values say of an EVSE."""

    letter: Letter
    flowing: bool
    faults: tuple[Fault, ...] = ()

    @property
    def plugged(self) -> bool | None:
        """True with a vehicle at the plug; None where that is not known."""
        return self.letter.plugged


def derived(family: AnyFamily, values: Mapping[str, Value]) -> dict[str, Value]:
    """The values, and those that the family derives from them; each may use the ones before it."""
    both = dict(values)
    for name, expression in family.derive.items():
        if both.get(name) is None:
            both[name] = expression.evaluate(both)
    return both


def sources(family: AnyFamily, names: Iterable[str]) -> frozenset[str]:
    """The points behind names: a derived one stands for those that it is made of."""
    found: set[str] = set()
    open_, seen = list(names), set[str]()
    while open_:
        name = open_.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in family.points:
            found.add(name)
        elif name in family.derive:
            open_.extend(family.derive[name].names)
    return frozenset(found)


def condition(family: AnyFamily, values: Mapping[str, Value]) -> Condition:
    """What values (with the derived ones) say of the EVSE."""
    letter = _letter(family, values)
    flowing = _flowing(family, values)
    if letter.offering is None and letter.plugged:
        letter = _resolved(letter, values, flowing=flowing is True)
    if flowing is None:
        # Nothing is measured: a vehicle that wants energy and is offered some takes it.
        flowing = letter in {Letter.C2, Letter.D2}
    return Condition(letter=letter, flowing=flowing, faults=tuple(_faults(family, values, letter)))


def _letter(family: AnyFamily, values: Mapping[str, Value]) -> Letter:
    state = family.state
    if state is None:
        return Letter.UNKNOWN
    for rule in (*state.override, *state.rules):
        if rule.when.evaluate(values) is True:
            return rule.state
    value = values.get(state.point) if state.point else None
    if value is None or isinstance(value, tuple):
        return Letter.UNKNOWN
    return _looked_up(state.map, value) or Letter.UNKNOWN


def _looked_up(table: Mapping[str, str], value: object) -> Letter | None:
    for key, letter in table.items():
        if key == value or (isinstance(value, int | float) and number(key) == value):
            return Letter(letter)
    return None


def _resolved(letter: Letter, values: Mapping[str, Value], *, flowing: bool) -> Letter:
    """B, C or D with its number: where current flows it is offered; else what the station says that it offers."""
    offered = values.get("offered_current")
    if flowing or (isinstance(offered, int | float) and offered >= MIN_OFFER):
        return Letter(f"{letter.value}2")
    if isinstance(offered, int | float):
        return Letter(f"{letter.value}1")
    return letter


def _flowing(family: AnyFamily, values: Mapping[str, Value]) -> bool | None:
    """Whether current flows; None where nothing tells."""
    if family.state is not None and family.state.flowing is not None:
        return family.state.flowing.evaluate(values) is True
    watts = number_of(family, values, "power")
    if watts is not None:
        return watts > FLOWING_WATTS
    current = values.get("current")
    row = current if isinstance(current, tuple) else (current,)
    known = [each for each in row if isinstance(each, int | float)]
    return any(each > FLOWING_AMPERES for each in known) if known else None


def _faults(family: AnyFamily, values: Mapping[str, Value], letter: Letter) -> Iterable[Fault]:
    names = list(_errors(family, values))
    for name in names:
        code = family.faults.get(name, OTHER)
        fault = fault_of(code if code in ERROR_CODES else OTHER, info=name)
        if fault is not None:
            yield fault
    if letter.faulted and not names:
        code = "EVCommunicationError" if letter is Letter.E else OTHER
        fault = fault_of(code, info=f"state {letter.value}")
        if fault is not None:
            yield fault


def _errors(family: AnyFamily, values: Mapping[str, Value]) -> Iterable[str]:
    """Names of the errors that are there: of the point ``error``, of ``error_text``, and of the state itself."""
    for point in ("error", "error_text"):
        value = values.get(point)
        row = value if isinstance(value, tuple) else (value,)
        yield from (str(each) for each in row if each)
    if family.state is not None and family.state.errors:
        value = values.get(family.state.point)
        for key, name in family.state.errors.items():
            if key == value or (isinstance(value, int | float) and number(key) == value):
                yield name
