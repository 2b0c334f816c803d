"""What each point of a simulated connector holds: written, measured, searched, or as it came from the factory."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from gateway.bench.family.errors import error_raws
from gateway.bench.family.flags import FAULTY
from gateway.bench.family.leaf import leaf_of, leaf_raw
from gateway.bench.family.quantities import is_measured, quantity
from gateway.bench.family.raws import count_of, default, kind_of, measured, texted
from gateway.bench.family.reading import carried
from gateway.bench.family.search import StateSearch
from gateway.bench.family.siblings import siblings
from gateway.bench.family.verbs import Verb
from gateway.family.interpret import interpret, raw_of
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from gateway.bench.family.flags import Flags
    from gateway.bench.family.identity import Identity
    from gateway.bench.family.quantities import Measured
    from gateway.bench.family.raws import Kind
    from gateway.bench.family.verbs import Trigger
    from gateway.family.family import AnyFamily
    from gateway.family.points import AnyPoint
    from gateway.family.state import Letter
    from gateway.family.value import Scalar, Value

    Tell = Callable[[], tuple[Sequence[Letter], str]]

logger = logging.getLogger(__name__)

_SWITCHES: Mapping[Verb, tuple[str, object]] = {
    Verb.ENABLE: ("released", True),
    Verb.DISABLE: ("released", False),
    Verb.IN_SERVICE: ("in_service", True),
    Verb.OUT_OF_SERVICE: ("in_service", False),
    Verb.ONE_PHASE: ("phases", 1),
    Verb.THREE_PHASES: ("phases", 3),
}
_MIRRORS = ("_r", "_read", "_state")
_WRITERS = ("_set", "_w", "_write", "_cmd")


class Memory:
    """The points of one connector.

    Args:
        family: Of the connector.
        triggers: What its writes mean.
        identity: What is particular to this station.

    Attributes:
        stored: Raw values that were written, or are set in the factory and may be written.
    """

    def __init__(self, family: AnyFamily, triggers: Iterable[Trigger], identity: Identity) -> None:
        self.identity = identity
        self.stored: dict[str, Value] = {}
        self._family = family
        triggers = tuple(triggers)
        self._switches = _switches(triggers)
        self._carriers = {each.target: each for each in triggers if each.verb is Verb.LIMIT and each.is_point}
        self._shows_limit = self._of_limit()
        self._leaf = {
            name: leaf_of(family, name) for name in family.derive if is_measured(name) or name in self._shows_limit
        }
        fixed = {name for name in family.points if is_measured(name) or name == "rfid"}
        fixed |= set(self._switches) | set(self._carriers) | self._shows_limit | set(self._leaf.values())
        fixed |= {family.watchdog.timeout, family.watchdog.fallback}
        fixed |= set(identity.proofs)
        same = siblings(family)
        # What stands in one place with something that is given is given as well.
        fixed |= {name for name in family.points if fixed.intersection(same[name])}
        self._search = StateSearch(family, frozenset(fixed), same)
        self._owner = {name: max(same[name], key=self.rank) for name in family.points}
        self._solutions: dict[tuple[str, float], int | None] = {}
        self._warned: set[Letter] = set()
        self._factory()

    def _of_limit(self) -> set[str]:
        """Points that show the limit that is set."""
        limit = self._family.control.limit
        if limit is None:
            return set()
        shown = {"limit"}
        if limit.verify is not None and not (limit.verify.le and limit.verify.point == "offered_current"):
            shown.add(limit.verify.point)
        return shown

    def _factory(self) -> None:
        lock = self._family.control.lock
        for step in lock.off if lock is not None else ():
            if step.point and step.value is not None and not step.value.names:
                self.stored[step.point] = self._raw_of(step.point, step.value.evaluate({}))

    def store(self, name: str, raw: Value) -> None:
        """A point was written."""
        self.stored[self._owner[name]] = raw

    def limit_written(self, trigger: Trigger) -> None:
        """The limit has another source now: what other points say of it no longer holds."""
        for name in (*self._carriers, *self._shows_limit):
            if name != trigger.target:
                self.stored.pop(name, None)

    def limit_lost(self) -> None:
        """The limit is no longer what was written."""
        for name in (*self._carriers, *self._shows_limit):
            self.stored.pop(name, None)

    def forget(self) -> None:
        """The power was lost: what wears the memory is kept, the rest is gone."""
        self.stored = {name: raw for name, raw in self.stored.items() if self._family.points[name].persist}
        self._factory()

    # -- reading ----------------------------------------------------------------------------------------------------

    def rank(self, name: str) -> int:
        """How much a point has to say about what stands in its place, where others do, too."""
        ranks = (
            self.identity.raws,
            self._search.free,
            (name,) if is_measured(name) or name == "rfid" or name in self._leaf.values() else (),
            self.identity.proofs,
            {*self._switches, *self._carriers, *self._shows_limit},
        )
        return max((place for place, names in enumerate(ranks, start=1) if name in names), default=0)

    def raw(self, name: str, flags: Flags, now: Measured, tell: Tell) -> Value:
        """What a point holds."""
        name = self._owner[name]
        found = self._plain(name, flags, now)
        if found is not None:
            return found
        wanted, error = tell()
        point = self._family.points[name]
        if name in self._search.free:
            return self._state(flags, now, wanted, error)[name]
        if error and name in error_raws(self._family, error):
            return error_raws(self._family, error)[name]
        return self.identity.raws.get(name, default(point, kind_of(self._family, point)))

    def letter(self, flags: Flags, now: Measured, tell: Tell) -> Letter:
        """What a gateway takes the state for."""
        return self._search.condition(self._all(flags, now, *tell())).letter

    def _all(self, flags: Flags, now: Measured, wanted: Sequence[Letter], error: str) -> dict[str, Value]:
        return {**self._given(flags, now), **self._state(flags, now, wanted, error)}

    def _given(self, flags: Flags, now: Measured) -> dict[str, Value]:
        points = self._family.points
        found: dict[str, Value] = {}
        for name in self._search.shown:
            if name not in self._search.free:
                raw = self._plain(self._owner[name], flags, now)
                found[name] = default(points[name], kind_of(self._family, points[name])) if raw is None else raw
        return found

    def _state(self, flags: Flags, now: Measured, wanted: Sequence[Letter], error: str) -> Mapping[str, Value]:
        given = self._given(flags, now)
        told = error_raws(self._family, error) if error else {}
        held = {name: raw for name, raw in self.stored.items() if name in self._search.free}
        base = {**self.identity.raws, **given, **told}
        if told:
            # The error may have a state of its own.
            own = {name: base.get(name, self._default(name)) for name in self._search.free}
            if self._search.condition({**base, **own}).letter in FAULTY:
                return own
        try:
            found = self._search.find(wanted, {**base, **held}, key=f"{error}/{sorted(held.items(), key=repr)}")
        except GatewayError as lost:
            if wanted[0] not in self._warned:
                self._warned.add(wanted[0])
                logger.warning("the state cannot be told: %s", lost)
            found = {}
        return {name: found.get(name, self._default(name)) for name in self._search.free}

    def _default(self, name: str) -> Value:
        point = self._family.points[name]
        return self.identity.raws.get(name, default(point, kind_of(self._family, point)))

    def _plain(self, name: str, flags: Flags, now: Measured) -> Value:
        """What needs no search; None where only a search can tell, or nothing does."""
        point = self._family.points[name]
        if name in self.identity.proofs:
            return self.identity.proofs[name]
        if name in self._switches:
            return self._switched(name, flags)
        if name in self.stored and name not in self._search.free:
            return self.stored[name]
        if name in self._shows_limit or name in self._carriers:
            return self._limit(name, point, flags, now)
        for shown, leaf in self._leaf.items():
            if leaf == name:
                return self._solved(shown, name, now)
        if name == "rfid":
            return self._token(point, now.token)
        if is_measured(name):
            return _row(point, kind_of(self._family, point), quantity(name, now))
        if name == "enable" and name not in self._search.free:
            return int(now.enabled)
        if name == "phases" and name not in self._search.free and not point.map:
            return flags.phases
        return self._mirrored(name, point)

    def _switched(self, name: str, flags: Flags) -> Value:
        positions = self._switches[name]
        for trigger in positions:
            field, value = _SWITCHES[trigger.verb]
            if getattr(flags, field) == value:
                return self._raw_of(name, trigger.args["value"].evaluate({}))
        return self.stored.get(name, self._default(name))

    def _limit(self, name: str, point: AnyPoint, flags: Flags, now: Measured) -> Value:
        limit = self._family.control.limit
        carrier = self._carriers.get(name)
        if limit is not None and carrier is not None:
            value = carried(limit, carrier, flags.limit, {}, flags.phases)
            if value is not None and not isinstance(value, tuple):
                return self._raw_of(name, value)
        watts = point.unit in {"W", "kW", "VA"}
        return _row(point, kind_of(self._family, point), now.limit_watts if watts else now.limit)

    def _solved(self, shown: str, name: str, now: Measured) -> Value:
        """The raw value of the point from which a measured value is derived."""
        target = now.limit if shown in self._shows_limit else quantity(shown, now)
        if isinstance(target, tuple):
            target = target[0]
        wanted = round(float(target or 0.0), 2)
        if (shown, wanted) not in self._solutions:
            self._solutions[shown, wanted] = leaf_raw(self._family, shown, name, wanted)
        return self._solutions[shown, wanted]

    def _token(self, point: AnyPoint, token: str) -> Value:
        kind = kind_of(self._family, point)
        if not token and point.nan:
            absent = point.nan[0]
            return absent if isinstance(absent, str) or kind == "any" else int(absent)
        raw: Scalar = texted(point, kind, token)
        return raw if count_of(point) == 1 else (raw,) * count_of(point)

    def _mirrored(self, name: str, point: AnyPoint) -> Value:
        """What was written to the point of which this one is the reading side."""
        if point.writable:
            return None
        names = [name.removesuffix(end) for end in _MIRRORS if name.endswith(end)] + [name + end for end in _WRITERS]
        for other in names:
            source = self._family.points.get(other)
            if source is None or not source.writable or other not in self.stored:
                continue
            value = interpret(source, self.stored[other])
            if isinstance(value, int | float) and not point.map:
                return measured(point, kind_of(self._family, point), value)
            return None if isinstance(value, tuple) else self._raw_of(name, value)
        return None

    def _raw_of(self, name: str, value: Value) -> Value:
        if isinstance(value, tuple):
            return value
        try:
            return raw_of(self._family.points[name], value)
        except GatewayError:
            return self._default(name)


def _switches(triggers: Iterable[Trigger]) -> dict[str, tuple[Trigger, ...]]:
    """Points that hold one of two positions, which are constants."""
    found: dict[str, tuple[Trigger, ...]] = {}
    for each in triggers:
        if each.is_point and each.verb in _SWITCHES and "value" in each.args and not each.args["value"].names:
            found[each.target] = (*found.get(each.target, ()), each)
    return {name: positions for name, positions in found.items() if len(positions) == 2}  # noqa: PLR2004 - on and off


def _row(point: AnyPoint, kind: Kind, value: Value) -> Value:
    """A measured value as the raw value, or row of them, of a point."""
    count = count_of(point)
    if isinstance(value, tuple):
        row = [each if isinstance(each, int | float) else 0.0 for each in value]
        if count == 1:
            return measured(point, kind, row[0])
        return tuple(measured(point, kind, row[place] if place < len(row) else 0.0) for place in range(count))
    amount = float(value) if isinstance(value, int | float) else 0.0
    one = measured(point, kind, amount / count if count > 1 and point.unit in {"W", "kW"} else amount)
    return one if count == 1 else (one,) * count
