"""Telling by a few values which family a device is of. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateway.family.evaluate import condition, derived
from gateway.family.family import AsciiFamily, ModbusFamily
from gateway.family.library import all_families
from gateway.family.load import FamilyInvalid, read_family
from gateway.family.state import Letter

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from adapters.common.wire import Took
    from gateway.family.points import Point
    from gateway.family.value import Scalar, Value

    WireFamily = ModbusFamily | AsciiFamily

STATE = "state"
MOST_POINTS = 12
"""Points that are asked of a device for each family: enough to tell, and soon done."""

LIKELY, SURE = 0.75, 0.9
"""Share of points that have to make sense."""

_FEWEST = 2  # points that have to make sense, where the device does not name itself; more for certainty
_TINY = 1e-4
_IDENTITY = ("model", "vendor", "manufacturer", "firmware", "serial", "device_id", "layout")
_EVIDENCE = (*_IDENTITY, STATE)
_RANGES = {
    "V": (80.0, 1000.0),
    "Hz": (45.0, 65.0),
    "degC": (-40.0, 125.0),
    "A": (0.0, 1000.0),
    "%": (0.0, 100.0),
    "W": (-1e6, 1e6),
    "kW": (-1e3, 1e3),
    "Wh": (0.0, 1e10),
    "kWh": (0.0, 1e7),
}
_MAINS = ("voltage", "frequency")
_ZERO = frozenset({"V", "Hz"})  # of a station without a vehicle
_SHORTEST_NAME = 4
_COMMON = frozenset(
    {"control", "meter", "energy", "wallbox", "charger", "station", "firmware", "version", "with", "model"}
)


def known_families(base: Path | None) -> tuple[WireFamily, ...]:
    """Every family on Modbus that is shipped or beside the site file; files that are wrong are left out."""
    found: list[WireFamily] = []
    for path in all_families(base).values():
        try:
            family = read_family(path).base
        except FamilyInvalid:
            continue
        if isinstance(family, ModbusFamily | AsciiFamily):
            found.append(family)
    return tuple(found)


def first_point(family: WireFamily) -> str | None:
    """The point that is asked alone at first: where it does not fit, the others need not be asked."""
    return next((name for name in (STATE, *_MAINS) if name in telling_points(family)), None)


def telling_points(family: WireFamily) -> tuple[str, ...]:
    """The points that tell most: the state first, then names, then what can only have some values."""
    points = {name: point for name, point in family.points.items() if point.readable and not point.optional}
    ranked = sorted(points, key=lambda name: (_weight(name, points[name]), name))
    needed = _state_points(family) & set(points)
    rest = [name for name in ranked if name not in needed]
    return (*sorted(needed), *rest)[:MOST_POINTS]


def _state_points(family: WireFamily) -> set[str]:
    if family.state is None:
        return set()
    rules = (*family.state.override, *family.state.rules)
    return {family.state.point, *(name for rule in rules for name in rule.when.names)} - {""}


def _weight(name: str, point: Point) -> int:
    if name in _IDENTITY:
        return 0
    if point.map or point.sane is not None:
        return 1
    return 2 if point.unit in _RANGES else 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """How well a device's values fit a family.

    Attributes:
        family: The family.
        plausible: Points whose values make sense.
        asked: Points that can make sense or not.
        named: True if a text of the device names the vendor or a model.
        evidence: Values for people, by point.
    """

    family: WireFamily
    plausible: int
    asked: int
    named: bool
    evidence: Mapping[str, str] = field(default_factory=dict)

    @property
    def share(self) -> float:
        """Share of points that make sense."""
        return self.plausible / self.asked if self.asked else 0.0

    @property
    def fits(self) -> bool:
        """True if the device may be of this family."""
        return self.share >= LIKELY and (self.named or self.plausible >= _FEWEST)

    @property
    def sure(self) -> bool:
        """True if hardly anything speaks against it."""
        return self.fits and (self.named or (self.share >= SURE and self.plausible > _FEWEST + 1))

    @property
    def rank(self) -> tuple[bool, float, int]:
        """The better judgement is the greater one."""
        return self.named, self.share, self.plausible


def judge(family: WireFamily, took: Took) -> Judgement:
    """Judge the values of a family's telling points."""
    verdicts = [False] * len(took.refused)
    named = False
    role = family.meta.role
    for name, value in took.values.items():
        zero = role == "station" or (role == "meter" and name not in _MAINS)
        verdict = _plausible(family.points[name], value, zero=zero)
        if name in _IDENTITY or verdict is not None:
            verdicts.append(bool(verdict) or (name in _IDENTITY and value is not None))
        named = named or _names(family, value)
    if family.state is not None:
        known = condition(family, derived(family, took.values)).letter is not Letter.UNKNOWN
        if known or not any(isinstance(took.values.get(name), str) for name in _state_points(family)):
            verdicts.append(known)  # a state that has a name is one of the family's, though it may say nothing
    return Judgement(
        family=family,
        plausible=sum(verdicts),
        asked=len(verdicts),
        named=named,
        evidence={name: str(took.values[name]) for name in _EVIDENCE if took.values.get(name) is not None},
    )


def _plausible(point: Point, value: Value, *, zero: bool) -> bool | None:
    """Whether a value makes sense; None where any would.

    ``zero``: it may be 0 all over. That of a meter may not, for it lives on the mains that it measures; nor that of a
    sensor, of which there is not much else to tell it by.
    """
    row = value if isinstance(value, tuple) else (value,)
    if point.bits or (point.nan and all(each is None for each in row)):
        return None
    if point.map:
        return all(isinstance(each, str) for each in row)
    if point.sane is not None:
        return all(each is not None for each in row)
    if point.unit not in _RANGES:
        return None
    return (zero or any(row)) and all(_within(point.unit, each) for each in row)


def _within(unit: str, value: Scalar) -> bool:
    """Whether a number can be what is measured. Numbers that are almost 0 come of words in the wrong order."""
    if value is None:
        return True
    if not isinstance(value, int | float) or 0 < abs(value) < _TINY:
        return False
    low, high = _RANGES[unit]
    return low <= value <= high or (unit in _ZERO and value == 0)


def _names(family: WireFamily, value: Value) -> bool:
    """Whether a text has a word of the vendor's or a model's name in it."""
    if not isinstance(value, str) or len(value) < _SHORTEST_NAME:
        return False
    names = " ".join((family.meta.vendor, *family.meta.models, *family.meta.rebrands))
    words = {word.casefold() for word in re.findall(r"[\w-]+", names) if len(word) >= _SHORTEST_NAME}
    return any(word in value.casefold() for word in words - _COMMON)
