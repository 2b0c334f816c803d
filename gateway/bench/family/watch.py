"""The watchdog of a simulated station: it falls back where nobody feeds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.bench.family.raws import kind_of, measured
from gateway.bench.family.reading import VOLTAGE
from gateway.bench.family.verbs import Verb
from gateway.family.interpret import interpret

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateway.bench.family.verbs import Trigger
    from gateway.family.family import AnyFamily
    from gateway.family.value import Value

_TIMEOUT = 30.0
"""Seconds that a station waits where its family says nothing else; three rounds of a feeder if that is longer."""

_FED_BY = {
    "write": {Verb.FEED},
    "rewrite-limit": {Verb.LIMIT, Verb.PAUSE, Verb.RESUME, Verb.ENABLE, Verb.DISABLE},
}


class Watch:
    """Counts the time since the last feeding; it starts with the first one.

    Args:
        family: What feeds it, and how long it waits.

    Attributes:
        strikes: How often it has struck.
        struck: It has struck, and nobody has fed it since.
    """

    def __init__(self, family: AnyFamily) -> None:
        self.strikes = 0
        self.struck = False
        self._family = family
        self._kind = family.watchdog.kind
        self._fed: float | None = None

    def initial(self) -> Iterator[tuple[str, Value]]:
        """Raw values that the points of the watchdog have from the factory."""
        watchdog, points = self._family.watchdog, self._family.points
        set_up = {step.point for step in watchdog.setup} - {""}
        if watchdog.timeout in points:
            point = points[watchdog.timeout]
            every = watchdog.every_s.evaluate({}) if watchdog.every_s is not None else None
            seconds = max(_TIMEOUT, 3 * every) if isinstance(every, int | float) else _TIMEOUT
            yield watchdog.timeout, measured(point, kind_of(self._family, point), 0 if set_up else seconds)
        limit = self._family.control.limit
        if watchdog.fallback in points and limit is not None:
            point = points[watchdog.fallback]
            yield watchdog.fallback, measured(point, kind_of(self._family, point), limit.min)

    def traffic(self, now: float) -> None:
        """Something came over the wire."""
        if self._kind in {"read-any", "read-or-write"}:
            self._feed(now)

    def written(self, verb: Verb, now: float) -> None:
        """A write that means something has come."""
        if verb in _FED_BY.get(self._kind, ()):
            self._feed(now)

    def _feed(self, now: float) -> None:
        self._fed = now
        self.struck = False

    def forget(self) -> None:
        """After a loss of power it waits for the first feeding again."""
        self._fed = None
        self.struck = False

    def due(self, timeout: Value) -> float | None:
        """When it strikes; None: not at all.

        Args:
            timeout: Raw value of the point that holds the time, if the family has such a point.
        """
        if self._fed is None or self.struck or self._kind in {"none", "unknown"}:
            return None
        seconds = self._family.watchdog.timeout_s
        point = self._family.points.get(self._family.watchdog.timeout)
        if point is not None and timeout is not None:
            held = interpret(point, timeout)
            seconds = float(held) if isinstance(held, int | float) else None
        return self._fed + seconds if seconds else None

    def fallback(self, stored: Mapping[str, Value], phases: int) -> float:
        """The limit that it falls back to, in the unit of the family's limit; 0 where it stops.

        Args:
            stored: Raw values of points.
            phases: Phases in use, among which a limit in W is shared.
        """
        name, limit = self._family.watchdog.fallback, self._family.control.limit
        point = self._family.points.get(name)
        held = interpret(point, stored[name]) if point is not None and name in stored else None
        if point is None or limit is None or not isinstance(held, int | float):
            return 0.0
        in_watts = point.unit in {"W", "kW"}
        value = held * (1000 if point.unit == "kW" else 1)
        if in_watts == (limit.unit == "W"):
            return value
        return value / (VOLTAGE * phases) if in_watts else value * VOLTAGE * phases

    def strike(self) -> None:
        """The time is up."""
        self.struck = True
        self.strikes += 1

    def feeds(self, trigger: Trigger, target: str, *, is_point: bool) -> bool:
        """True for a step that feeds it, whatever it says: the value may depend on what was read before."""
        return trigger.verb is Verb.FEED and trigger.place == (target, is_point)
