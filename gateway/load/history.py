"""What circuits have carried of late: means of ten seconds in memory, for charts. Pure, and bounded."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from math import inf, isnan, nan
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateway.load.decision import Decision, Reason
    from gateway.load.observation import EvseSeen, Observation
    from gateway.load.site import LoadSite, Node, Phases

MEAN = 10.0
"""Seconds of one mean."""

KEPT = 6 * 3600.0
"""Seconds that are kept."""

_OLD = 10.0  # s after which a reading says nothing of the present
_NOTHING: Phases = (0.0, 0.0, 0.0)


class Ring:
    """Means of three values each, over spans of the same length; the oldest make room for the newest.

    Args:
        span: Seconds of one mean.
        count: How many are kept.
    """

    def __init__(self, span: float = MEAN, count: int = int(KEPT / MEAN)) -> None:
        self.span = span
        self._count = count
        self._values = array("f", [nan]) * (3 * count)
        self._newest = -1
        self._sum = [0.0, 0.0, 0.0]
        self._told = 0
        self._asked: tuple[int, float, tuple[Phases | None, ...]] = (-1, 0.0, ())

    def add(self, t: float, value: Phases | None) -> None:
        """Take a value of ``t`` (s, not negative, never going back); None: it is not known."""
        place = int(t // self.span)
        if place != self._newest:
            for each in range(max(self._newest + 1, place - self._count + 1), place + 1):
                self._put(each, (nan, nan, nan))
            self._newest, self._sum, self._told = place, [0.0, 0.0, 0.0], 0
        if value is None:
            return
        self._told += 1
        self._sum = [one + two for one, two in zip(self._sum, value, strict=True)]
        mean = [each / self._told for each in self._sum]
        self._put(place, (mean[0], mean[1], mean[2]))

    def last(self, seconds: float) -> tuple[Phases | None, ...]:
        """The means of the last s, the oldest first, without the one that is still made; None: not known."""
        if self._asked[:2] != (self._newest, seconds):
            count = min(int(seconds // self.span), self._count - 1)
            found = tuple(self._get(place) for place in range(self._newest - count, self._newest))
            self._asked = (self._newest, seconds, found)  # readers ask each second
        return self._asked[2]

    def _put(self, place: int, value: Phases) -> None:
        begin = place % self._count * 3
        self._values[begin : begin + 3] = array("f", value)

    def _get(self, place: int) -> Phases | None:
        if place < 0:
            return None
        begin = place % self._count * 3
        one, two, three = self._values[begin : begin + 3]
        return None if isnan(one) else (one, two, three)


@dataclass(frozen=True, slots=True, kw_only=True)
class CircuitNow:
    """A circuit at present, A per phase.

    Attributes:
        id: Its name.
        limit: What it may carry now.
        reduced: Whether that is less than it is built for.
        load: What flows through it; where no meter shows it, cars and the worst of other loads. None: the meter is lost.
        metered: Whether a meter shows it.
        cars: What EVSEs below draw of it, as far as they tell; else what they may draw.
    """

    id: str
    limit: Phases
    reduced: bool
    load: Phases | None
    metered: bool
    cars: Phases


@dataclass(frozen=True, slots=True, kw_only=True)
class EvseNow:
    """An EVSE at present: A per phase that it may draw as load management sees it, and why that is not more."""

    id: str
    setpoint: float
    reason: Reason | None


class LoadSight(Protocol):
    """What others may see of load management."""

    def circuits(self) -> Sequence[CircuitNow]:
        """All at present, parents before their children; none before the first look."""

    def evses(self) -> Sequence[EvseNow]:
        """All at present; none before the first look."""

    def path(self, evse: str) -> tuple[str, ...]:
        """The circuits above an EVSE, from the nearest up; () where it is on none."""

    def past(self, circuit: str, seconds: float) -> tuple[Phases | None, ...]:
        """Means of ten seconds of what a circuit has carried, the oldest first; None: not known."""


class History:
    """Is shown each look and each decision, and remembers loads.

    Args:
        site: The circuits.
    """

    def __init__(self, site: LoadSite) -> None:
        self._site = site
        self._rings = {node.id: Ring() for node in site.nodes}
        self._circuits: tuple[CircuitNow, ...] = ()
        self._evses: tuple[EvseNow, ...] = ()

    def look(self, seen: Observation, decision: Decision) -> None:
        """A step of load management has been made."""
        cars = self._cars(seen.evses, decision.setpoints)
        self._circuits = tuple(self._circuit(node, seen, cars[node.id]) for node in self._site.nodes)
        self._evses = tuple(
            EvseNow(id=each.id, setpoint=decision.setpoints.get(each.id, 0.0), reason=decision.reasons.get(each.id))
            for each in seen.evses
        )
        for each in self._circuits:
            self._rings[each.id].add(max(0.0, seen.t), each.load)

    def circuits(self) -> tuple[CircuitNow, ...]:
        """As in ``LoadSight``."""
        return self._circuits

    def evses(self) -> tuple[EvseNow, ...]:
        """As in ``LoadSight``."""
        return self._evses

    def path(self, evse: str) -> tuple[str, ...]:
        """As in ``LoadSight``."""
        found = self._site.evse.get(evse)
        return () if found is None else self._site.path(found.node)

    def past(self, circuit: str, seconds: float) -> tuple[Phases | None, ...]:
        """As in ``LoadSight``."""
        return self._rings[circuit].last(seconds)

    def _cars(self, evses: Sequence[EvseSeen], setpoints: Mapping[str, float]) -> dict[str, Phases]:
        """Circuit -> what EVSEs below draw."""
        found = {node.id: _NOTHING for node in self._site.nodes}
        for each in evses:
            evse = self._site.evse[each.id]
            flow = each.i
            if flow is None and each.session is not None:
                amps = min(setpoints.get(each.id, 0.0), inf if each.cap is None else each.cap)
                flow = _on(evse.phases, amps)
            if flow is not None:
                for node in self._site.path(evse.node):
                    found[node] = _sum(found[node], flow)
        return found

    def _circuit(self, node: Node, seen: Observation, cars: Phases) -> CircuitNow:
        limit = seen.limits.get(node.id, node.limit)
        load: Phases | None = _sum(cars, node.base_failsafe)
        if node.metered:
            reading = seen.meters.get(node.id)
            load = None if reading is None or seen.t - reading.t > _OLD else reading.i
        return CircuitNow(
            id=node.id, limit=limit, reduced=limit != node.limit, load=load, metered=node.metered, cars=cars
        )


def _on(phases: tuple[int, ...], amps: float) -> Phases:
    one, two, three = (amps if phase in phases else 0.0 for phase in range(3))
    return one, two, three


def _sum(one: Phases, two: Phases) -> Phases:
    return one[0] + two[0], one[1] + two[1], one[2] + two[2]
